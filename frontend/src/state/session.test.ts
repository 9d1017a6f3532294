import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Series } from "../data/model";
import { areas, curve, Fake, series, type FakeStore } from "./fake-session";
import type { Session } from "./session";

let fake: Fake;
let store: FakeStore;
let session: Session;

beforeEach(() => {
  fake = new Fake();
  ({ store, session } = fake);
});

const tell = (...all: Series[]) => fake.tell(...all);

const shownRuns = () => session.selection.shown.value.map(({ run }) => run);

describe("epochs", () => {
  test("the view follows the last epoch while it is on it", () => {
    tell(series("a", [0, 1]));
    expect(session.selection.epoch.value).toBe(1);
    tell(series("a", [0, 1, 2]));
    expect(session.selection.epoch.value).toBe(2);
    expect(session.selection.newEpochs.value).toBe(0);
  });

  test("elsewhere it stays, and says how many came", () => {
    tell(series("a", [0, 1, 2]));
    session.setEpoch(1);
    expect(session.selection.newEpochs.value).toBe(0);
    tell(series("a", [0, 1, 2, 3, 4]));
    expect([session.selection.epoch.value, session.selection.newEpochs.value]).toEqual([1, 2]);
    session.moveEpoch(Infinity);
    expect([session.selection.epoch.value, session.selection.newEpochs.value]).toEqual([4, 0]);
    tell(series("a", [0, 1, 2, 3, 4, 5]));
    expect(session.selection.epoch.value).toBe(5);
  });

  test("steps are those of the shown runs, and moving stops at the ends", () => {
    tell(series("a", [0, 10]), series("b", [5, 20]));
    expect(session.selection.steps.value).toEqual([0, 5, 10, 20]);
    session.moveEpoch(-Infinity);
    session.moveEpoch(-1);
    expect(session.selection.epoch.value).toBe(0);
    session.goToNearest(8);
    expect(session.selection.epoch.value).toBe(10);
    session.show([session.selection.listed.value[0]!], false);
    expect([session.selection.steps.value, session.selection.epoch.value]).toEqual([[5, 20], 5]);
  });

  test("playing waits for what is on its way, and stops at the end", () => {
    tell(series("a", [0, 1, 2]));
    session.togglePlay();
    expect(session.selection.epoch.value).toBe(0);
    store.busy = true;
    session.playOn();
    expect(session.selection.epoch.value).toBe(0);
    store.busy = false;
    session.playOn();
    session.playOn();
    session.playOn();
    expect([session.selection.epoch.value, session.playing.value]).toEqual([2, false]);
  });
});

describe("runs", () => {
  test("only what the filter lets pass and is checked is shown and asked for, the focus first", () => {
    tell(series("a1", [0]), series("a2", [0]), series("b", [0]));
    session.choice.filter.value = "^a";
    session.setFocus("a2");
    expect(shownRuns()).toEqual(["a1", "a2"]);
    expect(store.wanted).toEqual({ runs: ["a2", "a1"], curve: "micro", step: 0 });
    session.showListed(false);
    session.choice.filter.value = "";
    expect(shownRuns()).toEqual(["b"]);
  });

  test("showing only one hides those that come later; showing all shows them", () => {
    tell(series("a", [0]), series("b", [0]));
    session.showOnly("b");
    tell(series("a", [0]), series("b", [0]), series("c", [0]));
    expect([shownRuns(), session.selection.focus.value?.run]).toEqual([["b"], "b"]);
    session.showListed(true);
    expect(shownRuns()).toEqual(["a", "b", "c"]);
  });

  test("colours go by the host's order; runs it does not know come after", () => {
    tell(series("a", [0]), series("b", [0]), series("c", [0]));
    session.runOrder.value = ["c", "x", "a"];
    expect(["a", "b", "c"].map(session.runIndex.value)).toEqual([2, 3, 0]);
  });

  test("the baseline is set and taken back", () => {
    tell(series("a", [0]), series("b", [0]));
    session.toggleBaseline("b");
    expect(session.selection.baseline.value?.run).toBe("b");
    session.toggleBaseline("b");
    expect(session.selection.baseline.value).toBeNull();
  });
});

describe("figures", () => {
  test("a run without the epoch shows its latest record before it, and says which", () => {
    store.known.areas.set("a", areas([0, 1, 2], [0.5, 0.75, 0.625]));
    store.known.areas.set("b", areas([1], [0.875]));
    store.known.curves.set("a@2", curve(2)).set("b@2", curve(1));
    tell(series("a", [0, 1, 2]), series("b", [1]));
    session.choice.rule.value = { criterion: "threshold", level: 0.5 };
    expect(session.figures.curves.value.map(({ late, point }) => ({ late, point }))).toEqual([
      { late: false, point: 0 },
      { late: true, point: 0 },
    ]);
    expect(session.figures.rows.value).toMatchObject([
      { step: 2, late: false, roc_auc: 0.625, best: { step: 1, value: 0.75 }, rates: { tpr: 0.75, fpr: 0.25 } },
      { step: 1, late: true, roc_auc: 0.875 },
    ]);
  });

  test("while a curve is on its way the last one stays in view, but its numbers do not pose as the new ones", async () => {
    store.known.areas.set("a", areas([0, 1], [0.5, 0.75]));
    store.known.curves.set("a@1", curve(1));
    tell(series("a", [0, 1]));
    expect(session.figures.curves.value[0]?.curve.step).toBe(1);
    session.setEpoch(0);
    expect(session.figures.curves.value[0]?.curve.step).toBe(1);
    // Text follows within 140 ms.
    await vi.waitFor(() => expect(session.figures.rows.value).toMatchObject([{ step: 0, roc_auc: 0.5, rates: null }]));
  });

  test("a curve of another class is never shown in place of the one asked for", () => {
    store.known.curves.set("a@0", curve(0));
    tell(series("a", [0]));
    expect(session.figures.curves.value).toHaveLength(1);
    store.known.curves.clear();
    session.moveClass(1);
    expect([session.selection.curve.value, session.figures.curves.value]).toEqual(["macro", []]);
  });
});

test("runs that come later do not change the data in view", () => {
  const other = (run: string) => ({ ...series(run, [0]), class_names: ["x", "y"], curves: ["micro", "class:x"] });
  tell(series("m", [0]));
  expect(session.selection.dataSet.value?.label).toBe("validation · output");
  tell(other("a"), other("b"), series("m", [0]));
  expect(session.selection.dataSet.value?.label).toBe("validation · output · cat / dog");
});

test("escape undoes the zoom, then the pinned threshold", () => {
  tell(series("a", [0]));
  session.pinThreshold(0.5);
  session.choice.zoom.roc.value = { x: [0, 0.5], y: [0, 1] };
  session.escape();
  expect([session.choice.zoom.roc.value, session.choice.rule.value.criterion]).toEqual([null, "threshold"]);
  session.escape();
  expect(session.choice.rule.value).toEqual({ criterion: "fpr", level: 0.01 });
  session.pinThreshold(Infinity);
  expect(session.choice.rule.value.criterion).toBe("fpr");
});

test("classes go round", () => {
  tell(series("a", [0]));
  session.moveClass(-1);
  expect(session.selection.curve.value).toBe("class:dog");
  session.moveClass(1);
  expect(session.selection.curve.value).toBe("micro");
});

describe("charts", () => {
  test("a plane that the other chart shows changes places with it", () => {
    session.setPlane("first", "pr");
    expect([session.choice.first.value, session.choice.second.value]).toEqual(["pr", "roc"]);
    session.setPlane("second", "lift");
    expect([session.choice.first.value, session.choice.second.value]).toEqual(["pr", "lift"]);
  });

  test("the range of false positive rates in view is that of the zoom, else of the axis", () => {
    tell(series("a", [0]));
    expect(session.figures.fprRange.value).toBeNull();
    session.choice.fprRange.value = ".1";
    expect(session.figures.fprRange.value).toEqual([0, 0.1]);
    session.choice.zoom.roc.value = { x: [-0.1, 0.02], y: [0, 1] };
    expect(session.figures.fprRange.value).toEqual([0, 0.02]);
    session.setPlane("first", "det");
    expect(session.figures.fprRange.value).toBeNull();
  });
});

describe("the baseline", () => {
  test("is asked for and told in numbers even where it is hidden", () => {
    store.known.areas.set("b", areas([0], [0.75]));
    store.known.curves.set("b@0", curve(0));
    tell(series("a", [0]), series("b", [0]));
    session.toggleBaseline("b");
    session.show([session.selection.listed.value[1]!], false);
    expect(store.wanted?.runs).toEqual(["a", "b"]);
    expect(session.figures.baselineRow.value).toMatchObject({ roc_auc: 0.75, rates: { fpr: 0 } });
  });
});

describe("over epochs", () => {
  test("the operating point's figures, NaN where a curve is not here yet", () => {
    store.known.curves.set("a@0", curve(0)).set("a@2", curve(2));
    tell(series("a", [0, 1, 2]));
    session.choice.rule.value = { criterion: "tpr", level: 0.7 };
    expect(session.figures.drift.value.size).toBe(0);
    session.choice.track.value = "threshold";
    expect(session.figures.drift.value.get("a")).toEqual([0.5, NaN, 0.5]);
  });
});

test("the cost of the point is told under a rule of costs only", () => {
  store.known.areas.set("a", areas([0], [0.75]));
  store.known.curves.set("a@0", curve(0));
  tell(series("a", [0]));
  session.choice.rule.value = { criterion: "cost", level: 1 };
  // tp = 3 of 4, fp = 1 of 4: half of a quarter each
  expect(session.figures.rows.value[0]).toMatchObject({ cost: 0.25, rates: { tp: 3, fp: 1 } });
  session.choice.rule.value = { criterion: "f1", level: 0 };
  expect(session.figures.rows.value[0]!.cost).toBeNaN();
});
