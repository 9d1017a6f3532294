/**
 * A plot's background: grid, axes, their ticks and titles, and the guides.
 */
import { contains, type Frame, isCompact } from "./frame";
import type { Axis, Guide, PlotSpec, Theme } from "./mark";
import { crisp, FONT_SIZE, type Pen, TEXT_MIDDLE, textWidth } from "./pen";
import type { Scale } from "./scale";
import { trace } from "./trace";

const PX_PER_TICK = { x: 75, y: 55 };
const LABEL_GAP = 6;
const MINOR_ALPHA = 0.45;
const GUIDE_DASH = [4, 4];

export function drawBackground(pen: Pen, spec: PlotSpec, frame: Frame, theme: Theme): void {
  const xTicks = axisTicks(spec.x, frame.x, frame.area.width / PX_PER_TICK.x);
  const yTicks = axisTicks(spec.y, frame.y, frame.area.height / PX_PER_TICK.y);
  drawGrid(pen, frame, frame.x.minorTicks(), frame.y.minorTicks(), { color: theme.grid, alpha: MINOR_ALPHA });
  drawGrid(pen, frame, xTicks, yTicks, { color: theme.grid, alpha: 1 });
  pen.clipped(frame.area, () => {
    for (const guide of spec.guides ?? []) drawGuide(pen, guide, frame, theme);
  });
  drawAxisLines(pen, frame, theme);
  drawXLabels(pen, frame, xTicks, theme);
  drawYLabels(pen, frame, yTicks, theme);
  if (!isCompact(frame.host)) drawTitles(pen, spec, frame, theme);
}

function axisTicks(axis: Axis, scale: Scale, room: number): number[] {
  const ticks = scale.ticks(Math.min(Math.max(Math.round(room), 2), 10));
  return axis.whole ? ticks.filter(Number.isInteger) : ticks;
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

function drawXLabels(pen: Pen, { x, area, host }: Frame, ticks: readonly number[], theme: Theme): void {
  const labels = tickLabels(x, ticks);
  let free = -Infinity;
  for (const [i, tick] of ticks.entries()) {
    const label = labels[i] ?? "";
    const half = textWidth(label) / 2;
    const px = Math.min(x(tick), host.width - half);
    if (px - half < free) continue;
    free = px + half + LABEL_GAP;
    pen.text(label, px, area.top + area.height + 14, { color: theme.secondary, align: "middle" });
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

/** A guide dashed, its label at the rightmost place of the line where there is room for it. */
function drawGuide(pen: Pen, guide: Guide, frame: Frame, theme: Theme): void {
  trace(guide, frame, 1, pen);
  pen.paint({ stroke: theme.guide, dash: GUIDE_DASH });
  const place = guide.label === undefined ? undefined : labelPlace(guide, guide.label, frame);
  if (guide.label === undefined || !place) return;
  pen.text(guide.label, place[0] - 4, place[1] - 4, { color: theme.secondary, align: "end" });
}

const PLACES_PER_SEGMENT = 32;

/** The last place along a guide with room for its label to the left and above. */
function labelPlace(guide: Guide, label: string, { x, y, area }: Frame): [number, number] | undefined {
  const width = textWidth(label) + 8;
  const room = { ...area, left: area.left + width, width: area.width - width };
  const path: [number, number][] = [];
  const add = (px: number, py: number): unknown => path.push([px, py]);
  trace(guide, { x, y }, 1, { moveTo: add, lineTo: add });
  for (let i = path.length - 1; i > 0; i--) {
    const [fromX, fromY] = path[i - 1]!;
    const [toX, toY] = path[i]!;
    for (let k = 0; k < PLACES_PER_SEGMENT; k++) {
      const t = k / PLACES_PER_SEGMENT;
      const place: [number, number] = [toX + (fromX - toX) * t, toY + (fromY - toY) * t];
      if (contains(room, place[0], place[1] - 2 * FONT_SIZE) && contains(room, ...place)) return place;
    }
  }
  return undefined;
}
