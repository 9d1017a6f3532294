import { describe, expect, test } from "vitest";

import { layout } from "./frame";
import type { Axis, LineMark } from "./mark";
import { findNearest, targets } from "./nearest";

const AXIS: Axis = { kind: "linear", domain: [0, 1], label: "" };
// Margins of 50, 8, 12 and 38 leave a plot of 400 by 300.
const FRAME = layout({ x: AXIS, y: AXIS, lines: [] }, { width: 462, height: 346 });

function line(id: string, x: number[], y: number[], step?: LineMark["step"]): LineMark {
  return { id, x, y, color: "#000000", step };
}

/** A repeatable stand-in for chance (Park and Miller's generator). */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

/** The slow way: the distance to each line's path by walking it in a thousand steps a segment. */
function bruteForce(lines: readonly LineMark[], px: number, py: number): { id: string; distance: number } {
  const distances = lines.map(({ id, x, y }) => {
    let distance = Infinity;
    for (let i = 1; i < x.length; i++) {
      for (let t = 0; t <= 1; t += 1e-3) {
        const qx = FRAME.x(x[i - 1]! + (x[i]! - x[i - 1]!) * t);
        const qy = FRAME.y(y[i - 1]! + (y[i]! - y[i - 1]!) * t);
        distance = Math.min(distance, Math.hypot(px - qx, py - qy));
      }
    }
    return { id, distance };
  });
  return distances.reduce((a, b) => (b.distance < a.distance ? b : a));
}

describe("against brute force", () => {
  const chance = random(7);
  const lines = Array.from({ length: 6 }, (_, k) => {
    const x = Array.from({ length: 8 }, () => chance()).sort((a, b) => a - b);
    return line(`run ${k}`, x, x.map(() => chance()));
  });
  const places = Array.from({ length: 60 }, () => [50 + 400 * chance(), 8 + 300 * chance()] as const);

  test.each(places)("at %d, %d", (px, py) => {
    const expected = bruteForce(lines, px, py);
    const hit = findNearest(targets(lines, FRAME), FRAME, px, py, 24);
    expect(hit?.id ?? null).toBe(expected.distance < 24 ? expected.id : null);
  });
});

test("the hit is the nearer end of the segment under the pointer, with its data and place", () => {
  const found = targets([line("a", [0, 1], [0, 1])], FRAME);
  // The diagonal's middle lies at 250, 158; its ends at 50, 308 and 450, 8.
  expect(findNearest(found, FRAME, 245, 163, 24)).toEqual({ id: "a", index: 0, x: 0, y: 0, px: 50, py: 308 });
  expect(findNearest(found, FRAME, 255, 153, 24)).toEqual({ id: "a", index: 1, x: 1, y: 1, px: 450, py: 8 });
});

test("a path farther away than the radius is out of reach", () => {
  const found = targets([line("level", [0, 1], [0.5, 0.5])], FRAME);
  expect(findNearest(found, FRAME, 200, 158 + 23, 24)?.id).toBe("level");
  expect(findNearest(found, FRAME, 200, 158 + 25, 24)).toBeNull();
});

test("of lines on each other the last drawn is hit", () => {
  const found = targets([line("below", [0, 1], [0, 1]), line("above", [0, 1], [0, 1])], FRAME);
  expect(findNearest(found, FRAME, 250, 158, 24)?.id).toBe("above");
});

test("steps are hit where they are drawn", () => {
  const found = targets([line("step", [0, 1], [0, 1], "after")], FRAME);
  expect(findNearest(found, FRAME, 400, 305, 24)?.index).toBe(0);
  expect(findNearest(found, FRAME, 448, 150, 24)?.id).toBe("step");
  expect(findNearest(found, FRAME, 250, 158, 24)).toBeNull();
});

test("a gap is not hit, a lone vertex is", () => {
  const found = targets([line("a", [0, 0.2, 0.5, 0.8, 1], [0.5, NaN, 0.5, NaN, 0.5])], FRAME);
  expect(findNearest(found, FRAME, 250, 160, 24)?.index).toBe(2);
  expect(findNearest(found, FRAME, 150, 158, 24)).toBeNull();
});

test("what is clipped from sight is not hit", () => {
  const found = targets([line("outside", [-0.02, -0.02], [0, 1])], FRAME);
  expect(findNearest(found, FRAME, 50, 158, 24)).toBeNull();
});
