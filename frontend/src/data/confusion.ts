/** Pure views of a confusion matrix. Rows are true, columns predicted. */

import type { Confusion } from "./model";

export interface Matrix {
  readonly names: readonly string[];
  /** Row-major counts, `names.length` squared. */
  readonly counts: Float64Array;
  /** Sum of each row: how many examples are truly of the class. */
  readonly rowSums: Float64Array;
}

export interface Pair {
  readonly row: number;
  readonly column: number;
  readonly count: number;
  /** Share of the row: how often the true class was taken for the other. */
  readonly share: number;
}

/**
 * The matrix in full. Of a multi-label head it is the 2×2 of one label: that of the class `label`, or with null that of
 * all labels pooled.
 */
export function matrixOf(confusion: Confusion, label: string | null): Matrix {
  if (confusion.shape.length === 3) return labelMatrix(confusion, label);
  const size = confusion.shape[0] ?? 0;
  const counts = new Float64Array(size * size);
  confusion.index.forEach((cell, i) => (counts[cell] = confusion.count[i]!));
  return withSums(confusion.class_names, counts);
}

function labelMatrix({ index, count, class_names: names }: Confusion, label: string | null): Matrix {
  const chosen = label === null ? -1 : names.indexOf(label);
  const counts = new Float64Array(4);
  index.forEach((cell, i) => {
    if (chosen < 0 || cell >> 2 === chosen) counts[cell & 3]! += count[i]!;
  });
  return withSums(chosen < 0 ? ["negative", "positive"] : [`not ${names[chosen]!}`, names[chosen]!], counts);
}

function withSums(names: readonly string[], counts: Float64Array): Matrix {
  const size = names.length;
  const rowSums = new Float64Array(size);
  counts.forEach((count, cell) => (rowSums[Math.floor(cell / size)]! += count));
  return { names, counts, rowSums };
}

/** Cells as colours from 0 to 1: shares of the row or of the largest count, the diagonal on request left empty. */
export function shades({ names, counts, rowSums }: Matrix, of: "row" | "count", hideDiagonal: boolean): Float64Array {
  const size = names.length;
  const values = counts.map((count, cell) => {
    const row = Math.floor(cell / size);
    if (hideDiagonal && cell === row * (size + 1)) return NaN;
    return of === "row" ? count / rowSums[row]! : count;
  });
  const largest = values.reduce((most, value) => (value > most ? value : most), 0);
  const scale = of === "count" || hideDiagonal ? largest : 1;
  // The square root lets one error among a hundred be seen.
  return values.map((value) => (scale > 0 ? Math.sqrt(value / scale) : value));
}

/** The pairs of classes most often taken for one another, largest count first. */
export function confusedPairs({ names, counts, rowSums }: Matrix, limit: number): Pair[] {
  const size = names.length;
  const pairs: Pair[] = [];
  counts.forEach((count, cell) => {
    const row = Math.floor(cell / size);
    const column = cell - row * size;
    if (count > 0 && row !== column) pairs.push({ row, column, count, share: count / rowSums[row]! });
  });
  return pairs.sort((a, b) => b.count - a.count || b.share - a.share).slice(0, limit);
}
