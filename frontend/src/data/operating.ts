/** Which stored point of a curve to work at: the one that satisfies a constraint, or is best by a measure. */

import { bestRecord, rocOf, type Rates } from "./metrics";
import type { CountCurve, Curve } from "./model";

export type Criterion = "threshold" | "fpr" | "tpr" | "precision" | "f1" | "youden" | "cost";

/** How to choose a point on any curve. */
export interface OperatingRule {
  readonly criterion: Criterion;
  /** Threshold, FPR, TPR or precision; what a false positive costs, a false negative costing 1; else of no meaning. */
  readonly level: number;
  /** Share of positives where the model will work, for the cost; unless given, that of the data. */
  readonly prevalence?: number | undefined;
}

/**
 * The stored point that a rule chooses on a curve.
 *
 * - `threshold`: the lowest stored threshold at or above `level`;
 * - `fpr`: the highest TPR with FPR <= `level`;
 * - `tpr`: the lowest FPR with TPR >= `level`;
 * - `precision`: the highest TPR with precision >= `level`;
 * - `f1`, `youden`: the highest F1, or TPR - FPR;
 * - `cost`: the lowest expected cost.
 *
 * Ties go to the higher threshold. Returns the point's index, -1 for the point where nothing is predicted positive, or
 * null where no point qualifies or the criterion is not defined on this curve.
 */
export function operatingPoint(curve: Curve, { criterion, level, prevalence }: OperatingRule): number | null {
  switch (criterion) {
    case "threshold":
      return curve.kind === "counts" ? lastWhere(curve.threshold, (threshold) => threshold >= level) : null;
    case "precision":
      return curve.kind === "counts" ? highestRecall(curve, level) : null;
    case "f1":
      return curve.kind === "counts" ? orNull(bestRecord(f1Of(curve))) : null;
    default:
      return pointOfRoc(curve, criterion, level, prevalence);
  }
}

/** Expected cost of an example at given rates, a false negative costing 1 and a false positive `ratio`. */
export function expectedCost({ tpr, fpr }: Pick<Rates, "tpr" | "fpr">, ratio: number, prevalence: number): number {
  return prevalence * (1 - tpr) + (1 - prevalence) * fpr * ratio;
}

/** Share of positives; NaN for a mean over classes, which has no counts. */
export function prevalenceOf(curve: Curve): number {
  return curve.kind === "counts" ? curve.positives / (curve.positives + curve.negatives) : NaN;
}

function pointOfRoc(curve: Curve, criterion: "fpr" | "tpr" | "youden" | "cost", level: number, prevalence?: number): number | null {
  const { fpr, tpr } = rocOf(curve);
  if (Number.isNaN(fpr.at(0)) || Number.isNaN(tpr.at(0))) return null;
  const shift = curve.kind === "counts" ? 1 : 0;
  switch (criterion) {
    case "fpr":
      return lastWhere(fpr, (rate) => rate <= level) - shift;
    case "tpr": {
      const before = lastWhere(tpr, (rate) => rate < level);
      return before + 1 < tpr.length ? before + 1 - shift : null;
    }
    case "youden":
      return bestRecord(fpr.map((rate, i) => tpr[i]! - rate)) - shift;
    case "cost": {
      const share = prevalence ?? prevalenceOf(curve);
      const best = bestRecord(fpr.map((rate, i) => -expectedCost({ fpr: rate, tpr: tpr[i]! }, level, share)));
      return best < 0 ? null : best - shift;
    }
  }
}

function highestRecall({ tp, fp }: CountCurve, level: number): number | null {
  let best = -1;
  for (let i = 0; i < tp.length; i++) {
    if (tp[i]! / (tp[i]! + fp[i]!) >= level && (best < 0 || tp[i]! > tp[best]!)) best = i;
  }
  return orNull(best);
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
