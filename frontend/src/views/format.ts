/** Numbers as text. What is not defined is "n/a"; what is not there is "–". */

import type { Metric, Track } from "../state/choice";

export const NONE = "–";
export const UNDEFINED = "n/a";

/** Areas and rates: four decimals, scientific below 0.001. */
export function rate(value: number): string {
  if (Number.isNaN(value)) return UNDEFINED;
  return value !== 0 && Math.abs(value) < 0.001 ? scientific(value) : value.toFixed(4);
}

/** The least float32 that has all its digits; a threshold under it is "the next float after 0". */
const LEAST_NORMAL = 1.17549435e-38;
/** Nearer to 1 than this, four digits would say 1, which most scores do not reach. */
const ALMOST_ONE = 5e-5;

/** Thresholds, probabilities or logits: four significant digits, or the distance from 0 or 1 where that is what matters. */
export function threshold(value: number): string {
  if (Number.isNaN(value)) return UNDEFINED;
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value !== 0 && Math.abs(value) < LEAST_NORMAL) return value > 0 ? "> 0" : "< 0";
  if (value !== 1 && Math.abs(value - 1) < ALMOST_ONE) return `1 ${value < 1 ? "−" : "+"} ${scientific(Math.abs(value - 1))}`;
  return value !== 0 && Math.abs(value) < 0.001 ? scientific(value) : minus(String(Number(value.toPrecision(4))));
}

/** Counts, or sums of weights with one decimal. */
export function count(value: number): string {
  if (Number.isNaN(value)) return UNDEFINED;
  return value.toLocaleString("en", { maximumFractionDigits: 1 });
}

export function percent(share: number): string {
  if (Number.isNaN(share)) return UNDEFINED;
  const value = 100 * share;
  return `${value > 0 && value < 0.1 ? "<0.1" : value.toFixed(value < 10 && value > 0 ? 1 : 0)}%`;
}

/** A difference, always with its sign. */
export function signed(value: number, format: (value: number) => string): string {
  if (Number.isNaN(value)) return UNDEFINED;
  return value > 0 ? `+${format(value)}` : format(value).replace("-", "−");
}

export function metricName(metric: Metric): string {
  return metric === "roc_auc" ? "AUC" : "AP";
}

/** What the chart of epochs shows, as its title. */
export function trackName(track: Track, metric: Metric): string {
  const names = { threshold: "Threshold", tpr: "TPR", fpr: "FPR", precision: "Precision", f1: "F1" };
  return track === "area" ? metricName(metric) : names[track];
}

const scientific = (value: number): string => minus(value.toExponential(1));
const minus = (text: string): string => text.replaceAll("-", "−");
