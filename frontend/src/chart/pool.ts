/**
 * Fewer pixels than cells: which cell a pixel shows.
 */

export interface Grid {
  rows: number;
  columns: number;
  /** Row-major; NaN is an empty cell. */
  values: Float64Array;
}

/**
 * Shrinks a grid to at most that many rows and columns; each new cell holds the strongest value that falls on it.
 *
 * The strongest, not the mean: one error among a thousand classes stays as visible as it was. Strength is magnitude, so
 * that of a difference both signs survive; an empty cell is the weakest. A grid that fits is returned as it is.
 */
export function maxPool(grid: Grid, mostRows: number, mostColumns: number): Grid {
  const rows = Math.min(grid.rows, mostRows);
  const columns = Math.min(grid.columns, mostColumns);
  if (rows === grid.rows && columns === grid.columns) return grid;
  const values = new Float64Array(rows * columns).fill(NaN);
  const starts = Int32Array.from({ length: columns + 1 }, (_, c) => Math.ceil((c * grid.columns) / columns));
  for (let row = 0; row < grid.rows; row++) {
    const from = grid.values.subarray(row * grid.columns, (row + 1) * grid.columns);
    const to = Math.floor((row * rows) / grid.rows) * columns;
    for (let column = 0; column < columns; column++) {
      values[to + column] = strongest(values[to + column]!, from, starts[column]!, starts[column + 1]!);
    }
  }
  return { rows, columns, values };
}

/** The strongest of `best` and the values from `start` up to `end`; NaN only if all of them are. */
function strongest(best: number, values: Float64Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const value = values[i]!;
    if (!(Math.abs(value) <= Math.abs(best)) && !Number.isNaN(value)) best = value;
  }
  return best;
}
