/** For tests: curves whose numbers are known. */

import type { CountCurve, MeanCurve } from "./model";

/** 4 positives, 4 negatives; by falling threshold: one right, two right, then one false, and so on. */
export const CURVE: CountCurve = {
  kind: "counts",
  step: 3,
  positives: 4,
  negatives: 4,
  threshold: new Float32Array([0.875, 0.75, 0.5, 0.25, 0.125]),
  tp: new Uint32Array([1, 2, 2, 4, 4]),
  fp: new Uint32Array([0, 0, 2, 2, 4]),
};

export const MEAN: MeanCurve = {
  kind: "mean",
  step: 3,
  fpr: new Float32Array([0, 0.25, 1]),
  tpr: new Float32Array([0, 0.75, 1]),
  recall: new Float32Array([0, 1]),
  precision: new Float32Array([1, 0.5]),
};

export const NO_POSITIVES: CountCurve = { ...CURVE, positives: 0, tp: new Uint32Array(5) };

/**
 * What scikit-learn 1.9 was asked about, in the tests that quote it:
 *
 *     y_true = [1, 1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0]
 *     y_score = [.95, .9, .85, .8, .8, .7, .65, .6, .55, .5, .5, .4, .35, .3, .25, .2]
 */
export const SKLEARN: CountCurve = {
  kind: "counts",
  step: 0,
  positives: 7,
  negatives: 9,
  threshold: new Float64Array([0.95, 0.9, 0.85, 0.8, 0.7, 0.65, 0.6, 0.55, 0.5, 0.4, 0.35, 0.3, 0.25, 0.2]),
  tp: new Uint32Array([1, 2, 2, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7]),
  fp: new Uint32Array([0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 7, 7, 8, 9]),
};

/** A curve of random length and counts; `seed` makes it the same each time. */
export function randomCurve(seed: number): CountCurve {
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
