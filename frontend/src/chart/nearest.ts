/**
 * Which line is under the pointer.
 */
import { contains, type Box, type Frame } from "./frame";
import { type LineMark, valueAt } from "./mark";
import { trace } from "./trace";

/** A vertex of a line: its data in x and y, its place in CSS px in px and py. */
export interface Hit {
  id: string;
  index: number;
  x: number;
  y: number;
  px: number;
  py: number;
}

/** A line's drawn path as segments: from x, from y, to x, to y, and the vertices that the two ends belong to. */
export interface Target {
  readonly line: LineMark;
  readonly segments: Float64Array;
}

const FIELDS = 6;

/** The paths of lines, ready to be searched; made once for a drawing, not for every move of the pointer. */
export function targets(lines: readonly LineMark[], frame: Frame): Target[] {
  return lines.map((line) => {
    const segments: number[] = [];
    let from: readonly [number, number, number] = [0, 0, 0];
    const segment = (px: number, py: number, index: number): void => {
      segments.push(from[0], from[1], px, py, from[2], index);
      from = [px, py, index];
    };
    trace(line, frame, 0, {
      moveTo: (px, py, index) => {
        from = [px, py, index];
        // A line of one vertex can be hit, too.
        segment(px, py, index);
      },
      lineTo: segment,
    });
    return { line, segments: Float64Array.from(segments) };
  });
}

/**
 * The line whose path passes nearest to a place, at the nearer end of its nearest segment.
 *
 * Of lines that lie on each other, the last one drawn wins: it is the one in sight.
 *
 * @param radius How far away, in px, a path may pass.
 */
export function findNearest(
  targets: readonly Target[],
  frame: Frame,
  px: number,
  py: number,
  radius: number,
): Hit | null {
  let best = radius * radius;
  let found: { target: Target; at: number } | null = null;
  for (const target of targets) {
    const { segments } = target;
    for (let at = 0; at < segments.length; at += FIELDS) {
      const distance = squaredDistance(segments, at, frame.area, px, py);
      if (distance <= best) {
        best = distance;
        found = { target, at };
      }
    }
  }
  return found && nearerEnd(found.target, found.at, frame, px, py);
}

/** From a place to the closest point of the segment stored at `at`; infinite where that point is clipped from sight. */
function squaredDistance(segments: Float64Array, at: number, area: Box, px: number, py: number): number {
  const x = segments[at]!;
  const y = segments[at + 1]!;
  const dx = segments[at + 2]! - x;
  const dy = segments[at + 3]! - y;
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(Math.max(((px - x) * dx + (py - y) * dy) / length, 0), 1);
  const nearX = x + along * dx;
  const nearY = y + along * dy;
  return contains(area, nearX, nearY) ? (px - nearX) ** 2 + (py - nearY) ** 2 : Infinity;
}

function nearerEnd({ line, segments }: Target, at: number, frame: Frame, px: number, py: number): Hit {
  const ends = [segments[at + 4]!, segments[at + 5]!].map((index) => hitAt(line, index, frame));
  const [from, to] = ends as [Hit, Hit];
  const distance = (hit: Hit): number => (hit.px - px) ** 2 + (hit.py - py) ** 2;
  return distance(from) < distance(to) ? from : to;
}

function hitAt(line: LineMark, index: number, frame: Frame): Hit {
  const x = valueAt(line.x, index);
  const y = valueAt(line.y, index);
  return { id: line.id, index, x, y, px: frame.x(x), py: frame.y(y) };
}
