/**
 * What drawing code draws with. A canvas pen and an SVG pen (svg.ts) make the same picture of the same calls.
 */
import type { Box } from "./frame";
import type { Path } from "./trace";

/** How a path is put on paper: filled, stroked, or both. */
export interface Paint {
  fill?: string;
  stroke?: string;
  /** Stroke width in CSS px. */
  width?: number;
  dash?: readonly number[];
  /** 0..1, of fill and stroke alike. */
  alpha?: number;
  join?: "round" | "bevel";
}

export interface TextStyle {
  color: string;
  align: "start" | "middle" | "end";
  /** Clockwise about the anchor, in degrees. */
  angle?: number;
  bold?: boolean;
}

/** A path is built with moveTo, lineTo, rectangle and circle; `paint` draws it and begins the next. */
export interface Pen extends Path {
  /** Device pixels per CSS px. */
  readonly ratio: number;
  moveTo(px: number, py: number): void;
  lineTo(px: number, py: number): void;
  rectangle(box: Box): void;
  circle(px: number, py: number, radius: number): void;
  close(): void;
  paint(paint: Paint): void;
  /** Text whose anchor lies on its baseline. */
  text(text: string, px: number, py: number, style: TextStyle): void;
  /** Runs `draw` with everything outside the box cut away. */
  clipped(box: Box, draw: () => void): void;
}

export const FONT_FAMILY = "Roboto, Arial, sans-serif";
export const FONT_SIZE = 11;

// Estimated, not measured, so that both pens (and a machine without the font) lay labels out alike.
const CHARACTER_WIDTH = 6;

/** About how wide a text is, in px. */
export function textWidth(text: string): number {
  return text.length * CHARACTER_WIDTH;
}

/** A text cut with an ellipsis where it is wider than that many px. */
export function fitText(text: string, width: number): string {
  const room = Math.floor(width / CHARACTER_WIDTH);
  return text.length <= room ? text : `${text.slice(0, Math.max(room - 1, 0))}…`;
}

/** How far the baseline lies under the middle of a line of text, in px. */
export const TEXT_MIDDLE = 4;

/** The nearest place at which a thin line of `width` CSS px covers whole device pixels. */
export function crisp(position: number, ratio: number, width = 1): number {
  const half = Math.max(Math.round(width * ratio), 1) / 2;
  return (Math.round(position * ratio - half) + half) / ratio;
}

/** Draws on a canvas whose transform maps CSS px to device pixels. */
export class CanvasPen implements Pen {
  readonly ratio: number;
  private readonly context: CanvasRenderingContext2D;

  constructor(context: CanvasRenderingContext2D, ratio: number) {
    this.context = context;
    this.ratio = ratio;
    context.beginPath();
  }

  moveTo(px: number, py: number): void {
    this.context.moveTo(px, py);
  }

  lineTo(px: number, py: number): void {
    this.context.lineTo(px, py);
  }

  rectangle(box: Box): void {
    this.context.rect(box.left, box.top, box.width, box.height);
  }

  circle(px: number, py: number, radius: number): void {
    this.context.moveTo(px + radius, py);
    this.context.arc(px, py, radius, 0, 2 * Math.PI);
  }

  close(): void {
    this.context.closePath();
  }

  paint(paint: Paint): void {
    const { context } = this;
    context.globalAlpha = paint.alpha ?? 1;
    if (paint.fill !== undefined) {
      context.fillStyle = paint.fill;
      context.fill();
    }
    if (paint.stroke !== undefined) {
      context.strokeStyle = paint.stroke;
      context.lineWidth = paint.width ?? 1;
      context.lineJoin = paint.join ?? "round";
      context.setLineDash([...(paint.dash ?? [])]);
      context.stroke();
    }
    context.beginPath();
  }

  text(text: string, px: number, py: number, style: TextStyle): void {
    const { context } = this;
    context.save();
    context.globalAlpha = 1;
    context.fillStyle = style.color;
    context.font = `${style.bold ? "500 " : ""}${FONT_SIZE}px ${FONT_FAMILY}`;
    context.textAlign = style.align === "middle" ? "center" : style.align;
    context.translate(px, py);
    context.rotate(((style.angle ?? 0) * Math.PI) / 180);
    context.fillText(text, 0, 0);
    context.restore();
  }

  clipped(box: Box, draw: () => void): void {
    const { context } = this;
    context.save();
    this.rectangle(box);
    context.clip();
    context.beginPath();
    draw();
    context.restore();
  }
}
