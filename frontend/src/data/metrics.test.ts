import { describe, expect, test } from "vitest";
import { bestRecord, operatingPoint, precisionRecallOf, ratesAt, recordAt, rocOf } from "./metrics";
import type { CountCurve, MeanCurve } from "./model";

// 4 positives, 4 negatives; by falling threshold: one right, two right, then one false, and so on.
const CURVE: CountCurve = {
  kind: "counts",
  step: 3,
  positives: 4,
  negatives: 4,
  threshold: new Float32Array([0.875, 0.75, 0.5, 0.25, 0.125]),
  tp: new Uint32Array([1, 2, 2, 4, 4]),
  fp: new Uint32Array([0, 0, 2, 2, 4]),
};

const MEAN: MeanCurve = {
  kind: "mean",
  step: 3,
  fpr: new Float32Array([0, 0.25, 1]),
  tpr: new Float32Array([0, 0.75, 1]),
  recall: new Float32Array([0, 1]),
  precision: new Float32Array([1, 0.5]),
};

const NO_POSITIVES: CountCurve = { ...CURVE, positives: 0, tp: new Uint32Array(5) };

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
    ["f1", 0, 3], // 8/10, against 4/6 at index 1
    ["youden", 0, 1], // 0.5 - 0 at index 1, and as much at index 3: the higher threshold
  ] as const)("%s at %d is point %s", (criterion, level, point) => {
    expect(operatingPoint(CURVE, criterion, level)).toBe(point);
  });

  test("agree with a search through all points", () => {
    for (let round = 0; round < 200; round++) {
      const curve = randomCurve(round);
      const level = (round % 11) / 10;
      const all = Array.from({ length: curve.tp.length + 1 }, (_, i) => ({ i: i - 1, ...ratesAt(curve, i - 1) }));
      const fpr = all.filter((rates) => rates.fpr <= level).at(-1);
      const tpr = all.find((rates) => rates.tpr >= level);
      expect(operatingPoint(curve, "fpr", level)).toBe(fpr?.i);
      expect(operatingPoint(curve, "tpr", level)).toBe(tpr?.i);
      const highest = Math.max(...all.slice(1).map(({ f1 }) => f1));
      expect(ratesAt(curve, operatingPoint(curve, "f1", 0)!).f1).toBeCloseTo(highest, 12);
    }
  });

  test("a mean curve has them by rates only", () => {
    expect(operatingPoint(MEAN, "fpr", 0.3)).toBe(1);
    expect(operatingPoint(MEAN, "tpr", 0.8)).toBe(2);
    expect(operatingPoint(MEAN, "youden", 0)).toBe(1);
    expect(operatingPoint(MEAN, "threshold", 0.5)).toBeNull();
    expect(operatingPoint(MEAN, "f1", 0)).toBeNull();
  });

  test("where a rate is undefined there is none", () => {
    for (const criterion of ["fpr", "tpr", "f1", "youden"] as const) {
      expect(operatingPoint(NO_POSITIVES, criterion, 0.1)).toBeNull();
    }
  });
});

describe("drawn curves", () => {
  test("the ROC curve begins at the origin and ends at (1, 1)", () => {
    const { fpr, tpr } = rocOf(CURVE);
    expect([...fpr]).toEqual([0, 0, 0, 0.5, 0.5, 1]);
    expect([...tpr]).toEqual([0, 0.25, 0.5, 0.5, 1, 1]);
  });

  test("every vertex of the PR curve lies on the even growth of counts, and the stored points are among them", () => {
    for (let round = 0; round < 50; round++) {
      const curve = randomCurve(round);
      const { recall, precision, point } = precisionRecallOf(curve);
      curve.tp.forEach((tp, i) => {
        const at = recall.findIndex((value, k) => point[k] === i && value === tp / curve.positives);
        expect(at).toBeGreaterThanOrEqual(0);
      });
      recall.forEach((value, k) => {
        const tp = value * curve.positives;
        const fp = tp / precision[k]! - tp;
        const end = curve.tp.findIndex((each) => each >= tp - 1e-9);
        if (tp === 0 || end < 1 || curve.tp[end] === curve.tp[end - 1]) return;
        const share = (tp - curve.tp[end - 1]!) / (curve.tp[end]! - curve.tp[end - 1]!);
        const between = curve.fp[end - 1]! + share * (curve.fp[end]! - curve.fp[end - 1]!);
        if (share < 1 - 1e-9) expect(fp).toBeCloseTo(between, 6);
      });
    }
  });

  test("a bend between two points is drawn as one", () => {
    // From precision 1 at recall 0.01 to 0.1 at recall 1: halfway the straight line would promise 0.55.
    const bent: CountCurve = {
      ...CURVE,
      positives: 1000,
      negatives: 9000,
      threshold: new Float32Array([0.9, 0.1]),
      tp: new Uint32Array([10, 1000]),
      fp: new Uint32Array([0, 9000]),
    };
    const { recall, precision } = precisionRecallOf(bent);
    const half = recall.findIndex((value) => value >= 0.5);
    expect(recall.length).toBeGreaterThan(10);
    expect(precision[half]).toBeLessThan(0.11);
  });
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

/** A curve of random length and counts; `seed` makes it the same each time. */
function randomCurve(seed: number): CountCurve {
  let state = seed + 1;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const n = 1 + Math.floor(random() * 30);
  const grow = () => {
    let sum = 0;
    return Uint32Array.from({ length: n }, () => (sum += Math.floor(random() * 5)));
  };
  const [tp, fp] = [grow(), grow()];
  tp[n - 1]! += 1;
  fp[n - 1]! += 1;
  const threshold = Float32Array.from({ length: n }, (_, i) => 1 - i / n);
  return { kind: "counts", step: 0, positives: tp[n - 1]!, negatives: fp[n - 1]!, threshold, tp, fp };
}
