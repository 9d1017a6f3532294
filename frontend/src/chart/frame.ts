/**
 * Where a plot's parts lie: margins, plot area, and the scales that map into it. All lengths are CSS px.
 */
import type { Axis, PlotSpec } from "./mark";
import { makeScale, type Scale } from "./scale";

export interface Size {
  width: number;
  height: number;
}

export interface Box extends Size {
  left: number;
  top: number;
}

/** The scales of a drawing and the area that they map into. */
export interface Frame {
  readonly x: Scale;
  readonly y: Scale;
  readonly area: Box;
  readonly host: Size;
}

interface Margins {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const MARGINS: Margins = { left: 50, top: 8, right: 12, bottom: 38 };
const COMPACT_MARGINS: Margins = { left: 32, top: 6, right: 8, bottom: 20 };
const COMPACT_BELOW: Size = { width: 240, height: 170 };
// Equal units are worth their blank margins only while the plot stays large enough to read.
const LEAST_EQUAL_SIDE = 160;

/** Lays out a plot in a host of that size. */
export function layout(spec: PlotSpec, size: Size): Frame {
  const whole = inside(size, isCompact(size) ? COMPACT_MARGINS : MARGINS);
  const area = spec.equal ? equalUnits(whole, spec.x, spec.y) : whole;
  const { left, top, width, height } = area;
  return {
    x: makeScale(spec.x.kind, spec.x.domain, [left, left + width]),
    y: makeScale(spec.y.kind, spec.y.domain, [top + height, top]),
    area,
    host: size,
  };
}

/** Whether a host is a small multiple, without room for axis titles. */
export function isCompact(host: Size): boolean {
  return host.width < COMPACT_BELOW.width || host.height < COMPACT_BELOW.height;
}

function inside(size: Size, margins: Margins): Box {
  return {
    left: margins.left,
    top: margins.top,
    width: Math.max(size.width - margins.left - margins.right, 1),
    height: Math.max(size.height - margins.top - margins.bottom, 1),
  };
}

/** The largest centred part of an area where one unit of x is as long as one unit of y. */
function equalUnits(area: Box, x: Axis, y: Axis): Box {
  if (x.kind !== "linear" || y.kind !== "linear") return area;
  const xUnits = Math.abs(x.domain[1] - x.domain[0]);
  const yUnits = Math.abs(y.domain[1] - y.domain[0]);
  const unit = Math.min(area.width / xUnits, area.height / yUnits);
  const width = Math.round(unit * xUnits);
  const height = Math.round(unit * yUnits);
  if (Math.min(width, height) < LEAST_EQUAL_SIDE) return area;
  return {
    left: area.left + Math.round((area.width - width) / 2),
    top: area.top + Math.round((area.height - height) / 2),
    width,
    height,
  };
}

/**
 * What lines are clipped to: the area and a pixel around it, so that a curve along its edge keeps its full width.
 *
 * Not so across a log or probit axis: what runs along its edge there is only said to lie at or below it.
 */
export function clipBox({ x, y, area }: Frame): Box {
  const dx = x.kind === "linear" ? 1 : 0;
  const dy = y.kind === "linear" ? 1 : 0;
  return { left: area.left - dx, top: area.top - dy, width: area.width + 2 * dx, height: area.height + 2 * dy };
}

/** Whether a pixel lies in a box, its edges and half a pixel of rounding included. */
export function contains(box: Box, px: number, py: number): boolean {
  return (
    px >= box.left - 0.5 &&
    px <= box.left + box.width + 0.5 &&
    py >= box.top - 0.5 &&
    py <= box.top + box.height + 0.5
  );
}
