import { beforeEach, describe, expect, test } from "vitest";
import { areas, curve, Fake, series } from "./fake-session";
import { scikitLearnSnippet } from "./snippet";
import { tableOf } from "./tables";

let fake: Fake;

beforeEach(() => {
  fake = new Fake();
  fake.store.known.areas.set("a", areas([0, 1], [0.5, 0.75]));
  fake.store.known.curves.set("a@0", curve(0)).set("a@1", curve(1));
  fake.tell(series("a", [0, 1]));
  fake.session.choice.curve.value = "class:dog";
  fake.session.choice.rule.value = { criterion: "f1", level: 0 };
});

describe("tables", () => {
  test("of curves: a row a stored point, with its counts and rates", () => {
    const { columns, rows } = tableOf(fake.session, "curves");
    expect(columns).toEqual(["run", "step", "curve", "threshold", "tp", "fp", "fn", "tn", "tpr", "fpr", "precision", "f1"]);
    expect(rows).toEqual([
      ["a", 1, "class:dog", 0.5, 3, 1, 1, 3, 0.75, 0.25, 0.75, 0.75],
      ["a", 1, "class:dog", 0.25, 4, 4, 0, 0, 1, 1, 0.5, 8 / 12],
    ]);
  });

  test("of epochs: a row a record, and the figure that the chart shows", () => {
    fake.session.choice.track.value = "threshold";
    const { columns, rows } = tableOf(fake.session, "epochs");
    expect(columns.at(-1)).toBe("threshold");
    expect(rows).toEqual([
      ["a", 0, "class:dog", 0.5, 0.5, 0.5, 4, 4, 0.5],
      ["a", 1, "class:dog", 0.75, 0.75, 0.75, 4, 4, 0.5],
    ]);
    fake.session.choice.track.value = "area";
    expect(tableOf(fake.session, "epochs").columns.at(-1)).toBe("negatives");
  });

  test("of runs: the operating point and the areas", () => {
    const { columns, rows } = tableOf(fake.session, "runs");
    const record = Object.fromEntries(columns.map((column, i) => [column, rows[0]![i]]));
    expect(record).toMatchObject({ run: "a", step: 1, threshold: 0.5, tp: 3, fp: 1, roc_auc: 0.75, partial_auc: NaN, cost: NaN, best_step: 1 });
  });

  test("of classes: in the order of the ranking", () => {
    expect(tableOf(fake.session, "classes").rows.map((row) => row.slice(0, 5))).toEqual([
      ["a", 1, "cat", 4, 0.75],
      ["a", 1, "dog", 4, 0.75],
    ]);
  });
});

describe("code for scikit-learn", () => {
  test("selects the class, and says what it will print", () => {
    const code = scikitLearnSnippet(fake.session);
    expect(code).toContain("truth, score = y_true == 1, y_score[:, 1]  # class 1: dog");
    expect(code).toContain("print(metrics.roc_auc_score(truth, score))  # 0.75");
    expect(code).toContain("predicted = score >= 0.5\nprint(metrics.confusion_matrix(truth, predicted))  # [[3, 1], [1, 3]]");
  });

  test.each([
    ["binary", "class:dog", "truth, score = y_true, y_score"],
    ["multilabel", "class:dog", "truth, score = y_true[:, 1], y_score[:, 1]"],
    ["multilabel", "micro", "truth, score = y_true.ravel(), y_score.ravel()"],
    ["multiclass", "micro", "truth, score = np.eye(2)[y_true].ravel(), y_score.ravel()"],
    ["multiclass", "macro", 'metrics.roc_auc_score(truth, y_score, average="macro")'],
  ] as const)("of a %s head, %s", (task, id, line) => {
    fake.tell({ ...series("a", [0, 1]), task });
    fake.session.choice.curve.value = id;
    expect(scikitLearnSnippet(fake.session)).toContain(line);
  });

  test("a name cannot leave its comment", () => {
    fake.tell({ ...series("a", [0, 1]), class_names: ["cat", "dog\nimport os"], curves: ["class:cat", "class:dog\nimport os"] });
    fake.session.choice.curve.value = "class:dog\nimport os";
    expect(scikitLearnSnippet(fake.session)).not.toMatch(/^import os/m);
  });
});
