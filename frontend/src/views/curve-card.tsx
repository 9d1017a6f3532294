import type { Plane, ThresholdMetric } from "../data/planes";
import { FPR_RANGES, type Metric, type Slot } from "../state/choice";
import { curveName } from "../state/runs";
import type { Session } from "../state/session";
import { Card, TitleSelect } from "./card";
import { useSession } from "./context";
import { curveScene } from "./curve-scene";
import { ExportMenu } from "./export-menu";
import { rate } from "./format";
import { clickCurve, hoverCurve, sharedPoint } from "./hovering";
import { PlotLegend } from "./plot-legend";
import { PlotNote } from "./plot-note";
import { PlotView } from "./plot-view";
import { Segmented } from "./segmented";
import { Tooltip } from "./tooltip";
import { ZoomChip } from "./zoom-chip";

const PLANE_NAMES: readonly (readonly [Plane, string])[] = [
  ["roc", "ROC"],
  ["pr", "Precision–Recall"],
  ["det", "DET"],
  ["threshold", "Rates by threshold"],
  ["gain", "Cumulative gain"],
  ["lift", "Lift"],
];

const LINE_NAMES: readonly (readonly [ThresholdMetric | "focus", string])[] = [
  ["focus", "focus"],
  ["precision", "P"],
  ["tpr", "R"],
  ["f1", "F1"],
];

/** One chart of curves; its title says in which plane, and changes it. */
export function CurveCard({ slot }: { slot: Slot }) {
  const session = useSession();
  const plane = session.choice[slot].value;
  const name = planeName(plane);
  const zoom = session.choice.zoom[plane];
  return (
    <Card
      title={name}
      heading={<TitleSelect label="Kind of chart" options={PLANE_NAMES} value={plane} onChange={(chosen) => session.setPlane(slot, chosen)} />}
      detail={curveDetail(session)}
      controls={
        <>
          <ZoomChip zoom={zoom} />
          {plane === "roc" && <RangeControl />}
          {plane === "threshold" && <LinesControl />}
          <ExportMenu name={name} what="curves" spec={() => curveScene(session, slot)} />
        </>
      }
    >
      {/* A plot's scene reads signals, but its zoom and clicks belong to one plane: a new plane is a new plot. */}
      <PlotView
        key={plane}
        label={curvesLabel(session, plane)}
        spec={() => curveScene(session, slot)}
        overlay={() => sharedPoint(session, slot)}
        onHover={(hit) => hoverCurve(session, slot, hit)}
        onClick={({ hit, x }) => clickCurve(session, slot, hit, x)}
        onZoom={(box) => (zoom.value = box)}
        onReset={() => (zoom.value = null)}
      >
        <PlotNote metric={areaOf(plane)} plane={plane} />
        <PlotLegend plane={plane} />
        <Tooltip chart={slot} />
      </PlotView>
    </Card>
  );
}

function RangeControl() {
  const { choice } = useSession();
  const setRange = (range: (typeof FPR_RANGES)[number]) => {
    choice.zoom.roc.value = null;
    choice.fprRange.value = range;
  };
  return (
    <Segmented
      label="Range of the false positive rate"
      options={FPR_RANGES.map((range) => [range, range] as const)}
      value={choice.fprRange.value}
      onChange={setRange}
    />
  );
}

function LinesControl() {
  const { choice } = useSession();
  return (
    <Segmented
      label="Precision, recall and F1 of the focused run, or one of them for all runs"
      options={LINE_NAMES}
      value={choice.thresholdLines.value}
      onChange={(lines) => (choice.thresholdLines.value = lines)}
    />
  );
}

function planeName(plane: Plane): string {
  return PLANE_NAMES.find(([id]) => id === plane)![1];
}

/** The area that goes with a plane. */
function areaOf(plane: Plane): Metric {
  return plane === "pr" ? "average_precision" : "roc_auc";
}

function curveDetail(session: Session): string {
  return `${curveName(session.selection.curve.value)} · epoch ${session.figures.calmEpoch.value}`;
}

/** A chart in words; the run table holds the same in numbers. */
function curvesLabel(session: Session, plane: Plane): string {
  const rows = session.figures.rows.value;
  const area = areaOf(plane);
  const values = rows.slice(0, 8).map((row) => `${row.series.run} ${plane === "pr" ? "AP" : "AUC"} ${rate(row[area])}`);
  const more = rows.length > values.length ? `, and ${rows.length - values.length} more runs in the table` : "";
  return `${planeName(plane)} curves, ${curveDetail(session)}: ${values.join(", ")}${more}`;
}
