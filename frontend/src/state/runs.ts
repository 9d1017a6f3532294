/** Pure derivations of what there is to see: data sets, names, filters, epochs. */

import { bestRecord } from "../data/metrics";
import type { Areas, Index, Series } from "../data/model";
import type { Checked, Metric } from "./choice";

/** Series that can be compared: of one split, head and task, with classes in common. */
export interface DataSet {
  /** Unique; what the user reads and the link names. */
  readonly label: string;
  readonly series: readonly Series[];
  /** Ids of all curves that any of the series has. */
  readonly curves: readonly string[];
}

/** More runs than this are not all shown at first. */
const SHOWN_AT_FIRST = 60;

const natural = new Intl.Collator("en", { numeric: true });

/** The data sets of an index: validation before others, larger before smaller. */
export function dataSets(index: Index): DataSet[] {
  const groups: Series[][] = [];
  for (const series of index.series) {
    const [first, ...others] = groups.filter((group) => group.some((each) => comparable(each, series)));
    if (!first) {
      groups.push([series]);
      continue;
    }
    first.push(...others.flat(), series);
    for (const joined of others) groups.splice(groups.indexOf(joined), 1);
  }
  const rank = (group: Series[]) => (group[0]!.split === "validation" ? 0 : 1);
  groups.sort((a, b) => rank(a) - rank(b) || b.length - a.length);
  return groups.map((group) => ({
    label: labelOf(group, groups),
    series: group.sort((a, b) => natural.compare(a.run, b.run)),
    curves: [...new Set(group.flatMap(({ curves }) => curves))],
  }));
}

function comparable(a: Series, b: Series): boolean {
  if (a.split !== b.split || a.head !== b.head || a.task !== b.task) return false;
  return a.curves.some((curve) => curve.startsWith("class:") && b.curves.includes(curve));
}

function labelOf(group: readonly Series[], groups: readonly (readonly Series[])[]): string {
  const { split, head, class_names: names } = group[0]!;
  const plain = (each: readonly Series[]) => each[0]!.split === split && each[0]!.head === head;
  const alike = groups.filter(plain);
  if (alike.length === 1) return `${split} · ${head}`;
  const detail = (each: readonly Series[]) => {
    const classes = each[0]!.class_names;
    return classes.length > 3 ? `${classes.length} classes` : classes.join(" / ");
  };
  const same = alike.filter((each) => detail(each) === detail(group));
  const suffix = same.length === 1 ? detail(group) : `${names.length} classes: ${names[0] ?? ""} …`;
  const place = same.filter((each) => each[0]!.class_names[0] === names[0]);
  return `${split} · ${head} · ${suffix}${place.length > 1 ? ` (${group[0]!.run})` : ""}`;
}

/** The name of a curve as people say it. */
export function curveName(id: string): string {
  return id.startsWith("class:") ? id.slice("class:".length) : `${id}-average`;
}

/** A run's name without the last folder where that only repeats the split. */
export function shortName({ run, split }: Series): string {
  const folder = /^(.+)[/\\]([^/\\]+)$/.exec(run);
  return folder?.[2] === split ? folder[1]! : run;
}

/** A filter as TensorBoard reads it: a regular expression, found anywhere, in any case. */
export function readFilter(text: string): { matches: (name: string) => boolean; error: string | null } {
  try {
    const pattern = new RegExp(text, "i");
    return { matches: (name) => pattern.test(name), error: null };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Invalid regular expression: (?:.*: )?/, "") : String(error);
    return { matches: () => true, error: reason };
  }
}

/** Whether the run at `position` of the list is shown. */
export function isShown(run: string, position: number, { runs, others }: Checked): boolean {
  return runs.get(run) ?? others ?? position < SHOWN_AT_FIRST;
}

/** All steps of any of the series, increasing. */
export function unionOfSteps(series: readonly Series[]): number[] {
  return [...new Set(series.flatMap(({ steps }) => steps))].sort((a, b) => a - b);
}

export interface Best {
  readonly step: number;
  readonly value: number;
}

/** The first of the best epochs of a run; null where the metric is never defined. */
export function bestOf(areas: Areas | undefined, metric: Metric): Best | null {
  if (!areas) return null;
  const record = bestRecord(areas[metric]);
  return record < 0 ? null : { step: areas.step[record]!, value: areas[metric][record]! };
}

/** Why an area is not defined; null where that is not for want of examples. */
export function undefinedReason(metric: Metric, positives: number, negatives: number): string | null {
  if (positives === 0) return "not defined: no positive examples";
  if (negatives === 0 && metric === "roc_auc") return "not defined: no negative examples";
  return null;
}
