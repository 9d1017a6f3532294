import type { Hit, Overlay } from "../chart";
import { curveName, shortName } from "../state/runs";
import type { Session } from "../state/session";
import { TRACKS, type Track } from "../state/choice";
import { Card, TitleSelect } from "./card";
import { useSession } from "./context";
import { epochLines, epochsScene } from "./epoch-scene";
import { ExportMenu } from "./export-menu";
import { metricName, rate, trackName } from "./format";
import { PlotNote } from "./plot-note";
import { PlotView } from "./plot-view";
import { Segmented } from "./segmented";
import { Tooltip } from "./tooltip";

/** The map of the training: every run's area, or a figure of its operating point, at every epoch. Drag to change it. */
export function EpochsCard() {
  const session = useSession();
  const { choice, selection } = session;
  return (
    <Card
      title={title(session, choice.track.value)}
      heading={
        <TitleSelect
          label="Figure per epoch"
          options={TRACKS.map((track) => [track, title(session, track)] as const)}
          value={choice.track.value}
          onChange={(track) => (choice.track.value = track)}
        />
      }
      detail={`${curveName(selection.curve.value)} · ▽ best epoch`}
      controls={
        <>
          <Segmented
            label="Metric"
            options={[["roc_auc", "AUC"], ["average_precision", "AP"]]}
            value={choice.metric.value}
            onChange={(metric) => (choice.metric.value = metric)}
          />
          <ExportMenu name={title(session, choice.track.value)} what="epochs" spec={() => epochsScene(session)} />
        </>
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

function title({ choice }: Session, track: Track): string {
  const name = trackName(track, choice.metric.value);
  return track === "area" ? `${name} per epoch` : `${name} at the operating point`;
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
  const line = epochLines(session, session.choice.track.value).find((each) => each.run === run);
  const at = line ? Array.from(line.x).indexOf(point ?? NaN) : -1;
  if (!line || at < 0) return [];
  return [{ x: line.x[at]!, y: line.y[at]!, color: session.dark.value ? "#ffffff" : "#212121", shape: "ring", size: 10 }];
}

function hoverEpochs(session: Session, hit: Hit | null): void {
  session.hover.value = hit && { run: hit.id, chart: "epochs", point: hit.x, px: hit.px, py: hit.py };
}

function epochsLabel(session: Session): string {
  const { figures, selection, choice } = session;
  const best = selection.shown.value.slice(0, 8).flatMap((series) => {
    const found = figures.best.value.get(series.run);
    return found ? [`${shortName(series)} ${rate(found.value)} at epoch ${found.step}`] : [];
  });
  return `${metricName(choice.metric.value)} per epoch of ${selection.shown.value.length} runs; best: ${best.join(", ") || "not defined"}`;
}
