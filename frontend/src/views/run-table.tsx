import type { SortColumn } from "../state/choice";
import type { Row } from "../state/row";
import { shortName, undefinedReason } from "../state/runs";
import type { Session } from "../state/session";
import { cellValue } from "../state/sort";
import { Card } from "./card";
import { useSession } from "./context";
import { NONE, rate, threshold, UNDEFINED } from "./format";
import { RuleControls } from "./rule-controls";
import { color } from "./scenes";
import { useVirtual } from "./virtual";

type NumberColumn = Exclude<SortColumn, "run">;

interface ColumnText {
  readonly id: NumberColumn;
  readonly name: string;
  readonly title: string;
  /** Whether the highest value deserves a mark. */
  readonly best: boolean;
}

const COLUMNS: readonly ColumnText[] = [
  { id: "threshold", name: "Threshold", title: "Predicted positive means score ≥ threshold", best: false },
  { id: "tpr", name: "TPR", title: "True positive rate, recall", best: true },
  { id: "fpr", name: "FPR", title: "False positive rate", best: false },
  { id: "precision", name: "Precision", title: "Share of true ones among those predicted positive", best: true },
  { id: "f1", name: "F1", title: "Harmonic mean of precision and recall", best: true },
  { id: "roc_auc", name: "AUC", title: "Area under the ROC curve, from all scores", best: true },
  { id: "roc_auc_se", name: "± SE", title: "Standard error of the AUC (DeLong)", best: false },
  { id: "average_precision", name: "AP", title: "Average precision, from all scores", best: true },
  { id: "best", name: "Best", title: "The run's best epoch by the chosen metric", best: false },
];

const ROW_HEIGHT = 28;

/** All shown runs in numbers: the operating point that the rule chooses on each, and the areas. */
export function RunTable() {
  const session = useSession();
  const rows = session.figures.sortedRows.value;
  const { ref, window } = useVirtual<HTMLDivElement>(rows.length, ROW_HEIGHT);
  const best = new Map(COLUMNS.filter((column) => column.best).map(({ id }) => [id, bestValue(rows, id)]));
  return (
    <Card title="Operating point" controls={<RuleControls />}>
      <div class="table-scroll" ref={ref} tabIndex={0} role="group" aria-label="Runs, scrollable">
        <table>
          <thead>
            <tr>
              <HeaderCell column="run" name="Run" title="Run" />
              {COLUMNS.map(({ id, name, title }) => (
                <HeaderCell key={id} column={id} name={name} title={title} />
              ))}
            </tr>
          </thead>
          <tbody>
            <Spacer height={window.before} />
            {rows.slice(window.from, window.to).map((row) => (
              <RunRow key={row.series.run} row={row} best={best} />
            ))}
            <Spacer height={window.after} />
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function HeaderCell({ column, name, title }: { column: SortColumn; name: string; title: string }) {
  const { sort } = useSession().choice;
  const sorted = sort.value.column === column;
  const toggle = () => (sort.value = { column, descending: sorted ? !sort.value.descending : column !== "run" });
  return (
    <th scope="col" class={column} aria-sort={sorted ? (sort.value.descending ? "descending" : "ascending") : "none"}>
      <button type="button" title={title} onClick={toggle}>
        {name}
        <span aria-hidden="true">{sorted ? (sort.value.descending ? " ↓" : " ↑") : ""}</span>
      </button>
    </th>
  );
}

function RunRow({ row, best }: { row: Row; best: ReadonlyMap<NumberColumn, number> }) {
  const session = useSession();
  const { run } = row.series;
  const classes = [
    session.selection.focus.value?.run === run ? "focus" : "",
    session.hover.value?.run === run ? "hover" : "",
  ];
  return (
    <tr
      class={classes.join(" ")}
      onClick={() => session.setFocus(run)}
      onPointerEnter={() => (session.hover.value = { run, chart: "list", point: null, px: 0, py: 0 })}
      onPointerLeave={() => (session.hover.value = null)}
    >
      <th scope="row" title={run}>
        <span class="dot" style={{ background: color(session, run) }} />
        {shortName(row.series)}
        {row.late && <span class="late" title={lateTitle(row)}> @{row.step}</span>}
      </th>
      {COLUMNS.map(({ id }) => (
        <NumberCell key={id} row={row} column={id} isBest={best.get(id) === cellValue(row, id)} session={session} />
      ))}
    </tr>
  );
}

function NumberCell({ row, column, isBest, session }: { row: Row; column: NumberColumn; isBest: boolean; session: Session }) {
  const value = cellValue(row, column);
  const missing = Number.isNaN(value) ? missingNumber(row, column, session) : null;
  if (missing) return <td class="missing" title={missing.reason}>{missing.text}</td>;
  if (column === "best") return <td title={`best: ${rate(row.best?.value ?? NaN)}`}>{value}</td>;
  return <td class={isBest ? "best" : ""}>{column === "threshold" ? threshold(value) : rate(value)}</td>;
}

/** Why a cell holds no number: not logged, not defined, or not there yet. */
export function missingNumber(row: Row, column: NumberColumn, session: Session): { text: string; reason: string } {
  const { curve } = session.selection;
  if (!row.series.curves.includes(curve.value)) return { text: NONE, reason: "this run has no such class" };
  if (!session.figures.areas.value.has(row.series.run)) return { text: NONE, reason: "on its way" };
  if (row.step === null) return { text: NONE, reason: "nothing logged at or before this epoch" };
  const metric = column === "average_precision" ? column : "roc_auc";
  const reason = undefinedReason(metric, row.positives, row.negatives);
  if (reason) return { text: UNDEFINED, reason };
  if (curve.value === "macro") return { text: NONE, reason: "a mean over classes has rates, but no threshold, counts or standard error" };
  if (column === "roc_auc_se") return { text: UNDEFINED, reason: "not defined: fewer than two positives or negatives, or weighted counts" };
  if (row.rates) return { text: UNDEFINED, reason: "not defined: nothing is predicted positive at this point" };
  return { text: NONE, reason: "no stored point satisfies the criterion" };
}

const lateTitle = (row: Row): string => `This run has no such epoch; the numbers are of its epoch ${row.step ?? NONE}`;

function bestValue(rows: readonly Row[], column: NumberColumn): number {
  const values = rows.map((row) => cellValue(row, column)).filter((value) => !Number.isNaN(value));
  return values.length > 1 ? Math.max(...values) : NaN;
}

function Spacer({ height }: { height: number }) {
  return height > 0 ? <tr aria-hidden="true" class="spacer"><td colSpan={COLUMNS.length + 1} style={{ height: `${height}px` }} /></tr> : null;
}
