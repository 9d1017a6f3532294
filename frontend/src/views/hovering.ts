/** From the vertex under the pointer to the stored point it stands for, and from there to the other chart. */

import type { Hit, Overlay } from "../chart";
import { ratesAt } from "../data/metrics";
import type { Curve } from "../data/model";
import type { Shown } from "../state/figures";
import type { Session } from "../state/session";
import { color, precisionRecall } from "./scenes";

type CurveChart = "roc" | "pr";

export function hoverCurve(session: Session, chart: CurveChart, hit: Hit | null): void {
  const shown = hit && shownRun(session, hit.id);
  session.hover.value =
    hit && shown ? { run: hit.id, chart, point: pointOf(shown.curve, chart, hit.index), px: hit.px, py: hit.py } : null;
}

/** A click on a curve focuses its run and pins its threshold; one beside the curves does nothing. */
export function clickCurve(session: Session, chart: CurveChart, hit: Hit | null): void {
  hoverCurve(session, chart, hit);
  if (hit) session.setFocus(hit.id);
  pinHovered(session);
}

export function pinHovered(session: Session): void {
  const hover = session.hover.value;
  const shown = hover && shownRun(session, hover.run);
  if (shown && hover.point !== null && hover.chart !== "epochs") {
    session.pinThreshold(ratesAt(shown.curve, Math.max(hover.point, 0)).threshold);
  }
}

/** The hovered point as this chart shows it: under the pointer a crosshair, on the other chart its mark. */
export function sharedPoint(
  session: Session,
  chart: CurveChart,
  place: (curve: Curve, point: number) => { x: number; y: number } | null,
): Overlay {
  const hover = session.hover.value;
  const shown = hover && shownRun(session, hover.run);
  if (!shown || hover.point === null || (hover.chart !== "roc" && hover.chart !== "pr")) return {};
  const { px, py, run, point } = hover;
  if (hover.chart === chart) {
    const at = vertexOf(shown.curve, chart, point);
    return at ? { hit: { id: run, index: point, ...at, px, py } } : {};
  }
  const at = shown.curve.kind === "counts" ? place(shown.curve, point) : null;
  return at ? { points: [{ ...at, color: color(session, run), shape: "ring", size: 11 }] } : {};
}

function pointOf(curve: Curve, chart: CurveChart, vertex: number): number {
  if (chart === "pr") return precisionRecall(curve).point[vertex] ?? 0;
  return curve.kind === "counts" ? vertex - 1 : vertex;
}

function vertexOf(curve: Curve, chart: CurveChart, point: number): { x: number; y: number } | null {
  if (curve.kind === "mean") {
    return chart === "roc" ? { x: curve.fpr[point]!, y: curve.tpr[point]! } : { x: curve.recall[point]!, y: curve.precision[point]! };
  }
  const { tpr, fpr, precision } = ratesAt(curve, chart === "pr" ? Math.max(point, 0) : point);
  return chart === "roc" ? { x: fpr, y: tpr } : { x: tpr, y: precision };
}

function shownRun(session: Session, run: string): Shown | undefined {
  return session.figures.curves.value.find(({ series }) => series.run === run);
}
