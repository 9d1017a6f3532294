/** Numbers as text. What is not defined is "n/a"; what is not there is "–". */

export const NONE = "–";
export const UNDEFINED = "n/a";

/** Areas and rates: four decimals, scientific below 0.001. */
export function rate(value: number): string {
  if (Number.isNaN(value)) return UNDEFINED;
  return value !== 0 && Math.abs(value) < 0.001 ? scientific(value) : value.toFixed(4);
}

/** Thresholds, probabilities or logits: four significant digits. */
export function threshold(value: number): string {
  if (Number.isNaN(value)) return UNDEFINED;
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
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

export function metricName(metric: "roc_auc" | "average_precision"): string {
  return metric === "roc_auc" ? "AUC" : "AP";
}

const scientific = (value: number): string => minus(value.toExponential(1));
const minus = (text: string): string => text.replaceAll("-", "−");
