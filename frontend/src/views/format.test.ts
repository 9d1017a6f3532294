import { expect, test } from "vitest";
import { count, percent, rate, signed, threshold } from "./format";

test.each([
  [0.5, "0.5"],
  [0.30000001192092896, "0.3"], // the float32 nearest to 0.3
  [0.123456, "0.1235"],
  [-2.5, "−2.5"],
  [0, "0"],
  [1, "1"],
  [1 - 2 ** -24, "1 − 6.0e−8"], // the float32 before 1
  [1 + 2 ** -23, "1 + 1.2e−7"], // the one after it
  [0.9999, "0.9999"],
  [2 ** -149, "> 0"], // the float32 after 0: every score but 0 reaches it
  [-(2 ** -149), "< 0"],
  [1e-7, "1.0e−7"],
  [Infinity, "∞"],
  [NaN, "n/a"],
])("the threshold %d reads %s", (value, text) => {
  expect(threshold(value)).toBe(text);
});

test("rates have four decimals, small ones an exponent, undefined ones a word", () => {
  expect([0.12345, 0, 0.0005, NaN].map(rate)).toEqual(["0.1235", "0.0000", "5.0e−4", "n/a"]);
});

test("differences always have a sign", () => {
  expect([0.0123, -0.0123, 0, NaN].map((value) => signed(value, rate))).toEqual(["+0.0123", "−0.0123", "0.0000", "n/a"]);
});

test("counts and shares", () => {
  expect([1234567, 2.25, NaN].map(count)).toEqual(["1,234,567", "2.3", "n/a"]);
  expect([0.5, 0.0005, 0.056, NaN].map(percent)).toEqual(["50%", "<0.1%", "5.6%", "n/a"]);
});
