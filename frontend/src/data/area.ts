/** Areas under part of a curve, and how far two areas are apart. */

import { rocOf } from "./metrics";
import type { Curve } from "./model";

export interface PartialArea {
  readonly area: number;
  /** 0.5 for chance and 1 for a perfect curve (McClish, 1989), as scikit-learn's `roc_auc_score(max_fpr=...)`. */
  readonly standardised: number;
}

/** The area under the ROC curve between two false positive rates, by trapezoids over the stored points. */
export function partialArea(curve: Curve, from: number, to: number): PartialArea {
  const { fpr, tpr } = rocOf(curve);
  let area = fpr.length ? 0 * (fpr[0]! + tpr[0]!) : NaN;
  for (let i = 1; i < fpr.length; i++) {
    const [x0, x1] = [fpr[i - 1]!, fpr[i]!];
    const [left, right] = [Math.max(x0, from), Math.min(x1, to)];
    if (left >= right) continue;
    const middle = ((left + right) / 2 - x0) / (x1 - x0);
    area += (right - left) * (tpr[i - 1]! + (tpr[i]! - tpr[i - 1]!) * middle);
  }
  const chance = (to * to - from * from) / 2;
  return { area, standardised: 0.5 + (area - chance) / (2 * (to - from - chance)) };
}

export interface Difference {
  readonly value: number;
  /** Half the width of its 95 % interval; NaN where a standard error is unknown. */
  readonly margin: number;
}

const Z_95 = 1.959963984540054;

/**
 * The difference of two independent estimates with its normal 95 % interval.
 *
 * Two models tested on the same examples agree on the easy ones: their areas are correlated, and the interval of their
 * difference is narrower than this one, which pairs nothing.
 */
export function unpairedDifference(value: number, error: number, base: number, baseError: number): Difference {
  return { value: value - base, margin: Z_95 * Math.hypot(error, baseError) };
}
