/**
 * A plot's marks, drawn with whichever pen is given: bands, lines, rules, points.
 */
import { clipBox, contains, type Frame } from "./frame";
import {
  type BandMark,
  type LineMark,
  type PlotSpec,
  type PointMark,
  type RuleMark,
  type Theme,
  valueAt,
} from "./mark";
import { crisp, type Pen, TEXT_MIDDLE, textWidth } from "./pen";
import { type Path, trace } from "./trace";

const LINE_WIDTH = 1.5;
const BAND_ALPHA = 0.18;
const POINT_SIZE = 8;
const PILL_HEIGHT = 18;

/** Vertices closer than this many px are dropped: invisible at rest, a pixel while moving. */
const GAP = { rest: 0.25, moving: 1 };

/** Everything over the background. `moving` trades looks for speed: software rasterising pays for stroke width. */
export function drawMarks(pen: Pen, spec: PlotSpec, frame: Frame, theme: Theme, moving = false): void {
  pen.clipped(clipBox(frame), () => {
    for (const band of spec.bands ?? []) drawBand(pen, band, frame);
    for (const line of spec.lines) {
      if (moving) drawHairline(pen, line, frame);
      else drawLine(pen, line, frame, line.width ?? LINE_WIDTH);
    }
  });
  drawRules(pen, spec.rules ?? [], frame, theme);
  drawPoints(pen, spec.points ?? [], frame, theme);
}

export function drawLine(pen: Pen, line: LineMark, frame: Frame, width: number): void {
  trace(line, frame, GAP.rest, pen);
  pen.paint({ stroke: line.color, width, dash: line.dash, alpha: line.alpha });
}

/** One device pixel, bevelled, undashed: the stroke that rasterises fastest. */
function drawHairline(pen: Pen, line: LineMark, frame: Frame): void {
  trace(line, frame, GAP.moving, pen);
  pen.paint({ stroke: line.color, width: 1 / pen.ratio, alpha: line.alpha, join: "bevel" });
}

/** One closed outline for each unbroken piece: along the upper edge, back along the lower. */
function drawBand(pen: Pen, band: BandMark, frame: Frame): void {
  const whole = { length: band.x.length };
  const x = Array.from(whole, (_, i) => valueAt(band.x, i) + 0 * (valueAt(band.low, i) + valueAt(band.high, i)));
  const lower = pieces((path) => trace({ x, y: band.low, step: band.step }, frame, GAP.rest, path));
  const upper = pieces((path) => trace({ x, y: band.high, step: band.step }, frame, GAP.rest, path));
  for (const [i, edge] of upper.entries()) {
    const outline = [...edge, ...(lower[i] ?? []).reverse()];
    for (const [k, [px, py]] of outline.entries()) {
      if (k === 0) pen.moveTo(px, py);
      else pen.lineTo(px, py);
    }
    pen.close();
  }
  pen.paint({ fill: band.color, alpha: band.alpha ?? BAND_ALPHA });
}

function pieces(walk: (path: Path) => void): [number, number][][] {
  const found: [number, number][][] = [];
  walk({
    moveTo: (px, py) => found.push([[px, py]]),
    lineTo: (px, py) => found.at(-1)?.push([px, py]),
  });
  return found;
}

export function drawRules(pen: Pen, rules: readonly RuleMark[], frame: Frame, theme: Theme): void {
  for (const rule of rules) {
    const { left, top, width, height } = frame.area;
    const isX = rule.axis === "x";
    const at = crisp(isX ? frame.x(rule.at) : frame.y(rule.at), pen.ratio);
    if (!contains(frame.area, isX ? at : left, isX ? top : at)) continue;
    pen.moveTo(isX ? at : left, isX ? top : at);
    pen.lineTo(isX ? at : left + width, isX ? top + height : at);
    pen.paint({ stroke: rule.strong ? theme.text : theme.secondary, dash: rule.dash });
    if (rule.label === undefined) continue;
    if (rule.strong) drawPill(pen, rule.label, rule.axis, at, frame, theme);
    else drawRuleLabel(pen, rule.label, rule.axis, at, frame, theme);
  }
}

/** A label in reverse colours over the axis, where the rule meets it. */
function drawPill(pen: Pen, label: string, axis: "x" | "y", at: number, { area }: Frame, theme: Theme): void {
  const width = textWidth(label) + 12;
  const left = axis === "x" ? at - width / 2 : Math.max(area.left - width - 2, 0);
  const top = axis === "x" ? area.top + area.height + 1 : at - PILL_HEIGHT / 2;
  pen.rectangle({ left: Math.round(left), top: Math.round(top), width: Math.round(width), height: PILL_HEIGHT });
  pen.paint({ fill: theme.text });
  const baseline = Math.round(top) + PILL_HEIGHT / 2 + TEXT_MIDDLE;
  pen.text(label, left + width / 2, baseline, { color: theme.surface, align: "middle", bold: true });
}

function drawRuleLabel(pen: Pen, label: string, axis: "x" | "y", at: number, { area }: Frame, theme: Theme): void {
  if (axis === "y") {
    pen.text(label, area.left + 4, at - 4, { color: theme.secondary, align: "start" });
    return;
  }
  drawBeside(pen, label, at, area.top + 12, area.left + area.width, theme.secondary);
}

/** Text to the right of a place, or to its left where it would run past `right`. */
function drawBeside(pen: Pen, text: string, px: number, baseline: number, right: number, color: string): void {
  const fits = px + 6 + textWidth(text) <= right;
  pen.text(text, fits ? px + 6 : px - 6, baseline, { color, align: fits ? "start" : "end" });
}

/** Points are not clipped, only left out where their place is outside: half a dot on an edge would misread. */
export function drawPoints(pen: Pen, points: readonly PointMark[], frame: Frame, theme: Theme): void {
  for (const point of points) {
    const px = frame.x(point.x);
    const py = frame.y(point.y);
    if (!contains(frame.area, px, py)) continue;
    drawShape(pen, point, px, py, theme);
    if (point.label === undefined) continue;
    drawBeside(pen, point.label, px, py + TEXT_MIDDLE, frame.area.left + frame.area.width, theme.text);
  }
}

function drawShape(pen: Pen, point: PointMark, px: number, py: number, theme: Theme): void {
  const { shape, color, size = POINT_SIZE } = point;
  const half = size / 2;
  if (shape === "square") {
    pen.rectangle({ left: px - half, top: py - half, width: size, height: size });
    pen.paint({ fill: color });
  } else if (shape === "triangle") {
    pen.moveTo(px, py);
    pen.lineTo(px - half, py - size * 0.9);
    pen.lineTo(px + half, py - size * 0.9);
    pen.close();
    pen.paint({ fill: theme.surface, stroke: color, width: 1.25 });
  } else {
    const isDot = shape === "dot";
    pen.circle(px, py, half);
    pen.paint({ fill: isDot ? color : theme.surface, stroke: isDot ? theme.surface : color, width: isDot ? 1.5 : 2 });
  }
}
