import type { Signal } from "@preact/signals";
import type { Zoom } from "../state/choice";

/** Says that a chart is zoomed, and undoes it. */
export function ZoomChip({ zoom }: { zoom: Signal<Zoom | null> }) {
  if (!zoom.value) return null;
  return (
    <button type="button" class="chip" title="Reset the zoom (Esc)" onClick={() => (zoom.value = null)}>
      Reset zoom
    </button>
  );
}
