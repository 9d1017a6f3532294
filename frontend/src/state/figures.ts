import { computed, type ReadonlySignal } from "@preact/signals";
import { operatingPoint, ratesAt, recordAt } from "../data/metrics";
import type { Areas, Confusion, Curve, Series } from "../data/model";
import type { Choice } from "./choice";
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
    const { store } = this.known.value;
    const curve = this.selection.curve.value;
    const rule = this.choice.rule.value;
    const what = `${this.selection.dataSet.value?.label ?? ""}\n${curve}`;
    if (this.held.what !== what) this.held = { what, curves: new Map() };
    return this.selection.shown.value.flatMap((series) => {
      const record = recordAt(series.steps, epoch);
      if (record < 0) return [];
      const found = store.curve(series, curve, epoch) ?? this.held.curves.get(series.run);
      if (!found) return [];
      this.held.curves.set(series.run, found);
      const point = operatingPoint(found, rule.criterion, rule.level);
      return [{ series, curve: found, late: series.steps[record] !== epoch, point }];
    });
  }

  private row(series: Series, epoch: number, shown: Shown | undefined): Row {
    const areas = this.areas.value.get(series.run);
    const record = areas ? recordAt(areas.step, epoch) : -1;
    const at = (name: keyof Areas) => (areas && record >= 0 ? areas[name][record]! : NaN);
    const step = record < 0 ? null : at("step");
    return {
      series,
      step,
      late: step !== null && step !== epoch,
      roc_auc: at("roc_auc"),
      roc_auc_se: at("roc_auc_se"),
      average_precision: at("average_precision"),
      positives: at("positives"),
      negatives: at("negatives"),
      best: this.best.value.get(series.run) ?? null,
      rates: shown && shown.curve.step === step && shown.point !== null ? ratesAt(shown.curve, shown.point) : null,
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
