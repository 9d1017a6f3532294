/** The columns of the table of runs. */

import type { SortColumn } from "../state/choice";
import type { Session } from "../state/session";
import { count, rate, threshold } from "./format";

export type NumberColumn = Exclude<SortColumn, "run">;

export interface ColumnText {
  readonly id: NumberColumn;
  readonly name: string;
  readonly title: string;
  readonly format: (value: number) => string;
  /** Which value deserves a mark. */
  readonly best?: "highest" | "lowest";
}

const COLUMNS: readonly ColumnText[] = [
  { id: "threshold", name: "Threshold", title: "Predicted positive means score ≥ threshold", format: threshold },
  { id: "tpr", name: "TPR", title: "True positive rate, recall", format: rate, best: "highest" },
  { id: "fpr", name: "FPR", title: "False positive rate", format: rate },
  { id: "precision", name: "Precision", title: "Share of true ones among those predicted positive", format: rate, best: "highest" },
  { id: "f1", name: "F1", title: "Harmonic mean of precision and recall", format: rate, best: "highest" },
  { id: "cost", name: "Cost", title: "Expected cost of an example; a false negative costs 1", format: rate, best: "lowest" },
  { id: "roc_auc", name: "AUC", title: "Area under the ROC curve, from all scores", format: rate, best: "highest" },
  { id: "roc_auc_se", name: "± SE", title: "Standard error of the AUC (DeLong)", format: rate },
  { id: "partial_auc", name: "pAUC", title: "", format: rate, best: "highest" },
  { id: "average_precision", name: "AP", title: "Average precision, from all scores", format: rate, best: "highest" },
  { id: "tp", name: "TP", title: "True positives", format: count },
  { id: "fn", name: "FN", title: "False negatives", format: count },
  { id: "fp", name: "FP", title: "False positives", format: count },
  { id: "tn", name: "TN", title: "True negatives", format: count },
  { id: "best", name: "Best", title: "The run's best epoch by the chosen metric", format: String },
];

/** The columns that have something to say: the cost under a rule of costs, the partial area where the ROC is zoomed. */
export function columnsOf({ choice, figures }: Session): readonly ColumnText[] {
  const range = figures.fprRange.value;
  return COLUMNS.flatMap((column) => {
    if (column.id === "cost" && choice.rule.value.criterion !== "cost") return [];
    if (column.id !== "partial_auc") return [column];
    if (!range) return [];
    const [from, to] = range.map((value) => Number(value.toPrecision(3)));
    const title = `Area under the ROC curve for FPR ${from} to ${to}, standardised: 0.5 is chance (McClish)`;
    return [{ ...column, title }];
  });
}
