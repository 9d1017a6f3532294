/** Tables as files: CSV for spreadsheets, JSON for programs. */

export type Cell = string | number;

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** RFC 4180, with a line feed; numbers in full, what is not defined left empty. */
export function toCsv({ columns, rows }: Table): string {
  return [columns, ...rows].map((row) => `${row.map(csvCell).join(",")}\n`).join("");
}

/** One object a row; what is not defined, or has no end, is null. */
export function toJson({ columns, rows }: Table): string {
  const records = rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, jsonCell(row[i]!)])));
  return `${JSON.stringify(records, null, 1)}\n`;
}

function csvCell(cell: Cell): string {
  if (typeof cell === "number") return Number.isNaN(cell) ? "" : String(cell);
  // A spreadsheet runs a cell that begins so as a formula; a run's name comes from wherever the log came from.
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const jsonCell = (cell: Cell): Cell | null => (typeof cell === "number" && !Number.isFinite(cell) ? null : cell);
