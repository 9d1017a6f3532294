/**
 * Where a view is kept so that a link brings it back: TensorBoard's own hash, as `p.curveboard.view=...`.
 *
 * TensorBoard 2.21 answers its channel's GetURLPluginData with nothing on a fresh page, so the hash is read and written
 * directly; where the page around us is not TensorBoard's or not readable, our own hash serves.
 */

const KEY = "p.curveboard.view";

interface HashStorage {
  setString(key: string, value: string, options: { defaultValue: string; useLocationReplace: boolean }): void;
}

/** What we wrote ourselves, to tell it from what others write. */
let written: string | null = null;

type HostWindow = Window & { tensorboard?: { tf_storage?: HashStorage } };

export function readView(): string {
  return viewInHash(hostWindow().location.hash);
}

export function writeView(view: string): void {
  const host = hostWindow() as HostWindow;
  if (viewInHash(host.location.hash) === view) return;
  written = view;
  const storage = host.tensorboard?.tf_storage;
  if (storage) storage.setString(KEY, view, { defaultValue: "", useLocationReplace: true });
  else replaceHash(host, hashWithView(host.location.hash, view));
}

/** Calls `changed` when someone else changes the address: a link, the back button. Another tab's address has no view. */
export function watchView(changed: (view: string) => void): void {
  const host = hostWindow();
  const tell = () => {
    const view = viewInHash(host.location.hash);
    if (view && view !== written) changed(view);
  };
  host.addEventListener("hashchange", tell);
  window.addEventListener("pagehide", () => host.removeEventListener("hashchange", tell), { once: true });
}

/** The view kept in a hash such as `#curveboard&p.curveboard.view=epoch%3D3`; empty where there is none. */
export function viewInHash(hash: string): string {
  const part = hash.slice(1).split("&").find((each) => each.startsWith(`${KEY}=`));
  return part === undefined ? "" : decode(part.slice(KEY.length + 1));
}

/** The hash with its view replaced, everything else as it was. */
export function hashWithView(hash: string, view: string): string {
  const others = hash.slice(1).split("&").filter((each) => each && !each.startsWith(`${KEY}=`));
  const parts = view ? [...others, `${KEY}=${encodeURIComponent(view)}`] : others;
  return parts.length ? `#${parts.join("&")}` : "";
}

function hostWindow(): Window {
  try {
    return typeof window.parent.location.hash === "string" ? window.parent : window;
  } catch {
    return window; // the page around us is of another origin
  }
}

/** The whole address, because a hash alone would be resolved against the page's <base>. */
function replaceHash({ history, location }: Window, hash: string): void {
  history.replaceState(history.state, "", location.pathname + location.search + hash);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return ""; // cut off in the middle of an escape
  }
}
