import { ratesAt } from "../data/metrics";
import type { Curve, Series } from "../data/model";
import { shortName } from "../state/runs";
import type { Hover } from "../state/session";
import { useSession } from "./context";
import { count, metricName, rate, threshold } from "./format";
import { color } from "./scenes";

type Line = readonly [name: string, value: string];

/** What the pointer is on, beside it. */
export function Tooltip({ chart }: { chart: "roc" | "pr" | "epochs" }) {
  const session = useSession();
  const hover = session.hover.value;
  if (hover?.chart !== chart || hover.point === null) return null;
  const series = session.selection.shown.value.find(({ run }) => run === hover.run);
  if (!series) return null;
  return chart === "epochs" ? <EpochTip hover={hover} series={series} /> : <CurveTip hover={hover} series={series} />;
}

function CurveTip({ hover, series }: { hover: Hover; series: Series }) {
  const session = useSession();
  const shown = session.figures.curves.value.find((each) => each.series.run === hover.run);
  if (!shown) return null;
  const step = `${shown.late ? "@" : "epoch "}${shown.curve.step}`;
  return <Tip hover={hover} series={series} step={step} lines={curveLines(shown.curve, hover)} />;
}

function EpochTip({ hover, series }: { hover: Hover; series: Series }) {
  const { figures } = useSession();
  const areas = figures.areas.value.get(hover.run);
  const at = hover.point!;
  if (!areas) return null;
  const error = areas.roc_auc_se[at]!;
  const lines: Line[] = [
    [metricName("roc_auc"), rate(areas.roc_auc[at]!) + (Number.isNaN(error) ? "" : ` ± ${rate(error)}`)],
    [metricName("average_precision"), rate(areas.average_precision[at]!)],
  ];
  return <Tip hover={hover} series={series} step={`epoch ${areas.step[at]!}`} lines={lines} />;
}

function curveLines(curve: Curve, { point, chart }: Hover): Line[] {
  if (curve.kind === "mean") {
    const plane: Line[] =
      chart === "roc"
        ? [["TPR", rate(curve.tpr[point!]!)], ["FPR", rate(curve.fpr[point!]!)]]
        : [["recall", rate(curve.recall[point!]!)], ["precision", rate(curve.precision[point!]!)]];
    return [...plane, ["threshold", "none: a mean"]];
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
