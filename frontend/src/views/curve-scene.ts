/** What a chart of curves shows: the session as plain data for the drawing. */

import { max } from "d3-array";
import type { Axis, Guide, LineMark, PlotSpec, PointMark, RuleMark } from "../chart";
import type { Curve } from "../data/model";
import { prevalenceOf } from "../data/operating";
import { pathOf, placeOf, type Path, type Plane, type ThresholdMetric } from "../data/planes";
import type { FprRange, Slot } from "../state/choice";
import type { Shown } from "../state/figures";
import type { Session } from "../state/session";
import { color, inOrder, look } from "./look";

const LATE_DASH = [2, 4];
const LEAST_FPR = 1e-4;
/** The rates of a DET chart: those of detectors worth comparing. */
const DET_DOMAIN = [0.0005, 0.6] as const;

const LOG_STEPS = Array.from({ length: 121 }, (_, i) => 10 ** (i / 30 - 4));
const CHANCE: Guide = sample([0, ...LOG_STEPS], (x) => x);
const MISS_CHANCE: Guide = sample([...LOG_STEPS, 0.9, 0.99, 0.9999], (x) => 1 - x);
const NO_LIFT: Guide = { x: [0, 1], y: [1, 1], label: "chance" };
const ISO_F1: readonly Guide[] = [0.5, 0.7, 0.8, 0.9].map((f1) => {
  const recall = Array.from({ length: 60 }, (_, i) => f1 / (2 - f1) + ((1 - f1 / (2 - f1)) * i) / 59);
  return { ...sample(recall, (x) => (f1 * x) / (2 * x - f1)), label: `F1 ${f1}` };
});

/** The lines over the threshold, and the dashes that tell them apart in one run's colour. */
export const THRESHOLD_DASHES: readonly (readonly [ThresholdMetric, readonly number[]])[] = [
  ["precision", []],
  ["tpr", [7, 3]],
  ["f1", [2, 3]],
];

/** Which of the lines over the threshold a chart shows. */
export function thresholdMetrics(session: Session): readonly ThresholdMetric[] {
  const chosen = session.choice.thresholdLines.value;
  return chosen === "focus" ? THRESHOLD_DASHES.map(([metric]) => metric) : [chosen];
}

/** The id of a line: its run, and over the threshold its metric, too. */
export function lineId(run: string, metric: ThresholdMetric | undefined): string {
  return metric ? `${run}\n${metric}` : run;
}

export function readLineId(id: string): { run: string; metric?: ThresholdMetric } {
  const [run = "", metric] = id.split("\n");
  return metric ? { run, metric: metric as ThresholdMetric } : { run };
}

export function curveScene(session: Session, slot: Slot): PlotSpec {
  const plane = session.choice[slot].value;
  const drawn = lines(session, plane);
  const zoom = session.choice.zoom[plane].value;
  const axes = axesOf(session, plane, drawn);
  return {
    x: zoom ? { ...axes.x, domain: zoom.x } : axes.x,
    y: zoom ? { ...axes.y, domain: zoom.y } : axes.y,
    guides: guidesOf(session, plane),
    rules: ruleOf(session, plane),
    lines: drawn,
    points: operatingPoints(session, plane),
  };
}

/** A curve's path, computed once for as long as the curve is cached. */
export function path(curve: Curve, plane: Plane, metric: ThresholdMetric | undefined): Path | null {
  const known = paths.get(curve) ?? new Map<string, Path | null>();
  paths.set(curve, known);
  const key = `${plane} ${metric ?? ""}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = pathOf(curve, plane, metric);
  known.set(key, made);
  return made;
}
const paths = new WeakMap<Curve, Map<string, Path | null>>();

function axesOf(session: Session, plane: Plane, drawn: readonly LineMark[]): { x: Axis; y: Axis } {
  const rate = (label: string): Axis => ({ kind: "linear", domain: [0, 1], label });
  const share = rate("Share predicted positive");
  switch (plane) {
    case "roc": {
      const range = session.choice.fprRange.value;
      const kind = range === "log" ? "log" : "linear";
      return { x: { kind, domain: fprDomain(range), label: "False positive rate" }, y: rate("True positive rate") };
    }
    case "det": {
      const error = (label: string): Axis => ({ kind: "probit", domain: DET_DOMAIN, label: `${label}, %` });
      return { x: error("False positive rate"), y: error("Miss rate") };
    }
    case "pr":
      return { x: rate("Recall"), y: rate("Precision") };
    case "gain":
      return { x: share, y: rate("Recall") };
    case "lift":
      return { x: share, y: { kind: "linear", domain: [0, liftTop(drawn)], label: "Lift" } };
    case "threshold":
      return { x: { kind: "linear", domain: thresholdDomain(session), label: "Threshold" }, y: rate(thresholdLabel(session)) };
  }
}

function thresholdLabel(session: Session): string {
  const chosen = session.choice.thresholdLines.value;
  return { focus: "Rate", precision: "Precision", tpr: "Recall", f1: "F1" }[chosen];
}

function fprDomain(range: FprRange): readonly [number, number] {
  return range === "log" ? [LEAST_FPR, 1] : [0, Number(range)];
}

/** A round number above all lifts, so that the axis moves seldom while the epoch does. */
function liftTop(drawn: readonly LineMark[]): number {
  const highest = max(drawn, ({ y }) => max(Array.from(y))) ?? 1;
  const power = 10 ** Math.floor(Math.log10(Math.max(highest, 1)));
  return [1.2, 1.5, 2, 3, 4, 5, 6, 8, 10].map((each) => each * power).find((each) => each >= highest) ?? highest;
}

/** Probabilities have the whole range of probabilities, other scores their own. */
function thresholdDomain(session: Session): readonly [number, number] {
  const thresholds = shownCurves(session, "threshold").flatMap(({ curve }) => (curve.kind === "counts" ? [curve.threshold] : []));
  const highest = Math.max(...thresholds.map((each) => each[0] ?? NaN).filter(Number.isFinite));
  const lowest = Math.min(...thresholds.map((each) => each.at(-1) ?? NaN).filter(Number.isFinite));
  if (!(lowest < highest) || (lowest >= 0 && highest <= 1)) return [0, 1];
  return [lowest, highest];
}

function guidesOf(session: Session, plane: Plane): readonly Guide[] {
  switch (plane) {
    case "roc":
    case "gain":
      return [CHANCE];
    case "det":
      return [MISS_CHANCE];
    case "lift":
      return [NO_LIFT];
    case "threshold":
      return [];
    case "pr":
      return [...ISO_F1, ...chancePrecision(session)];
  }
}

/** Guessing is right as often as there are positives: in the focused run's data, which is that of most runs beside it. */
function chancePrecision({ figures, selection }: Session): Guide[] {
  const focus = figures.curves.value.find(({ series }) => series === selection.focus.value);
  const share = focus ? prevalenceOf(focus.curve) : NaN;
  return Number.isNaN(share) ? [] : [{ x: [0, 1], y: [share, share], label: "chance" }];
}

/** The operating rule, where it is a straight line in the plane. */
function ruleOf(session: Session, plane: Plane): RuleMark[] {
  const { criterion, level } = session.choice.rule.value;
  const line = (axis: "x" | "y", at = level): RuleMark[] => [{ axis, at, dash: [2, 2] }];
  switch (`${plane} ${criterion}`) {
    case "roc fpr":
    case "det fpr":
    case "pr tpr":
    case "threshold threshold":
      return line("x");
    case "roc tpr":
    case "gain tpr":
    case "pr precision":
      return line("y");
    case "det tpr":
      return line("y", 1 - level);
    default:
      return [];
  }
}

/** The curves that a chart shows: of all runs, or over the threshold those of the focused one. */
function shownCurves({ figures, selection, choice }: Session, plane: Plane): (Shown & { run: string })[] {
  const shown = figures.curves.value.map((each) => ({ ...each, run: each.series.run }));
  const alone = plane === "threshold" && choice.thresholdLines.value === "focus";
  return alone ? shown.filter(({ series }) => series === selection.focus.value) : shown;
}

function metricsIn(session: Session, plane: Plane): readonly (ThresholdMetric | undefined)[] {
  return plane === "threshold" ? thresholdMetrics(session) : [undefined];
}

function lines(session: Session, plane: Plane): LineMark[] {
  const metrics = metricsIn(session, plane);
  return inOrder(session, shownCurves(session, plane)).flatMap(({ run, curve, late }) =>
    metrics.flatMap((metric): LineMark[] => {
      const found = path(curve, plane, metric);
      if (!found) return [];
      const dash = metrics.length > 1 ? { dash: THRESHOLD_DASHES.find(([each]) => each === metric)![1] } : late ? { dash: LATE_DASH } : {};
      return [{ id: lineId(run, metric), x: found.x, y: found.y, ...look(session, run), ...dash }];
    }),
  );
}

function operatingPoints(session: Session, plane: Plane): PointMark[] {
  return shownCurves(session, plane).flatMap(({ run, curve, point }) => {
    if (point === null) return [];
    return metricsIn(session, plane).flatMap((metric): PointMark[] => {
      const at = placeOf(curve, point, plane, "roc", metric);
      return at ? [{ ...at, color: color(session, run), shape: "dot", id: lineId(run, metric) }] : [];
    });
  });
}

function sample(x: readonly number[], y: (x: number) => number): Guide {
  return { x, y: x.map(y) };
}
