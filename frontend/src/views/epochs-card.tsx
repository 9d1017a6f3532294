import type { Hit, Overlay } from "../chart";
import { curveName, shortName } from "../state/runs";
import type { Session } from "../state/session";
import { Card } from "./card";
import { useSession } from "./context";
import { metricName, rate } from "./format";
import { PlotNote } from "./plot-note";
import { PlotView } from "./plot-view";
import { epochsScene } from "./scenes";
import { Segmented } from "./segmented";
import { Tooltip } from "./tooltip";

/** The map of the training: every run's area at every epoch. Drag along it to change the epoch. */
export function EpochsCard() {
  const session = useSession();
  const { choice, selection } = session;
  return (
    <Card
      title={`${metricName(choice.metric.value)} per epoch`}
      detail={`${curveName(selection.curve.value)} · ▽ best epoch`}
      controls={
        <Segmented
          label="Metric"
          options={[["roc_auc", "AUC"], ["average_precision", "AP"]]}
          value={choice.metric.value}
          onChange={(metric) => (choice.metric.value = metric)}
        />
      }
    >
      <PlotView
        label={epochsLabel(session)}
        spec={() => epochsScene(session)}
        overlay={() => epochsOverlay(session)}
        onHover={(hit) => hoverEpochs(session, hit)}
        onDrag={(step) => session.goToNearest(step)}
      >
        <PlotNote metric={choice.metric.value} />
        <Tooltip chart="epochs" />
      </PlotView>
    </Card>
  );
}

function epochsOverlay(session: Session): Overlay {
  const hover = session.hover.value;
  const epoch = session.selection.epoch.value;
  return {
    emphasis: hover?.run ?? null,
    rules: [{ axis: "x", at: epoch, dash: [3, 3], strong: true, label: String(epoch) }],
    points: hover?.chart === "epochs" ? hoveredRecord(session) : [],
  };
}

function hoveredRecord(session: Session): NonNullable<Overlay["points"]> {
  const { run, point } = session.hover.value!;
  const areas = session.figures.areas.value.get(run);
  if (!areas || point === null) return [];
  const y = areas[session.choice.metric.value][point]!;
  return [{ x: areas.step[point]!, y, color: session.dark.value ? "#ffffff" : "#212121", shape: "ring", size: 10 }];
}

function hoverEpochs(session: Session, hit: Hit | null): void {
  session.hover.value = hit && { run: hit.id, chart: "epochs", point: hit.index, px: hit.px, py: hit.py };
}

function epochsLabel(session: Session): string {
  const { figures, selection, choice } = session;
  const best = selection.shown.value.slice(0, 8).flatMap((series) => {
    const found = figures.best.value.get(series.run);
    return found ? [`${shortName(series)} ${rate(found.value)} at epoch ${found.step}`] : [];
  });
  return `${metricName(choice.metric.value)} per epoch of ${selection.shown.value.length} runs; best: ${best.join(", ") || "not defined"}`;
}
