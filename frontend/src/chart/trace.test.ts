import { describe, expect, test } from "vitest";

import { makeScale, type Scale, type ScaleKind } from "./scale";
import { type Curve, trace } from "./trace";

type Vertex = [px: number, py: number, index: number];

/** A plot of 100 by 100 px. */
function scalesOf([x, y]: [ScaleKind, ScaleKind]): { x: Scale; y: Scale } {
  const domain = (kind: ScaleKind): [number, number] => (kind === "linear" ? [0, 1] : [0.001, 0.9]);
  return { x: makeScale(x, domain(x), [0, 100]), y: makeScale(y, domain(y), [100, 0]) };
}

/** A line's path, one array for each unbroken piece. */
function traced(curve: Curve, gap = 0, kinds: [ScaleKind, ScaleKind] = ["linear", "linear"]): Vertex[][] {
  const pieces: Vertex[][] = [];
  trace(curve, scalesOf(kinds), gap, {
    moveTo: (...vertex) => pieces.push([vertex]),
    lineTo: (...vertex) => pieces.at(-1)!.push(vertex),
  });
  return pieces;
}

test("every vertex in its place", () => {
  expect(traced({ x: [0, 0.5, 1], y: [0, 1, 0.25] })).toEqual([[[0, 100, 0], [50, 0, 1], [100, 75, 2]]]);
});

test("a line breaks at NaN, at infinity and where a column ends", () => {
  const pieces = traced({ x: [0, 0.1, 0.2, 0.3, 0.4, 0.5], y: [0, NaN, 0.2, Infinity, 0.4] });
  expect(pieces.map((piece) => piece.map(([, , index]) => index))).toEqual([[0], [2], [4]]);
});

test("steps go level first, or upright first", () => {
  const line = { x: [0, 1], y: [0, 1] };
  expect(traced({ ...line, step: "after" })).toEqual([[[0, 100, 0], [100, 100, 0], [100, 0, 1]]]);
  expect(traced({ ...line, step: "before" })).toEqual([[[0, 100, 0], [0, 0, 1], [100, 0, 1]]]);
});

describe("level of detail", () => {
  const count = 5000;
  const x = Array.from({ length: count }, (_, i) => i / (count - 1));
  const y = x.map((v, i) => (i === 1234 ? 1 : i === 3456 ? 0 : 0.5 + 0.1 * Math.sin(9 * v)));
  const full = traced({ x, y })[0]!;
  const thinned = traced({ x, y }, 1)[0]!;

  test("keeps one vertex a pixel, and both ends", () => {
    expect(full.length).toBe(count);
    expect(thinned.length).toBeLessThan(120);
    expect(thinned[0]).toEqual(full[0]);
    expect(thinned.at(-1)).toEqual(full.at(-1));
  });

  test("keeps lone peaks in both directions", () => {
    const indices = thinned.map(([, , index]) => index);
    expect(indices).toContain(1234);
    expect(indices).toContain(3456);
  });

  test("leaves no vertex a pixel away from the drawn ones", () => {
    for (const [px, py] of full) {
      const isNear = thinned.some(([qx, qy]) => Math.abs(px - qx) < 1 && Math.abs(py - qy) < 1);
      expect(isNear).toBe(true);
    }
  });

  test("keeps the ends of every piece", () => {
    const pieces = traced({ x: [0, 0.001, 0.002, 0.003, 0.004], y: [0, 0, NaN, 0, 0] }, 1);
    expect(pieces.map((piece) => piece.map(([, , index]) => index))).toEqual([[0, 1], [3, 4]]);
  });
});

describe("on a log or probit axis a straight line of the data is drawn as the curve it is", () => {
  test.each<[ScaleKind, ScaleKind]>([
    ["log", "linear"],
    ["linear", "log"],
    ["probit", "probit"],
    ["log", "probit"],
  ])("%s by %s", (...kinds) => {
    const { x, y } = scalesOf(kinds);
    const path = traced({ x: [0.01, 0.8], y: [0.8, 0.01] }, 0, kinds)[0]!;
    expect(path.length).toBeGreaterThan(5);
    // y = 0.81 - x
    for (const [px, py] of path) expect(y.invert(py)).toBeCloseTo(0.81 - x.invert(px), 6);
  });

  test("the chance line enters a log axis at its edge, where x is as large as the edge's value", () => {
    const path = traced({ x: [0, 1], y: [0, 1] }, 0, ["log", "linear"])[0]!;
    expect(path[0]).toEqual([0, 100, 0]);
    // fpr = tpr = 0.001 at the left edge.
    expect(path[1]![0]).toBeCloseTo(0, 9);
    expect(path[1]![1]).toBeCloseTo(99.9, 9);
    expect(path.at(-1)![1]).toBe(0);
  });
});
