import { useEffect, useRef } from "preact/hooks";
import { pictureCanvas, pictureSvg, type Picture, type PlotSpec } from "../chart";
import { toCsv, toJson } from "../data/table";
import { curveName, shortName } from "../state/runs";
import type { Session } from "../state/session";
import { tableOf, type TableName } from "../state/tables";
import { useSession } from "./context";
import { Icon } from "./icons";
import { color } from "./look";
import { chartTheme } from "./theme";

interface Props {
  /** What the files are named after. */
  name: string;
  what: TableName;
  /** The chart; unless given there is none, and only numbers to take. */
  spec?: () => PlotSpec;
}

/** In px: the shape of a chart on a common screen. */
const PICTURE_SIZE = { width: 640, height: 440 };
/** More runs than this do not fit under a picture; the table has them. */
const MOST_NAMES = 24;

/** What is shown, to take away: as a picture, as numbers, as code. */
export function ExportMenu({ name, what, spec }: Props) {
  const session = useSession();
  const menu = useRef<HTMLDetailsElement>(null);
  const close = () => {
    if (menu.current) menu.current.open = false;
  };
  useEffect(() => {
    const outside = (event: Event) => {
      if (!menu.current?.contains(event.target as Node)) close();
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, []);
  const item = (text: string, action: () => void) => (
    <button
      type="button"
      onClick={() => {
        close();
        action();
      }}
    >
      {text}
    </button>
  );
  const file = fileName(session, name);
  return (
    <details
      class="menu"
      ref={menu}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !menu.current?.open) return;
        close();
        menu.current.querySelector("summary")?.focus();
        event.stopPropagation();
      }}
    >
      <summary class="icon-button" aria-label={`Export: ${name}`} title="Export (E)">
        <Icon name="download" />
      </summary>
      <div role="group" aria-label={`Export: ${name}`}>
        {spec && item("PNG picture", () => void savePng(picture(session, name, spec()), `${file}.png`))}
        {spec && item("SVG picture", () => save(pictureSvg(picture(session, name, spec())), "image/svg+xml", `${file}.svg`))}
        {item("CSV of the numbers", () => save(toCsv(tableOf(session, what)), "text/csv", `${file}.csv`))}
        {item("JSON of the numbers", () => save(toJson(tableOf(session, what)), "application/json", `${file}.json`))}
        {what !== "classes" && item("scikit-learn code …", () => (session.codeOpen.value = true))}
      </div>
    </details>
  );
}

function picture(session: Session, name: string, spec: PlotSpec): Picture {
  const { selection, figures } = session;
  const runs = selection.shown.value;
  const legend = runs.slice(0, MOST_NAMES).map((series) => ({ color: color(session, series.run), text: shortName(series) }));
  const more = runs.length > MOST_NAMES ? `, ${runs.length} runs` : "";
  const caption = `${name}, ${curveName(selection.curve.value)}, epoch ${figures.calmEpoch.value}${more}`;
  return { spec, theme: chartTheme(session.dark.value), size: PICTURE_SIZE, caption, legend };
}

/** Letters and digits of what is shown; nothing that a file system could read as a path. */
function fileName({ selection, figures }: Session, name: string): string {
  const parts = [name, curveName(selection.curve.value), "epoch", String(figures.calmEpoch.value)];
  return parts.join(" ").replaceAll(/[^\p{L}\p{N}]+/gu, "_").slice(0, 80);
}

async function savePng(picture: Picture, name: string): Promise<void> {
  const canvas = pictureCanvas(picture, document);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob) saveBlob(blob, name);
}

function save(text: string, type: string, name: string): void {
  saveBlob(new Blob([text], { type }), name);
}

function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download has begun by then; some browsers read the address only after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
