import { useEffect, useRef } from "preact/hooks";
import { useSession } from "./context";
import { IconButton } from "./icons";

const KEYS: readonly (readonly [keys: readonly string[], meaning: string])[] = [
  [["←", "→"], "epoch −1 / +1; with Shift ±10"],
  [["Home", "End"], "first / last epoch"],
  [["Space"], "play / pause"],
  [["1", "2"], "Curves · Confusion"],
  [["[", "]"], "previous / next class"],
  [["/"], "filter runs"],
  [["L"], "range of the FPR axis: 1 → .1 → .01 → log"],
  [["P"], "pin the threshold under the pointer for all runs"],
  [["R"], "make the run under the pointer, or the focused one, the baseline"],
  [["?"], "this help"],
  [["Esc"], "reset the zoom, then the pinned threshold"],
];

const MOUSE: readonly (readonly [what: string, meaning: string])[] = [
  ["Drag on a curve chart", "zoom in; double-click zooms out"],
  ["Click on a curve", "focus its run, pin its threshold"],
  ["Drag on the epoch chart", "change the epoch"],
  ["Click on a run", "focus; Alt+click: baseline; double-click: only this one"],
];

export function Help() {
  const { helpOpen } = useSession();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (helpOpen.value) dialog.current?.showModal();
    else dialog.current?.close();
  }, [helpOpen.value]);
  const close = () => (helpOpen.value = false);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={close} onClick={(event) => event.target === dialog.current && close()}>
      <div>
        <div class="help-title">
          <h2 id="help-title">Keyboard shortcuts</h2>
          <IconButton name="close" label="Close" onClick={close} />
        </div>
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
          Predicted positive means score ≥ threshold. Areas, counts and thresholds are exact, computed from all scores; a ▽ marks a
          run's best epoch; <b>@58</b> and a dotted line mean that a run's latest record is of epoch 58.
        </p>
      </div>
    </dialog>
  );
}
