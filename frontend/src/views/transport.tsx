import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { recordAt } from "../data/metrics";
import { shortName } from "../state/runs";
import { useSession } from "./context";
import { IconButton } from "./icons";
import { color } from "./look";

const SPEEDS = [2, 5, 10, 20, 30];

/** The epoch, for all charts and runs at once. */
export function Transport() {
  const session = useSession();
  const { selection, figures, choice, playing } = session;
  const steps = selection.steps.value;
  const [first, last] = [steps[0], steps.at(-1)];
  const goTo = (text: string) => {
    const step = Number(text);
    if (text.trim() !== "" && Number.isFinite(step)) session.goToNearest(step);
  };
  return (
    <footer class="transport" aria-label="Epoch">
      <IconButton name="first" label="First epoch" title="First epoch (Home)" onClick={() => session.moveEpoch(-Infinity)} />
      <IconButton name="previous" label="Previous epoch" title="Previous epoch (←)" onClick={() => session.moveEpoch(-1)} />
      <IconButton
        name={playing.value ? "pause" : "play"}
        label={playing.value ? "Pause" : "Play"}
        title={playing.value ? "Pause (Space)" : "Play (Space)"}
        onClick={() => session.togglePlay()}
      />
      <IconButton name="next" label="Next epoch" title="Next epoch (→)" onClick={() => session.moveEpoch(1)} />
      <IconButton name="last" label="Last epoch" title="Last epoch (End)" onClick={() => session.moveEpoch(Infinity)} />
      <label class="labelled">
        <span>Epoch</span>
        <input
          type="number"
          class="epoch"
          min={first}
          max={last}
          value={figures.calmEpoch.value}
          onChange={(event) => goTo(event.currentTarget.value)}
        />
      </label>
      <span class="quiet">/ {last ?? 0}</span>
      <EpochSlider />
      {selection.newEpochs.value > 0 && (
        <button type="button" class="chip" onClick={() => session.moveEpoch(Infinity)}>
          {selection.newEpochs.value} new {selection.newEpochs.value === 1 ? "epoch" : "epochs"}
        </button>
      )}
      <select aria-label="Speed" value={choice.fps.value} onChange={(event) => (choice.fps.value = Number(event.currentTarget.value))}>
        {SPEEDS.map((fps) => (
          <option key={fps} value={fps}>
            {fps} fps
          </option>
        ))}
      </select>
    </footer>
  );
}

function EpochSlider() {
  const session = useSession();
  const { selection, figures } = session;
  const input = useRef<HTMLInputElement>(null);
  const steps = selection.steps.value;

  // The thumb follows every frame, the component around it only text; and it can only follow once the range is set.
  useEffect(
    () =>
      effect(() => {
        const at = recordAt(steps, selection.epoch.value);
        if (input.current) input.current.value = String(Math.max(0, at));
      }),
    [steps],
  );

  return (
    <div class="slider">
      <input
        ref={input}
        type="range"
        aria-label="Epoch"
        aria-valuetext={`epoch ${figures.calmEpoch.value}`}
        min={0}
        max={Math.max(0, steps.length - 1)}
        disabled={steps.length < 2}
        onInput={(event) => session.setEpoch(steps[Number(event.currentTarget.value)] ?? 0)}
      />
      <BestMarks />
    </div>
  );
}

/** A triangle under each run's best epoch; a click goes there. */
function BestMarks() {
  const session = useSession();
  const { selection, figures } = session;
  const steps = selection.steps.value;
  if (steps.length < 2) return null;
  return (
    <div class="best-marks" aria-hidden="true">
      {selection.shown.value.map((series) => {
        const best = figures.best.value.get(series.run);
        if (!best) return null;
        const share = recordAt(steps, best.step) / (steps.length - 1);
        return (
          <span
            key={series.run}
            title={`${shortName(series)}: best at epoch ${best.step}`}
            style={{ left: `${100 * share}%`, background: color(session, series.run) }}
            onClick={() => session.setEpoch(best.step)}
          />
        );
      })}
    </div>
  );
}
