import { expect, test } from "vitest";

import { clipBox, contains, isCompact, layout } from "./frame";
import type { Axis, PlotSpec } from "./mark";

const UNIT: Axis = { kind: "linear", domain: [0, 1], label: "" };
const SPEC: PlotSpec = { x: UNIT, y: UNIT, lines: [] };

test("margins of 50, 8, 12 and 38 px, narrower ones in a small multiple", () => {
  expect(layout(SPEC, { width: 562, height: 346 }).area).toEqual({ left: 50, top: 8, width: 500, height: 300 });
  const small = { width: 200, height: 146 };
  expect(isCompact(small)).toBe(true);
  expect(layout(SPEC, small).area).toEqual({ left: 32, top: 6, width: 160, height: 120 });
});

test("the scales fill the area, y upwards", () => {
  const { x, y } = layout(SPEC, { width: 562, height: 346 });
  expect([x(0), x(1), y(0), y(1)]).toEqual([50, 550, 308, 8]);
});

test("equal units make a centred square of a wide plot", () => {
  const frame = layout({ ...SPEC, equal: true }, { width: 562, height: 346 });
  expect(frame.area).toEqual({ left: 150, top: 8, width: 300, height: 300 });
});

test("equal units follow the domains: half as wide a domain, half as wide a plot", () => {
  const x: Axis = { ...UNIT, domain: [0, 0.8] };
  expect(layout({ x, y: UNIT, lines: [], equal: true }, { width: 562, height: 346 }).area.width).toBe(240);
});

const LOG: Axis = { kind: "log", domain: [0.01, 1], label: "" };

test.each([
  ["a small card", SPEC, { width: 400, height: 200 }],
  ["a log axis", { ...SPEC, x: LOG }, { width: 562, height: 346 }],
])("equal units give way to %s", (_, spec, size) => {
  expect(layout({ ...spec, equal: true }, size).area).toEqual(layout(spec, size).area);
});

test("lines are clipped a pixel outside linear axes, at the edge of others", () => {
  expect(clipBox(layout({ ...SPEC, x: LOG }, { width: 562, height: 346 }))).toEqual({
    left: 50,
    top: 7,
    width: 500,
    height: 302,
  });
});

test("a box contains its edges", () => {
  const box = { left: 10, top: 20, width: 30, height: 40 };
  expect([contains(box, 10, 20), contains(box, 40, 60), contains(box, 9, 30), contains(box, 20, 61)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
