import type { Overlay } from "../chart";
import { FPR_RANGES } from "../state/choice";
import { curveName } from "../state/runs";
import type { Session } from "../state/session";
import { Card } from "./card";
import { useSession } from "./context";
import { rate } from "./format";
import { clickCurve, hoverCurve, sharedPoint } from "./hovering";
import { PlotNote } from "./plot-note";
import { PlotView } from "./plot-view";
import { rocPlace, rocScene } from "./scenes";
import { Segmented } from "./segmented";
import { Tooltip } from "./tooltip";
import { ZoomChip } from "./zoom-chip";

export function RocCard() {
  const session = useSession();
  const { choice } = session;
  const setRange = (range: (typeof FPR_RANGES)[number]) => {
    choice.rocZoom.value = null;
    choice.fprRange.value = range;
  };
  return (
    <Card
      title="ROC"
      detail={curveDetail(session)}
      controls={
        <>
          <ZoomChip zoom={choice.rocZoom} />
          <Segmented
            label="Range of the false positive rate"
            options={FPR_RANGES.map((range) => [range, range] as const)}
            value={choice.fprRange.value}
            onChange={setRange}
          />
        </>
      }
    >
      <PlotView
        label={curvesLabel(session, "ROC curves", "AUC", "roc_auc")}
        spec={() => rocScene(session)}
        overlay={() => rocOverlay(session)}
        onHover={(hit) => hoverCurve(session, "roc", hit)}
        onClick={({ hit }) => clickCurve(session, "roc", hit)}
        onZoom={(zoom) => (choice.rocZoom.value = zoom)}
        onReset={() => (choice.rocZoom.value = null)}
      >
        <PlotNote metric="roc_auc" />
        <Tooltip chart="roc" />
      </PlotView>
    </Card>
  );
}

function rocOverlay(session: Session): Overlay {
  const hover = session.hover.value;
  return { emphasis: hover?.run ?? null, ...sharedPoint(session, "roc", rocPlace) };
}

export function curveDetail(session: Session): string {
  return `${curveName(session.selection.curve.value)} · epoch ${session.figures.calmEpoch.value}`;
}

/** A chart in words; the run table holds the same in numbers. */
export function curvesLabel(session: Session, what: string, area: string, metric: "roc_auc" | "average_precision"): string {
  const rows = session.figures.rows.value;
  const values = rows.slice(0, 8).map((row) => `${row.series.run} ${area} ${rate(row[metric])}`);
  const more = rows.length > values.length ? `, and ${rows.length - values.length} more runs in the table` : "";
  return `${what}, ${curveDetail(session)}: ${values.join(", ")}${more}`;
}
