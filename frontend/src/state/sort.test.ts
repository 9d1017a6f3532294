import { expect, test } from "vitest";
import type { Row } from "./row";
import { sortRows } from "./sort";

const row = (run: string, roc_auc: number) => ({ series: { run }, roc_auc, rates: null, best: null }) as unknown as Row;
const ROWS = [row("b10", 0.5), row("b9", NaN), row("a", 0.9), row("c", 0.5)];
const runs = (rows: readonly Row[]) => rows.map(({ series }) => series.run);

test("rows without a number come last in both directions", () => {
  expect(runs(sortRows(ROWS, { column: "roc_auc", descending: true }))).toEqual(["a", "b10", "c", "b9"]);
  expect(runs(sortRows(ROWS, { column: "roc_auc", descending: false }))).toEqual(["b10", "c", "a", "b9"]);
});

test("names sort by the value of their numbers", () => {
  expect(runs(sortRows(ROWS, { column: "run", descending: false }))).toEqual(["a", "b9", "b10", "c"]);
});
