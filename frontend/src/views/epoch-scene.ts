/** What the chart of epochs shows. It does not depend on the epoch, which lies over it. */

import { max, min } from "d3-array";
import type { Numbers, PlotSpec, PointMark } from "../chart";
import type { Track } from "../state/choice";
import type { Session } from "../state/session";
import { trackName } from "./format";
import { color, inOrder, look } from "./look";

interface Line {
  readonly run: string;
  readonly x: Numbers;
  readonly y: ArrayLike<number>;
}

export function epochsScene(session: Session): PlotSpec {
  const { selection, choice } = session;
  const steps = selection.steps.value;
  const tracks = epochLines(session, choice.track.value);
  const [first, last] = [steps[0] ?? 0, steps.at(-1) ?? 1];
  return {
    x: { kind: "linear", domain: first === last ? [first - 0.5, last + 0.5] : [first, last], label: "Epoch", whole: true },
    y: { kind: "linear", domain: roundDomain(tracks.map(({ y }) => y), choice.track.value), label: trackName(choice.track.value, choice.metric.value) },
    lines: inOrder(session, tracks).map(({ run, x, y }) => ({ id: run, x, y, ...look(session, run) })),
    points: tracks.flatMap((line) => [...alone(session, line), ...best(session, line)]),
  };
}

/** What there is to draw: a line a run. */
export function epochLines({ selection, figures, choice }: Session, track: Track): Line[] {
  return selection.shown.value.flatMap((series): Line[] => {
    const areas = figures.areas.value.get(series.run);
    if (track === "area") return areas ? [{ run: series.run, x: areas.step, y: areas[choice.metric.value] }] : [];
    return [{ run: series.run, x: series.steps, y: figures.drift.value.get(series.run) ?? [] }];
  });
}

/** A run of one epoch has no line. */
function alone(session: Session, { run, x, y }: Line): PointMark[] {
  if (y.length !== 1 || Number.isNaN(y[0]!)) return [];
  return [{ x: x[0]!, y: y[0]!, color: color(session, run), shape: "dot", id: run }];
}

/** The epoch that was best by the area, at the height of what is drawn. */
function best(session: Session, { run, x, y }: Line): PointMark[] {
  const found = session.figures.best.value.get(run);
  const at = found ? Array.from(x).indexOf(found.step) : -1;
  return at < 0 || Number.isNaN(y[at]!) ? [] : [{ x: x[at]!, y: y[at]!, color: color(session, run), shape: "triangle", id: run }];
}

/** A round range that holds all values, for rates up to 1 where they come near it. */
function roundDomain(values: readonly ArrayLike<number>[], track: Track): readonly [number, number] {
  const isRate = track !== "threshold";
  const finite = values.map((each) => Array.from(each).filter(Number.isFinite));
  const lowest = min(finite, (each) => min(each));
  const highest = max(finite, (each) => max(each));
  if (lowest === undefined || highest === undefined) return [0, 1];
  // Units a whole: a quotient of integers is the decimal that the axis will print.
  const units = 10 ** -Math.floor(Math.log10(Math.max(highest - lowest, isRate ? 0.01 : 1e-6)));
  const from = Math.min(Math.floor(lowest * units), Math.ceil(highest * units) - 1);
  const above = Math.floor(highest * units) + 1;
  if (!isRate) return [from / units, above / units];
  return [Math.max(0, from) / units, (highest > 0.9 ? units : Math.min(units, above)) / units];
}
