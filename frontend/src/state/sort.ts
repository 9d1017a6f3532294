import type { Sort, SortColumn } from "./choice";
import type { Row } from "./row";

const natural = new Intl.Collator("en", { numeric: true });

/** The number a column shows for a row; NaN where it shows none. */
export function cellValue(row: Row, column: Exclude<SortColumn, "run">): number {
  switch (column) {
    case "roc_auc":
    case "roc_auc_se":
    case "average_precision":
    case "cost":
      return row[column];
    case "partial_auc":
      return row.partial?.standardised ?? NaN;
    case "best":
      return row.best?.step ?? NaN;
    default:
      return row.rates?.[column] ?? NaN;
  }
}

/** Rows in the order asked for; those without a number come last either way, ties keep the order of names. */
export function sortRows(rows: readonly Row[], { column, descending }: Sort): Row[] {
  const value = column === "run" ? null : (row: Row) => cellValue(row, column);
  return ordered(rows, ({ series }) => series.run, value, descending);
}

/** Orders by a number, or by name where `value` is null. NaN comes last either way; ties keep the order of names. */
export function ordered<T>(
  rows: readonly T[],
  name: (row: T) => string,
  value: ((row: T) => number) | null,
  descending: boolean,
): T[] {
  const sign = descending ? -1 : 1;
  const byName = (a: T, b: T) => natural.compare(name(a), name(b));
  if (!value) return [...rows].sort((a, b) => sign * byName(a, b));
  const values = new Map(rows.map((row) => [row, value(row)]));
  return [...rows].sort((a, b) => {
    const [x, y] = [values.get(a)!, values.get(b)!];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || byName(a, b);
    return sign * (x - y) || byName(a, b);
  });
}
