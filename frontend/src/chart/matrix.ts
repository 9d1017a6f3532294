/**
 * A confusion matrix or heat map: colours as one image, labels and numbers where they fit, a highlight over them.
 */
import { ColorMap, textOn } from "./colors";
import { type Box, contains } from "./frame";
import { Layers } from "./layers";
import type { MatrixSpec, Theme } from "./mark";
import { drawLabels, drawValues, layoutMatrix, type MatrixFrame, showsValues } from "./matrix-layout";
import { CanvasPen, crisp, type Pen } from "./pen";
import { maxPool } from "./pool";

export type { MatrixSpec } from "./mark";

export interface Cell {
  row: number;
  column: number;
}

export type MatrixTheme = Theme & { dark: boolean };

interface Scene {
  spec: MatrixSpec;
  theme: MatrixTheme;
}

// The layers, from the bottom up.
const CELLS = 0;
const OVERLAY = 1;

/**
 * Draws a grid of values in a host element, and says which cell is where.
 *
 * Rows are drawn from the top down: of a confusion matrix, true classes by row and predicted ones by column.
 */
export class Matrix {
  private readonly layers: Layers;
  private readonly image: HTMLCanvasElement;
  private scene: Scene | null = null;
  private frame: MatrixFrame | null = null;
  private highlighted: Cell | null = null;

  constructor(host: HTMLElement) {
    this.layers = new Layers(host, 2);
    this.image = host.ownerDocument.createElement("canvas");
  }

  /** Draws all cells anew. In a hidden host, waits for `resize`. */
  draw(spec: MatrixSpec, theme: MatrixTheme): void {
    this.scene = { spec, theme };
    if (this.layers.isReady()) this.render(this.scene);
  }

  /** The cell at a place in the host, in CSS px; null outside. */
  cellAt(px: number, py: number): Cell | null {
    if (!this.scene || !this.frame || !contains(this.frame.area, px, py)) return null;
    const { spec } = this.scene;
    const { area, cellWidth, cellHeight } = this.frame;
    const row = Math.floor((py - area.top) / cellHeight);
    const column = Math.floor((px - area.left) / cellWidth);
    return { row: clampIndex(row, spec.rows), column: clampIndex(column, spec.columns) };
  }

  /**
   * Frames a cell, with lines to the axes where cells are too small for numbers; null takes that away.
   *
   * The cells are not drawn again.
   */
  highlight(cell: Cell | null): void {
    this.highlighted = cell;
    this.renderOverlay();
  }

  /** Fits everything to the host's present size and draws it anew; does nothing while the host is hidden. */
  resize(): void {
    if (this.layers.measure() && this.scene) this.render(this.scene);
  }

  dispose(): void {
    this.layers.dispose();
  }

  private render({ spec, theme }: Scene): void {
    const frame = layoutMatrix(spec, this.layers.size);
    const colors = colorMap(spec.diverging ?? false, theme.dark);
    this.frame = frame;
    const context = this.layers.clear(CELLS);
    const pen = new CanvasPen(context, this.layers.ratio);
    pen.rectangle(frame.area);
    pen.paint({ fill: theme.grid });
    this.paintCells(context, spec, frame.area, colors);
    drawBorder(pen, frame.area, theme);
    drawLabels(pen, spec, frame, theme);
    drawValues(pen, spec, frame, (value) => {
      const color = colors.color(value);
      return color ? textOn(color) : theme.secondary;
    });
    this.renderOverlay();
  }

  /** One pixel for each cell, or the strongest cell for each device pixel, scaled up without smoothing. */
  private paintCells(context: CanvasRenderingContext2D, spec: MatrixSpec, area: Box, colors: ColorMap): void {
    const { ratio } = this.layers;
    const grid = maxPool(spec, Math.round(area.height * ratio), Math.round(area.width * ratio));
    this.image.width = grid.columns;
    this.image.height = grid.rows;
    const paper = this.image.getContext("2d");
    if (!paper) return;
    const image = paper.createImageData(grid.columns, grid.rows);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < pixels.length; i++) pixels[i] = colors.pixel(grid.values[i]!);
    paper.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.image, area.left, area.top, area.width, area.height);
  }

  private renderOverlay(): void {
    if (!this.scene || !this.frame) return;
    const pen = this.layers.pen(OVERLAY);
    if (this.highlighted) drawHighlight(pen, this.highlighted, this.frame, this.scene.theme);
  }
}

const colorMaps = new Map<string, ColorMap>();

/** Four maps serve every matrix on the page. */
function colorMap(diverging: boolean, dark: boolean): ColorMap {
  const key = `${String(diverging)} ${String(dark)}`;
  const map = colorMaps.get(key) ?? new ColorMap(diverging, dark);
  colorMaps.set(key, map);
  return map;
}

function clampIndex(index: number, count: number): number {
  return Math.min(Math.max(index, 0), count - 1);
}

function drawBorder(pen: Pen, area: Box, theme: Theme): void {
  pen.rectangle({ left: area.left - 0.5, top: area.top - 0.5, width: area.width + 1, height: area.height + 1 });
  pen.paint({ stroke: theme.axis });
}

// A frame of its own size around a small cell, so that one pixel among a million is found.
const LEAST_FRAME = 7;

function drawHighlight(pen: Pen, { row, column }: Cell, frame: MatrixFrame, theme: Theme): void {
  const { area, cellWidth, cellHeight } = frame;
  const x = area.left + (column + 0.5) * cellWidth;
  const y = area.top + (row + 0.5) * cellHeight;
  const width = Math.max(cellWidth, LEAST_FRAME);
  const height = Math.max(cellHeight, LEAST_FRAME);
  const box = { left: x - width / 2, top: y - height / 2, width, height };
  if (!showsValues(frame)) {
    pen.moveTo(area.left, crisp(y, pen.ratio));
    pen.lineTo(box.left, crisp(y, pen.ratio));
    pen.moveTo(crisp(x, pen.ratio), box.top + height);
    pen.lineTo(crisp(x, pen.ratio), area.top + area.height);
    pen.paint({ stroke: theme.secondary });
  }
  for (const [stroke, thickness] of [[theme.surface, 4] as const, [theme.text, 2] as const]) {
    pen.rectangle(box);
    pen.paint({ stroke, width: thickness });
  }
}
