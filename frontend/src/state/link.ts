/** What the user chose, as the text of a link, and back. Only what differs from the default is written. */

import { batch, type Signal } from "@preact/signals";
import type { OperatingRule } from "../data/operating";
import {
  Choice,
  CLASS_COLUMNS,
  CRITERIA,
  DEFAULT_CHECKED,
  FPR_RANGES,
  METRICS,
  PLANES,
  SORT_COLUMNS,
  THRESHOLD_LINES,
  TRACKS,
  VIEWS,
  type Sort,
  type Zoom,
} from "./choice";

/** One name in the link, and how its texts are written and read; no text stands for the default. */
interface Field {
  readonly name: string;
  readonly write: (choice: Choice) => readonly string[];
  readonly read: (choice: Choice, texts: readonly string[]) => void;
}

const FIELDS: readonly Field[] = [
  field("view", (c) => c.view, String, oneOf(VIEWS)),
  field("data", (c) => c.data, String, String),
  field("class", (c) => c.curve, String, String),
  field("epoch", (c) => c.epoch, String, number),
  field("filter", (c) => c.filter, String, String),
  field("focus", (c) => c.focus, String, String),
  field("baseline", (c) => c.baseline, String, String),
  field("metric", (c) => c.metric, String, oneOf(METRICS)),
  field("at", (c) => c.rule, ruleText, rule),
  field("sort", (c) => c.sort, sortText, (text) => sort(text, SORT_COLUMNS)),
  field("fpr", (c) => c.fprRange, String, oneOf(FPR_RANGES)),
  field("a", (c) => c.first, String, oneOf(PLANES)),
  field("b", (c) => c.second, String, oneOf(PLANES)),
  // A zoom is named after its plane: roc=0,0.1,0.5,1.
  ...PLANES.map((plane) => field(plane, (c) => c.zoom[plane], zoomText, zoom)),
  field("lines", (c) => c.thresholdLines, String, oneOf(THRESHOLD_LINES)),
  field("track", (c) => c.track, String, oneOf(TRACKS)),
  field("delta", (c) => c.deltas, (shown) => (shown ? "on" : ""), (text) => text === "on"),
  field("classes", (c) => c.classFilter, String, String),
  field("ranking", (c) => c.classSort, sortText, (text) => sort(text, CLASS_COLUMNS)),
  field("cells", (c) => c.cells, String, oneOf(["row", "count"] as const)),
  field("diagonal", (c) => c.hideDiagonal, (hidden) => (hidden ? "hidden" : ""), (text) => text === "hidden"),
  {
    name: "others",
    write: ({ shown: { value } }) => (value.others === null ? [] : [value.others ? "on" : "off"]),
    read: ({ shown }, [text]) => (shown.value = { ...shown.value, others: text === "on" ? true : text === "off" ? false : null }),
  },
  runs("on", true),
  runs("off", false),
];

const DEFAULTS = new Choice();

export function writeLink(choice: Choice): string {
  const pairs = FIELDS.flatMap(({ name, write }) => write(choice).map((text) => [name, text]));
  return new URLSearchParams(pairs).toString();
}

/** Applies a link as one change: what it does not name returns to the default, what it spells wrongly too. */
export function readLink(choice: Choice, link: string): void {
  const query = new URLSearchParams(link);
  batch(() => {
    choice.shown.value = DEFAULT_CHECKED;
    for (const { name, read } of FIELDS) read(choice, query.getAll(name));
  });
}

function field<T>(
  name: string,
  of: (choice: Choice) => Signal<T>,
  write: (value: NonNullable<T>) => string,
  read: (text: string) => T | undefined,
): Field {
  return {
    name,
    write(choice) {
      const value = of(choice).value;
      return value === of(DEFAULTS).value || value === null || value === undefined ? [] : [write(value)];
    },
    read(choice, [text]) {
      const value = text === undefined ? undefined : read(text);
      of(choice).value = value ?? of(DEFAULTS).value;
    },
  };
}

function runs(name: string, checked: boolean): Field {
  return {
    name,
    write: ({ shown }) => [...shown.value.runs].flatMap(([run, state]) => (state === checked ? [run] : [])),
    read({ shown }, texts) {
      const { runs: known, others } = shown.value;
      shown.value = { runs: new Map([...known, ...texts.map((run) => [run, checked] as const)]), others };
    },
  };
}

function oneOf<T extends string>(values: readonly T[]): (text: string) => T | undefined {
  return (text) => values.find((value) => value === text);
}

function number(text: string): number | undefined {
  const value = Number(text);
  return text.trim() !== "" && Number.isFinite(value) ? value : undefined;
}

/** `fpr:0.01`, `cost:0.2:0.05`: criterion, level, and the prevalence where one was chosen. */
function ruleText({ criterion, level, prevalence }: OperatingRule): string {
  return [criterion, level, ...(prevalence === undefined ? [] : [prevalence])].join(":");
}

function rule(text: string): OperatingRule | undefined {
  const [name = "", levelText = "", prevalenceText] = text.split(":");
  const criterion = oneOf(CRITERIA)(name);
  const level = number(levelText);
  if (!criterion || level === undefined) return undefined;
  const prevalence = prevalenceText === undefined ? undefined : number(prevalenceText);
  return prevalence === undefined ? { criterion, level } : { criterion, level, prevalence };
}

function sortText({ column, descending }: Sort<string>): string {
  return (descending ? "-" : "") + column;
}

function sort<Column extends string>(text: string, columns: readonly Column[]): Sort<Column> | undefined {
  const descending = text.startsWith("-");
  const column = oneOf(columns)(descending ? text.slice(1) : text);
  return column && { column, descending };
}

function zoomText({ x, y }: Zoom): string {
  return [...x, ...y].map((value) => Number(value.toPrecision(6))).join(",");
}

function zoom(text: string): Zoom | undefined {
  const [x0, x1, y0, y1] = text.split(",").map(number);
  if (x0 === undefined || x1 === undefined || y0 === undefined || y1 === undefined || x0 >= x1 || y0 >= y1) return undefined;
  return { x: [x0, x1], y: [y0, y1] };
}
