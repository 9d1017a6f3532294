/**
 * Colours of runs, cells and differences, in both themes.
 */

/** The run colours of TensorBoard's Time Series tab on a light page, in its order. */
export const TENSORBOARD_LIGHT = [
  "#425066",
  "#12b5cb",
  "#e52592",
  "#f9ab00",
  "#9334e6",
  "#7cb342",
  "#e8710a",
] as const;

/** The same on a dark page: only the first differs. */
export const TENSORBOARD_DARK = ["#8e98a3", ...TENSORBOARD_LIGHT.slice(1)] as const;

/** M. Okabe and K. Ito's eight colours that people with any kind of colour vision tell apart (2008). */
export const OKABE_ITO = [
  "#000000",
  "#e69f00",
  "#56b4e9",
  "#009e73",
  "#f0e442",
  "#0072b2",
  "#d55e00",
  "#cc79a7",
] as const;

export type Palette = "tensorboard" | "okabe-ito";

// Seven of the eight, so that dashes start at the eighth run in either palette: yellow is lost on white, black on dark.
const OKABE_ITO_LIGHT = OKABE_ITO.filter((color) => color !== "#f0e442");
const OKABE_ITO_DARK = OKABE_ITO.filter((color) => color !== "#000000");

function paletteOf(palette: Palette, dark: boolean): readonly string[] {
  if (palette === "okabe-ito") return dark ? OKABE_ITO_DARK : OKABE_ITO_LIGHT;
  return dark ? TENSORBOARD_DARK : TENSORBOARD_LIGHT;
}

/**
 * The colour of the run with that index in TensorBoard's order: its rule is palette[index % 7].
 *
 * @example runColor(0, true); // "#8e98a3"
 */
export function runColor(index: number, dark: boolean, palette: Palette = "tensorboard"): string {
  const colors = paletteOf(palette, dark);
  return colors[index % colors.length] ?? "";
}

const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [9, 3, 2, 3]];

/** The dash, in CSS px, that tells apart runs of one colour: solid for the first seven, then 6-3, 2-3, 9-3-2-3. */
export function runDash(index: number): readonly number[] {
  return DASHES[Math.floor(index / TENSORBOARD_LIGHT.length) % DASHES.length] ?? [];
}

/** Blues from a little to everything on a light page: evenly spaced stops. Nothing at all has its own colour, below. */
export const SEQUENTIAL_LIGHT = ["#c6dbef", "#9ecae1", "#6baed6", "#3787c0", "#105ba4", "#08306b"] as const;

/** The same on a dark page, where more is lighter. */
export const SEQUENTIAL_DARK = ["#1f4568", "#1d659f", "#3a8bc8", "#74b3dd", "#b5d7ee", "#f0f8ff"] as const;

/** An exact zero: the card's own colour, so that the least of anything stands out from it. */
const ZERO = { light: "#ffffff", dark: "#303030" };

/** From -1 (orange, worse) over 0 to +1 (blue, better) on a light page. */
export const DIVERGING_LIGHT = ["#b35806", "#e08214", "#fdb863", "#f7f7f7", "#92c5de", "#4393c3", "#2166ac"] as const;

/** The same on a dark page. */
export const DIVERGING_DARK = ["#fdb863", "#e08214", "#8a5a24", "#3a3a3a", "#2d6187", "#4393c3", "#92c5de"] as const;

/** The evenly spaced stops of the colour map in use, from its least to its greatest value: a legend's gradient. */
export function rampStops(diverging: boolean, dark: boolean): readonly string[] {
  if (diverging) return dark ? DIVERGING_DARK : DIVERGING_LIGHT;
  return dark ? SEQUENTIAL_DARK : SEQUENTIAL_LIGHT;
}

export type Rgb = readonly [red: number, green: number, blue: number];

/** The channels, 0..255, of "#rrggbb". */
export function parseColor(color: string): Rgb {
  const value = Number.parseInt(color.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** The colour at t in 0..1 along evenly spaced stops. */
export function interpolate(stops: readonly string[], t: number): Rgb {
  const position = Math.min(Math.max(t, 0), 1) * (stops.length - 1);
  const index = Math.min(Math.floor(position), stops.length - 2);
  const from = parseColor(stops[index] ?? "");
  const to = parseColor(stops[index + 1] ?? "");
  const mix = (a: number, b: number): number => Math.round(a + (b - a) * (position - index));
  return [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])];
}

/** WCAG 2's relative luminance, 0 (black) to 1 (white). */
export function luminance(color: Rgb): number {
  const linear = (channel: number): number =>
    channel <= 10.31475 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(color[0]) + 0.7152 * linear(color[1]) + 0.0722 * linear(color[2]);
}

// White on x has the contrast 1.05 / (L + .05), black on x (L + .05) / .05: equal where (L + .05)² = .0525.
const EQUAL_CONTRAST = Math.sqrt(0.0525) - 0.05;

/** Black or white, whichever reads better on that colour; never under 4.5 to 1. */
export function textOn(color: Rgb): string {
  return luminance(color) > EQUAL_CONTRAST ? "#000000" : "#ffffff";
}

// Odd, so that the middle of a diverging map is a level of its own.
const LEVELS = 255;

/** Colours of matrix cells: a table over the values -1..1 or 0..1. */
export class ColorMap {
  private readonly colors: readonly Rgb[];
  private readonly diverging: boolean;
  /** One pixel per level, in the byte order of ImageData. */
  private readonly pixels: Uint32Array;

  constructor(diverging: boolean, dark: boolean) {
    const stops = rampStops(diverging, dark);
    const ramp = Array.from({ length: LEVELS }, (_, level) => interpolate(stops, level / (LEVELS - 1)));
    this.diverging = diverging;
    this.colors = [...ramp, parseColor(dark ? ZERO.dark : ZERO.light)];
    this.pixels = new Uint32Array(new Uint8Array(this.colors.flatMap((color) => [...color, 255])).buffer);
  }

  /** The colour of a value, NaN having none. */
  color(value: number): Rgb | undefined {
    return this.colors[this.level(value)];
  }

  /** The colour as one ImageData pixel; transparent for NaN. */
  pixel(value: number): number {
    return this.pixels[this.level(value)] ?? 0;
  }

  private level(value: number): number {
    if (!this.diverging && value <= 0) return LEVELS;
    const position = this.diverging ? (value + 1) / 2 : value;
    return Math.round(Math.min(Math.max(position, 0), 1) * (LEVELS - 1));
  }
}
