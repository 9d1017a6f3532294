/**
 * Lines without axes, for a table's cell. Many share one canvas: a canvas for each row would cost more than its lines.
 */
import { drawLine } from "./draw";
import { type Box, contains } from "./frame";
import { type LineMark, type Numbers, valueAt } from "./mark";
import { CanvasPen } from "./pen";
import { makeScale } from "./scale";

const INSET = 2;
const LINE_WIDTH = 1.25;
const DOT_RADIUS = 2;

/**
 * Draws lines into a box, over the x that they span together, with a dot on each one's last value.
 *
 * @param context A canvas in CSS px; what it holds outside the box stays.
 * @param domainY The values at the bottom and the top of the box; lines are clipped there.
 */
export function sparkline(
  context: CanvasRenderingContext2D,
  box: Box,
  lines: readonly LineMark[],
  domainY: readonly [number, number],
): void {
  const { left, top, width, height } = box;
  const span = finiteExtent(lines.map(({ x }) => x));
  if (!span) return;
  const pen = new CanvasPen(context, context.getTransform().a);
  const frame = {
    x: makeScale("linear", span, [left + INSET, left + width - INSET]),
    y: makeScale("linear", domainY, [top + height - INSET, top + INSET]),
    area: box,
    host: box,
  };
  pen.clipped(box, () => {
    for (const line of lines) drawLine(pen, line, frame, line.width ?? LINE_WIDTH);
  });
  for (const line of lines) {
    const last = lastVertex(line);
    if (!last || !contains(box, frame.x(last.x), frame.y(last.y))) continue;
    pen.circle(frame.x(last.x), frame.y(last.y), DOT_RADIUS);
    pen.paint({ fill: line.color, alpha: line.alpha });
  }
}

function finiteExtent(columns: readonly Numbers[]): [number, number] | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const column of columns) {
    for (const value of Array.from(column).filter(Number.isFinite)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low <= high ? [low, high] : undefined;
}

function lastVertex({ x, y }: LineMark): { x: number; y: number } | undefined {
  for (let i = x.length - 1; i >= 0; i--) {
    const vertex = { x: valueAt(x, i), y: valueAt(y, i) };
    if (Number.isFinite(vertex.x + vertex.y)) return vertex;
  }
  return undefined;
}
