/** What is shown, as tables to take away: in full precision, with the names that scikit-learn and the API use. */

import { ratesAt } from "../data/metrics";
import type { Cell, Table } from "../data/table";
import type { Session } from "./session";
import { cellValue } from "./sort";

export type TableName = "curves" | "epochs" | "runs" | "classes";

/** The table behind what is named. */
export function tableOf(session: Session, name: TableName): Table {
  return { curves: curvesTable, epochs: epochsTable, runs: runsTable, classes: classesTable }[name](session);
}

const POINT = ["threshold", "tp", "fp", "fn", "tn", "tpr", "fpr", "precision", "f1"] as const;

/** One row a stored point of every shown run at the epoch; of a mean over classes its ROC points, which are rates only. */
function curvesTable({ figures, selection }: Session): Table {
  const id = selection.curve.value;
  const rows = figures.curves.value.flatMap(({ series, curve }) => {
    const count = curve.kind === "counts" ? curve.threshold.length : curve.fpr.length;
    return Array.from({ length: count }, (_, point): Cell[] => {
      const rates = ratesAt(curve, point);
      return [series.run, curve.step, id, ...POINT.map((name) => rates[name])];
    });
  });
  return { columns: ["run", "step", "curve", ...POINT], rows };
}

const AREA = ["roc_auc", "roc_auc_se", "average_precision", "positives", "negatives"] as const;

/** One row a record of every shown run. */
function epochsTable({ figures, selection, choice }: Session): Table {
  const id = selection.curve.value;
  const track = choice.track.value;
  const rows = selection.shown.value.flatMap((series) => {
    const areas = figures.areas.value.get(series.run);
    const drift = figures.drift.value.get(series.run);
    return Array.from(areas?.step ?? [], (step, record): Cell[] => {
      const own = track === "area" ? [] : [drift?.[series.steps.indexOf(step)] ?? NaN];
      return [series.run, step, id, ...AREA.map((name) => areas![name][record]!), ...own];
    });
  });
  return { columns: ["run", "step", "curve", ...AREA, ...(track === "area" ? [] : [track])], rows };
}

const FIGURES = [
  "threshold", "tp", "fp", "fn", "tn", "tpr", "fpr", "precision", "f1", "cost",
  "roc_auc", "roc_auc_se", "partial_auc", "average_precision",
] as const;

/** The table of runs at the operating point, in its order. */
function runsTable({ figures, selection }: Session): Table {
  const id = selection.curve.value;
  const rows = figures.sortedRows.value.map((row): Cell[] => [
    row.series.run,
    row.step ?? NaN,
    id,
    ...FIGURES.map((name) => cellValue(row, name)),
    row.best?.step ?? NaN,
  ]);
  return { columns: ["run", "step", "curve", ...FIGURES, "best_step"], rows };
}

/** The ranking of the focused run's classes, in its order. */
function classesTable({ ranking, selection, figures }: Session): Table {
  const run = selection.focus.value?.run ?? "";
  const rows = ranking.sorted.value.map((row): Cell[] => [
    run,
    figures.calmEpoch.value,
    row.name,
    row.support,
    row.roc_auc,
    row.average_precision,
    row.delta,
    row.best?.step ?? NaN,
  ]);
  return { columns: ["run", "step", "class", "support", "roc_auc", "average_precision", "delta", "best_step"], rows };
}
