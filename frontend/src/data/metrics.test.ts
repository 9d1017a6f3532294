import { expect, describe, test } from "vitest";
import { CURVE, MEAN, NO_POSITIVES } from "./fake-curves";
import { bestRecord, ratesAt, recordAt, rocOf } from "./metrics";

describe("rates", () => {
  test("of a stored point", () => {
    // tp = 2 of 4, fp = 2 of 4: precision 2/4, F1 = 2*2 / (2*2 + 2 + 2)
    expect(ratesAt(CURVE, 2)).toEqual({ threshold: 0.5, tp: 2, fp: 2, fn: 2, tn: 2, tpr: 0.5, fpr: 0.5, precision: 0.5, f1: 0.5 });
  });

  test("of the point where nothing is predicted positive: precision is undefined, not 0", () => {
    expect(ratesAt(CURVE, -1)).toMatchObject({ threshold: Infinity, tp: 0, fp: 0, fn: 4, tn: 4, tpr: 0, fpr: 0, precision: NaN });
  });

  test("without positives the TPR is undefined", () => {
    expect(ratesAt(NO_POSITIVES, 2)).toMatchObject({ tpr: NaN, fpr: 0.5, fn: 0, precision: 0 });
  });

  test("of a mean curve: no counts, no threshold", () => {
    expect(ratesAt(MEAN, 1)).toMatchObject({ fpr: 0.25, tpr: 0.75, threshold: NaN, tp: NaN, f1: NaN });
  });
});

test("the ROC curve begins at the origin and ends at (1, 1)", () => {
  const { fpr, tpr } = rocOf(CURVE);
  expect([...fpr]).toEqual([0, 0, 0, 0.5, 0.5, 1]);
  expect([...tpr]).toEqual([0, 0.25, 0.5, 0.5, 1, 1]);
});

test("a record at or before a step", () => {
  const steps = [0, 2, 5];
  expect([-1, 0, 1, 2, 4, 5, 99].map((step) => recordAt(steps, step))).toEqual([-1, 0, 0, 1, 1, 2, 2]);
  expect(recordAt([], 3)).toBe(-1);
});

test("the best record is the first of the highest that is defined", () => {
  expect(bestRecord([NaN, 0.5, 0.9, 0.9, NaN])).toBe(2);
  expect(bestRecord([NaN, NaN])).toBe(-1);
});
