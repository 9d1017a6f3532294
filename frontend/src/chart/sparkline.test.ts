import { beforeEach, expect, test } from "vitest";

import { FakeCanvas } from "./fake-host";
import type { LineMark } from "./mark";
import { sparkline } from "./sparkline";

const BOX = { left: 100, top: 50, width: 84, height: 24 };
let canvas: FakeCanvas;

beforeEach(() => {
  canvas = new FakeCanvas();
});

function line(x: number[], y: number[]): LineMark {
  return { id: "a", x, y, color: "#aa0000" };
}

test("lines share the x that they span, inset by 2 px, and end in a dot", () => {
  sparkline(canvas.getContext(), BOX, [line([0, 10], [0, 1]), line([5, 20], [0.5, 0.5])], [0, 1]);
  // x: 102 + 80 epoch / 20, y: 72 - 20 value.
  expect(canvas.argumentsOf("lineTo")).toEqual([[142, 52], [182, 62]]);
  expect(canvas.argumentsOf("arc").map(([px, py]) => [px, py])).toEqual([[142, 52], [182, 62]]);
});

test("nothing outside the box is touched", () => {
  sparkline(canvas.getContext(), BOX, [line([0, 1, 2], [-5, 0.5, 9])], [0, 1]);
  expect(canvas.argumentsOf("rect")).toEqual([[100, 50, 84, 24]]);
  expect(canvas.argumentsOf("clip")).toHaveLength(1);
  expect(canvas.argumentsOf("arc")).toEqual([]);
  expect(canvas.argumentsOf("clearRect")).toEqual([]);
});

test("a missing last value moves the dot to the last one there is", () => {
  sparkline(canvas.getContext(), BOX, [line([0, 1, 2], [0, 1, NaN])], [0, 1]);
  expect(canvas.argumentsOf("arc").map(([px, py]) => [px, py])).toEqual([[142, 52]]);
});

test("without any value nothing is drawn", () => {
  sparkline(canvas.getContext(), BOX, [line([], [])], [0, 1]);
  expect(canvas.argumentsOf("stroke")).toEqual([]);
});
