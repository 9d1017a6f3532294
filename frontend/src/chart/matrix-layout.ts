/**
 * Where a matrix' cells, labels, titles and numbers go, and the text among them.
 */
import type { Box, Size } from "./frame";
import type { MatrixSpec, Theme } from "./mark";
import { fitText, type Pen, TEXT_MIDDLE, textWidth } from "./pen";

export interface MatrixFrame {
  readonly area: Box;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly rowLabels: "beside" | "none";
  readonly columnLabels: "level" | "upright" | "none";
}

type Labelling = Pick<MatrixFrame, "rowLabels" | "columnLabels">;

const EDGE = 8;
const TITLE = 18;
const LINE = 16;
const LABEL_GAP = 6;
const WIDEST_LABEL = 96;
/** A line of text needs this much of a cell. */
const LEAST_LABEL = 11;
/** Labels this short, such as epochs, are thinned out where names would be left out. */
const SHORT_LABEL = 4;
const LEAST_VALUE = 26;

/** Lays out a matrix in a host of that size: labels where they fit, the rest of the room for the cells. */
export function layoutMatrix(spec: MatrixSpec, size: Size): MatrixFrame {
  const hasRows = spec.rowLabels !== undefined;
  const hasColumns = spec.columnLabels !== undefined;
  const wished = place(spec, size, {
    rowLabels: hasRows ? "beside" : "none",
    columnLabels: hasColumns ? "upright" : "none",
  });
  return place(spec, size, {
    rowLabels: hasRows && wished.cellHeight >= LEAST_LABEL ? "beside" : "none",
    columnLabels: hasColumns ? columnLabelling(widest(spec.columnLabels), wished.cellWidth) : "none",
  });
}

function columnLabelling(width: number, cellWidth: number): MatrixFrame["columnLabels"] {
  if (width <= textWidth("0") * SHORT_LABEL || width + LABEL_GAP <= cellWidth) return "level";
  return cellWidth >= LEAST_LABEL ? "upright" : "none";
}

/** The width of the widest label as it is drawn. */
function widest(labels: readonly string[] = []): number {
  return Math.min(labels.reduce((most, label) => Math.max(most, textWidth(label)), 0), WIDEST_LABEL);
}

function place(spec: MatrixSpec, size: Size, labelling: Labelling): MatrixFrame {
  const labelWidth = labelling.rowLabels === "none" ? 0 : widest(spec.rowLabels) + LABEL_GAP;
  const labelHeight = { none: 0, level: LINE, upright: widest(spec.columnLabels) + LABEL_GAP }[labelling.columnLabels];
  const left = EDGE + (spec.rowTitle ? TITLE : 0) + labelWidth;
  const bottom = EDGE + (spec.columnTitle ? TITLE : 0) + labelHeight;
  let width = Math.max(size.width - left - EDGE, 1);
  let height = Math.max(size.height - EDGE - bottom, 1);
  if (spec.square ?? spec.rows === spec.columns) {
    const cell = Math.min(width / spec.columns, height / spec.rows);
    width = Math.max(Math.round(cell * spec.columns), 1);
    height = Math.max(Math.round(cell * spec.rows), 1);
  }
  const spare = size.width - left - EDGE - width;
  const area = { left: Math.round(left + Math.max(spare, 0) / 2), top: EDGE, width, height };
  return { area, cellWidth: width / spec.columns, cellHeight: height / spec.rows, ...labelling };
}

export function drawLabels(pen: Pen, spec: MatrixSpec, frame: MatrixFrame, theme: Theme): void {
  drawRowLabels(pen, spec.rowLabels ?? [], frame, theme.secondary);
  drawColumnLabels(pen, spec.columnLabels ?? [], frame, theme.secondary);
  drawTitles(pen, spec, frame, theme.secondary);
}

function drawRowLabels(pen: Pen, labels: readonly string[], frame: MatrixFrame, color: string): void {
  if (frame.rowLabels === "none") return;
  const { area, cellHeight } = frame;
  for (const [row, label] of labels.entries()) {
    const baseline = area.top + (row + 0.5) * cellHeight + TEXT_MIDDLE;
    pen.text(fitText(label, WIDEST_LABEL), area.left - LABEL_GAP, baseline, { color, align: "end" });
  }
}

function drawColumnLabels(pen: Pen, labels: readonly string[], frame: MatrixFrame, color: string): void {
  if (frame.columnLabels === "none") return;
  const { area, cellWidth } = frame;
  const bottom = area.top + area.height;
  const isLevel = frame.columnLabels === "level";
  const every = isLevel ? Math.ceil((widest(labels) + LABEL_GAP) / cellWidth) : 1;
  for (let column = 0; column < labels.length; column += every) {
    const label = fitText(labels[column] ?? "", WIDEST_LABEL);
    const x = area.left + (column + 0.5) * cellWidth;
    if (isLevel) pen.text(label, x, bottom + LINE - 2, { color, align: "middle" });
    else pen.text(label, x + TEXT_MIDDLE, bottom + LABEL_GAP, { color, align: "end", angle: -90 });
  }
}

function drawTitles(pen: Pen, spec: MatrixSpec, frame: MatrixFrame, color: string): void {
  const { area } = frame;
  const labelWidth = frame.rowLabels === "none" ? 0 : widest(spec.rowLabels) + LABEL_GAP;
  const labelHeight = { none: 0, level: LINE, upright: widest(spec.columnLabels) + LABEL_GAP }[frame.columnLabels];
  if (spec.rowTitle) {
    const x = area.left - labelWidth - LABEL_GAP;
    pen.text(spec.rowTitle, x, area.top + area.height / 2, { color, align: "middle", angle: -90 });
  }
  if (spec.columnTitle) {
    const y = area.top + area.height + labelHeight + LINE;
    pen.text(spec.columnTitle, area.left + area.width / 2, y, { color, align: "middle" });
  }
}

/** Whether cells are large enough for a number. */
export function showsValues({ cellWidth, cellHeight }: MatrixFrame): boolean {
  return Math.min(cellWidth, cellHeight) >= LEAST_VALUE;
}

/** The number in every cell where it fits; `colorOn` gives the text's colour on the cell of a value. */
export function drawValues(pen: Pen, spec: MatrixSpec, frame: MatrixFrame, colorOn: (value: number) => string): void {
  const { area, cellWidth, cellHeight } = frame;
  if (!spec.cellText || !showsValues(frame)) return;
  for (let row = 0; row < spec.rows; row++) {
    for (let column = 0; column < spec.columns; column++) {
      const text = spec.cellText(row, column);
      if (text === "" || textWidth(text) > cellWidth) continue;
      const color = colorOn(spec.values[row * spec.columns + column]!);
      const x = area.left + (column + 0.5) * cellWidth;
      pen.text(text, x, area.top + (row + 0.5) * cellHeight + TEXT_MIDDLE, { color, align: "middle" });
    }
  }
}
