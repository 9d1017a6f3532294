/** What the charts show: the session as plain data for the drawing. */

import { max, min } from "d3-array";
import { runColor, runDash, type Guide, type LineMark, type PlotSpec, type PointMark, type RuleMark } from "../chart";
import { precisionRecallOf, ratesAt, rocOf, type PrecisionRecall, type Roc } from "../data/metrics";
import type { Curve } from "../data/model";
import type { FprRange } from "../state/choice";
import type { Shown } from "../state/figures";
import type { Session } from "../state/session";

/** More runs than this recede behind focus and baseline. */
const CROWD = 15;
const RECEDED = 0.4;
const FOCUS_WIDTH = 2.5;
const LATE_DASH = [2, 4];
const LEAST_FPR = 1e-4;

export const roc = memo<Roc>(rocOf);
export const precisionRecall = memo<PrecisionRecall>(precisionRecallOf);

const CHANCE: Guide = sample(Array.from({ length: 121 }, (_, i) => 10 ** (i / 30 - 4)), (x) => x);
const ISO_F1: readonly Guide[] = [0.5, 0.7, 0.8, 0.9].map((f1) => {
  const recall = Array.from({ length: 60 }, (_, i) => f1 / (2 - f1) + ((1 - f1 / (2 - f1)) * i) / 59);
  return { ...sample(recall, (x) => (f1 * x) / (2 * x - f1)), label: `F1 ${f1}` };
});

export function rocScene(session: Session): PlotSpec {
  const { rocZoom, fprRange, rule } = session.choice;
  const zoom = rocZoom.value;
  const { criterion, level } = rule.value;
  const rules: RuleMark[] = criterion === "fpr" || criterion === "tpr" ? [{ axis: criterion === "fpr" ? "x" : "y", at: level, dash: [2, 2] }] : [];
  return {
    x: {
      kind: fprRange.value === "log" ? "log" : "linear",
      domain: zoom?.x ?? fprDomain(fprRange.value),
      label: "False positive rate",
    },
    y: { kind: "linear", domain: zoom?.y ?? [0, 1], label: "True positive rate" },
    guides: [CHANCE],
    rules,
    lines: lines(session, (curve) => {
      const { fpr, tpr } = roc(curve);
      return { x: fpr, y: tpr };
    }),
    points: operatingPoints(session, rocPlace),
  };
}

export function prScene(session: Session): PlotSpec {
  const zoom = session.choice.prZoom.value;
  return {
    x: { kind: "linear", domain: zoom?.x ?? [0, 1], label: "Recall" },
    y: { kind: "linear", domain: zoom?.y ?? [0, 1], label: "Precision" },
    guides: ISO_F1,
    lines: lines(session, (curve) => {
      const { recall, precision } = precisionRecall(curve);
      return { x: recall, y: precision };
    }),
    points: operatingPoints(session, prPlace),
  };
}

/** Areas of all shown runs over all epochs. It does not depend on the epoch, which lies over it. */
export function epochsScene(session: Session): PlotSpec {
  const { selection, figures, choice } = session;
  const metric = choice.metric.value;
  const steps = selection.steps.value;
  const tracks = selection.shown.value.flatMap((series) => {
    const areas = figures.areas.value.get(series.run);
    return areas ? [{ run: series.run, x: areas.step, y: areas[metric] }] : [];
  });
  const [first, last] = [steps[0] ?? 0, steps.at(-1) ?? 1];
  return {
    x: { kind: "linear", domain: first === last ? [first - 0.5, last + 0.5] : [first, last], label: "Epoch", whole: true },
    y: { kind: "linear", domain: areaDomain(tracks.map(({ y }) => y)), label: metric === "roc_auc" ? "ROC AUC" : "Average precision" },
    lines: inOrder(session, tracks).map(({ run, x, y }) => ({ id: run, x, y, ...look(session, run) })),
    points: tracks.flatMap(({ run, y }): PointMark[] => {
      const best = figures.best.value.get(run);
      const alone = y.length === 1 ? [{ x: first, y: y[0]!, color: color(session, run), shape: "dot" as const, id: run }] : [];
      return best ? [...alone, { x: best.step, y: best.value, color: color(session, run), shape: "triangle", id: run }] : alone;
    }),
  };
}

export function color(session: Session, run: string): string {
  return runColor(session.runIndex.value(run), session.dark.value);
}

/** Where a stored point lies in the ROC plane. */
export function rocPlace(curve: Curve, point: number): { x: number; y: number } {
  const { fpr, tpr } = ratesAt(curve, point);
  return { x: fpr, y: tpr };
}

/** Where a stored point lies in the PR plane; a mean curve's points are not the same in both. */
export function prPlace(curve: Curve, point: number): { x: number; y: number } | null {
  if (curve.kind === "mean") return null;
  const { tpr, precision } = ratesAt(curve, Math.max(point, 0));
  return { x: tpr, y: precision };
}

function lines(session: Session, path: (curve: Curve) => { x: Float64Array; y: Float64Array }): LineMark[] {
  const shown = session.figures.curves.value.map((each) => ({ ...each, run: each.series.run }));
  return inOrder(session, shown).map(({ run, curve, late }) => {
    const mark = { id: run, ...path(curve), ...look(session, run) };
    return late ? { ...mark, dash: LATE_DASH } : mark;
  });
}

/** Focus last, so that it lies on top. */
function inOrder<T extends { run: string }>(session: Session, marks: readonly T[]): T[] {
  const [focus, baseline] = [session.selection.focus.value?.run, session.selection.baseline.value?.run];
  const rank = ({ run }: T) => (run === focus ? 2 : run === baseline ? 1 : 0);
  return [...marks].sort((a, b) => rank(a) - rank(b));
}

function look(session: Session, run: string): Pick<LineMark, "color" | "dash" | "width" | "alpha"> {
  const stroke = { color: color(session, run), dash: runDash(session.runIndex.value(run)) };
  const { focus, baseline, shown } = session.selection;
  if (shown.value.length === 1) return stroke;
  if (run === focus.value?.run) return { ...stroke, width: FOCUS_WIDTH };
  const recedes = shown.value.length > CROWD && run !== baseline.value?.run;
  // In a crowd dashes tell nothing apart; they only flicker.
  return recedes ? { color: stroke.color, width: 1, alpha: RECEDED } : stroke;
}

function operatingPoints(session: Session, place: (curve: Curve, point: number) => { x: number; y: number } | null): PointMark[] {
  return session.figures.curves.value.flatMap(({ series: { run }, curve, point }: Shown) => {
    const at = point === null ? null : place(curve, point);
    return at ? [{ ...at, color: color(session, run), shape: "dot", id: run }] : [];
  });
}

function fprDomain(range: FprRange): readonly [number, number] {
  return range === "log" ? [LEAST_FPR, 1] : [0, Number(range)];
}

/** A round range that holds all areas, up to 1 where they come near it. */
function areaDomain(values: readonly Float64Array[]): readonly [number, number] {
  const lowest = min(values, (each) => min(each));
  const highest = max(values, (each) => max(each));
  if (lowest === undefined || highest === undefined) return [0, 1];
  // Units a whole: a quotient of integers is the decimal that the axis will print.
  const units = 10 ** -Math.floor(Math.log10(Math.max(highest - lowest, 0.01)));
  const from = Math.min(Math.floor(lowest * units), Math.ceil(highest * units) - 1);
  const to = highest > 0.9 ? units : Math.min(units, Math.floor(highest * units) + 1);
  return [Math.max(0, from) / units, to / units];
}

function sample(x: readonly number[], y: (x: number) => number): Guide {
  return { x, y: x.map(y) };
}

/** Computes once for every curve, for as long as it is cached. */
function memo<T>(compute: (curve: Curve) => T): (curve: Curve) => T {
  const known = new WeakMap<Curve, T>();
  return (curve) => {
    const found = known.get(curve);
    if (found) return found;
    const value = compute(curve);
    known.set(curve, value);
    return value;
  };
}

