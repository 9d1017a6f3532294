/**
 * A plot's background: grid, axes, their ticks and titles, and the guides.
 */
import type { Frame } from "./frame";
import { type Guide, type PlotSpec, type Theme, valueAt } from "./mark";
import { crisp, FONT_SIZE, type Pen, TEXT_MIDDLE, textWidth } from "./pen";
import type { Scale } from "./scale";
import { trace } from "./trace";

const PX_PER_TICK = { x: 90, y: 55 };
const LABEL_GAP = 6;
const MINOR_ALPHA = 0.45;
const GUIDE_DASH = [4, 4];

export function drawBackground(pen: Pen, spec: PlotSpec, frame: Frame, theme: Theme): void {
  const xTicks = frame.x.ticks(tickCount(frame.area.width, PX_PER_TICK.x));
  const yTicks = frame.y.ticks(tickCount(frame.area.height, PX_PER_TICK.y));
  drawGrid(pen, frame, frame.x.minorTicks(), frame.y.minorTicks(), { color: theme.grid, alpha: MINOR_ALPHA });
  drawGrid(pen, frame, xTicks, yTicks, { color: theme.grid, alpha: 1 });
  pen.clipped(frame.area, () => {
    for (const guide of spec.guides ?? []) drawGuide(pen, guide, frame, theme);
  });
  drawAxisLines(pen, frame, theme);
  drawXLabels(pen, frame, xTicks, theme);
  drawYLabels(pen, frame, yTicks, theme);
  if (!frame.compact) drawTitles(pen, spec, frame, theme);
}

function tickCount(length: number, pxPerTick: number): number {
  return Math.min(Math.max(Math.round(length / pxPerTick), 2), 10);
}

function drawGrid(
  pen: Pen,
  { x, y, area }: Frame,
  xTicks: readonly number[],
  yTicks: readonly number[],
  { color, alpha }: { color: string; alpha: number },
): void {
  for (const tick of xTicks) {
    const px = crisp(x(tick), pen.ratio);
    pen.moveTo(px, area.top);
    pen.lineTo(px, area.top + area.height);
  }
  for (const tick of yTicks) {
    const py = crisp(y(tick), pen.ratio);
    pen.moveTo(area.left, py);
    pen.lineTo(area.left + area.width, py);
  }
  if (xTicks.length + yTicks.length > 0) pen.paint({ stroke: color, alpha });
}

function drawAxisLines(pen: Pen, { area }: Frame, theme: Theme): void {
  const left = crisp(area.left, pen.ratio);
  const bottom = crisp(area.top + area.height, pen.ratio);
  pen.moveTo(left, area.top);
  pen.lineTo(left, bottom);
  pen.lineTo(area.left + area.width, bottom);
  pen.paint({ stroke: theme.axis });
}

/** The text of every tick, at one number of decimals. */
function tickLabels(scale: Scale, ticks: readonly number[]): string[] {
  const [first, second] = ticks;
  const step = first === undefined || second === undefined ? undefined : second - first;
  return ticks.map((tick) => scale.format(tick, step));
}

function drawXLabels(pen: Pen, { x, area }: Frame, ticks: readonly number[], theme: Theme): void {
  const labels = tickLabels(x, ticks);
  let free = -Infinity;
  for (const [i, tick] of ticks.entries()) {
    const label = labels[i] ?? "";
    const half = textWidth(label) / 2;
    if (x(tick) - half < free) continue;
    free = x(tick) + half + LABEL_GAP;
    pen.text(label, x(tick), area.top + area.height + 14, { color: theme.secondary, align: "middle" });
  }
}

function drawYLabels(pen: Pen, { y, area }: Frame, ticks: readonly number[], theme: Theme): void {
  const labels = tickLabels(y, ticks);
  let free = Infinity;
  for (const [i, tick] of ticks.entries()) {
    const py = y(tick);
    if (py + FONT_SIZE / 2 > free) continue;
    free = py - FONT_SIZE / 2;
    pen.text(labels[i] ?? "", area.left - 6, py + TEXT_MIDDLE, { color: theme.secondary, align: "end" });
  }
}

function drawTitles(pen: Pen, spec: PlotSpec, { area }: Frame, theme: Theme): void {
  const style = { color: theme.secondary, align: "middle" } as const;
  pen.text(spec.x.label, area.left + area.width / 2, area.top + area.height + 31, style);
  pen.text(spec.y.label, area.left - 36, area.top + area.height / 2, { ...style, angle: -90 });
}

/** A guide dashed, its label over the last vertex that lies inside the plot. */
function drawGuide(pen: Pen, guide: Guide, frame: Frame, theme: Theme): void {
  trace(guide, frame, 1, pen);
  pen.paint({ stroke: theme.guide, dash: GUIDE_DASH });
  if (guide.label === undefined) return;
  const right = frame.area.left + frame.area.width;
  for (let i = guide.x.length - 1; i >= 0; i--) {
    const px = frame.x(valueAt(guide.x, i));
    const py = frame.y(valueAt(guide.y, i));
    if (px <= right + 0.5 && py >= frame.area.top + 2 * FONT_SIZE && py <= frame.area.top + frame.area.height) {
      pen.text(guide.label, Math.min(px, right) - 4, py - 4, { color: theme.guide, align: "end" });
      return;
    }
  }
}
