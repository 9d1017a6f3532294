import { Fragment } from "preact";
import type { SortColumn } from "../state/choice";
import type { Row } from "../state/row";
import { shortName } from "../state/runs";
import type { Session } from "../state/session";
import { cellValue } from "../state/sort";
import { areaDifference, DifferenceLine } from "./area-difference";
import { Card } from "./card";
import { useSession } from "./context";
import { CountBar } from "./count-bar";
import { ExportMenu } from "./export-menu";
import { NONE, rate, signed } from "./format";
import { color } from "./look";
import { missingNumber } from "./missing";
import { RuleControls } from "./rule-controls";
import { columnsOf, type ColumnText, type NumberColumn } from "./run-columns";
import { useVirtual } from "./virtual";

const ROW_HEIGHT = 28;
/** The column beside which the counts stand as a bar. */
const BAR_AFTER: NumberColumn = "roc_auc";

/** All shown runs in numbers: the operating point that the rule chooses on each, and the areas. */
export function RunTable() {
  const session = useSession();
  const rows = session.figures.sortedRows.value;
  const { ref, window } = useVirtual<HTMLDivElement>(rows.length, ROW_HEIGHT);
  const columns = columnsOf(session);
  const best = new Map(columns.map(({ id, best: which }) => [id, which ? bestValue(rows, id, which) : NaN]));
  return (
    <Card
      title="Operating point"
      class="operating"
      controls={
        <>
          <RuleControls />
          <DeltaSwitch />
          <ExportMenu name="Operating point" what="runs" />
        </>
      }
    >
      <div class="table-scroll" ref={ref} tabIndex={0} role="group" aria-label="Runs, scrollable">
        <table class="runs">
          <thead>
            <tr>
              <HeaderCell column="run" name="Run" title="Run" />
              {columns.map(({ id, name, title }) => (
                <Fragment key={id}>
                  <HeaderCell column={id} name={name} title={title} />
                  {id === BAR_AFTER && <BarHeader />}
                </Fragment>
              ))}
            </tr>
          </thead>
          <tbody>
            <Spacer height={window.before} span={columns.length + 2} />
            {rows.slice(window.from, window.to).map((row) => (
              <RunRow key={row.series.run} row={row} columns={columns} best={best} />
            ))}
            <Spacer height={window.after} span={columns.length + 2} />
          </tbody>
        </table>
      </div>
      <DifferenceLine />
    </Card>
  );
}

function BarHeader() {
  return (
    <th scope="col" class="bar">
      <span title="True positives, false negatives (hatched), and beside them false positives on the same scale">TP · FN · FP</span>
    </th>
  );
}

/** Numbers, or how far they are from the baseline's. */
function DeltaSwitch() {
  const { choice, selection } = useSession();
  if (!selection.baseline.value) return null;
  return (
    <label class="check" title="Differences from the baseline (D)">
      <input type="checkbox" checked={choice.deltas.value} onChange={(event) => (choice.deltas.value = event.currentTarget.checked)} />
      Δ base
    </label>
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

interface RowProps {
  row: Row;
  columns: readonly ColumnText[];
  best: ReadonlyMap<NumberColumn, number>;
}

function RunRow({ row, columns, best }: RowProps) {
  const session = useSession();
  const { run } = row.series;
  const isFocus = session.selection.focus.value?.run === run;
  return (
    <tr
      class={[isFocus ? "focus" : "", session.hover.value?.run === run ? "hover" : ""].join(" ")}
      onClick={() => session.setFocus(run)}
      onPointerEnter={() => (session.hover.value = { run, chart: "list", point: null, px: 0, py: 0 })}
      onPointerLeave={() => (session.hover.value = null)}
    >
      <th scope="row" title={run}>
        <button type="button" class="plain" aria-pressed={isFocus} onClick={() => session.setFocus(run)}>
          <span class="dot" style={{ background: color(session, run) }} />
          {shortName(row.series)}
        </button>
        {row.late && <span class="late" title={lateTitle(row)}> @{row.step}</span>}
      </th>
      {columns.map((column) => (
        <Fragment key={column.id}>
          <NumberCell row={row} column={column} isBest={best.get(column.id) === cellValue(row, column.id)} session={session} />
          {column.id === BAR_AFTER && <td class="bar">{row.rates && <CountBar rates={row.rates} />}</td>}
        </Fragment>
      ))}
    </tr>
  );
}

interface CellProps {
  row: Row;
  column: ColumnText;
  isBest: boolean;
  session: Session;
}

function NumberCell({ row, column: { id, format }, isBest, session }: CellProps) {
  const value = cellValue(row, id);
  const missing = Number.isNaN(value) ? missingNumber(row, id, session) : null;
  if (missing) return <td class="missing" title={missing.reason}>{missing.text}</td>;
  const base = session.choice.deltas.value ? session.figures.baselineRow.value : null;
  if (base && base.series !== row.series) return <DeltaCell row={row} base={base} id={id} format={format} />;
  const title = id === "best" ? `best: ${rate(row.best?.value ?? NaN)}` : String(value);
  return <td class={isBest ? "best" : ""} title={title}>{format(value)}</td>;
}

function DeltaCell({ row, base, id, format }: { row: Row; base: Row; id: NumberColumn; format: (value: number) => string }) {
  // In place of a standard error stands the margin of the difference.
  if (id === "roc_auc_se") {
    const { margin } = areaDifference(row, base);
    return <td title="Half the width of the difference's 95 % interval, unpaired">{Number.isNaN(margin) ? NONE : `± ${rate(margin)}`}</td>;
  }
  const difference = cellValue(row, id) - cellValue(base, id);
  if (Number.isNaN(difference)) return <td class="missing" title="the baseline has no such number">{NONE}</td>;
  return <td class="delta" title={`${cellValue(row, id)} − ${cellValue(base, id)}`}>{signed(difference, format)}</td>;
}

const lateTitle = (row: Row): string => `This run has no such epoch; the numbers are of its epoch ${row.step ?? NONE}`;

function bestValue(rows: readonly Row[], column: NumberColumn, which: "highest" | "lowest"): number {
  const values = rows.map((row) => cellValue(row, column)).filter((value) => !Number.isNaN(value));
  if (values.length < 2) return NaN;
  return which === "highest" ? Math.max(...values) : Math.min(...values);
}

function Spacer({ height, span }: { height: number; span: number }) {
  return height > 0 ? <tr aria-hidden="true" class="spacer"><td colSpan={span} style={{ height: `${height}px` }} /></tr> : null;
}
