/**
 * A plot as a picture to take away: the plot, and under it a caption and whose lines they are.
 */
import { drawBackground } from "./axes";
import { drawMarks } from "./draw";
import { layout, type Size } from "./frame";
import type { PlotSpec, Theme } from "./mark";
import { CanvasPen, type Pen, textWidth } from "./pen";
import { SvgPen } from "./svg";

export interface Picture {
  readonly spec: PlotSpec;
  readonly theme: Theme;
  /** Of the plot alone, in px. */
  readonly size: Size;
  readonly caption: string;
  readonly legend: readonly LegendEntry[];
}

export interface LegendEntry {
  readonly color: string;
  readonly text: string;
}

const LINE_HEIGHT = 18;
const MARGIN = 12;
const SWATCH = 16;

/** The picture as an SVG document that needs nothing around it. */
export function pictureSvg(picture: Picture): string {
  const pen = new SvgPen();
  const size = drawPicture(pen, picture);
  return pen.toDocument(size);
}

/** The picture on a canvas of its own, `ratio` device pixels a px. */
export function pictureCanvas(picture: Picture, document: Document, ratio = 2): HTMLCanvasElement {
  const size = wholeSize(picture);
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(size.width * ratio);
  canvas.height = Math.round(size.height * ratio);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("Expected a browser with Canvas 2D; received no context.");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  drawPicture(new CanvasPen(context, ratio), picture);
  return canvas;
}

/** The plot alone, by the code that draws it on screen; small sizes are laid out as small multiples. */
export function drawPlot(pen: Pen, spec: PlotSpec, theme: Theme, size: Size): void {
  const frame = layout(spec, size);
  drawBackground(pen, spec, frame, theme);
  drawMarks(pen, spec, frame, theme);
}

function drawPicture(pen: Pen, picture: Picture): Size {
  const { spec, theme, size, caption, legend } = picture;
  const whole = wholeSize(picture);
  pen.rectangle({ left: 0, top: 0, ...whole });
  pen.paint({ fill: theme.surface });
  drawPlot(pen, spec, theme, size);
  const baseline = (line: number): number => size.height + line * LINE_HEIGHT + 14;
  pen.text(caption, MARGIN, baseline(0), { color: theme.text, align: "start", bold: true });
  for (const [i, { column, row }] of places(legend, size.width).entries()) {
    const { color, text } = legend[i]!;
    pen.moveTo(column, baseline(row + 1) - 4);
    pen.lineTo(column + SWATCH, baseline(row + 1) - 4);
    pen.paint({ stroke: color, width: 3 });
    pen.text(text, column + SWATCH + 6, baseline(row + 1), { color: theme.text, align: "start" });
  }
  return whole;
}

function wholeSize({ size, legend }: Picture): Size {
  const rows = Math.max(0, ...places(legend, size.width).map(({ row }) => row + 1));
  return { width: size.width, height: size.height + (1 + rows) * LINE_HEIGHT + 6 };
}

/** Entries side by side as long as there is room: x in px, and row. */
function places(legend: readonly LegendEntry[], width: number): { column: number; row: number }[] {
  let column = MARGIN;
  let row = 0;
  return legend.map(({ text }) => {
    const own = SWATCH + 6 + textWidth(text) + MARGIN;
    if (column > MARGIN && column + own > width) {
      column = MARGIN;
      row++;
    }
    const place = { column, row };
    column += own;
    return place;
  });
}
