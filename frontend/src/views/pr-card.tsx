import { Card } from "./card";
import { useSession } from "./context";
import { clickCurve, hoverCurve, sharedPoint } from "./hovering";
import { PlotNote } from "./plot-note";
import { PlotView } from "./plot-view";
import { curveDetail, curvesLabel } from "./roc-card";
import { prPlace, prScene } from "./scenes";
import { Tooltip } from "./tooltip";
import { ZoomChip } from "./zoom-chip";

export function PrCard() {
  const session = useSession();
  const { choice, hover } = session;
  return (
    <Card title="Precision–Recall" detail={curveDetail(session)} controls={<ZoomChip zoom={choice.prZoom} />}>
      <PlotView
        label={curvesLabel(session, "Precision–recall curves", "AP", "average_precision")}
        spec={() => prScene(session)}
        overlay={() => ({ emphasis: hover.value?.run ?? null, ...sharedPoint(session, "pr", prPlace) })}
        onHover={(hit) => hoverCurve(session, "pr", hit)}
        onClick={({ hit }) => clickCurve(session, "pr", hit)}
        onZoom={(zoom) => (choice.prZoom.value = zoom)}
        onReset={() => (choice.prZoom.value = null)}
      >
        <PlotNote metric="average_precision" />
        <Tooltip chart="pr" />
      </PlotView>
    </Card>
  );
}
