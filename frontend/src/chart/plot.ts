/**
 * A plot of lines on three stacked canvases: the background that seldom changes, the marks that change with every
 * epoch, and the overlay that follows the pointer.
 */
import { drawBackground } from "./axes";
import { drawLine, drawMarks, drawPoints, drawRules } from "./draw";
import { type Box, clipBox, type Frame, layout } from "./frame";
import { Layers } from "./layers";
import type { Axis, Guide, LineMark, Numbers, PlotSpec, PointMark, RuleMark, Theme } from "./mark";
import { findNearest, type Hit, type Target, targets } from "./nearest";
import { crisp, type Pen } from "./pen";

export interface DrawOptions {
  /** The picture is one of many a second: thinner and plainer strokes. Draw again without it when it comes to rest. */
  moving?: boolean;
}

/** What lies over the marks. What is left out is taken away. */
export interface Overlay {
  /** Crosshair and dot at a vertex; its line is emphasised unless `emphasis` names another. */
  hit?: Hit | null;
  /** The id of the line that stays in sight, thick, while all others are dimmed. */
  emphasis?: string | null;
  points?: readonly PointMark[];
  rules?: readonly RuleMark[];
  /** Two opposite corners of a selection: x, y, x, y in CSS px of the host. */
  brush?: readonly [number, number, number, number] | null;
}

interface Scene {
  spec: PlotSpec;
  theme: Theme;
  moving: boolean;
}

// The layers, from the bottom up.
const BACKGROUND = 0;
const MAIN = 1;
const OVERLAY = 2;

const DIMMED = 0.3;
const EMPHASIS_WIDTH = 2.5;
const REACH = 24;
const NOWHERE: Box = { left: 0, top: 0, width: 0, height: 0 };

/**
 * Draws in a host element, and says what is where in it.
 *
 * @example
 * const plot = new Plot(element);
 * plot.draw({ x: axis, y: axis, lines: [{ id: "run", x: fpr, y: tpr, color: runColor(0, false) }] }, theme);
 * element.onpointermove = (event) => plot.overlay({ hit: plot.nearest(event.offsetX, event.offsetY) });
 */
export class Plot {
  private readonly layers: Layers;
  private scene: Scene | null = null;
  private frame: Frame | null = null;
  private marked: Overlay = {};
  private isOverlayEmpty = true;
  /** What the background shows; null when it has to be drawn. */
  private shown: { spec: PlotSpec; theme: Theme } | null = null;
  /** The paths to search under the pointer; null until it is asked for after a drawing. */
  private targets: Target[] | null = null;

  constructor(host: HTMLElement) {
    this.layers = new Layers(host, 3);
  }

  /** The rectangle between the axes, in CSS px of the host; empty before the first drawing. */
  get plotArea(): Box {
    return this.frame?.area ?? NOWHERE;
  }

  /** Draws the marks, and the background where axes, guides or theme changed. In a hidden host, waits for `resize`. */
  draw(spec: PlotSpec, theme: Theme, { moving = false }: DrawOptions = {}): void {
    this.scene = { spec, theme, moving };
    if (this.layers.isReady()) this.render(this.scene);
  }

  /** Replaces the overlay; the marks below are dimmed by CSS and not drawn again. */
  overlay(overlay: Overlay): void {
    this.marked = overlay;
    this.renderOverlay();
  }

  /** The vertex nearest to a place on the nearest line that passes within `radius` px. */
  nearest(px: number, py: number, radius = REACH): Hit | null {
    if (!this.scene || !this.frame) return null;
    this.targets ??= targets(this.scene.spec.lines, this.frame);
    return findNearest(this.targets, this.frame, px, py, radius);
  }

  /** The data under a place in the host; NaN before the first drawing. */
  toData(px: number, py: number): { x: number; y: number } {
    return { x: this.frame?.x.invert(px) ?? NaN, y: this.frame?.y.invert(py) ?? NaN };
  }

  /** The place of data in the host, in CSS px; NaN before the first drawing. */
  toPixel(x: number, y: number): { px: number; py: number } {
    return { px: this.frame?.x(x) ?? NaN, py: this.frame?.y(y) ?? NaN };
  }

  /** Fits everything to the host's present size and draws it anew; does nothing while the host is hidden. */
  resize(): void {
    if (!this.layers.measure() || !this.scene) return;
    this.shown = null;
    this.render(this.scene);
  }

  dispose(): void {
    this.layers.dispose();
  }

  private render({ spec, theme, moving }: Scene): void {
    const frame = layout(spec, this.layers.size);
    this.frame = frame;
    this.targets = null;
    if (!this.shown || this.shown.theme !== theme || !sameBackground(this.shown.spec, spec)) {
      drawBackground(this.layers.pen(BACKGROUND), spec, frame, theme);
      this.shown = { spec, theme };
    }
    drawMarks(this.layers.pen(MAIN), spec, frame, theme, moving);
    this.renderOverlay();
  }

  private renderOverlay(): void {
    if (!this.scene || !this.frame) return;
    const { hit, emphasis, points, rules, brush } = this.marked;
    const isEmpty = !hit && !emphasis && !points?.length && !rules?.length && !brush;
    if (isEmpty && this.isOverlayEmpty) return;
    this.isOverlayEmpty = isEmpty;

    const { spec, theme } = this.scene;
    const pen = this.layers.pen(OVERLAY);
    const line = spec.lines.find(({ id }) => id === (emphasis ?? hit?.id));
    this.layers.setOpacity(MAIN, line ? DIMMED : 1);
    drawRules(pen, rules ?? [], this.frame, theme);
    if (line) drawEmphasis(pen, line, this.frame);
    if (hit) drawCrosshair(pen, hit, line?.color ?? theme.text, this.frame, theme);
    drawPoints(pen, points ?? [], this.frame, theme);
    if (brush) drawBrush(pen, brush, this.frame, theme);
  }
}

function drawEmphasis(pen: Pen, line: LineMark, frame: Frame): void {
  pen.clipped(clipBox(frame), () => {
    drawLine(pen, { ...line, alpha: 1 }, frame, Math.max(line.width ?? 0, EMPHASIS_WIDTH));
  });
}

/** Placed by the hit's data, so that it stays right when the plot was resized or zoomed since. */
function drawCrosshair(pen: Pen, { x, y }: Hit, color: string, frame: Frame, theme: Theme): void {
  const cross: RuleMark[] = [
    { axis: "x", at: x },
    { axis: "y", at: y },
  ];
  drawRules(pen, cross, frame, theme);
  drawPoints(pen, [{ x, y, color, shape: "dot", size: 10 }], frame, theme);
}

function drawBrush(pen: Pen, [x0, y0, x1, y1]: NonNullable<Overlay["brush"]>, frame: Frame, theme: Theme): void {
  const left = crisp(Math.min(x0, x1), pen.ratio);
  const top = crisp(Math.min(y0, y1), pen.ratio);
  const box = { left, top, width: Math.round(Math.abs(x1 - x0)), height: Math.round(Math.abs(y1 - y0)) };
  pen.clipped(frame.area, () => {
    pen.rectangle(box);
    pen.paint({ fill: theme.text, alpha: 0.1 });
    pen.rectangle(box);
    pen.paint({ stroke: theme.secondary });
  });
}

/** Compared by content: the caller may build a new specification for every frame. */
function sameBackground(a: PlotSpec, b: PlotSpec): boolean {
  if (a === b) return true;
  return sameAxis(a.x, b.x) && sameAxis(a.y, b.y) && a.equal === b.equal && sameGuides(a.guides ?? [], b.guides ?? []);
}

function sameAxis(a: Axis, b: Axis): boolean {
  return a.kind === b.kind && a.label === b.label && a.whole === b.whole && sameNumbers(a.domain, b.domain);
}

function sameGuides(a: readonly Guide[], b: readonly Guide[]): boolean {
  if (a === b) return true;
  return (
    a.length === b.length &&
    a.every((guide, i) => {
      const other = b[i]!;
      return guide.label === other.label && sameNumbers(guide.x, other.x) && sameNumbers(guide.y, other.y);
    })
  );
}

function sameNumbers(a: Numbers, b: Numbers): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (!Object.is(a[i], b[i])) return false;
  }
  return true;
}
