import { describe, expect, test } from "vitest";
import { CURVE, MEAN, NO_POSITIVES, randomCurve, SKLEARN } from "./fake-curves";
import { ratesAt } from "./metrics";
import { expectedCost, operatingPoint, prevalenceOf } from "./operating";

describe("operating points", () => {
  test.each([
    ["threshold", 0.6, 1],
    ["threshold", 0.5, 2],
    ["threshold", 0.9, -1],
    ["threshold", -5, 4],
    ["fpr", 0, 1], // of the points without a false positive the one with the higher TPR
    ["fpr", 0.5, 3],
    ["fpr", 1, 4],
    ["tpr", 0.5, 1], // of the points with half the positives the one with fewer false ones
    ["tpr", 0.51, 3],
    ["tpr", 0, -1],
    ["tpr", 1.5, null],
    ["precision", 1, 1],
    ["precision", 0.6, 3], // 4/6; at index 2 it is 2/4
    ["precision", 0.5, 3], // as many positives at index 4: the higher threshold
    ["f1", 0, 3], // 8/10, against 4/6 at index 1
    ["youden", 0, 1], // 0.5 - 0 at index 1, and as much at index 3: the higher threshold
  ] as const)("%s at %d is point %s", (criterion, level, point) => {
    expect(operatingPoint(CURVE, { criterion, level })).toBe(point);
  });

  test("agree with a search through all points", () => {
    for (let round = 0; round < 200; round++) {
      const curve = randomCurve(round);
      const level = (round % 11) / 10;
      const all = Array.from({ length: curve.tp.length + 1 }, (_, i) => ({ i: i - 1, ...ratesAt(curve, i - 1) }));
      const fpr = all.filter((rates) => rates.fpr <= level).at(-1);
      const tpr = all.find((rates) => rates.tpr >= level);
      expect(operatingPoint(curve, { criterion: "fpr", level: level })).toBe(fpr?.i);
      expect(operatingPoint(curve, { criterion: "tpr", level: level })).toBe(tpr?.i);
      const highest = Math.max(...all.slice(1).map(({ f1 }) => f1));
      expect(ratesAt(curve, operatingPoint(curve, { criterion: "f1", level: 0 })!).f1).toBeCloseTo(highest, 12);
    }
  });

  test("a mean curve has them by rates only", () => {
    expect(operatingPoint(MEAN, { criterion: "fpr", level: 0.3 })).toBe(1);
    expect(operatingPoint(MEAN, { criterion: "tpr", level: 0.8 })).toBe(2);
    expect(operatingPoint(MEAN, { criterion: "youden", level: 0 })).toBe(1);
    expect(operatingPoint(MEAN, { criterion: "threshold", level: 0.5 })).toBeNull();
    expect(operatingPoint(MEAN, { criterion: "f1", level: 0 })).toBeNull();
    expect(operatingPoint(MEAN, { criterion: "precision", level: 0 })).toBeNull();
    // A mean has no prevalence of its own: costs 0.5, 0.125 + 0.125, 0.5.
    expect(operatingPoint(MEAN, { criterion: "cost", level: 1 })).toBeNull();
    expect(operatingPoint(MEAN, { criterion: "cost", level: 1, prevalence: 0.5 })).toBe(1);
  });

  test("where a rate is undefined there is none", () => {
    for (const criterion of ["fpr", "tpr", "precision", "f1", "youden", "cost"] as const) {
      expect(operatingPoint(NO_POSITIVES, { criterion, level: 0.1 })).toBeNull();
    }
  });
});

describe("expected cost", () => {
  // numpy over scikit-learn's roc_curve: c = pi * (1 - tpr) + (1 - pi) * fpr * ratio; c.argmin() - 1, c.min()
  test.each([
    [1, undefined, 3, 0.25],
    [4, undefined, 1, 0.3125],
    [1, 0.05, 1, 0.03571428571428572],
    [0.2, undefined, 11, 0.0875],
  ])("a false positive at %d of a false negative, prevalence %d", (level, prevalence, point, cost) => {
    expect(operatingPoint(SKLEARN, { criterion: "cost", level, prevalence })).toBe(point);
    const share = prevalence ?? prevalenceOf(SKLEARN);
    expect(expectedCost(ratesAt(SKLEARN, point), level, share)).toBeCloseTo(cost, 14);
  });

  test("where there are no positives to find, nothing is predicted positive", () => {
    expect(operatingPoint(SKLEARN, { criterion: "cost", level: 1e6 })).toBe(1); // two positives at no false one
    expect(operatingPoint(CURVE, { criterion: "cost", level: 1, prevalence: 0 })).toBe(-1);
  });
});
