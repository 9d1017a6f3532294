import { curveName, shortName } from "../state/runs";
import type { Session } from "../state/session";
import { useSession } from "./context";

interface Note {
  readonly subject: string;
  readonly text: string;
}

/** What the user should know of the data: records left out, runs that lack what is chosen. Absent when all is well. */
export function Health() {
  const notes = healthNotes(useSession());
  if (!notes.length) return null;
  return (
    <details class="health">
      <summary>
        Data health: {notes.length} {notes.length === 1 ? "note" : "notes"}
      </summary>
      <ul tabIndex={0} aria-label="Notes on the data">
        {notes.map(({ subject, text }) => (
          <li key={subject + text}>
            <b>{subject}</b> {text}
          </li>
        ))}
      </ul>
    </details>
  );
}

function healthNotes({ index, selection }: Session): Note[] {
  const problems = (index.value?.problems ?? []).map(({ run, head, reason }) => ({ subject: `${run} · ${head}`, text: reason }));
  const curve = selection.curve.value;
  const lacking = (selection.dataSet.value?.series ?? []).filter(({ curves }) => !curves.includes(curve));
  return [...problems, ...lacking.map((series) => ({ subject: shortName(series), text: `has no class ${curveName(curve)}` }))];
}
