import { computed, type ReadonlySignal } from "@preact/signals";
import { partialArea } from "../data/area";
import { ratesAt, recordAt, type Rates } from "../data/metrics";
import type { Areas, Confusion, Curve, Series } from "../data/model";
import { expectedCost, operatingPoint, prevalenceOf } from "../data/operating";
import type { Choice, Track } from "./choice";
import type { Known } from "./known";
import { paced } from "./pace";
import { bestOf, type Best } from "./runs";
import type { Selection } from "./selection";
import type { Row } from "./row";
import { sortRows } from "./sort";

/** A shown run's curve at the epoch. */
export interface Shown {
  readonly series: Series;
  readonly curve: Curve;
  /** The run has no record of the epoch; this is of its latest one before. */
  readonly late: boolean;
  /** Stored point that the operating rule chooses; null where it chooses none. */
  readonly point: number | null;
}

/** What there is to draw and to tell of the selection. */
export class Figures {
  /** The last curve of each run that was here; drawn while the next one is on its way. */
  private held = { what: "", curves: new Map<string, Curve>() };
  private readonly pace;

  constructor(
    private readonly choice: Choice,
    private readonly selection: Selection,
    private readonly known: ReadonlySignal<Known>,
  ) {
    this.pace = paced(selection.epoch);
  }

  /** The epoch, for text: it changes at most 8 times a second. */
  get calmEpoch(): ReadonlySignal<number> {
    return this.pace.calm;
  }

  get moving(): ReadonlySignal<boolean> {
    return this.pace.moving;
  }

  readonly areas = computed<ReadonlyMap<string, Areas>>(() => {
    const { store } = this.known.value;
    const curve = this.selection.curve.value;
    return collect(this.selection.dataSet.value?.series ?? [], (series) => store.areas(series, curve));
  });

  readonly best = computed<ReadonlyMap<string, Best>>(() => {
    const metric = this.choice.metric.value;
    return collect(this.selection.listed.value, ({ run }) => bestOf(this.areas.value.get(run), metric) ?? undefined);
  });

  readonly curves = computed<readonly Shown[]>(() => this.curvesAt(this.selection.epoch.value));

  readonly rows = computed<readonly Row[]>(() => {
    const epoch = this.calmEpoch.value;
    const curves = new Map(this.curvesAt(epoch).map((shown) => [shown.series.run, shown]));
    return this.selection.shown.value.map((series) => this.row(series, epoch, curves.get(series.run)));
  });

  /** The baseline in numbers, whether it is shown or not. */
  readonly baselineRow = computed<Row | null>(() => {
    const series = this.selection.baseline.value;
    return series && this.row(series, this.calmEpoch.value, this.shownAt(series, this.calmEpoch.value) ?? undefined);
  });

  /** The focused run's curve, for text: it changes as seldom as the calm epoch. */
  readonly focusCurve = computed<Curve | null>(() => {
    const focus = this.selection.focus.value;
    return focus && (this.shownAt(focus, this.calmEpoch.value)?.curve ?? null);
  });

  /** The false positive rates that a ROC chart is zoomed to; null where it shows all of them. */
  readonly fprRange = computed<readonly [number, number] | null>(() => {
    const { first, second, zoom, fprRange } = this.choice;
    if (first.value !== "roc" && second.value !== "roc") return null;
    const zoomed = zoom.roc.value?.x;
    if (zoomed) return [Math.max(0, zoomed[0]), Math.min(1, zoomed[1])];
    return fprRange.value === "1" || fprRange.value === "log" ? null : [0, Number(fprRange.value)];
  });

  /** A figure of the operating point over all epochs that are here, by run; NaN at the others. */
  readonly drift = computed<ReadonlyMap<string, readonly number[]>>(() => {
    const track = this.choice.track.value;
    if (track === "area") return new Map();
    return collect(this.selection.shown.value, (series) => series.steps.map((step) => this.driftAt(series, step, track)));
  });

  readonly sortedRows = computed(() => sortRows(this.rows.value, this.choice.sort.value));

  /** The focused run's confusion matrix at the epoch, or the last one that was here. */
  readonly confusion = computed<Confusion | null>((): Confusion | null => {
    const { store } = this.known.value;
    const focus = this.selection.focus.value;
    if (!focus) return null;
    const what = `${focus.run}\n${focus.head}`;
    const found = store.confusion(focus, this.selection.epoch.value);
    if (found) this.heldConfusion = { what, confusion: found };
    return found ?? (this.heldConfusion?.what === what ? this.heldConfusion.confusion : null);
  });
  private heldConfusion: { what: string; confusion: Confusion } | null = null;

  private curvesAt(epoch: number): Shown[] {
    return this.selection.shown.value.flatMap((series) => this.shownAt(series, epoch) ?? []);
  }

  private shownAt(series: Series, epoch: number): Shown | null {
    const { store } = this.known.value;
    const curve = this.selection.curve.value;
    const what = `${this.selection.dataSet.value?.label ?? ""}\n${curve}`;
    if (this.held.what !== what) this.held = { what, curves: new Map() };
    const record = recordAt(series.steps, epoch);
    if (record < 0) return null;
    const found = store.curve(series, curve, epoch) ?? this.held.curves.get(series.run);
    if (!found) return null;
    this.held.curves.set(series.run, found);
    const point = operatingPoint(found, this.choice.rule.value);
    return { series, curve: found, late: series.steps[record] !== epoch, point };
  }

  private driftAt(series: Series, step: number, track: Exclude<Track, "area">): number {
    const curve = this.known.value.store.curve(series, this.selection.curve.value, step);
    const point = curve ? operatingPoint(curve, this.choice.rule.value) : null;
    return curve && point !== null ? ratesAt(curve, point)[track] : NaN;
  }

  private costAt(curve: Curve, rates: Rates): number {
    const { criterion, level, prevalence } = this.choice.rule.value;
    return criterion === "cost" ? expectedCost(rates, level, prevalence ?? prevalenceOf(curve)) : NaN;
  }

  private row(series: Series, epoch: number, shown: Shown | undefined): Row {
    const areas = this.areas.value.get(series.run);
    const record = areas ? recordAt(areas.step, epoch) : -1;
    const at = (name: keyof Areas) => (areas && record >= 0 ? areas[name][record]! : NaN);
    const step = record < 0 ? null : at("step");
    const curve = shown && shown.curve.step === step ? shown.curve : null;
    const rates = curve && shown?.point !== undefined && shown.point !== null ? ratesAt(curve, shown.point) : null;
    const range = this.fprRange.value;
    return {
      series,
      step,
      late: step !== null && step !== epoch,
      roc_auc: at("roc_auc"),
      roc_auc_se: at("roc_auc_se"),
      partial: curve && range ? partialArea(curve, ...range) : null,
      average_precision: at("average_precision"),
      positives: at("positives"),
      negatives: at("negatives"),
      best: this.best.value.get(series.run) ?? null,
      rates,
      cost: curve && rates ? this.costAt(curve, rates) : NaN,
    };
  }
}

function collect<T>(series: readonly Series[], find: (series: Series) => T | undefined): Map<string, T> {
  const found = new Map<string, T>();
  for (const each of series) {
    const value = find(each);
    if (value !== undefined) found.set(each.run, value);
  }
  return found;
}
