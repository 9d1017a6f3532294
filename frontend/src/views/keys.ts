import type { Session } from "../state/session";
import { CLASS_FILTER_ID } from "./class-table";
import { FILTER_ID } from "./filter-box";
import { pinHovered } from "./hovering";

type Action = (session: Session, event: KeyboardEvent) => void;

const ACTIONS: Readonly<Record<string, Action>> = {
  ArrowLeft: (session, { shiftKey }) => session.moveEpoch(shiftKey ? -10 : -1),
  ArrowRight: (session, { shiftKey }) => session.moveEpoch(shiftKey ? 10 : 1),
  Home: (session) => session.moveEpoch(-Infinity),
  End: (session) => session.moveEpoch(Infinity),
  " ": (session) => session.togglePlay(),
  "1": (session) => session.setView("curves"),
  "2": (session) => session.setView("classes"),
  "3": (session) => session.setView("confusion"),
  "[": (session) => session.moveClass(-1),
  "]": (session) => session.moveClass(1),
  "/": () => (document.getElementById(CLASS_FILTER_ID) ?? document.getElementById(FILTER_ID))?.focus(),
  l: (session) => session.nextFprRange(),
  p: (session) => pinHovered(session),
  r: (session) => session.toggleBaseline(session.hover.value?.run ?? session.selection.focus.value?.run ?? ""),
  d: ({ choice, selection }) => (choice.deltas.value = selection.baseline.value !== null && !choice.deltas.value),
  e: () => openFirstMenu(),
  "?": (session) => (session.helpOpen.value = true),
  Escape: (session) => session.escape(),
};

/** Runs the action of a key, unless someone is typing or the key belongs to the control in focus. */
export function handleKey(session: Session, event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || session.helpOpen.value || session.codeOpen.value) return;
  if (belongsToControl(event)) return;
  const action = ACTIONS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return;
  action(session, event);
  event.preventDefault();
}

function openFirstMenu(): void {
  const menu = document.querySelector<HTMLDetailsElement>("main details.menu");
  if (!menu) return;
  menu.open = true;
  menu.querySelector("button")?.focus();
}

function belongsToControl({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) {
    if (target.type === "checkbox" || target.type === "radio") return key === " " || key.startsWith("Arrow");
    if (target.type === "range") return !target.closest(".slider") && /^(Arrow|Home|End|Page)/.test(key);
    if (key === "Escape") target.blur();
    return true;
  }
  if (target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement) return true;
  const isButton = target instanceof HTMLButtonElement || target.tagName === "SUMMARY";
  return isButton && (key === " " || key === "Enter");
}
