/** The dashboard's entry: joins what surrounds us, the data, the state and the views. */

import { effect, signal } from "@preact/signals";
import { h, render as renderTree } from "preact";
import { Client } from "./data/client";
import { Store } from "./data/store";
import { connect, type Host } from "./host/host";
import type { Known } from "./state/known";
import { readLink, writeLink } from "./state/link";
import { keepPreferences } from "./state/preferences";
import { Session } from "./state/session";
import { App } from "./views/app";
import { isVisible } from "./views/frames";
import style from "./views/style.css?inline";

const LINK_DELAY_MS = 300;

/** Draws the dashboard; TensorBoard calls it once the module is loaded. */
export function render(): void {
  const session = openSession();
  const host = connect({
    runs: (names) => (session.runOrder.value = names),
    dark: (dark) => showTheme(session, dark),
    reloaded: () => refreshWhenVisible(session),
    view: (view) => readLink(session.choice, view),
  });
  adoptStyle();
  keepPreferences(session.choice, storage());
  readLink(session.choice, host.readView());
  keepLink(session, host);
  play(session);
  session.refresh();
  renderTree(h(App, { session }), document.body);
  // Keys reach the frame only once it has the focus.
  window.focus();
}

function openSession(): Session {
  const store = new Store(new Client((address, init) => fetch(address, init)), () => (known.value = { store }));
  const known = signal<Known>({ store });
  return new Session(known);
}

function showTheme(session: Session, dark: boolean): void {
  session.dark.value = dark;
  document.documentElement.classList.toggle("dark", dark);
}

/** A hidden frame asks for nothing; it catches up when it is seen again. */
function refreshWhenVisible(session: Session): void {
  if (isVisible()) session.refresh();
  else window.addEventListener("resize", () => refreshWhenVisible(session), { once: true });
}

/** Writes the choice into the address, a little after it last changed. */
function keepLink(session: Session, host: Host): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const link = writeLink(session.choice);
    clearTimeout(timer);
    timer = setTimeout(() => host.writeView(link), LINK_DELAY_MS);
  });
}

function play(session: Session): void {
  effect(() => {
    if (!session.playing.value) return;
    const beat = () => isVisible() && session.playOn();
    const timer = setInterval(beat, 1000 / session.choice.fps.value);
    return () => clearInterval(timer);
  });
}

/** As a constructable sheet, which a policy without inline styles allows. */
function adoptStyle(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  document.documentElement.lang = "en";
  document.title = "curveboard";
}

function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null; // blocked by the browser's settings
  }
}
