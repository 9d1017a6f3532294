/** What is on screen, as code for scikit-learn: whoever runs it on the same scores reads the same numbers. */

import type { Series } from "../data/model";
import type { Row } from "./row";
import type { Session } from "./session";

/** Code for the focused run, class and operating point in view; it expects `y_true` and `y_score`. */
export function scikitLearnSnippet({ figures, selection }: Session): string {
  const series = selection.focus.value;
  const curve = selection.curve.value;
  const row = figures.rows.value.find((each) => each.series === series);
  if (!series || !row) return "";
  const lines = [
    "import numpy as np",
    "from sklearn import metrics",
    "",
    `# ${comment(series.run)}, step ${row.step ?? "?"}, ${comment(curve)}`,
    ...expectations(series),
  ];
  if (curve === "macro") return [...lines, ...macroLines(row)].join("\n") + "\n";
  return [...lines, ...selectionLines(series, curve), ...areaLines(row), ...pointLines(row)].join("\n") + "\n";
}

function expectations({ task, class_names: names }: Series): string[] {
  if (task === "binary") return ["# y_true (n,) of 0 and 1, y_score (n,): the score of the positive class"];
  const shape = `(n, ${names.length})`;
  const truth = task === "multiclass" ? `(n,) of class numbers 0 to ${names.length - 1}` : `${shape} of 0 and 1`;
  return [`# y_true ${truth}, y_score ${shape}`];
}

function selectionLines(series: Series, curve: string): string[] {
  if (series.task === "binary") return ["truth, score = y_true, y_score"];
  const classes = series.class_names.length;
  if (curve === "micro") {
    const truth = series.task === "multiclass" ? `np.eye(${classes})[y_true].ravel()` : "y_true.ravel()";
    return [`truth, score = ${truth}, y_score.ravel()  # every class of every example`];
  }
  const at = series.class_names.indexOf(curve.slice("class:".length));
  const truth = series.task === "multiclass" ? `y_true == ${at}` : `y_true[:, ${at}]`;
  return [`truth, score = ${truth}, y_score[:, ${at}]  # class ${at}: ${comment(series.class_names[at] ?? "")}`];
}

function areaLines(row: Row): string[] {
  return [
    `print(metrics.roc_auc_score(truth, score))  # ${row.roc_auc}`,
    `print(metrics.average_precision_score(truth, score))  # ${row.average_precision}`,
    "fpr, tpr, thresholds = metrics.roc_curve(truth, score)",
    "precision, recall, _ = metrics.precision_recall_curve(truth, score)",
  ];
}

function pointLines({ rates }: Row): string[] {
  if (!rates || !Number.isFinite(rates.threshold)) return [];
  const { tn, fp, fn, tp } = rates;
  return [
    "",
    `predicted = score >= ${rates.threshold}`,
    `print(metrics.confusion_matrix(truth, predicted))  # [[${tn}, ${fp}], [${fn}, ${tp}]]`,
  ];
}

function macroLines(row: Row): string[] {
  const truth = row.series.task === "multiclass" ? `np.eye(${row.series.class_names.length})[y_true]` : "y_true";
  return [
    `truth = ${truth}`,
    `print(metrics.roc_auc_score(truth, y_score, average="macro"))  # ${row.roc_auc}`,
    `print(metrics.average_precision_score(truth, y_score, average="macro"))  # ${row.average_precision}`,
  ];
}

/** A name that cannot end its comment. */
const comment = (name: string): string => name.replaceAll(/[\r\n\u0085\u2028\u2029]+/g, " ");
