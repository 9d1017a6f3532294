import type { Row } from "../state/row";
import { undefinedReason } from "../state/runs";
import type { Session } from "../state/session";
import { NONE, UNDEFINED } from "./format";
import type { NumberColumn } from "./run-columns";

/** Why a cell holds no number: not logged, not defined, or not there yet. */
export function missingNumber(row: Row, column: NumberColumn, session: Session): { text: string; reason: string } {
  const { curve } = session.selection;
  if (!row.series.curves.includes(curve.value)) return { text: NONE, reason: "this run has no such class" };
  if (!session.figures.areas.value.has(row.series.run)) return { text: NONE, reason: "on its way" };
  if (row.step === null) return { text: NONE, reason: "nothing logged at or before this epoch" };
  const metric = column === "average_precision" ? column : "roc_auc";
  const reason = undefinedReason(metric, row.positives, row.negatives);
  if (reason) return { text: UNDEFINED, reason };
  if (curve.value === "macro") return { text: NONE, reason: "a mean over classes has rates, but no threshold, counts or standard error" };
  if (column === "roc_auc_se") return { text: UNDEFINED, reason: "not defined: fewer than two positives or negatives, or weighted counts" };
  if (row.rates) return { text: UNDEFINED, reason: "not defined: nothing is predicted positive at this point" };
  return { text: NONE, reason: "no stored point satisfies the criterion" };
}
