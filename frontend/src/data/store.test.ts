import { beforeEach, expect, test, vi } from "vitest";
import type { Client } from "./client";
import type { Areas, Curve, Index, Series } from "./model";
import { Store } from "./store";

function series(run: string, steps: number[], extra: Partial<Series> = {}): Series {
  return {
    ...{ run, split: "validation", head: "output", task: "binary", class_names: ["no", "yes"], curves: ["class:yes"] },
    ...{ steps, wall_times: steps.map((step) => 100 + step), revision: String(steps.length) },
    ...extra,
  };
}

function curve(step: number): Curve {
  const tp = new Uint32Array([1, 2]);
  return { kind: "counts", step, positives: 2, negatives: 2, threshold: new Float32Array([0.9, 0.1]), tp, fp: tp };
}

const AREAS = { step: new Float64Array([0]), roc_auc: new Float64Array([0.9]) } as Areas;

interface Asked {
  readonly runs: readonly string[];
  readonly steps: readonly string[];
  readonly signal: AbortSignal;
  answer(): void;
}

/** A backend that answers when told to, and every record from the steps asked for. */
class Backend {
  readonly asked: Asked[] = [];
  readonly areasOf: string[][] = [];
  index: Index = { version: "1", series: [], problems: [] };
  failure: Error | null = null;

  readonly client = {
    index: () => this.settle(this.index),
    areas: (_head: string, _curve: string, runs: string[]) => {
      this.areasOf.push(runs);
      return this.settle(new Map(runs.map((run) => [run, AREAS])));
    },
    curves: (_head: string, _curve: string, runs: string[], steps: string[], signal: AbortSignal) =>
      new Promise((resolve) => {
        const pick = (run: string, i: number) => {
          const [from = 0, to] = (steps[i] ?? steps[0]!).split("-").map(Number);
          const all = this.index.series.find((each) => each.run === run)!.steps;
          return to === undefined ? all.filter((s) => s <= from).slice(-1) : all.filter((s) => s >= from && s <= to);
        };
        const answer = () => resolve(new Map(runs.map((run, i) => [run, pick(run, i).map(curve)])));
        this.asked.push({ runs, steps, signal, answer });
      }),
  } as unknown as Client;

  private settle<T>(value: T): Promise<T> {
    return this.failure ? Promise.reject(this.failure) : Promise.resolve(value);
  }
}

let backend: Backend;
let store: Store;
let changes: number;

beforeEach(() => {
  backend = new Backend();
  changes = 0;
  store = new Store(backend.client, () => changes++);
});

async function load(...all: Series[]): Promise<readonly Series[]> {
  backend.index = { ...backend.index, series: all };
  store.refresh();
  await vi.waitFor(() => expect(store.index?.series.map(({ revision }) => revision)).toEqual(all.map((s) => s.revision)));
  return store.index!.series;
}

test("curves in view are asked for in one request and answered by the latest record before the step", async () => {
  const shown = await load(series("a", [0, 1, 2]), series("b", [0, 2]));
  store.wantCurves(shown, "class:yes", 1);
  expect(backend.asked).toMatchObject([{ runs: ["a", "b"], steps: ["1"] }]);
  expect(store.curve(shown[0]!, "class:yes", 1)).toBeUndefined();
  backend.asked[0]!.answer();
  await vi.waitFor(() => expect(store.curve(shown[0]!, "class:yes", 1)?.step).toBe(1));
  expect(store.curve(shown[1]!, "class:yes", 1)?.step).toBe(0);
  expect(store.curve(shown[1]!, "class:yes", -1)).toBeUndefined();
});

test("of the questions that wait only the newest is asked", async () => {
  const shown = await load(series("a", [0, 1, 2, 3]));
  for (const step of [0, 1, 2, 3]) store.wantCurves(shown, "class:yes", step);
  expect(backend.asked.map(({ steps }) => steps)).toEqual([["0"]]);
  backend.asked[0]!.answer();
  await vi.waitFor(() => expect(backend.asked.map(({ steps }) => steps)).toEqual([["0"], ["3"]]));
  expect(backend.asked[0]!.signal.aborted).toBe(false);
});

test("a question asked again while it is under way is asked once", async () => {
  const shown = await load(series("a", [0]));
  for (let i = 0; i < 3; i++) store.wantCurves(shown, "class:yes", 0);
  for (let i = 0; i < 3; i++) store.wantAreas(shown, "class:yes");
  backend.asked[0]!.answer();
  await vi.waitFor(() => expect(store.busy).toBe(false));
  expect(backend.asked).toHaveLength(1);
  expect(backend.areasOf).toEqual([["a"]]);
});

test("a question about another curve ends the one under way", async () => {
  const both = { curves: ["class:yes", "class:no"] };
  const shown = await load(series("a", [0], both));
  store.wantCurves(shown, "class:yes", 0);
  store.wantCurves(shown, "class:no", 0);
  expect(backend.asked[0]!.signal.aborted).toBe(true);
});

test("once the view is here, all other steps follow, what is next first", async () => {
  const shown = await load(series("a", [0, 1, 2, 3]), series("b", [0, 1, 2, 3]));
  store.wantCurves(shown, "class:yes", 2);
  backend.asked[0]!.answer();
  await vi.waitFor(() => expect(store.busy).toBe(false));
  store.wantCurves(shown, "class:yes", 2);
  await vi.waitFor(() => expect(backend.asked).toHaveLength(2));
  expect(backend.asked[1]).toMatchObject({ runs: ["a", "b"], steps: ["3-3", "3-3"] });
  backend.asked[1]!.answer();
  await vi.waitFor(() => expect(backend.asked[2]).toMatchObject({ steps: ["0-1", "0-1"] }));
  backend.asked[2]!.answer();
  await vi.waitFor(() => expect(store.curve(shown[1]!, "class:yes", 0)).toBeDefined());
  store.wantCurves(shown, "class:yes", 0);
  expect(backend.asked).toHaveLength(3);
});

test("after a reload only what is new is asked for again", async () => {
  const [a, b] = await load(series("a", [0, 1]), series("b", [0, 1]));
  store.wantAreas([a!, b!], "class:yes");
  store.wantCurves([a!, b!], "class:yes", 9);
  backend.asked[0]!.answer();
  await vi.waitFor(() => expect(store.curve(b!, "class:yes", 9)?.step).toBe(1));
  const [sameA, newB] = await load(series("a", [0, 1]), series("b", [0, 1, 2]));
  expect(sameA).toBe(a);
  expect(store.areas(newB!, "class:yes")).toBe(AREAS);
  store.wantAreas([sameA!, newB!], "class:yes");
  store.wantCurves([sameA!, newB!], "class:yes", 9);
  expect(backend.areasOf).toEqual([["a", "b"], ["b"]]);
  expect(backend.asked[1]).toMatchObject({ runs: ["b"], steps: ["9"] });
});

test("a step that was written again is another record", async () => {
  const [old] = await load(series("a", [0, 1]));
  store.wantCurves([old!], "class:yes", 1);
  backend.asked[0]!.answer();
  await vi.waitFor(() => expect(store.curve(old!, "class:yes", 1)).toBeDefined());
  const [again] = await load(series("a", [0, 1], { wall_times: [100, 500], revision: "again" }));
  expect(store.curve(again!, "class:yes", 1)).toBeUndefined();
  expect(store.curve(again!, "class:yes", 0)).toBeUndefined();
});

test("a failure keeps what is known, is asked again only on refresh, and does not loop", async () => {
  const [a] = await load(series("a", [0]));
  backend.failure = new Error("areas: 500");
  store.wantAreas([a!], "class:yes");
  await vi.waitFor(() => expect(store.error?.message).toBe("areas: 500"));
  store.wantAreas([a!], "class:yes");
  store.wantCurves([a!], "class:yes", 0);
  expect(backend.areasOf).toHaveLength(1);
  expect(backend.asked).toHaveLength(0);
  expect(store.index?.series).toEqual([a]);
  backend.failure = null;
  store.refresh();
  expect(store.error).toBeNull();
  store.wantAreas([a!], "class:yes");
  await vi.waitFor(() => expect(store.areas(a!, "class:yes")).toBe(AREAS));
});

test("areas of many classes are asked for one after the other, each once, and told of together", async () => {
  const classes = ["class:a", "class:b", "class:c"];
  const [one, two] = await load(series("one", [0], { curves: classes }), series("two", [0], { curves: ["class:a"] }));
  const before = changes;
  store.wantClasses([one!, two!], classes);
  store.wantClasses([one!, two!], classes);
  await vi.waitFor(() => expect(backend.areasOf).toEqual([["one", "two"], ["one"], ["one"]]));
  await vi.waitFor(() => expect(changes).toBe(before + 1));
  expect(store.areas(one!, "class:c")).toBe(AREAS);
  expect(store.areas(two!, "class:c")).toBeUndefined();
  store.wantClasses([one!, two!], classes);
  expect(backend.areasOf).toHaveLength(3);
});

test("a record that is gone is not asked for twice", async () => {
  const [a] = await load(series("a", [0, 1]));
  backend.index = { ...backend.index, series: [series("a", [])] };
  store.wantCurves([a!], "class:yes", 1);
  backend.asked[0]!.answer();
  await vi.waitFor(() => expect(store.busy).toBe(false));
  store.wantCurves([a!], "class:yes", 1);
  expect(store.busy).toBe(false);
});
