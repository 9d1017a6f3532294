import { signal, type Signal } from "@preact/signals";
import type { Criterion, OperatingRule } from "../data/operating";
import type { Plane, ThresholdMetric } from "../data/planes";

export type View = "curves" | "classes" | "confusion";
export type Metric = "roc_auc" | "average_precision";
export type FprRange = "1" | ".1" | ".01" | "log";
export type SortColumn =
  | "run" | "threshold" | "tpr" | "fpr" | "precision" | "f1" | "cost" | "roc_auc" | "roc_auc_se" | "partial_auc"
  | "average_precision" | "tp" | "fn" | "fp" | "tn" | "best";
/** Columns of the ranking of classes. */
export type ClassColumn = "name" | "support" | "roc_auc" | "average_precision" | "delta" | "best";
/** What the chart of epochs shows: the chosen area, or a figure of the operating point. */
export type Track = "area" | "threshold" | "tpr" | "fpr" | "precision" | "f1";
/** The two charts of curves. */
export type Slot = "first" | "second";

export const VIEWS: readonly View[] = ["curves", "classes", "confusion"];
export const PLANES: readonly Plane[] = ["roc", "pr", "det", "threshold", "gain", "lift"];
export const TRACKS: readonly Track[] = ["area", "threshold", "tpr", "fpr", "precision", "f1"];
export const METRICS: readonly Metric[] = ["roc_auc", "average_precision"];
export const FPR_RANGES: readonly FprRange[] = ["1", ".1", ".01", "log"];
export const CRITERIA: readonly Criterion[] = ["threshold", "fpr", "tpr", "precision", "f1", "youden", "cost"];
export const SORT_COLUMNS: readonly SortColumn[] = [
  "run", "threshold", "tpr", "fpr", "precision", "f1", "cost", "roc_auc", "roc_auc_se", "partial_auc",
  "average_precision", "tp", "fn", "fp", "tn", "best",
];
export const CLASS_COLUMNS: readonly ClassColumn[] = ["name", "support", "roc_auc", "average_precision", "delta", "best"];
/** A metric over the threshold for all runs, or all three for the focused one. */
export const THRESHOLD_LINES: readonly (ThresholdMetric | "focus")[] = ["focus", "precision", "tpr", "f1"];

/** Part of a chart's plane, in its units. */
export interface Zoom {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

export interface Sort<Column = SortColumn> {
  readonly column: Column;
  readonly descending: boolean;
}

/** Which runs are checked. */
export interface Checked {
  /** Runs checked or unchecked one by one. */
  readonly runs: ReadonlyMap<string, boolean>;
  /** All the others; null shows them unless there are too many. */
  readonly others: boolean | null;
}

export const DEFAULT_CHECKED: Checked = { runs: new Map(), others: null };
export const DEFAULT_RULE: OperatingRule = { criterion: "fpr", level: 0.01 };
export const DEFAULT_SORT: Sort = { column: "roc_auc", descending: true };

/** Everything the user chose, and nothing derived from it. Empty strings and null stand for the default. */
export class Choice {
  readonly view = signal<View>("curves");
  /** Label of the data set. */
  readonly data = signal("");
  /** Id of the curve: `micro`, `macro`, `class:<name>`. */
  readonly curve = signal("");
  /** null follows the last epoch. */
  readonly epoch = signal<number | null>(null);
  readonly filter = signal("");
  readonly shown = signal<Checked>(DEFAULT_CHECKED);
  readonly focus = signal("");
  readonly baseline = signal("");
  readonly metric = signal<Metric>("roc_auc");
  readonly rule = signal<OperatingRule>(DEFAULT_RULE);
  readonly sort = signal<Sort>(DEFAULT_SORT);
  readonly fprRange = signal<FprRange>("1");
  readonly first = signal<Plane>("roc");
  readonly second = signal<Plane>("pr");
  readonly zoom: Readonly<Record<Plane, Signal<Zoom | null>>> = {
    roc: signal(null),
    pr: signal(null),
    det: signal(null),
    threshold: signal(null),
    gain: signal(null),
    lift: signal(null),
  };
  readonly thresholdLines = signal<ThresholdMetric | "focus">("focus");
  readonly track = signal<Track>("area");
  /** The table shows differences from the baseline. */
  readonly deltas = signal(false);
  readonly classSort = signal<Sort<ClassColumn> | null>(null);
  readonly classFilter = signal("");
  readonly cells = signal<"row" | "count">("row");
  readonly hideDiagonal = signal(false);
  readonly fps = signal(10);
}
