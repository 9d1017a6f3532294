import { signal } from "@preact/signals";
import type { Criterion } from "../data/metrics";

export type View = "curves" | "confusion";
export type Metric = "roc_auc" | "average_precision";
export type FprRange = "1" | ".1" | ".01" | "log";
export type SortColumn =
  | "run" | "threshold" | "tpr" | "fpr" | "precision" | "f1" | "roc_auc" | "roc_auc_se" | "average_precision" | "best";

export const VIEWS: readonly View[] = ["curves", "confusion"];
export const METRICS: readonly Metric[] = ["roc_auc", "average_precision"];
export const FPR_RANGES: readonly FprRange[] = ["1", ".1", ".01", "log"];
export const CRITERIA: readonly Criterion[] = ["threshold", "fpr", "tpr", "f1", "youden"];
export const SORT_COLUMNS: readonly SortColumn[] = [
  "run", "threshold", "tpr", "fpr", "precision", "f1", "roc_auc", "roc_auc_se", "average_precision", "best",
];

/** Part of a chart's plane, in its units. */
export interface Zoom {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

export interface OperatingRule {
  readonly criterion: Criterion;
  /** Threshold, FPR or TPR; of no meaning to the other criteria. */
  readonly level: number;
}

export interface Sort {
  readonly column: SortColumn;
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
  readonly rocZoom = signal<Zoom | null>(null);
  readonly prZoom = signal<Zoom | null>(null);
  readonly cells = signal<"row" | "count">("row");
  readonly hideDiagonal = signal(false);
  readonly fps = signal(10);
}
