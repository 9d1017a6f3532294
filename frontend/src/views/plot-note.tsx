import type { Metric } from "../state/choice";
import { curveName, undefinedReason } from "../state/runs";
import type { Session } from "../state/session";
import { useSession } from "./context";

/** Why a chart is empty, in its middle; nothing where a run has something to draw. */
export function PlotNote({ metric }: { metric: Metric }) {
  const reason = emptyReason(useSession(), metric);
  return reason ? <p class="plot-note">{reason}</p> : null;
}

function emptyReason({ selection, figures }: Session, metric: Metric): string | null {
  const name = curveName(selection.curve.value);
  const rows = figures.rows.value;
  if (!rows.some(({ series }) => series.curves.includes(selection.curve.value))) return `No shown run has the class ${name}.`;
  const known = rows.filter(({ step }) => step !== null);
  if (!known.length) return figures.areas.value.size ? "No shown run has a record at or before this epoch." : null;
  const reasons = known.map(({ positives, negatives }) => undefinedReason(metric, positives, negatives));
  return reasons.every((reason) => reason !== null) ? `${name} is ${reasons[0]!}.` : null;
}
