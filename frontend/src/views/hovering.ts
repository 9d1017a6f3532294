/** From the vertex under the pointer to the stored point it stands for, and from there to the other charts. */

import type { Hit, Overlay } from "../chart";
import { ratesAt } from "../data/metrics";
import { placeOf } from "../data/planes";
import type { Slot } from "../state/choice";
import type { Shown } from "../state/figures";
import type { Hover, Session } from "../state/session";
import { lineId, path, readLineId, thresholdMetrics } from "./curve-scene";
import { color } from "./look";

export function hoverCurve(session: Session, slot: Slot, hit: Hit | null): void {
  session.hover.value = hit && hoverOf(session, slot, hit);
}

function hoverOf(session: Session, slot: Slot, hit: Hit): Hover | null {
  const line = readLineId(hit.id);
  const shown = shownRun(session, line.run);
  const point = shown && path(shown.curve, session.choice[slot].value, line.metric)?.point[hit.index];
  return point === undefined ? null : { ...line, chart: slot, point, px: hit.px, py: hit.py };
}

/**
 * A click on a curve focuses its run and pins its threshold. Beside the curves it pins the threshold clicked where the
 * chart has an axis of thresholds, and does nothing elsewhere.
 */
export function clickCurve(session: Session, slot: Slot, hit: Hit | null, x: number): void {
  hoverCurve(session, slot, hit);
  if (hit) {
    session.setFocus(readLineId(hit.id).run);
    pinHovered(session);
  } else if (session.choice[slot].value === "threshold") session.pinThreshold(x);
}

export function pinHovered(session: Session): void {
  const found = pointUnderPointer(session);
  if (found) session.pinThreshold(ratesAt(found.shown.curve, Math.max(found.hover.point, 0)).threshold);
}

/** The hovered point as a chart shows it: under the pointer a crosshair, on the other charts its mark. */
export function sharedPoint(session: Session, slot: Slot): Overlay {
  const found = pointUnderPointer(session);
  if (!found) return { emphasis: emphasised(session, slot) };
  const { hover, shown } = found;
  const plane = session.choice[slot].value;
  const from = session.choice[hover.chart].value;
  if (hover.chart === slot) {
    const at = placeOf(shown.curve, hover.point, plane, plane, hover.metric);
    const id = lineId(hover.run, hover.metric);
    return at ? { emphasis: id, hit: { id, index: hover.point, ...at, px: hover.px, py: hover.py } } : {};
  }
  if (plane === "threshold") return thresholdMarks(session, shown, hover.point);
  const at = placeOf(shown.curve, hover.point, plane, from);
  const points: Overlay["points"] = at ? [{ ...at, color: color(session, hover.run), shape: "ring", size: 11 }] : [];
  return { emphasis: hover.run, points };
}

/** The threshold as a line through all curves, and the hovered run's rates on it. */
function thresholdMarks(session: Session, { curve, series }: Shown, point: number): Overlay {
  if (curve.kind === "mean") return {};
  const points: NonNullable<Overlay["points"]>[number][] = [];
  for (const metric of thresholdMetrics(session)) {
    const at = placeOf(curve, point, "threshold", "threshold", metric);
    if (at) points.push({ ...at, color: color(session, series.run), shape: "ring", size: 11 });
  }
  const threshold = ratesAt(curve, Math.max(point, 0)).threshold;
  return { points, rules: [{ axis: "x", at: threshold }] };
}

/** The line of the run under the pointer, wherever that is; three lines of one run are not dimmed by it. */
function emphasised(session: Session, slot: Slot): string | null {
  const run = session.hover.value?.run;
  if (run === undefined || session.choice[slot].value !== "threshold") return run ?? null;
  const metrics = thresholdMetrics(session);
  return metrics.length > 1 ? null : lineId(run, metrics[0]);
}

interface Under {
  readonly hover: Hover & { readonly chart: Slot; readonly point: number };
  readonly shown: Shown;
}

function pointUnderPointer(session: Session): Under | null {
  const hover = session.hover.value;
  if (!hover || hover.point === null || hover.chart === "list" || hover.chart === "epochs") return null;
  const shown = shownRun(session, hover.run);
  return shown ? { hover: { ...hover, chart: hover.chart, point: hover.point }, shown } : null;
}

function shownRun(session: Session, run: string): Shown | undefined {
  return session.figures.curves.value.find(({ series }) => series.run === run);
}
