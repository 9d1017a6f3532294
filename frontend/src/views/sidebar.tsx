import { recordAt } from "../data/metrics";
import type { Series } from "../data/model";
import { curveName, shortName, undefinedReason } from "../state/runs";
import type { Session } from "../state/session";
import { useSession } from "./context";
import { FilterBox } from "./filter-box";
import { metricName, NONE, rate } from "./format";
import { Health } from "./health";
import { color } from "./look";
import { useVirtual } from "./virtual";

const ROW_HEIGHT = 32;

export function Sidebar() {
  const session = useSession();
  const listed = session.selection.listed.value;
  const { ref, window } = useVirtual<HTMLDivElement>(listed.length, ROW_HEIGHT);
  return (
    <aside class="sidebar" aria-label="Runs">
      <FilterBox />
      {session.selection.dataSet.value && <ListHeader />}
      <div class="run-list" ref={ref} tabIndex={-1}>
        {listed.length === 0 && <p class="quiet">{emptyList(session)}</p>}
        <ul style={{ paddingTop: `${window.before}px`, paddingBottom: `${window.after}px` }}>
          {listed.slice(window.from, window.to).map((series) => (
            <RunItem key={series.run} series={series} />
          ))}
        </ul>
      </div>
      <Health />
      <Roles />
    </aside>
  );
}

function emptyList({ selection, index }: Session): string {
  if (selection.dataSet.value) return "No run matches the filter.";
  return index.value ? "No runs yet." : "";
}

function ListHeader() {
  const session = useSession();
  const { listed, shown } = session.selection;
  const all = listed.value.length > 0 && shown.value.length === listed.value.length;
  const some = shown.value.length > 0 && !all;
  return (
    <div class="list-header">
      <label>
        <input
          type="checkbox"
          checked={all}
          ref={(box) => {
            if (box) box.indeterminate = some;
          }}
          onChange={() => session.showListed(!all)}
          aria-label={all ? "Hide all listed runs" : "Show all listed runs"}
        />
        <b>Run</b>
        <span class="quiet">{some && `${shown.value.length} of ${listed.value.length}`}</span>
      </label>
      <span class="quiet" title={`${metricName(session.choice.metric.value)} of ${curveName(session.selection.curve.value)}`}>
        {metricName(session.choice.metric.value)} @ {session.figures.calmEpoch.value}
      </span>
    </div>
  );
}

function RunItem({ series }: { series: Series }) {
  const session = useSession();
  const { selection, hover } = session;
  const { run } = series;
  const isFocus = selection.focus.value?.run === run;
  const isBaseline = selection.baseline.value?.run === run;
  const shown = selection.shownRuns.value.has(run);
  const name = shortName(series);
  const value = valueAt(session, series);
  const classes = [isFocus ? "focus" : "", hover.value?.run === run ? "hover" : "", shown ? "" : "off"];
  const click = (event: MouseEvent) => (event.altKey ? session.toggleBaseline(run) : session.setFocus(run));
  return (
    <li
      class={classes.join(" ")}
      onPointerEnter={() => (hover.value = shown ? { run, chart: "list", point: null, px: 0, py: 0 } : null)}
      onPointerLeave={() => (hover.value = null)}
    >
      <input type="checkbox" checked={shown} aria-label={`Show ${name}`} onChange={() => session.show([series], !shown)} />
      <button
        type="button"
        class="run-name"
        title={`${run}\nclick: focus · Alt+click: baseline · double-click: show only this run`}
        aria-pressed={isFocus}
        onClick={click}
        onDblClick={() => session.showOnly(run)}
      >
        <span class="name">{name}</span>
        {isBaseline && <span class="badge">base</span>}
      </button>
      <span class="value" title={value.title}>
        {value.text}
        {value.late !== null && <span class="late"> @{value.late}</span>}
      </span>
      <span class="dot" style={{ background: shown ? color(session, run) : "" }} />
    </li>
  );
}

interface Value {
  readonly text: string;
  readonly title: string;
  /** Epoch that the value is of, where it is not the one in view. */
  readonly late: number | null;
}

function valueAt({ figures, selection, choice }: Session, series: Series): Value {
  const none = (title: string): Value => ({ text: NONE, title, late: null });
  if (!series.curves.includes(selection.curve.value)) return none(`this run has no class ${curveName(selection.curve.value)}`);
  const areas = figures.areas.value.get(series.run);
  if (!areas) return none("on its way");
  const epoch = figures.calmEpoch.value;
  const record = recordAt(areas.step, epoch);
  if (record < 0) return none("nothing logged at or before this epoch");
  const step = areas.step[record]!;
  const metric = choice.metric.value;
  const value = areas[metric][record]!;
  const reason = Number.isNaN(value) ? undefinedReason(metric, areas.positives[record]!, areas.negatives[record]!) : null;
  return { text: rate(value), title: reason ?? String(value), late: step === epoch ? null : step };
}

/** Focus and baseline by name, always in sight. */
function Roles() {
  const session = useSession();
  const { focus, baseline } = session.selection;
  const line = (role: string, series: Series | null) => (
    <div>
      <span class="dot" style={{ background: series ? color(session, series.run) : "" }} />
      {role} <b title={series?.run}>{series ? shortName(series) : NONE}</b>
    </div>
  );
  return (
    <footer class="roles">
      {line("focus", focus.value)}
      {line("baseline", baseline.value)}
    </footer>
  );
}
