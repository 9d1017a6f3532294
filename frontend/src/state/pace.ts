import { effect, signal, untracked, type ReadonlySignal } from "@preact/signals";

/** Longest time for which text may lag behind a value in motion: 8 times a second is as fast as one reads. */
const TEXT_MS = 125;
/** After this long without a change the value has come to rest. */
const REST_MS = 140;

export interface Pace<T> {
  /** The value, changing at most every 125 ms while it moves, and at once when it rests. */
  readonly calm: ReadonlySignal<T>;
  /** Whether it changed twice within the last 140 ms. */
  readonly moving: ReadonlySignal<boolean>;
}

export function paced<T>(value: ReadonlySignal<T>): Pace<T> {
  const calm = signal(value.peek());
  const moving = signal(false);
  let shownAt = -Infinity;
  let changedAt = -Infinity;
  let rest: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const now = performance.now();
    const current = value.value;
    untracked(() => {
      if (current === calm.value && !moving.value) return;
      if (now - shownAt >= TEXT_MS) {
        calm.value = current;
        shownAt = now;
      }
      if (now - changedAt < REST_MS) moving.value = true;
      changedAt = now;
      clearTimeout(rest);
      rest = setTimeout(() => {
        moving.value = false;
        calm.value = value.peek();
      }, REST_MS);
    });
  });
  return { calm, moving };
}
