import { describe, expect, test } from "vitest";

import { maxPool } from "./pool";

describe("one error among a thousand classes", () => {
  test.each([
    [0, 999],
    [999, 0],
    [417, 823],
  ])("at row %d, column %d stays exactly one pixel", (row, column) => {
    const values = new Float64Array(1000 * 1000);
    values[row * 1000 + column] = 0.125;
    const pooled = maxPool({ rows: 1000, columns: 1000, values }, 600, 450);
    const lit = [...pooled.values.keys()].filter((i) => pooled.values[i] !== 0);
    expect([pooled.rows, pooled.columns]).toEqual([600, 450]);
    expect(lit).toEqual([Math.floor(row * 0.6) * 450 + Math.floor(column * 0.45)]);
    expect(pooled.values[lit[0]!]).toBe(0.125);
  });
});

test("the strongest survives with its sign; empty cells only among themselves", () => {
  const values = Float64Array.from([0.2, -0.5, NaN, 0.1, 0.3, 0.4, NaN, NaN]);
  // Columns in pairs, rows kept: |-0.5| > 0.2; 0.1 over NaN; 0.4 > 0.3; nothing.
  expect([...maxPool({ rows: 2, columns: 4, values }, 9, 2).values]).toEqual([-0.5, 0.1, 0.4, NaN]);
});

test("a grid that fits is left alone", () => {
  const grid = { rows: 2, columns: 2, values: Float64Array.from([1, 2, 3, 4]) };
  expect(maxPool(grid, 100, 100)).toBe(grid);
});
