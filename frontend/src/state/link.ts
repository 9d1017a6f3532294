/** What the user chose, as the text of a link, and back. Only what differs from the default is written. */

import { batch, type Signal } from "@preact/signals";
import { CRITERIA, Choice, DEFAULT_CHECKED, FPR_RANGES, METRICS, SORT_COLUMNS, VIEWS, type OperatingRule, type Sort, type Zoom } from "./choice";

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
  field("at", (c) => c.rule, ({ criterion, level }) => `${criterion}:${level}`, rule),
  field("sort", (c) => c.sort, ({ column, descending }) => (descending ? `-${column}` : column), sort),
  field("fpr", (c) => c.fprRange, String, oneOf(FPR_RANGES)),
  field("roc", (c) => c.rocZoom, zoomText, zoom),
  field("pr", (c) => c.prZoom, zoomText, zoom),
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

function rule(text: string): OperatingRule | undefined {
  const [name = "", levelText = ""] = text.split(":");
  const criterion = oneOf(CRITERIA)(name);
  const level = number(levelText);
  return criterion && level !== undefined ? { criterion, level } : undefined;
}

function sort(text: string): Sort | undefined {
  const descending = text.startsWith("-");
  const column = oneOf(SORT_COLUMNS)(descending ? text.slice(1) : text);
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
