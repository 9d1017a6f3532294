import { useEffect, useRef } from "preact/hooks";
import { sparkline, type LineMark } from "../chart";
import type { Areas } from "../data/model";
import { type ClassColumn } from "../state/choice";
import { classValue, type ClassRow } from "../state/ranking";
import { shortName, undefinedReason } from "../state/runs";
import type { Session } from "../state/session";
import { Card } from "./card";
import { useSession } from "./context";
import { ExportMenu } from "./export-menu";
import { count, metricName, NONE, rate, signed, UNDEFINED } from "./format";
import { color } from "./look";
import { chartTheme } from "./theme";
import { useVirtual } from "./virtual";

export const CLASS_FILTER_ID = "class-filter";

const ROW_HEIGHT = 28;
const COLUMNS: readonly (readonly [ClassColumn, name: string, title: string])[] = [
  ["name", "Class", "Class"],
  ["support", "Support", "Examples of the class"],
  ["roc_auc", "AUC", "Area under the ROC curve, one class against the rest"],
  ["average_precision", "AP", "Average precision, one class against the rest"],
  ["delta", "Δ base", "The chosen area less the baseline's"],
  ["best", "Best", "The class' best epoch by the chosen metric"],
];

/** The focused run's classes, the worst first; a click looks at one everywhere. */
export function ClassTable() {
  const session = useSession();
  const { choice, ranking } = session;
  const rows = ranking.sorted.value;
  const { ref, window } = useVirtual<HTMLDivElement>(rows.length, ROW_HEIGHT);
  return (
    <Card
      title="Class ranking"
      detail={detail(session)}
      controls={
        <>
          <input
            id={CLASS_FILTER_ID}
            type="search"
            class="class-filter"
            aria-label="Filter classes"
            placeholder="Filter classes"
            value={choice.classFilter.value}
            onInput={(event) => (choice.classFilter.value = event.currentTarget.value)}
          />
          <ExportMenu name="Class ranking" what="classes" />
        </>
      }
    >
      <div class="table-scroll" ref={ref} tabIndex={0} role="group" aria-label="Classes, scrollable">
        {rows.length === 0 && <p class="quiet">{emptyReason(session)}</p>}
        <table class="classes">
          <thead>
            <tr>
              {COLUMNS.map(([column, name, title]) => (
                <HeaderCell key={column} column={column} name={name} title={title} />
              ))}
              <th scope="col">
                <span title={`${metricName(choice.metric.value)} over all epochs; grey: the baseline`}>Trend</span>
              </th>
            </tr>
          </thead>
          <tbody>
            <Spacer height={window.before} />
            {rows.slice(window.from, window.to).map((row) => (
              <Row key={row.curve} row={row} />
            ))}
            <Spacer height={window.after} />
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function detail({ selection, figures }: Session): string {
  const [focus, baseline] = [selection.focus.value, selection.baseline.value];
  const versus = baseline && baseline !== focus ? ` vs ${shortName(baseline)}` : "";
  return focus ? `${shortName(focus)}${versus} · epoch ${figures.calmEpoch.value}` : "";
}

function emptyReason({ ranking, choice }: Session): string {
  return ranking.curves.value.length ? `No class has "${choice.classFilter.value}" in its name.` : "The focused run has no classes.";
}

function HeaderCell({ column, name, title }: { column: ClassColumn; name: string; title: string }) {
  const { choice, ranking } = useSession();
  const { column: current, descending } = ranking.sort.value;
  const sorted = current === column;
  const toggle = () => (choice.classSort.value = { column, descending: sorted ? !descending : column === "support" });
  return (
    <th scope="col" aria-sort={sorted ? (descending ? "descending" : "ascending") : "none"}>
      <button type="button" title={title} onClick={toggle}>
        {name}
        <span aria-hidden="true">{sorted ? (descending ? " ↓" : " ↑") : ""}</span>
      </button>
    </th>
  );
}

function Row({ row }: { row: ClassRow }) {
  const { choice, selection } = useSession();
  const choose = () => (choice.curve.value = row.curve);
  const isChosen = selection.curve.value === row.curve;
  return (
    <tr class={isChosen ? "focus" : ""} onClick={choose}>
      <th scope="row" title={row.name}>
        <button type="button" class="plain" aria-pressed={isChosen} onClick={choose}>{row.name}</button>
      </th>
      {COLUMNS.slice(1).map(([column]) => (
        <NumberCell key={column} row={row} column={column as Exclude<ClassColumn, "name">} />
      ))}
      <td class="trend"><Trend row={row} /></td>
    </tr>
  );
}

function NumberCell({ row, column }: { row: ClassRow; column: Exclude<ClassColumn, "name"> }) {
  const { selection } = useSession();
  const value = classValue(row, column);
  if (Number.isNaN(value)) {
    const [text, reason] = missing(row, column, selection.baseline.value !== null && selection.baseline.value !== selection.focus.value);
    return <td class="missing" title={reason}>{text}</td>;
  }
  if (column === "delta") return <td class={value < 0 ? "worse" : ""} title={String(value)}>{signed(value, rate)}</td>;
  if (column === "best") return <td title={`best: ${rate(row.best!.value)}`}>{value}</td>;
  return <td title={String(value)}>{column === "support" ? count(value) : rate(value)}</td>;
}

function missing(row: ClassRow, column: ClassColumn, compared: boolean): readonly [string, string] {
  if (!row.focus) return [NONE, "on its way"];
  if (column === "delta" && !compared) return [NONE, "choose a baseline: R, or Alt+click on a run"];
  if (Number.isNaN(row.support)) return [NONE, "nothing logged at or before this epoch"];
  if (column === "delta" && !row.baseline) return [NONE, "the baseline has no such class, or it is on its way"];
  const reason = undefinedReason(column === "average_precision" ? column : "roc_auc", row.support, NaN);
  return [UNDEFINED, reason ?? "not defined: no positive or no negative examples"];
}

const TREND = { left: 0, top: 0, width: 96, height: 24 };

/** The class' areas over all epochs, those of the baseline in grey behind. */
function Trend({ row: { focus, baseline } }: { row: ClassRow }) {
  const session = useSession();
  const canvas = useRef<HTMLCanvasElement>(null);
  const metric = session.choice.metric.value;
  const dark = session.dark.value;
  const lowest = Math.min(session.ranking.lowest.value, 0.99);
  const run = session.selection.focus.value?.run ?? "";
  const stroke = color(session, run);
  useEffect(() => {
    const ratio = window.devicePixelRatio;
    const element = canvas.current!;
    Object.assign(element, { width: TREND.width * ratio, height: TREND.height * ratio });
    const context = element.getContext("2d");
    if (!context) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const line = (areas: Areas | undefined, id: string, of: string): LineMark[] => (areas ? [{ id, x: areas.step, y: areas[metric], color: of }] : []);
    const lines = [...line(baseline, "baseline", chartTheme(dark).guide), ...line(focus, "focus", stroke)];
    sparkline(context, TREND, lines, [lowest, 1]);
  }, [focus, baseline, metric, dark, stroke, lowest]);
  return <canvas ref={canvas} class="sparkline" aria-hidden="true" />;
}

function Spacer({ height }: { height: number }) {
  return height > 0 ? <tr aria-hidden="true" class="spacer"><td colSpan={COLUMNS.length + 1} style={{ height: `${height}px` }} /></tr> : null;
}
