import { describe, expect, test } from "vitest";
import { CURVE, MEAN, randomCurve, SKLEARN } from "./fake-curves";
import type { CountCurve } from "./model";
import { pathOf, placeOf, type Plane } from "./planes";

describe("the PR plane", () => {
  test("every vertex of the PR curve lies on the even growth of counts, and the stored points are among them", () => {
    for (let round = 0; round < 50; round++) {
      const curve = randomCurve(round);
      const { x: recall, y: precision, point } = pathOf(curve, "pr")!;
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
    const { x: recall, y: precision } = pathOf(bent, "pr")!;
    const half = recall.findIndex((value) => value >= 0.5);
    expect(recall.length).toBeGreaterThan(10);
    expect(precision[half]).toBeLessThan(0.11);
  });
});

/** Places of all stored points in a plane. */
function places(plane: Plane, metric?: "precision" | "tpr" | "f1") {
  return Array.from(SKLEARN.tp, (_, point) => placeOf(SKLEARN, point, plane, plane, metric)!);
}

describe("stored points lie where scikit-learn says", () => {
  test("on the DET curve", () => {
    // metrics.det_curve at thresholds 0.9, 0.8, 0.5, 0.3; it leaves out those that change nothing
    const { x: fpr, y: fnr } = pathOf(SKLEARN, "det")!;
    expect([...fpr].map((value) => Math.round(value * 9))).toEqual([0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 7, 7, 8, 9]);
    const at = (threshold: number) => fnr[SKLEARN.threshold.indexOf(threshold) + 1];
    expect([0.9, 0.8, 0.5, 0.3].map(at)).toEqual([0.7142857142857143, 0.4285714285714286, 0.1428571428571429, 0]);
  });

  test("over the threshold", () => {
    // metrics.precision_score, recall_score, f1_score of y_score >= threshold
    const expected = { 0.95: [1, 1 / 7, 0.25], 0.8: [0.8, 4 / 7, 2 / 3], 0.65: [5 / 7, 5 / 7, 5 / 7], 0.2: [0.4375, 1, 0.6086956521739131] };
    for (const [threshold, values] of Object.entries(expected)) {
      const point = SKLEARN.threshold.indexOf(Number(threshold));
      (["precision", "tpr", "f1"] as const).forEach((metric, i) => {
        const place = placeOf(SKLEARN, point, "threshold", "threshold", metric)!;
        expect(place.x).toBe(Number(threshold));
        expect(place.y).toBeCloseTo(values[i]!, 14);
      });
    }
  });

  test("on the gain and the lift curve", () => {
    // (y_score >= threshold).mean(); recall_score; precision_score / y_true.mean()
    expect(places("gain")[3]).toEqual({ x: 0.3125, y: 4 / 7 });
    expect(places("lift")[3]!.x).toBe(0.3125);
    expect(places("lift")[3]!.y).toBeCloseTo(1.8285714285714287, 14);
    expect(places("lift").at(-1)).toEqual({ x: 1, y: 1 });
  });
});

describe("paths", () => {
  test("of the gain curve begin at the origin, those of the lift curve at the first point's level", () => {
    const gain = pathOf(SKLEARN, "gain")!;
    expect([gain.x[0], gain.y[0], gain.point[0]]).toEqual([0, 0, -1]);
    const lift = pathOf(SKLEARN, "lift")!;
    expect([lift.x[0], lift.y[0], lift.point[0]]).toEqual([0, 16 / 7, 0]);
  });

  test("pass through every stored point in every plane", () => {
    for (const plane of ["roc", "pr", "det", "gain", "lift", "threshold"] as const) {
      const { x, y, point } = pathOf(SKLEARN, plane)!;
      places(plane).forEach((place, stored) => {
        expect(x.some((value, i) => point[i] === stored && value === place.x && y[i] === place.y)).toBe(true);
      });
    }
  });

  test("a mean curve has those that need rates alone", () => {
    expect((["roc", "pr", "det"] as const).map((plane) => pathOf(MEAN, plane)?.x.length)).toEqual([3, 2, 3]);
    for (const plane of ["threshold", "gain", "lift"] as const) expect(pathOf(MEAN, plane)).toBeNull();
  });

  test("a mean curve's points are the same in the ROC and DET plane, others in the PR plane", () => {
    expect(placeOf(MEAN, 1, "det", "roc")).toEqual({ x: 0.25, y: 0.25 });
    expect(placeOf(MEAN, 1, "pr", "roc")).toBeNull();
  });

  test("where nothing is predicted positive: the origin, and the limit of the precision", () => {
    expect(placeOf(CURVE, -1, "roc")).toEqual({ x: 0, y: 0 });
    expect(placeOf(CURVE, -1, "det")).toEqual({ x: 0, y: 1 });
    expect(placeOf(CURVE, -1, "pr")).toEqual({ x: 0.25, y: 1 });
  });
});
