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
  const target = Int32Array.from({ length: grid.columns }, (_, column) => Math.floor((column * columns) / grid.columns));
  for (let row = 0; row < grid.rows; row++) {
    const from = row * grid.columns;
    const to = Math.floor((row * rows) / grid.rows) * columns;
    for (let column = 0; column < grid.columns; column++) {
      const value = grid.values[from + column]!;
      const at = to + target[column]!;
      if (!Number.isNaN(value) && !(Math.abs(value) <= Math.abs(values[at]!))) values[at] = value;
    }
  }
  return { rows, columns, values };
}
