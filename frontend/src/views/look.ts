/** How runs look, in every chart alike. */

import { runColor, runDash, type LineMark } from "../chart";
import type { Session } from "../state/session";

/** More runs than this recede behind focus and baseline. */
const CROWD = 15;
const RECEDED = 0.4;
const FOCUS_WIDTH = 2.5;

export function color(session: Session, run: string): string {
  return runColor(session.runIndex.value(run), session.dark.value);
}

/** Focus last, so that it lies on top. */
export function inOrder<T extends { run: string }>(session: Session, marks: readonly T[]): T[] {
  const [focus, baseline] = [session.selection.focus.value?.run, session.selection.baseline.value?.run];
  const rank = ({ run }: T) => (run === focus ? 2 : run === baseline ? 1 : 0);
  return [...marks].sort((a, b) => rank(a) - rank(b));
}

export function look(session: Session, run: string): Pick<LineMark, "color" | "dash" | "width" | "alpha"> {
  const stroke = { color: color(session, run), dash: runDash(session.runIndex.value(run)) };
  const { focus, baseline, shown } = session.selection;
  if (shown.value.length === 1) return stroke;
  if (run === focus.value?.run) return { ...stroke, width: FOCUS_WIDTH };
  const recedes = shown.value.length > CROWD && run !== baseline.value?.run;
  // In a crowd dashes tell nothing apart; they only flicker.
  return recedes ? { color: stroke.color, width: 1, alpha: RECEDED } : stroke;
}
