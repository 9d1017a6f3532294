import type { PartialArea } from "../data/area";
import type { Rates } from "../data/metrics";
import type { Series } from "../data/model";
import type { Best } from "./runs";

/** A shown run in numbers, at the epoch and at the operating point. */
export interface Row {
  readonly series: Series;
  /** Step of the record that the numbers are of; null where the run has none at or before the epoch. */
  readonly step: number | null;
  readonly late: boolean;
  readonly roc_auc: number;
  readonly roc_auc_se: number;
  /** Area over the range of false positive rates in view; null where all are in view, or the curve is on its way. */
  readonly partial: PartialArea | null;
  readonly average_precision: number;
  readonly positives: number;
  readonly negatives: number;
  readonly best: Best | null;
  /** null while the curve is on its way, or where the rule chooses no point. */
  readonly rates: Rates | null;
  /** Expected cost of an example there, by the rule's costs; NaN under any other rule. */
  readonly cost: number;
}
