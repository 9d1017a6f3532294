/** Pure views of counts: rates, operating points, best records. A rate without a denominator is NaN. */

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

export type Criterion = "threshold" | "fpr" | "tpr" | "f1" | "youden";

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

/**
 * The stored point that a criterion chooses on a curve.
 *
 * - `threshold`: the lowest stored threshold at or above `level`;
 * - `fpr`: the highest TPR with FPR <= `level`;
 * - `tpr`: the lowest FPR with TPR >= `level`;
 * - `f1`, `youden`: the highest F1, or TPR - FPR; ties go to the higher threshold.
 *
 * Returns its index, -1 for the point where nothing is predicted positive, or null where no point qualifies or the
 * criterion is not defined on this curve.
 */
export function operatingPoint(curve: Curve, criterion: Criterion, level: number): number | null {
  if (criterion === "threshold") return curve.kind === "counts" ? lastWhere(curve.threshold, (t) => t >= level) : null;
  const { fpr, tpr } = rocOf(curve);
  if (Number.isNaN(fpr.at(0)) || Number.isNaN(tpr.at(0))) {
    if (criterion !== "f1") return null;
  }
  const shift = curve.kind === "counts" ? 1 : 0;
  switch (criterion) {
    case "fpr":
      return lastWhere(fpr, (rate) => rate <= level) - shift;
    case "tpr": {
      const before = lastWhere(tpr, (rate) => rate < level);
      return before + 1 < tpr.length ? before + 1 - shift : null;
    }
    case "f1":
      return curve.kind === "counts" ? orNull(bestRecord(f1Of(curve))) : null;
    case "youden":
      return bestRecord(fpr.map((rate, i) => tpr[i]! - rate)) - shift;
  }
}

/** The stored point of `curve` nearest to `threshold` from above; the point of the same threshold on another curve. */
export function atThreshold(curve: CountCurve, threshold: number): number {
  return lastWhere(curve.threshold, (value) => value >= threshold);
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

/** Vertices of the drawn PR curve; `point[i]` is the stored point that vertex `i` belongs to. */
export interface PrecisionRecall {
  readonly recall: Float64Array;
  readonly precision: Float64Array;
  readonly point: Int32Array;
}

/** Largest distance, in precision, of the drawn PR line from the interpolated one. */
const PR_FLATNESS = 1 / 1024;
const MOST_PIECES = 32;

/**
 * The PR curve between stored points as counts grow evenly from one to the next (Davis and Goadrich, 2006): a hyperbola,
 * drawn with as many pieces as it needs. A straight line would promise precision that no threshold reaches.
 */
export function precisionRecallOf(curve: Curve): PrecisionRecall {
  if (curve.kind === "mean") {
    const { recall, precision } = curve;
    const own = { recall: Float64Array.from(recall), precision: Float64Array.from(precision) };
    return { ...own, point: Int32Array.from(recall, (_, i) => i) };
  }
  const { tp, fp, positives } = curve;
  const recall: number[] = [];
  const precision: number[] = [];
  const point: number[] = [];
  const add = (t: number, f: number, at: number): void => {
    recall.push(t / positives);
    precision.push(t / (t + f));
    point.push(at);
  };
  for (let i = 0; i < tp.length; i++) {
    if (i > 0) {
      const [t0, f0, t1, f1] = [tp[i - 1]!, fp[i - 1]!, tp[i]!, fp[i]!];
      const pieces = piecesBetween(t0, f0, t1, f1);
      for (let k = 1; k < pieces; k++) {
        add(t0 + ((t1 - t0) * k) / pieces, f0 + ((f1 - f0) * k) / pieces, 2 * k < pieces ? i - 1 : i);
      }
    }
    add(tp[i]!, fp[i]!, i);
  }
  // From the origin to the first point the ratio of counts, and with it the precision, stays as it is.
  if (tp.length && tp[0]! > 0) {
    recall.unshift(0);
    precision.unshift(precision[0]!);
    point.unshift(0);
  }
  return { recall: new Float64Array(recall), precision: new Float64Array(precision), point: new Int32Array(point) };
}

function piecesBetween(t0: number, f0: number, t1: number, f1: number): number {
  if (t1 === t0 || t0 + f0 === 0) return 1;
  const middle = (t0 + t1) / (t0 + t1 + f0 + f1);
  const bend = Math.abs(middle - (t0 / (t0 + f0) + t1 / (t1 + f1)) / 2);
  return Math.min(MOST_PIECES, Math.max(1, Math.ceil(Math.sqrt(bend / PR_FLATNESS))));
}

function f1Of({ tp, fp, positives }: CountCurve): Float64Array {
  return Float64Array.from(tp, (t, i) => (positives > 0 ? (2 * t) / (t + fp[i]! + positives) : NaN));
}

/** Index of the last value that holds, where those that hold come first; -1 where none does. */
function lastWhere(values: ArrayLike<number>, holds: (value: number) => boolean): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(values[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const orNull = (index: number): number | null => (index < 0 ? null : index);
