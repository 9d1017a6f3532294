import { expect, test } from "vitest";
import { Choice } from "./choice";
import { readLink, writeLink } from "./link";

/** The plain values of a choice. */
function plain({ zoom, ...others }: Choice): Record<string, unknown> {
  const signals = Object.entries({ ...others, ...zoom });
  return Object.fromEntries(signals.map(([name, signal]) => [name, (signal as { value: unknown }).value]));
}

test("the default leaves nothing to write", () => {
  expect(writeLink(new Choice())).toBe("");
});

test("a link brings back everything that was chosen, except the speed", () => {
  const choice = new Choice();
  choice.view.value = "confusion";
  choice.data.value = "validation · output & more";
  choice.curve.value = "class:a=b&c";
  choice.epoch.value = 0;
  choice.filter.value = "^fold(1|2)$";
  choice.shown.value = { runs: new Map([["a/b", true], ["c d", false]]), others: false };
  choice.focus.value = "ü/validation";
  choice.baseline.value = ".";
  choice.metric.value = "average_precision";
  choice.rule.value = { criterion: "threshold", level: -1.25 };
  choice.sort.value = { column: "tpr", descending: false };
  choice.fprRange.value = "log";
  choice.zoom.roc.value = { x: [0.1, 0.25], y: [0.5, 1] };
  choice.zoom.lift.value = { x: [0, 0.25], y: [1, 8] };
  choice.first.value = "det";
  choice.second.value = "threshold";
  choice.thresholdLines.value = "precision";
  choice.track.value = "threshold";
  choice.deltas.value = true;
  choice.classFilter.value = "dog & cat";
  choice.classSort.value = { column: "support", descending: true };
  choice.cells.value = "count";
  choice.hideDiagonal.value = true;
  const again = new Choice();
  readLink(again, writeLink(choice));
  expect(plain(again)).toEqual(plain(choice));
});

test.each([
  { criterion: "fpr", level: 0.01 },
  { criterion: "cost", level: 0.2 },
  { criterion: "cost", level: 5, prevalence: 0.001 },
  { criterion: "threshold", level: 0.30000001192092896 },
] as const)("a rule comes back to the last digit: $criterion", (rule) => {
  const choice = new Choice();
  choice.rule.value = rule;
  const again = new Choice();
  readLink(again, writeLink(choice));
  expect(again.rule.value).toEqual(rule);
});

test("what a link does not name returns to its default; what it spells wrongly too", () => {
  const choice = new Choice();
  choice.epoch.value = 7;
  choice.shown.value = { runs: new Map([["a", false]]), others: true };
  readLink(choice, "view=nonsense&epoch=soon&at=fpr&sort=-size&roc=1,0,0,1&fpr=2");
  expect(plain(choice)).toEqual(plain(new Choice()));
});
