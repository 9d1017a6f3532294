import type { Plane } from "../data/planes";
import type { Row } from "../state/row";
import { shortName } from "../state/runs";
import type { Session } from "../state/session";
import { useSession } from "./context";
import { THRESHOLD_DASHES } from "./curve-scene";
import { rate } from "./format";
import { color } from "./look";

/** More runs than this are in the table only. */
const MOST_RUNS = 5;
const Z_95 = 1.96;

/** The areas of the first few runs in the empty corner of their chart; zoomed, those of the range in view. */
export function PlotLegend({ plane }: { plane: Plane }) {
  const session = useSession();
  if (plane === "threshold") return <DashLegend />;
  if (plane !== "roc" && plane !== "pr") return null;
  const range = plane === "roc" ? session.figures.fprRange.value : null;
  const rows = legendRows(session);
  const lines = rows.map((row) => [row, range ? partialText(row) : areaText(row, plane)] as const);
  if (!lines.some(([, text]) => text)) return null;
  return (
    <div class={`plot-legend ${plane}`}>
      <p>{range ? `Area for FPR ${range.map(short).join(" – ")}; standardised` : plane === "roc" ? "AUC ± 95 %" : "AP"}</p>
      {lines.map(([row, text]) => (
        <p key={row.series.run}>
          <span class="dot" style={{ background: color(session, row.series.run) }} />
          <span class="name">{shortName(row.series)}</span>
          <span class="value">{text}</span>
        </p>
      ))}
    </div>
  );
}

/** Which dash is which rate, where one run has all three. */
function DashLegend() {
  const { choice, selection } = useSession();
  const focus = selection.focus.value;
  if (choice.thresholdLines.value !== "focus" || !focus || selection.curve.value === "macro") return null;
  const names = { precision: "precision", tpr: "recall", f1: "F1" };
  return (
    <div class="plot-legend threshold">
      <p>{shortName(focus)}</p>
      {THRESHOLD_DASHES.map(([metric, dash]) => (
        <p key={metric}>
          <svg viewBox="0 0 28 8" aria-hidden="true" focusable="false">
            <path d="M0 4h28" stroke-dasharray={dash.join(" ")} />
          </svg>
          {names[metric]}
        </p>
      ))}
    </div>
  );
}

/** Focus and baseline first, then as the table has them. */
function legendRows({ figures, selection }: Session): readonly Row[] {
  const rank = ({ series }: Row) => (series === selection.focus.value ? 0 : series === selection.baseline.value ? 1 : 2);
  return [...figures.sortedRows.value].sort((a, b) => rank(a) - rank(b)).slice(0, MOST_RUNS);
}

function areaText(row: Row, plane: "roc" | "pr"): string {
  if (plane === "pr") return rate(row.average_precision);
  return Number.isNaN(row.roc_auc_se) ? rate(row.roc_auc) : `${rate(row.roc_auc)} ± ${(Z_95 * row.roc_auc_se).toFixed(4)}`;
}

function partialText({ partial }: Row): string {
  return partial ? `${rate(partial.area)}; ${rate(partial.standardised)}` : "";
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
