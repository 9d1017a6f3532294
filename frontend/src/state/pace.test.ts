import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { paced } from "./pace";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("a single change is told at once", () => {
  const value = signal(0);
  const { calm, moving } = paced(value);
  vi.advanceTimersByTime(1000);
  value.value = 5;
  expect([calm.value, moving.value]).toEqual([5, false]);
});

test("a value in motion is told 8 times a second, and as it is once it rests", () => {
  const value = signal(0);
  const { calm, moving } = paced(value);
  const told = new Set<number>();
  vi.advanceTimersByTime(1000);
  for (let frame = 1; frame <= 60; frame++) {
    value.value = frame;
    told.add(calm.value);
    vi.advanceTimersByTime(1000 / 60);
  }
  expect(moving.value).toBe(true);
  expect(told.size).toBeGreaterThanOrEqual(7);
  expect(told.size).toBeLessThanOrEqual(9);
  vi.advanceTimersByTime(140);
  expect([calm.value, moving.value]).toEqual([60, false]);
});
