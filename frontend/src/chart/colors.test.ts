import { describe, expect, test } from "vitest";

import {
  ColorMap,
  interpolate,
  luminance,
  OKABE_ITO,
  parseColor,
  rampStops,
  runColor,
  runDash,
  textOn,
} from "./colors";

test("runs are coloured as in TensorBoard: palette[index % 7], the first one lighter on dark", () => {
  const light = ["#425066", "#12b5cb", "#e52592", "#f9ab00", "#9334e6", "#7cb342", "#e8710a", "#425066"];
  expect(light.map((_, i) => runColor(i, false))).toEqual(light);
  expect(runColor(7, true)).toBe("#8e98a3");
  expect(runColor(8, true)).toBe("#12b5cb");
});

test("the palette for colour-blind readers leaves out what the page would swallow", () => {
  const used = (dark: boolean): string[] => Array.from({ length: 7 }, (_, i) => runColor(i, dark, "okabe-ito"));
  expect(used(false)).toEqual(OKABE_ITO.filter((color) => color !== "#f0e442"));
  expect(used(true)).toEqual(OKABE_ITO.filter((color) => color !== "#000000"));
});

test("runs of one colour differ in dash", () => {
  expect([0, 6, 7, 13, 14, 21].map(runDash)).toEqual([[], [], [6, 3], [6, 3], [2, 3], [9, 3, 2, 3]]);
  expect(runDash(28)).toEqual([]);
});

test("a ramp passes through its stops", () => {
  expect(interpolate(["#000000", "#ff0000", "#ffffff"], 0.5)).toEqual([255, 0, 0]);
  expect(interpolate(["#000000", "#ff0000", "#ffffff"], 0.75)).toEqual([255, 128, 128]);
  expect(interpolate(["#000000", "#ffffff"], 7)).toEqual([255, 255, 255]);
});

describe.each([false, true])("dark: %s", (dark) => {
  test("more of it is steadily farther from the page", () => {
    const luminances = rampStops(false, dark).map((stop) => luminance(parseColor(stop)));
    const sorted = [...luminances].sort((a, b) => (dark ? a - b : b - a));
    expect(luminances).toEqual(sorted);
  });

  test("the least of anything stands out from zero, and empty cells have no colour", () => {
    const map = new ColorMap(false, dark);
    expect(map.color(0)).toEqual(parseColor(dark ? "#303030" : "#ffffff"));
    expect(map.color(1e-9)).toEqual(parseColor(rampStops(false, dark)[0]!));
    expect(map.color(1)).toEqual(parseColor(rampStops(false, dark).at(-1)!));
    expect(map.color(NaN)).toBeUndefined();
    expect(map.pixel(NaN)).toBe(0);
  });

  test("better is bluer, worse is more orange, no change is neither", () => {
    const map = new ColorMap(true, dark);
    const blueness = (value: number): number => map.color(value)![2] - map.color(value)![0];
    expect(blueness(1)).toBeGreaterThan(60);
    expect(blueness(0)).toBe(0);
    expect(blueness(-1)).toBeLessThan(-60);
  });

  test("a pixel holds the bytes red, green, blue, alpha", () => {
    const map = new ColorMap(true, dark);
    const bytes = new Uint8Array(Uint32Array.of(map.pixel(-1)).buffer);
    expect([...bytes]).toEqual([...map.color(-1)!, 255]);
  });

  test("text on any cell has a contrast of at least 4.5 to 1", () => {
    for (const diverging of [false, true]) {
      for (let t = 0; t <= 1; t += 0.01) {
        const cell = interpolate(rampStops(diverging, dark), t);
        const [low, high] = [luminance(cell), luminance(parseColor(textOn(cell)))].sort((a, b) => a - b);
        expect((high! + 0.05) / (low! + 0.05)).toBeGreaterThan(4.5);
      }
    }
  });
});
