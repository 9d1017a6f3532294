import { useSession } from "./context";
import { Dialog } from "./dialog";

const KEYS: readonly (readonly [keys: readonly string[], meaning: string])[] = [
  [["←", "→"], "epoch −1 / +1; with Shift ±10"],
  [["Home", "End"], "first / last epoch"],
  [["Space"], "play / pause"],
  [["1", "2", "3"], "Curves · Classes · Confusion"],
  [["[", "]"], "previous / next class"],
  [["/"], "filter runs, or classes in their view"],
  [["L"], "range of the FPR axis: 1 → .1 → .01 → log"],
  [["P"], "pin the threshold under the pointer for all runs"],
  [["R"], "make the run under the pointer, or the focused one, the baseline"],
  [["D"], "differences from the baseline in the table"],
  [["E"], "export the first chart"],
  [["?"], "this help"],
  [["Esc"], "reset the zoom, then the pinned threshold"],
];

const MOUSE: readonly (readonly [what: string, meaning: string])[] = [
  ["A chart's title", "choose another chart"],
  ["Drag on a curve chart", "zoom in; double-click zooms out"],
  ["Click on a curve", "focus its run, pin its threshold"],
  ["Drag on the epoch chart", "change the epoch"],
  ["Click on a run", "focus; Alt+click: baseline; double-click: only this one"],
];

export function Help() {
  const { helpOpen } = useSession();
  if (!helpOpen.value) return null;
  return (
    <Dialog title="Keyboard shortcuts" onClose={() => (helpOpen.value = false)}>
      <dl>
        {KEYS.map(([keys, meaning]) => (
          <div key={meaning}>
            <dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <h2>Mouse</h2>
      <dl>
        {MOUSE.map(([what, meaning]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p class="quiet">
        Predicted positive means score ≥ threshold. Areas, counts and thresholds are exact, computed from all scores; between stored
        points curves are interpolated. A ▽ marks a run's best epoch; <b>@58</b> and a dotted line mean that a run's latest record is
        of epoch 58.
      </p>
    </Dialog>
  );
}
