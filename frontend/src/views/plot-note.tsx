import type { Plane } from "../data/planes";
import type { Metric } from "../state/choice";
import { curveName, undefinedReason } from "../state/runs";
import type { Session } from "../state/session";
import { useSession } from "./context";

interface Props {
  metric: Metric;
  /** Of a chart of curves. */
  plane?: Plane;
}

/** Why a chart is empty, in its middle; nothing where a run has something to draw. */
export function PlotNote({ metric, plane = "roc" }: Props) {
  const reason = emptyReason(useSession(), metric, plane);
  return reason ? <p class="plot-note">{reason}</p> : null;
}

function emptyReason({ selection, figures }: Session, metric: Metric, plane: Plane): string | null {
  const curve = selection.curve.value;
  const name = curveName(curve);
  const rows = figures.rows.value;
  if (!rows.some(({ series }) => series.curves.includes(curve))) return `No shown run has the class ${name}.`;
  if (curve === "macro" && (plane === "threshold" || plane === "gain" || plane === "lift")) {
    return "A mean over classes has no thresholds and no counts: choose a class, or the micro-average.";
  }
  const known = rows.filter(({ step }) => step !== null);
  if (!known.length) return figures.areas.value.size ? "No shown run has a record at or before this epoch." : null;
  const reasons = known.map(({ positives, negatives }) => undefinedReason(metric, positives, negatives));
  return reasons.every((reason) => reason !== null) ? `${name} is ${reasons[0]!}.` : null;
}
