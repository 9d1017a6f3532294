/** What surrounds the dashboard: TensorBoard, or nothing when its frame is opened as a page of its own. */

import { readView, watchView, writeView } from "./address";
import { openChannel } from "./channel";
import { borrowRoboto } from "./fonts";
import { watchDark } from "./theme";

export interface HostEvents {
  /** Names of all runs, in the order that gives them their colours. */
  runs(names: readonly string[]): void;
  dark(dark: boolean): void;
  /** The user pressed reload, or TensorBoard reloads by itself. */
  reloaded(): void;
  /** The address changed from outside. */
  view(view: string): void;
}

export interface Host {
  readView(): string;
  writeView(view: string): void;
}

/** Connects to what surrounds us; tells the theme before it returns, the runs soon after. */
export function connect(events: HostEvents): Host {
  watchDark((dark) => events.dark(dark));
  watchView((view) => events.view(view));
  borrowRoboto();
  void listenToRuns(events);
  return { readView, writeView };
}

async function listenToRuns(events: HostEvents): Promise<void> {
  const channel = openChannel();
  const tell = (names: unknown) => {
    if (Array.isArray(names)) events.runs(names as string[]);
  };
  channel?.listen("experimental.RunsChanged", tell);
  channel?.listen("experimental.DataReloaded", () => events.reloaded());
  tell((await channel?.request("experimental.GetRuns")) ?? (await fetchRuns()));
}

/** TensorBoard's list of runs, for a page without a channel; null where it cannot be had. */
async function fetchRuns(): Promise<unknown> {
  try {
    const response = await fetch("../../runs");
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
