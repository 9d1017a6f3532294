import { expect, test } from "vitest";
import { confusedPairs, matrixOf, shades } from "./confusion";
import type { Confusion } from "./model";

// 3 cats, all seen; of 4 dogs one taken for a cat; of 10 eels 5 taken for dogs, 1 for a cat.
const CONFUSION: Confusion = {
  step: 2,
  class_names: ["cat", "dog", "eel"],
  shape: [3, 3],
  threshold: 0.5,
  n_examples: 17,
  index: new Uint32Array([0, 3, 4, 6, 7, 8]),
  count: new Uint32Array([3, 1, 3, 1, 5, 4]),
};

test("a matrix in full has its row sums", () => {
  const { counts, rowSums, names } = matrixOf(CONFUSION, null);
  expect([...counts]).toEqual([3, 0, 0, 1, 3, 0, 1, 5, 4]);
  expect([...rowSums]).toEqual([3, 4, 10]);
  expect(names).toEqual(["cat", "dog", "eel"]);
});

test("a multi-label head has one 2×2 a label, or all of them pooled", () => {
  const labels: Confusion = {
    ...CONFUSION,
    class_names: ["sky", "sea"],
    shape: [2, 2, 2],
    // sky: tn 5, fp 1, tp 4; sea: tn 6, fn 3, tp 1
    index: new Uint32Array([0, 1, 3, 4, 6, 7]),
    count: new Uint32Array([5, 1, 4, 6, 3, 1]),
  };
  expect(matrixOf(labels, "sky")).toMatchObject({ names: ["not sky", "sky"], counts: new Float64Array([5, 1, 0, 4]) });
  expect(matrixOf(labels, "sea")).toMatchObject({ names: ["not sea", "sea"], counts: new Float64Array([6, 0, 3, 1]) });
  expect(matrixOf(labels, null)).toMatchObject({ names: ["negative", "positive"], counts: new Float64Array([11, 1, 3, 5]) });
});

test("shades are roots of shares; a row without examples is empty, not zero", () => {
  const matrix = matrixOf({ ...CONFUSION, index: new Uint32Array([0, 3, 4]), count: new Uint32Array([3, 1, 3]) }, null);
  const row = [...shades(matrix, "row", false)];
  expect(row.slice(3, 6)).toEqual([Math.sqrt(1 / 4), Math.sqrt(3 / 4), 0]);
  expect(row.slice(6)).toEqual([NaN, NaN, NaN]);
});

test("without the diagonal the largest mistake has the full colour", () => {
  const values = [...shades(matrixOf(CONFUSION, null), "count", true)];
  expect([values[0], values[4], values[8]]).toEqual([NaN, NaN, NaN]);
  expect(values[7]).toBe(1);
});

test("the most confused pairs come first", () => {
  expect(confusedPairs(matrixOf(CONFUSION, null), 2)).toEqual([
    { row: 2, column: 1, count: 5, share: 0.5 },
    { row: 1, column: 0, count: 1, share: 0.25 },
  ]);
});
