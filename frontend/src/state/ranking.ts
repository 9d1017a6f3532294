/** The classes of a head, ranked: how good the focused run is at each, and how much better than the baseline. */

import { computed, untracked, type ReadonlySignal } from "@preact/signals";
import { recordAt } from "../data/metrics";
import type { Areas, Series } from "../data/model";
import type { Choice, ClassColumn, Sort } from "./choice";
import type { Figures } from "./figures";
import type { Known } from "./known";
import { bestOf, curveName, type Best } from "./runs";
import type { Selection } from "./selection";
import { ordered } from "./sort";

/** One class of the focused run, at the epoch. */
export interface ClassRow {
  readonly curve: string;
  readonly name: string;
  /** How many examples are of the class. */
  readonly support: number;
  readonly roc_auc: number;
  readonly average_precision: number;
  /** The chosen area less the baseline's; NaN without a baseline. */
  readonly delta: number;
  readonly best: Best | null;
  /** Areas over all epochs; undefined while they are on their way. */
  readonly focus: Areas | undefined;
  readonly baseline: Areas | undefined;
}

export class Ranking {
  constructor(
    private readonly choice: Choice,
    private readonly selection: Selection,
    private readonly figures: Figures,
    private readonly known: ReadonlySignal<Known>,
  ) {}

  /** The focused run and the baseline. */
  readonly compared = computed<readonly Series[]>(() =>
    [this.selection.focus.value, this.selection.baseline.value].filter((series, i, all) => series !== null && all.indexOf(series) === i) as Series[],
  );

  /** Ids of the focused run's classes. */
  readonly curves = computed<readonly string[]>(
    () => this.selection.focus.value?.curves.filter((curve) => curve.startsWith("class:")) ?? [],
  );

  readonly rows = computed<readonly ClassRow[]>(() => {
    const { store } = this.known.value;
    const [focus, baseline] = [this.selection.focus.value, this.selection.baseline.value];
    const epoch = this.figures.calmEpoch.value;
    if (!focus) return [];
    return this.curves.value.map((curve) =>
      this.row(curve, epoch, store.areas(focus, curve), baseline && baseline !== focus ? store.areas(baseline, curve) : undefined),
    );
  });

  /** The least of all areas that are here: the bottom that all trends share. */
  readonly lowest = computed(() => {
    const metric = this.choice.metric.value;
    const tracks = this.rows.value.flatMap(({ focus, baseline }) => [focus, baseline].flatMap((areas) => (areas ? [areas[metric]] : [])));
    return tracks.reduce((least, track) => track.reduce((low, value) => (value < low ? value : low), least), 1);
  });

  /** The order asked for; unless one was, the worst first: the largest losses, or without a baseline the lowest areas. */
  readonly sort = computed<Sort<ClassColumn>>(() => {
    const compared = this.compared.value.length > 1;
    return this.choice.classSort.value ?? { column: compared ? "delta" : this.choice.metric.value, descending: false };
  });

  /** Rows that the filter lets pass, in order. While the epoch moves the order stays: rows that jump cannot be read. */
  readonly sorted = computed<readonly ClassRow[]>(() => {
    const rows = this.rows.value;
    const sort = this.sort.value;
    const wanted = this.choice.classFilter.value.toLowerCase();
    const passing = rows.filter(({ name }) => name.toLowerCase().includes(wanted));
    if (!this.figures.moving.value || !this.order.size) this.order = ranks(untracked(() => sortClasses(rows, sort)));
    return passing.sort((a, b) => (this.order.get(a.curve) ?? 0) - (this.order.get(b.curve) ?? 0));
  });
  private order: ReadonlyMap<string, number> = new Map();

  private row(curve: string, epoch: number, focus: Areas | undefined, baseline: Areas | undefined): ClassRow {
    const metric = this.choice.metric.value;
    const own = at(focus, epoch);
    return {
      curve,
      name: curveName(curve),
      support: own("positives"),
      roc_auc: own("roc_auc"),
      average_precision: own("average_precision"),
      delta: own(metric) - at(baseline, epoch)(metric),
      best: bestOf(focus, metric),
      focus,
      baseline,
    };
  }
}

/** Reads the latest record at or before an epoch; NaN where there is none. */
function at(areas: Areas | undefined, epoch: number): (name: keyof Areas) => number {
  const record = areas ? recordAt(areas.step, epoch) : -1;
  return (name) => areas?.[name][record] ?? NaN;
}

function sortClasses(rows: readonly ClassRow[], { column, descending }: Sort<ClassColumn>): ClassRow[] {
  return ordered(rows, ({ name }) => name, column === "name" ? null : (row) => classValue(row, column), descending);
}

/** The number a column shows for a class; NaN where it shows none. */
export function classValue(row: ClassRow, column: Exclude<ClassColumn, "name">): number {
  return column === "best" ? (row.best?.step ?? NaN) : row[column];
}

const ranks = (rows: readonly ClassRow[]) => new Map(rows.map(({ curve }, rank) => [curve, rank]));
