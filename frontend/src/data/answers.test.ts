import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readAreas, readConfusion, readCurves } from "./answers";
import { decodeBlock } from "./block";

interface Golden {
  readonly header: Record<string, unknown> & { runs: { run: string; records: number }[] };
  readonly columns: Record<string, (number | null)[]>;
}

/** A block as the plugin wrote it, and what it holds as Python read it. */
function golden(name: string) {
  const at = (suffix: string) => new URL(`../../../tests/golden/${name}.${suffix}`, import.meta.url);
  const bytes = readFileSync(at("cvbk"));
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return { block: decodeBlock(buffer), expected: JSON.parse(readFileSync(at("json"), "utf8")) as Golden };
}

const numbers = (column: ArrayLike<number>) => Array.from(column, (value) => (Number.isNaN(value) ? null : value));
const joined = (parts: readonly ArrayLike<number>[]) => parts.flatMap(numbers);

describe.each(["areas", "curves", "weighted", "macro", "confusion"])("golden block %s", (name) => {
  test("decodes to the header and the columns that were written", () => {
    const { block, expected } = golden(name);
    expect(block.header).toEqual(expected.header);
    expect(Object.fromEntries(Object.entries(block.columns).map(([key, column]) => [key, numbers(column)]))).toEqual(
      expected.columns,
    );
  });
});

test("areas are told apart by run, in the order of the block", () => {
  const { block, expected } = golden("areas");
  const answer = readAreas(block);
  expect([...answer].map(([run, { step }]) => ({ run, records: step.length }))).toEqual(expected.header.runs);
  for (const name of ["step", "roc_auc", "average_precision", "roc_auc_se", "positives", "negatives"] as const) {
    expect(joined([...answer.values()].map((areas) => areas[name]))).toEqual(expected.columns[name]);
  }
});

test.each(["curves", "weighted"])("points of %s are told apart by run and record", (name) => {
  const { block, expected } = golden(name);
  const answer = readCurves(block);
  expect([...answer].map(([run, curves]) => ({ run, records: curves.length }))).toEqual(expected.header.runs);
  const curves = [...answer.values()].flat().map((curve) => {
    if (curve.kind !== "counts") throw new Error("expected counts");
    return curve;
  });
  expect(curves.map(({ tp }) => tp.length)).toEqual(expected.columns["points"]);
  for (const column of ["threshold", "tp", "fp"] as const) {
    expect(joined(curves.map((curve) => curve[column]))).toEqual(expected.columns[column]);
  }
  for (const { tp, fp, positives, negatives } of curves) expect([tp.at(-1), fp.at(-1)]).toEqual([positives, negatives]);
});

test("a macro block holds mean curves, whose planes have points of their own", () => {
  const { block, expected } = golden("macro");
  const curves = [...readCurves(block).values()].flat();
  for (const column of ["fpr", "tpr", "recall", "precision"] as const) {
    expect(joined(curves.map((curve) => (curve.kind === "mean" ? curve[column] : [])))).toEqual(expected.columns[column]);
  }
});

test("confusion cells are told apart by run", () => {
  const { block, expected } = golden("confusion");
  const answer = readConfusion(block);
  expect([...answer.keys()]).toEqual(expected.header.runs.map(({ run }) => run));
  for (const { count, n_examples } of answer.values()) {
    // Every example lies in one cell; weights are sums, so only whole counts add up to the number of examples.
    if (count instanceof Uint32Array) expect(count.reduce((sum, each) => sum + each, 0)).toBe(n_examples);
  }
  expect(joined([...answer.values()].map(({ index }) => index))).toEqual(expected.columns["index"]);
  expect(joined([...answer.values()].map(({ count }) => count))).toEqual(expected.columns["count"]);
});

test("bytes that are no block are refused with what came", () => {
  expect(() => decodeBlock(new TextEncoder().encode("<!DOCTYPE html>").buffer)).toThrow(/expected a block.*received 15/);
  const { buffer } = new Uint8Array(readFileSync(new URL("../../../tests/golden/areas.cvbk", import.meta.url)));
  expect(() => decodeBlock(buffer.slice(0, 40))).toThrow(/expected the header to end at byte/);
  expect(() => decodeBlock(buffer.slice(0, -8))).toThrow(/expected column \w+ to end at byte/);
});
