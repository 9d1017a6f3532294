/** What the backend tells, as http_api.md documents it; names are the API's own. */

export type Task = "binary" | "multiclass" | "multilabel";

/** One head of one run. */
export interface Series {
  readonly run: string;
  readonly split: string;
  readonly head: string;
  readonly task: Task;
  readonly class_names: readonly string[];
  readonly curves: readonly string[];
  readonly steps: readonly number[];
  readonly wall_times: readonly number[];
  readonly revision: string;
}

export interface Problem {
  readonly run: string;
  readonly head: string;
  readonly reason: string;
}

export interface Index {
  readonly version: string;
  readonly series: readonly Series[];
  readonly problems: readonly Problem[];
}

/** Areas of one curve at all steps of a run; a row a record, steps increasing, undefined areas NaN. */
export interface Areas {
  readonly step: Float64Array;
  readonly roc_auc: Float64Array;
  readonly average_precision: Float64Array;
  readonly roc_auc_se: Float64Array;
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

export type Counts = Uint32Array | Float64Array;

/** Counts at decreasing thresholds; the last point counts every example, the point (0, 0) is not stored. */
export interface CountCurve {
  readonly kind: "counts";
  readonly step: number;
  readonly positives: number;
  readonly negatives: number;
  readonly threshold: Float32Array | Float64Array;
  readonly tp: Counts;
  readonly fp: Counts;
}

/** Mean over classes: rates, but neither counts nor thresholds. */
export interface MeanCurve {
  readonly kind: "mean";
  readonly step: number;
  readonly fpr: Float32Array;
  readonly tpr: Float32Array;
  readonly recall: Float32Array;
  readonly precision: Float32Array;
}

export type Curve = CountCurve | MeanCurve;

/** Non-zero cells of a confusion matrix, rows true and columns predicted, or of one 2×2 per label. */
export interface Confusion {
  readonly step: number;
  readonly class_names: readonly string[];
  readonly shape: readonly number[];
  readonly threshold: number;
  readonly n_examples: number;
  readonly index: Uint32Array;
  readonly count: Counts;
}
