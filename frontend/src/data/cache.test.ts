import { expect, test } from "vitest";
import { Cache } from "./cache";

test("what was not used for longest goes first, and the newest always stays", () => {
  const cache = new Cache<string>(10);
  cache.set("a", "A", 4);
  cache.set("b", "B", 4);
  expect(cache.get("a")).toBe("A");
  cache.set("c", "C", 4);
  expect(["a", "b", "c"].map((key) => cache.has(key))).toEqual([true, false, true]);
  cache.set("huge", "H", 99);
  expect(cache.get("huge")).toBe("H");
  expect(cache.bytes).toBe(99);
});

test("a value set again is counted once", () => {
  const cache = new Cache<string>(10);
  for (let i = 0; i < 5; i++) cache.set("a", "A", 3);
  expect(cache.bytes).toBe(3);
});
