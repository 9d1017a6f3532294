/** One animation frame for everything that is drawn; nothing is drawn while TensorBoard hides the frame. */

const jobs = new Map<object, () => void>();
let requested = false;

/** Draws in the next frame; of several jobs of one key the newest. */
export function inNextFrame(key: object, job: () => void): void {
  jobs.set(key, job);
  if (requested) return;
  requested = true;
  requestAnimationFrame(runJobs);
}

export function cancelFrame(key: object): void {
  jobs.delete(key);
}

/** A hidden frame keeps its animation frames but has no height (and no event but `resize`). */
export function isVisible(): boolean {
  return window.innerHeight > 0;
}

function runJobs(): void {
  if (!isVisible()) {
    window.addEventListener("resize", () => requestAnimationFrame(runJobs), { once: true });
    return;
  }
  requested = false;
  const due = [...jobs.values()];
  jobs.clear();
  for (const job of due) job();
}
