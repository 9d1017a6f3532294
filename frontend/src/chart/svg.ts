/**
 * A pen that writes a standalone SVG document.
 */
import type { Box, Size } from "./frame";
import { FONT_FAMILY, FONT_SIZE, type Paint, type Pen, type TextStyle } from "./pen";

/** A hundredth of a pixel is more than any screen or printer shows of these widths. */
const fixed = (value: number): string => String(Math.round(value * 100) / 100);

function escape(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

/** Attributes as text; those without a value are left out. */
function attributes(values: Record<string, string | number | undefined>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escape(String(value))}"`)
    .join("");
}

/** Writes every call down as an SVG element. */
export class SvgPen implements Pen {
  readonly ratio = 1;
  private readonly elements: string[] = [];
  private path = "";
  private clips = 0;

  moveTo(px: number, py: number): void {
    this.path += `M${fixed(px)} ${fixed(py)}`;
  }

  lineTo(px: number, py: number): void {
    this.path += `L${fixed(px)} ${fixed(py)}`;
  }

  rectangle({ left, top, width, height }: Box): void {
    this.path += `M${fixed(left)} ${fixed(top)}h${fixed(width)}v${fixed(height)}h${fixed(-width)}Z`;
  }

  circle(px: number, py: number, radius: number): void {
    const r = fixed(radius);
    const across = fixed(2 * radius);
    this.path += `M${fixed(px - radius)} ${fixed(py)}a${r} ${r} 0 1 0 ${across} 0a${r} ${r} 0 1 0 -${across} 0Z`;
  }

  close(): void {
    this.path += "Z";
  }

  paint({ fill, stroke, width, dash, alpha, join }: Paint): void {
    const strokes = {
      "stroke-width": fixed(width ?? 1),
      "stroke-dasharray": dash?.length ? dash.join(" ") : undefined,
      "stroke-linejoin": join ?? "round",
    };
    const styles = { fill: fill ?? "none", stroke, ...(stroke === undefined ? {} : strokes) };
    this.elements.push(`<path${attributes({ d: this.path, ...styles, opacity: alpha === 1 ? undefined : alpha })}/>`);
    this.path = "";
  }

  text(text: string, px: number, py: number, style: TextStyle): void {
    const at = { x: fixed(px), y: fixed(py), fill: style.color, "text-anchor": style.align };
    const weight = style.bold ? 500 : undefined;
    const transform = style.angle ? `rotate(${style.angle} ${fixed(px)} ${fixed(py)})` : undefined;
    this.elements.push(`<text${attributes({ ...at, "font-weight": weight, transform })}>${escape(text)}</text>`);
  }

  clipped({ left, top, width, height }: Box, draw: () => void): void {
    const id = `clip${++this.clips}`;
    const rectangle = attributes({ x: fixed(left), y: fixed(top), width: fixed(width), height: fixed(height) });
    this.elements.push(`<clipPath id="${id}"><rect${rectangle}/></clipPath>`, `<g clip-path="url(#${id})">`);
    draw();
    this.elements.push("</g>");
  }

  /** The document drawn so far. */
  toDocument({ width, height }: Size): string {
    const root = attributes({
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      "font-family": FONT_FAMILY,
      "font-size": FONT_SIZE,
    });
    return `<svg${root}>\n${this.elements.join("\n")}\n</svg>\n`;
  }
}
