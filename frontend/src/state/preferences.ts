import { effect } from "@preact/signals";
import { METRICS, type Choice } from "./choice";

const KEY = "curveboard.preferences";

/** What a browser remembers from one visit to the next: habits, not views. A link read later goes before them. */
export function keepPreferences(choice: Choice, storage: Pick<Storage, "getItem" | "setItem"> | null): void {
  if (!storage) return;
  const { fps, metric } = stored(storage);
  if (typeof fps === "number" && fps >= 1 && fps <= 60) choice.fps.value = fps;
  choice.metric.value = METRICS.find((each) => each === metric) ?? choice.metric.value;
  effect(() => {
    const text = JSON.stringify({ fps: choice.fps.value, metric: choice.metric.value });
    try {
      storage.setItem(KEY, text);
    } catch {
      // A full or forbidden storage forgets; nothing else depends on it.
    }
  });
}

function stored(storage: Pick<Storage, "getItem">): { fps?: unknown; metric?: unknown } {
  try {
    const value: unknown = JSON.parse(storage.getItem(KEY) ?? "{}");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
