import type { Sort, SortColumn } from "./choice";
import type { Row } from "./row";

const natural = new Intl.Collator("en", { numeric: true });

/** The number a column shows for a row; NaN where it shows none. */
export function cellValue(row: Row, column: Exclude<SortColumn, "run">): number {
  switch (column) {
    case "roc_auc":
    case "roc_auc_se":
    case "average_precision":
      return row[column];
    case "best":
      return row.best?.step ?? NaN;
    default:
      return row.rates?.[column] ?? NaN;
  }
}

/** Rows in the order asked for; those without a number come last either way, ties keep the order of names. */
export function sortRows(rows: readonly Row[], { column, descending }: Sort): Row[] {
  const sign = descending ? -1 : 1;
  const byName = (a: Row, b: Row) => natural.compare(a.series.run, b.series.run);
  if (column === "run") return [...rows].sort((a, b) => sign * byName(a, b));
  const values = new Map(rows.map((row) => [row, cellValue(row, column)]));
  return [...rows].sort((a, b) => {
    const [x, y] = [values.get(a)!, values.get(b)!];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || byName(a, b);
    return sign * (x - y) || byName(a, b);
  });
}
