import { describe, expect, test } from "vitest";

import { makeScale, type ScaleKind } from "./scale";

const DOMAINS: Record<ScaleKind, [number, number]> = { linear: [-2, 3], log: [1e-4, 1], probit: [0.0005, 0.6] };

describe.each(Object.entries(DOMAINS) as [ScaleKind, [number, number]][])("%s", (kind, domain) => {
  test.each([[[50, 450] as const], [[300, 8] as const]])("maps its domain onto the range %j and back", (range) => {
    const scale = makeScale(kind, domain, range);
    expect(scale(domain[0])).toBeCloseTo(range[0], 6);
    expect(scale(domain[1])).toBeCloseTo(range[1], 6);
    for (let i = 0; i <= 50; i++) {
      const value = domain[0] + ((domain[1] - domain[0]) * i) / 50;
      expect(scale.invert(scale(value))).toBeCloseTo(value, 8);
    }
  });

  test("keeps NaN and tells kind, domain and range", () => {
    const scale = makeScale(kind, domain, [0, 1]);
    expect(scale(NaN)).toBeNaN();
    expect({ ...scale }).toMatchObject({ kind, domain, range: [0, 1] });
  });
});

test("known places", () => {
  expect(makeScale("linear", [0, 1], [100, 0])(0.25)).toBe(75);
  // 0.01 is halfway from 1e-4 to 1 in decades.
  expect(makeScale("log", [1e-4, 1], [0, 400])(0.01)).toBeCloseTo(200, 9);
  // A half is the median, so the centre of any symmetrical interval.
  expect(makeScale("probit", [0.02, 0.98], [0, 100])(0.5)).toBeCloseTo(50, 6);
});

test("a rate of zero lies on the edge of a log or probit axis, a linear one runs on", () => {
  expect(makeScale("log", [1e-4, 1], [10, 90])(0)).toBe(10);
  expect(makeScale("log", [1e-4, 1], [10, 90])(-1)).toBe(10);
  expect(makeScale("probit", [0.001, 0.5], [90, 10])(0)).toBe(90);
  expect(makeScale("linear", [0, 1], [0, 100])(-0.5)).toBe(-50);
});

test("a rate of one is finite on a probit axis, and far outside", () => {
  const pixel = makeScale("probit", [0.001, 0.5], [0, 100])(1);
  expect(pixel).toBeGreaterThan(200);
  expect(pixel).toBeLessThan(1000);
});

test("a domain of one value maps to the middle", () => {
  const scale = makeScale("linear", [3, 3], [0, 10]);
  expect([scale(3), scale.invert(7)]).toEqual([5, 3]);
});

test.each([
  ["log", [0, 1], "A log scale needs a domain inside (0, Infinity); received [0, 1]."],
  ["probit", [0.1, 1], "A probit scale needs a domain inside (0, 1); received [0.1, 1]."],
  ["linear", [0, NaN], "A linear scale needs a domain inside (-Infinity, Infinity); received [0, NaN]."],
] as const)("%s refuses the domain %j", (kind, domain, message) => {
  expect(() => makeScale(kind, domain, [0, 1])).toThrow(message);
});

/** Ticks as an axis writes them. */
function written(kind: ScaleKind, domain: [number, number], count = 5): string[] {
  const scale = makeScale(kind, domain, [0, 400]);
  const ticks = scale.ticks(count);
  return ticks.map((tick) => scale.format(tick, ticks[1]! - ticks[0]!));
}

test.each([
  [[0, 1], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]],
  // 0.7 - 0.6 is 0.09999999999999998: still one decimal.
  [[0.6, 1], ["0.6", "0.7", "0.8", "0.9", "1.0"]],
  [[0, 0.01], ["0.000", "0.002", "0.004", "0.006", "0.008", "0.010"]],
  [[0, 99], ["0", "20", "40", "60", "80"]],
  [[0, 20000], ["0", "5k", "10k", "15k", "20k"]],
] as [[number, number], string[]][])("linear ticks of %j", (domain, expected) => {
  expect(written("linear", domain)).toEqual(expected);
});

test.each([
  [[1e-4, 1], ["1e-4", "1e-3", "0.01", "0.1", "1"]],
  [[1e-9, 1], ["1e-8", "1e-6", "1e-4", "0.01", "1"]],
  [[0.004, 0.09], ["5e-3", "0.01", "0.02", "0.05"]],
  [[0.02, 0.06], ["0.02", "0.03", "0.04", "0.05", "0.06"]],
] as [[number, number], string[]][])("log ticks of %j", (domain, expected) => {
  expect(written("log", domain)).toEqual(expected);
});

test("log grids have minor lines between powers of ten, others none", () => {
  expect(makeScale("log", [0.01, 1], [0, 1]).minorTicks()).toEqual(
    [0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
  );
  expect(makeScale("log", [1e-9, 1], [0, 1]).minorTicks()).toEqual([]);
  expect(makeScale("linear", [0, 1], [0, 1]).minorTicks()).toEqual([]);
});

test("probit ticks are the customary rates, in per cent", () => {
  const expected = ["0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10", "20", "40", "60"];
  expect(written("probit", [0.0005, 0.6])).toEqual(expected);
  // Zoomed in between two of them.
  expect(written("probit", [0.11, 0.15], 4)).toEqual(["11", "12", "13", "14", "15"]);
});

test("a number without neighbours is written as on an axis of five ticks", () => {
  expect(makeScale("linear", [0, 1], [0, 1]).format(0.25)).toBe("0.3");
  expect(makeScale("log", [1e-4, 1], [0, 1]).format(0.00015)).toBe("1.5e-4");
  const thousands = makeScale("linear", [0, 2e6], [0, 1]);
  expect([0, 500_000, 1_500_000, -2_000_000].map((tick) => thousands.format(tick))).toEqual(["0", "500k", "1.5M", "-2M"]);
});
