/**
 * What may be drawn: plain data, in the units of the axes. Nothing here knows pixels or the DOM.
 */
import type { ScaleKind } from "./scale";

/** A column of numbers; a plain array or any typed array. NaN means "nothing here". */
export type Numbers = ArrayLike<number>;

/** How two vertices are joined: straight, at the first one's level (`after`) or at the second one's (`before`). */
export type Step = "none" | "before" | "after";

/** A polyline. It breaks where x or y is not finite. */
export interface LineMark {
  id: string;
  x: Numbers;
  y: Numbers;
  color: string;
  /** CSS px at rest, 1.5 unless given. */
  width?: number;
  dash?: readonly number[];
  alpha?: number;
  step?: Step;
}

/** The area between two lines over the same x, such as a mean ± one standard deviation. */
export interface BandMark {
  x: Numbers;
  low: Numbers;
  high: Numbers;
  color: string;
  /** 0.18 unless given. */
  alpha?: number;
  step?: Step;
}

/** One marked place. A triangle stands on its tip; the other shapes are centred. */
export interface PointMark {
  x: number;
  y: number;
  color: string;
  shape: "dot" | "triangle" | "ring" | "square";
  /** Diameter in CSS px, 8 unless given. */
  size?: number;
  id?: string;
  label?: string;
}

/** A straight line across the plot, at `at` on its axis. A strong rule carries its label as a pill on the axis. */
export interface RuleMark {
  axis: "x" | "y";
  at: number;
  dash?: readonly number[];
  label?: string;
  strong?: boolean;
}

/** A faint dashed line of reference: the chance line, an iso-F1 curve. */
export interface Guide {
  x: Numbers;
  y: Numbers;
  label?: string;
}

export interface Axis {
  kind: ScaleKind;
  domain: readonly [number, number];
  label: string;
  /** Only whole numbers have ticks: there is no epoch 1.5. */
  whole?: boolean;
}

export interface PlotSpec {
  x: Axis;
  y: Axis;
  lines: readonly LineMark[];
  bands?: readonly BandMark[];
  guides?: readonly Guide[];
  points?: readonly PointMark[];
  rules?: readonly RuleMark[];
  /** Keeps one unit of x as long as one unit of y where both axes are linear and the card is large enough. */
  equal?: boolean;
}

/** A confusion matrix or heat map. */
export interface MatrixSpec {
  rows: number;
  columns: number;
  /**
   * Row-major, ready for colour. 0..1: nothing to everything; what is above 0 never looks like 0. With `diverging`
   * -1..1: orange, worse, to blue, better. NaN is an empty cell, drawn in the colour of the grid.
   */
  values: Float64Array;
  diverging?: boolean;
  rowLabels?: readonly string[];
  columnLabels?: readonly string[];
  /** A cell's number, drawn where cells are at least 26 px and it fits; "" for none. */
  cellText?: (row: number, column: number) => string;
  rowTitle?: string;
  columnTitle?: string;
  /** Square cells; unless given, where there are as many rows as columns. */
  square?: boolean;
}

/** The colours of everything that is not data. */
export interface Theme {
  text: string;
  secondary: string;
  grid: string;
  axis: string;
  surface: string;
  guide: string;
}

/** The value at an index; NaN, which draws as a gap, past the end of the column. */
export function valueAt(values: Numbers, index: number): number {
  return values[index] ?? NaN;
}
