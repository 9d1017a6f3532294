/** Pure views of counts: rates, ROC vertices, best records. A rate without a denominator is NaN. */

import type { CountCurve, Curve, MeanCurve } from "./model";

/** What a threshold means, in counts and in rates. */
export interface Rates {
  readonly threshold: number;
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly tn: number;
  readonly tpr: number;
  readonly fpr: number;
  readonly precision: number;
  readonly f1: number;
}

/** Index of the latest record at or before `step` among increasing `steps`; -1 where there is none. */
export function recordAt(steps: ArrayLike<number>, step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (steps[middle]! <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Index of the first of the highest values, NaN left out; -1 where all are NaN. */
export function bestRecord(values: ArrayLike<number>): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i]!) && (best < 0 || values[i]! > values[best]!)) best = i;
  }
  return best;
}

/**
 * Rates at stored point `index` of a curve; -1 is the point where nothing is predicted positive.
 *
 * A mean curve has rates only: its ROC point's `fpr` and `tpr`; everything else is NaN.
 */
export function ratesAt(curve: Curve, index: number): Rates {
  return curve.kind === "counts" ? countRates(curve, index) : meanRates(curve, index);
}

function countRates({ positives, negatives, threshold, tp: tps, fp: fps }: CountCurve, index: number): Rates {
  const [tp, fp] = index < 0 ? [0, 0] : [tps[index]!, fps[index]!];
  const [fn, tn] = [positives - tp, negatives - fp];
  return {
    threshold: index < 0 ? Infinity : threshold[index]!,
    ...{ tp, fp, fn, tn },
    tpr: tp / positives,
    fpr: fp / negatives,
    precision: tp / (tp + fp),
    f1: (2 * tp) / (2 * tp + fp + fn),
  };
}

function meanRates({ fpr, tpr }: MeanCurve, index: number): Rates {
  const point = Math.max(index, 0);
  const none = { threshold: NaN, tp: NaN, fp: NaN, fn: NaN, tn: NaN, precision: NaN, f1: NaN };
  return { ...none, tpr: tpr[point] ?? NaN, fpr: fpr[point] ?? NaN };
}

export interface Roc {
  readonly fpr: Float64Array;
  readonly tpr: Float64Array;
}

/** Vertices of the ROC curve, beginning with (0, 0): point `i` of counts is vertex `i + 1`; a mean curve's are its own. */
export function rocOf(curve: Curve): Roc {
  if (curve.kind === "mean") return { fpr: Float64Array.from(curve.fpr), tpr: Float64Array.from(curve.tpr) };
  const { tp, fp, positives, negatives } = curve;
  const fpr = new Float64Array(fp.length + 1);
  const tpr = new Float64Array(tp.length + 1);
  fpr[0] = 0 / negatives;
  tpr[0] = 0 / positives;
  for (let i = 0; i < tp.length; i++) {
    fpr[i + 1] = fp[i]! / negatives;
    tpr[i + 1] = tp[i]! / positives;
  }
  return { fpr, tpr };
}
