import { describe, expect, test } from "vitest";
import type { Series } from "../data/model";
import { curveName, dataSets, readFilter, shortName, undefinedReason, unionOfSteps } from "./runs";

function series(run: string, extra: Partial<Series> = {}): Series {
  const base = { split: "validation", head: "output", task: "multiclass", class_names: ["cat", "dog"] } as const;
  const names = extra.class_names ?? base.class_names;
  const curves = ["micro", "macro", ...names.map((name) => `class:${name}`)];
  return { run, ...base, curves, steps: [0], wall_times: [1], revision: "r", ...extra };
}

const of = (...all: Series[]) => dataSets({ version: "1", series: all, problems: [] });

describe("data sets", () => {
  test("validation comes before train, whatever the order of runs", () => {
    expect(of(series("a/train", { split: "train" }), series("a/validation")).map(({ label }) => label)).toEqual([
      "validation · output",
      "train · output",
    ]);
  });

  test("runs with a class in common are compared, their classes joined", () => {
    const [only, ...others] = of(series("a"), series("b", { class_names: ["dog", "eel"] }));
    expect(others).toEqual([]);
    expect(only?.curves).toEqual(["micro", "macro", "class:cat", "class:dog", "class:eel"]);
  });

  test("a run that links two groups makes them one", () => {
    const groups = of(series("a"), series("b", { class_names: ["eel", "fox"] }), series("c", { class_names: ["dog", "eel"] }));
    expect(groups.map((group) => group.series.map(({ run }) => run))).toEqual([["a", "b", "c"]]);
  });

  test("runs without a class in common are told apart by their classes, the larger group first", () => {
    const digits = Array.from({ length: 10 }, (_, i) => String(i));
    const labels = of(
      series("cancer", { task: "binary", class_names: ["benign", "malignant"], curves: ["class:malignant"] }),
      series("digits/b", { class_names: digits }),
      series("digits/a", { class_names: digits }),
    ).map(({ label }) => label);
    expect(labels).toEqual(["validation · output · 10 classes", "validation · output · benign / malignant"]);
  });

  test("labels are unique even where the number of classes is the same", () => {
    const names = (start: string) => Array.from({ length: 5 }, (_, i) => start + String(i));
    const labels = of(series("a", { class_names: names("x") }), series("b", { class_names: names("y") })).map((set) => set.label);
    expect(new Set(labels).size).toBe(2);
  });

  test("runs are listed by name, numbers by value", () => {
    expect(of(series("run10"), series("run9")).flatMap((set) => set.series.map(({ run }) => run))).toEqual(["run9", "run10"]);
  });
});

test("a name is shortened by the folder that only repeats the split", () => {
  expect(["a/validation", "validation", ".", "a/b", "a\\validation"].map((run) => shortName(series(run)))).toEqual([
    "a", "validation", ".", "a/b", "a",
  ]);
});

test("a filter is a regular expression in any case; what is none lets all pass and says why", () => {
  expect(readFilter("FOLD[12]$").matches("x/fold2")).toBe(true);
  expect(readFilter("FOLD[12]$").matches("x/fold3")).toBe(false);
  const broken = readFilter("fold(");
  expect(broken.matches("anything")).toBe(true);
  expect(broken.error).toBe("Unterminated group");
});

test("the steps of all runs, each once", () => {
  expect(unionOfSteps([series("a", { steps: [0, 2, 4] }), series("b", { steps: [2, 3] })])).toEqual([0, 2, 3, 4]);
});

test("curves and gaps as people say them", () => {
  expect([curveName("micro"), curveName("class:micro")]).toEqual(["micro-average", "micro"]);
  expect(undefinedReason("roc_auc", 0, 5)).toMatch(/no positive/);
  expect(undefinedReason("roc_auc", 5, 0)).toMatch(/no negative/);
  expect(undefinedReason("average_precision", 5, 0)).toBeNull();
  expect(undefinedReason("roc_auc", NaN, NaN)).toBeNull();
});
