/**
 * Scales: a data domain onto a pixel range, linear, logarithmic or probit.
 *
 * The mapping is our own affine map over a transform (a frame evaluates it tens of thousands of times);
 * tick positions are d3's.
 */
import { tickStep, ticks as linearTicks } from "d3-array";

import { normalCdf, probit } from "./normal";

export type ScaleKind = "linear" | "log" | "probit";

/**
 * A callable scale: value to pixel.
 *
 * A log or probit scale draws what lies at or below its domain's minimum on that edge, so that a rate of zero, which
 * neither can show, stays in sight. NaN stays NaN.
 */
export interface Scale {
  (value: number): number;
  readonly kind: ScaleKind;
  readonly domain: readonly [number, number];
  readonly range: readonly [number, number];
  invert(pixel: number): number;
  /** About `count` round values inside the domain, ascending. */
  ticks(count: number): number[];
  /** Values for fainter grid lines between the ticks; only a log scale has them. */
  minorTicks(): number[];
  /** A tick's text; `step` is the distance between neighbouring ticks and sets the decimals of a linear scale. */
  format(value: number, step?: number): string;
}

interface Transform {
  forward: (value: number) => number;
  inverse: (position: number) => number;
  /** The open interval in which a domain must lie. */
  limits: readonly [number, number];
}

// Keeps the far end of a probit axis finite: a miss rate of 1 leaves the plot instead of vanishing from its line.
const ALMOST_ONE = 1 - 1e-9;

const TRANSFORMS: Record<ScaleKind, Transform> = {
  linear: { forward: (value) => value, inverse: (position) => position, limits: [-Infinity, Infinity] },
  log: { forward: Math.log, inverse: Math.exp, limits: [0, Infinity] },
  probit: { forward: (value) => probit(Math.min(value, ALMOST_ONE)), inverse: normalCdf, limits: [0, 1] },
};

const DEFAULT_TICKS = 5;
// The customary rates of a DET axis, in per cent, symmetrical about one half.
const PROBIT_PERCENT = [
  0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 40, 60, 80, 90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95,
];

/**
 * Makes a scale.
 *
 * @example
 * const x = makeScale("log", [1e-4, 1], [0, 400]);
 * x(0.01); // 200
 * x.ticks(5).map((tick) => x.format(tick)); // ["1e-4", "1e-3", "0.01", "0.1", "1"]
 *
 * @throws RangeError if the domain is not finite or lies outside what the kind can show.
 */
export function makeScale(kind: ScaleKind, domain: readonly [number, number], range: readonly [number, number]): Scale {
  const { forward, inverse, limits } = TRANSFORMS[kind];
  if (!domain.every((end) => end > limits[0] && end < limits[1])) {
    throw new RangeError(
      `A ${kind} scale needs a domain inside (${limits.join(", ")}); received [${domain.join(", ")}].`,
    );
  }
  const lowest = kind === "linear" ? -Infinity : Math.min(...domain);
  const start = forward(domain[0]);
  const span = forward(domain[1]) - start;
  const slope = span === 0 ? 0 : (range[1] - range[0]) / span;
  const origin = span === 0 ? (range[0] + range[1]) / 2 : range[0];

  const scale = (value: number): number => origin + (forward(value < lowest ? lowest : value) - start) * slope;
  return Object.assign(scale, {
    kind,
    domain,
    range,
    invert: (pixel: number) => (slope === 0 ? domain[0] : inverse(start + (pixel - origin) / slope)),
    ticks: (count: number) => ticks(kind, Math.min(...domain), Math.max(...domain), count),
    minorTicks: () => (kind === "log" ? minorLogTicks(Math.min(...domain), Math.max(...domain)) : []),
    format: (value: number, step = tickStep(domain[0], domain[1], DEFAULT_TICKS)) => format(kind, value, step),
  });
}

function ticks(kind: ScaleKind, low: number, high: number, count: number): number[] {
  if (kind === "log") return logTicks(low, high, count);
  if (kind === "probit") return probitTicks(low, high, count);
  return linearTicks(low, high, count);
}

/** Powers of ten; with 1, 2, 5 under two decades; a linear scale's ticks inside a single decade. */
function logTicks(low: number, high: number, count: number): number[] {
  const decades = Math.log10(high / low);
  if (decades < 1) return linearTicks(low, high, count);
  if (decades < 2) return multiplesOfPowers([1, 2, 5], low, high);
  const every = Math.ceil(decades / Math.max(count, 1));
  return multiplesOfPowers([1], low, high).filter((tick) => Math.round(Math.log10(tick)) % every === 0);
}

const MOST_DECADES_WITH_MINOR = 6;

function minorLogTicks(low: number, high: number): number[] {
  const decades = Math.log10(high / low);
  if (decades < 1 || decades > MOST_DECADES_WITH_MINOR) return [];
  return multiplesOfPowers([2, 3, 4, 5, 6, 7, 8, 9], low, high);
}

function multiplesOfPowers(multiples: readonly number[], low: number, high: number): number[] {
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    // Parsed, because 10 ** -5 need not be the double that is written 1e-5.
    for (const multiple of multiples) found.push(Number(`${multiple}e${power}`));
  }
  return found.filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
}

function probitTicks(low: number, high: number, count: number): number[] {
  const customary = PROBIT_PERCENT.map((percent) => percent / 100).filter((tick) => tick >= low && tick <= high);
  return customary.length > 2 ? customary : linearTicks(low, high, count);
}

function format(kind: ScaleKind, value: number, step: number): string {
  if (kind === "log") return formatLog(value);
  if (kind === "probit") return String(Number((value * 100).toPrecision(6)));
  if (step >= 1000) return formatThousands(value);
  // Rounded, because the distance of two ticks can fall just short of a power of ten: 0.7 - 0.6 is 0.09999999999999998.
  return value.toFixed(Math.max(0, -exponentOf(Number(step.toPrecision(6)))));
}

/** The power of ten of a number's first digit. */
const exponentOf = (value: number): number => Number(value.toExponential().split("e")[1]);

/** With a letter for the thousands: 500, 2k, 1.5M. */
function formatThousands(value: number): string {
  const power = Math.min(Math.max(Math.floor(exponentOf(value) / 3), 0), 3);
  return `${Number((value / 1000 ** power).toPrecision(6))}${["", "k", "M", "G"][power]!}`;
}

/** Plain down to 0.01, with an exponent below: 0.01, 1e-3, 1.5e-4. */
function formatLog(value: number): string {
  const rounded = Number(value.toPrecision(6));
  return value < 0.00999 || value >= 1e6 ? rounded.toExponential().replace("e+", "e") : String(rounded);
}
