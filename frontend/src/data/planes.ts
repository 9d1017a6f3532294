/** A curve in the plane of each chart: its vertices, and the stored point that each belongs to. */

import { rocOf } from "./metrics";
import type { CountCurve, Curve, MeanCurve } from "./model";

/**
 * - `roc`: TPR over FPR; `det`: miss rate over FPR; `pr`: precision over recall;
 * - `gain`: recall over the share of examples predicted positive; `lift`: precision in multiples of the prevalence;
 * - `threshold`: a rate over the threshold.
 */
export type Plane = "roc" | "pr" | "det" | "threshold" | "gain" | "lift";

/** What is drawn over the threshold. */
export type ThresholdMetric = "precision" | "tpr" | "f1";

export interface Path {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Stored point of each vertex; -1 is the point where nothing is predicted positive. */
  readonly point: Int32Array;
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** The vertices of a curve in a plane; null where the plane needs counts or thresholds and the curve is a mean. */
export function pathOf(curve: Curve, plane: Plane, metric: ThresholdMetric = "f1"): Path | null {
  if (plane === "roc" || plane === "det") return rocPath(curve, plane);
  if (curve.kind === "mean") return plane === "pr" ? meanPath(curve.recall, curve.precision) : null;
  return refinedPath(curve, plane, metric);
}

/**
 * Where a stored point lies in a plane; null where it lies nowhere.
 *
 * @param from The plane that the point was found in: those of a mean curve's ROC and PR curve are not the same.
 */
export function placeOf(curve: Curve, point: number, plane: Plane, from = plane, metric: ThresholdMetric = "f1"): Place | null {
  if (curve.kind === "counts") {
    // A rate of nothing predicted positive is that of the first point, where its limit lies.
    const at = plane === "roc" || plane === "det" || plane === "gain" ? point : Math.max(point, 0);
    const [tp, fp] = at < 0 ? [0, 0] : [curve.tp[at]!, curve.fp[at]!];
    return placeOfCounts(curve, plane, metric, tp, fp, at < 0 ? Infinity : curve.threshold[at]!);
  }
  if ((plane === "pr") !== (from === "pr")) return null;
  const path = pathOf(curve, plane);
  return path && point >= 0 && point < path.x.length ? { x: path.x[point]!, y: path.y[point]! } : null;
}

function rocPath(curve: Curve, plane: "roc" | "det"): Path {
  const { fpr, tpr } = rocOf(curve);
  const shift = curve.kind === "counts" ? 1 : 0;
  const y = plane === "roc" ? tpr : tpr.map((rate) => 1 - rate);
  return { x: fpr, y, point: Int32Array.from(fpr, (_, i) => i - shift) };
}

function meanPath(x: MeanCurve["recall"], y: MeanCurve["precision"]): Path {
  return { x: Float64Array.from(x), y: Float64Array.from(y), point: Int32Array.from(x, (_, i) => i) };
}

/** Largest distance, in precision, of a drawn line from the interpolated one. */
const FLATNESS = 1 / 1024;
const MOST_PIECES = 32;

/**
 * Vertices as counts grow evenly from one stored point to the next (Davis and Goadrich, 2006): precision then follows a
 * hyperbola, drawn with as many pieces as it needs. A straight line would promise precision that no threshold reaches.
 */
function refinedPath(curve: CountCurve, plane: Exclude<Plane, "roc" | "det">, metric: ThresholdMetric): Path {
  const { tp, fp, threshold } = curve;
  const x: number[] = [];
  const y: number[] = [];
  const point: number[] = [];
  const add = (t: number, f: number, score: number, at: number): void => {
    const place = placeOfCounts(curve, plane, metric, t, f, score);
    x.push(place.x);
    y.push(place.y);
    point.push(at);
  };
  if (plane === "gain") add(0, 0, Infinity, -1);
  for (let i = 0; i < tp.length; i++) {
    if (i > 0) {
      const [t0, f0, s0] = [tp[i - 1]!, fp[i - 1]!, threshold[i - 1]!];
      const [t1, f1, s1] = [tp[i]!, fp[i]!, threshold[i]!];
      const isStraight = plane === "gain" || (plane === "pr" && t1 === t0);
      const pieces = isStraight ? 1 : piecesBetween(t0, f0, t1, f1);
      for (let k = 1; k < pieces; k++) {
        const share = k / pieces;
        add(t0 + (t1 - t0) * share, f0 + (f1 - f0) * share, s0 + (s1 - s0) * share, 2 * k < pieces ? i - 1 : i);
      }
    }
    add(tp[i]!, fp[i]!, threshold[i]!, i);
  }
  // From the origin to the first point the ratio of counts, and with it the precision, stays as it is.
  if ((plane === "pr" || plane === "lift") && tp.length && tp[0]! > 0) {
    x.unshift(0);
    y.unshift(y[0]!);
    point.unshift(0);
  }
  return { x: new Float64Array(x), y: new Float64Array(y), point: new Int32Array(point) };
}

function piecesBetween(t0: number, f0: number, t1: number, f1: number): number {
  if (t0 + f0 === 0) return 1;
  const middle = (t0 + t1) / (t0 + t1 + f0 + f1);
  const bend = Math.abs(middle - (t0 / (t0 + f0) + t1 / (t1 + f1)) / 2);
  return Math.min(MOST_PIECES, Math.max(1, Math.ceil(Math.sqrt(bend / FLATNESS))));
}

function placeOfCounts(
  { positives, negatives }: CountCurve,
  plane: Plane,
  metric: ThresholdMetric,
  tp: number,
  fp: number,
  threshold: number,
): Place {
  const precision = tp / (tp + fp);
  const recall = tp / positives;
  const share = (tp + fp) / (positives + negatives);
  switch (plane) {
    case "roc":
      return { x: fp / negatives, y: recall };
    case "det":
      return { x: fp / negatives, y: 1 - recall };
    case "pr":
      return { x: recall, y: precision };
    case "gain":
      return { x: share, y: recall };
    case "lift":
      return { x: share, y: (precision * (positives + negatives)) / positives };
    case "threshold":
      return { x: threshold, y: { precision, tpr: recall, f1: (2 * tp) / (tp + fp + positives) }[metric] };
  }
}
