import { ratesAt } from "../data/metrics";
import type { Curve, Series } from "../data/model";
import type { Plane } from "../data/planes";
import { shortName } from "../state/runs";
import type { Slot } from "../state/choice";
import { recordAt } from "../data/metrics";
import type { Hover } from "../state/session";
import { useSession } from "./context";
import { count, metricName, rate, threshold, trackName } from "./format";
import { color } from "./look";

type Line = readonly [name: string, value: string];

/** What the pointer is on, beside it. */
export function Tooltip({ chart }: { chart: Slot | "epochs" }) {
  const session = useSession();
  const hover = session.hover.value;
  if (hover?.chart !== chart || hover.point === null) return null;
  const series = session.selection.shown.value.find(({ run }) => run === hover.run);
  if (!series) return null;
  return chart === "epochs" ? <EpochTip hover={hover} series={series} /> : <CurveTip hover={hover} series={series} chart={chart} />;
}

function CurveTip({ hover, series, chart }: { hover: Hover; series: Series; chart: Slot }) {
  const session = useSession();
  const shown = session.figures.curves.value.find((each) => each.series.run === hover.run);
  if (!shown) return null;
  const step = `${shown.late ? "@" : "epoch "}${shown.curve.step}`;
  return <Tip hover={hover} series={series} step={step} lines={curveLines(shown.curve, hover, session.choice[chart].value)} />;
}

function EpochTip({ hover, series }: { hover: Hover; series: Series }) {
  const { figures, choice } = useSession();
  const areas = figures.areas.value.get(hover.run);
  if (!areas) return null;
  const at = recordAt(areas.step, hover.point!);
  const error = areas.roc_auc_se[at]!;
  const lines: Line[] = [
    [metricName("roc_auc"), rate(areas.roc_auc[at]!) + (Number.isNaN(error) ? "" : ` ± ${rate(error)}`)],
    [metricName("average_precision"), rate(areas.average_precision[at]!)],
  ];
  const track = choice.track.value;
  if (track !== "area") {
    const value = figures.drift.value.get(hover.run)?.[series.steps.indexOf(hover.point!)] ?? NaN;
    lines.push([trackName(track, choice.metric.value), track === "threshold" ? threshold(value) : rate(value)]);
  }
  return <Tip hover={hover} series={series} step={`epoch ${areas.step[at]!}`} lines={lines} />;
}

function curveLines(curve: Curve, { point }: Hover, plane: Plane): Line[] {
  if (curve.kind === "mean") {
    const rates: Line[] =
      plane === "pr"
        ? [["recall", rate(curve.recall[point!]!)], ["precision", rate(curve.precision[point!]!)]]
        : [["TPR", rate(curve.tpr[point!]!)], ["FPR", rate(curve.fpr[point!]!)]];
    return [...rates, ["threshold", "none: a mean"]];
  }
  const rates = ratesAt(curve, point!);
  return [
    ["threshold", threshold(rates.threshold)],
    ["TPR (recall)", rate(rates.tpr)],
    ["FPR", rate(rates.fpr)],
    ["precision", rate(rates.precision)],
    ["F1", rate(rates.f1)],
    ["TP · FN", `${count(rates.tp)} · ${count(rates.fn)}`],
    ["FP · TN", `${count(rates.fp)} · ${count(rates.tn)}`],
  ];
}

function Tip({ hover, series, step, lines }: { hover: Hover; series: Series; step: string; lines: readonly Line[] }) {
  const session = useSession();
  // Towards the middle of the chart, so that it stays inside; the far edge is never closer than that.
  const shift = `translate(${hover.px}px, ${hover.py}px) translate(${hover.px > 300 ? "calc(-100% - 14px)" : "14px"}, ${hover.py > 160 ? "calc(-100% - 14px)" : "14px"})`;
  return (
    <div class="tooltip" role="status" style={{ transform: shift }}>
      <div class="tooltip-head">
        <span class="dot" style={{ background: color(session, series.run) }} />
        <b>{shortName(series)}</b> <span>{step}</span>
      </div>
      <dl>
        {lines.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
