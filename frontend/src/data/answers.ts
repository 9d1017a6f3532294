/** Blocks to values: one function a route. Each answer is keyed by run; runs in the header's "missing" are absent. */

import type { Block, Column } from "./block";
import type { Areas, Confusion, Counts, Curve } from "./model";

interface RunRows {
  readonly run: string;
  readonly records: number;
}

interface ConfusionRun extends RunRows {
  readonly step: number;
  readonly class_names: string[];
  readonly shape: number[];
  readonly threshold: number;
  readonly n_examples: number;
  readonly cells: number;
}

export function readAreas(block: Block): Map<string, Areas> {
  const answer = new Map<string, Areas>();
  let row = 0;
  for (const { run, records } of block.header["runs"] as RunRows[]) {
    const part = (name: string) => column(block, name).slice(row, row + records) as Float64Array;
    answer.set(run, {
      step: part("step"),
      roc_auc: part("roc_auc"),
      average_precision: part("average_precision"),
      roc_auc_se: part("roc_auc_se"),
      positives: part("positives"),
      negatives: part("negatives"),
    });
    row += records;
  }
  return answer;
}

export function readCurves(block: Block): Map<string, Curve[]> {
  const next = "fpr" in block.columns ? meanCurves(block) : countCurves(block);
  const answer = new Map<string, Curve[]>();
  let row = 0;
  for (const { run, records } of block.header["runs"] as RunRows[]) {
    const curves: Curve[] = [];
    for (const end = row + records; row < end; row++) curves.push(next(row));
    answer.set(run, curves);
  }
  return answer;
}

export function readConfusion(block: Block): Map<string, Confusion> {
  const answer = new Map<string, Confusion>();
  const cell = slicer();
  for (const { run, step, class_names, shape, threshold, n_examples, cells } of block.header["runs"] as ConfusionRun[]) {
    const [from, to] = cell(cells);
    const index = column(block, "index").slice(from, to) as Uint32Array;
    const count = column(block, "count").slice(from, to) as Counts;
    answer.set(run, { step, class_names, shape, threshold, n_examples, index, count });
  }
  return answer;
}

/** Reads record after record: each call consumes the points of its row. */
function countCurves(block: Block): (row: number) => Curve {
  const [step, positives, negatives, points] = ["step", "positives", "negatives", "points"].map((n) => column(block, n));
  const [threshold, tp, fp] = ["threshold", "tp", "fp"].map((name) => column(block, name));
  const point = slicer();
  return (row) => {
    const [from, to] = point(points![row]!);
    return {
      kind: "counts",
      step: step![row]!,
      positives: positives![row]!,
      negatives: negatives![row]!,
      threshold: threshold!.slice(from, to) as Float32Array | Float64Array,
      tp: tp!.slice(from, to) as Counts,
      fp: fp!.slice(from, to) as Counts,
    };
  };
}

function meanCurves(block: Block): (row: number) => Curve {
  const [step, points, prPoints] = ["step", "points", "pr_points"].map((name) => column(block, name));
  const roc = slicer();
  const pr = slicer();
  return (row) => {
    const [from, to] = roc(points![row]!);
    const [prFrom, prTo] = pr(prPoints![row]!);
    return {
      kind: "mean",
      step: step![row]!,
      fpr: column(block, "fpr").slice(from, to) as Float32Array,
      tpr: column(block, "tpr").slice(from, to) as Float32Array,
      recall: column(block, "recall").slice(prFrom, prTo) as Float32Array,
      precision: column(block, "precision").slice(prFrom, prTo) as Float32Array,
    };
  };
}

/** Consecutive ranges: each call takes the next `count` rows. */
function slicer(): (count: number) => readonly [number, number] {
  let at = 0;
  return (count) => [at, (at += count)];
}

function column(block: Block, name: string): Column {
  const found = block.columns[name];
  if (!found) throw new Error(`expected a column "${name}"; received ${Object.keys(block.columns).join(", ")}`);
  return found;
}
