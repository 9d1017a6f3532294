/**
 * From a line's data to its path in pixels. Canvas, SVG and hit test walk one path: what is hit is what is seen.
 */
import type { Frame } from "./frame";
import { type Numbers, type Step, valueAt } from "./mark";
import type { Scale } from "./scale";

/** What a line is traced onto. `index` is the vertex that a position belongs to. */
export interface Path {
  moveTo(px: number, py: number, index: number): void;
  lineTo(px: number, py: number, index: number): void;
}

/** A line's geometry alone. */
export interface Curve {
  x: Numbers;
  y: Numbers;
  step?: Step;
}

type Scales = Pick<Frame, "x" | "y">;

/**
 * Walks a line from its first vertex to its last, with a new `moveTo` after every vertex that is not finite.
 *
 * @param gap Level of detail in px: a vertex that close to the last one drawn, in both directions, is dropped. The
 *   drawn path stays within `gap` of the full one, so peaks survive; the ends of every piece are always drawn. 0 keeps
 *   everything.
 */
export function trace(curve: Curve, scales: Scales, gap: number, path: Path): void {
  const tracer = new Tracer(curve, scales, path, gap < 1 ? CHORD.fine : CHORD.coarse);
  let pending = -1;
  for (let index = 0; index < curve.x.length; index++) {
    const px = scales.x(valueAt(curve.x, index));
    const py = scales.y(valueAt(curve.y, index));
    if (!Number.isFinite(px + py)) {
      if (pending >= 0) tracer.extend(pending);
      pending = -1;
      tracer.lift();
    } else if (tracer.isNear(px, py, gap)) {
      pending = index;
    } else {
      tracer.extend(index, px, py);
      pending = -1;
    }
  }
  if (pending >= 0) tracer.extend(pending);
}

// A straight piece of data is a curve on a log or probit axis: drawn as chords of about this many px, longer ones where
// vertices a pixel apart are dropped: in motion.
const CHORD = { fine: 4, coarse: 16 };

/** The pen's hand: remembers the last vertex drawn and joins the next one to it. */
class Tracer {
  private readonly curve: Curve;
  private readonly scales: Scales;
  private readonly path: Path;
  private readonly chord: number;
  private readonly isStraight: boolean;
  /** The last vertex drawn, -1 after a break. */
  private last = -1;
  private lastPx = 0;
  private lastPy = 0;

  constructor(curve: Curve, scales: Scales, path: Path, chord: number) {
    this.chord = chord;
    this.curve = curve;
    this.scales = scales;
    this.path = path;
    this.isStraight = scales.x.kind === "linear" && scales.y.kind === "linear";
  }

  lift(): void {
    this.last = -1;
  }

  isNear(px: number, py: number, gap: number): boolean {
    return this.last >= 0 && Math.abs(px - this.lastPx) < gap && Math.abs(py - this.lastPy) < gap;
  }

  extend(
    index: number,
    px = this.scales.x(valueAt(this.curve.x, index)),
    py = this.scales.y(valueAt(this.curve.y, index)),
  ): void {
    if (this.last < 0) {
      this.path.moveTo(px, py, index);
    } else {
      this.join(index, px, py);
      this.path.lineTo(px, py, index);
    }
    this.last = index;
    this.lastPx = px;
    this.lastPy = py;
  }

  /** The way from the last vertex to the next, without its end. */
  private join(index: number, px: number, py: number): void {
    const { step } = this.curve;
    if (step === "after") this.path.lineTo(px, this.lastPy, this.last);
    else if (step === "before") this.path.lineTo(this.lastPx, py, index);
    else if (!this.isStraight) this.bend(index, px, py);
  }

  /** Chords along the axis that bends most, from edge to edge where a vertex lies below the axis. */
  private bend(index: number, px: number, py: number): void {
    const { x, y } = this.scales;
    const dx = x.kind === "linear" ? 0 : Math.abs(px - this.lastPx);
    const dy = y.kind === "linear" ? 0 : Math.abs(py - this.lastPy);
    if (Math.max(dx, dy) < this.chord) return;
    const fraction = dx >= dy ? this.fractionAlong(x, this.curve.x, index) : this.fractionAlong(y, this.curve.y, index);
    const from = dx >= dy ? this.lastPx : this.lastPy;
    const to = dx >= dy ? px : py;
    const chords = Math.ceil(Math.max(dx, dy) / this.chord);
    for (let chord = 0; chord <= chords; chord++) {
      const f = fraction(from + ((to - from) * chord) / chords);
      const owner = 2 * chord < chords ? this.last : index;
      this.path.lineTo(x(this.between(this.curve.x, index, f)), y(this.between(this.curve.y, index, f)), owner);
    }
  }

  /** How far between the last vertex and the next, 0..1 in data, a pixel of one axis lies. */
  private fractionAlong(scale: Scale, values: Numbers, index: number): (pixel: number) => number {
    const start = valueAt(values, this.last);
    const span = valueAt(values, index) - start;
    return (pixel) => Math.min(Math.max((scale.invert(pixel) - start) / span, 0), 1);
  }

  private between(values: Numbers, index: number, fraction: number): number {
    const start = valueAt(values, this.last);
    return start + (valueAt(values, index) - start) * fraction;
  }
}
