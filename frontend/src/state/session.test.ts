import { signal, type Signal } from "@preact/signals";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Areas, Confusion, CountCurve, Index, Series } from "../data/model";
import type { Store } from "../data/store";
import type { Known } from "./known";
import { Session } from "./session";

function series(run: string, steps: readonly number[]): Series {
  const curves = ["micro", "macro", "class:cat", "class:dog"];
  const base = { split: "validation", head: "output", task: "multiclass", class_names: ["cat", "dog"], curves } as const;
  return { run, ...base, steps, wall_times: steps, revision: String(steps.length) };
}

function curve(step: number): CountCurve {
  // threshold 0.5: tp = 3 of 4, fp = 1 of 4
  const counts = { tp: new Uint32Array([3, 4]), fp: new Uint32Array([1, 4]), threshold: new Float32Array([0.5, 0.25]) };
  return { kind: "counts", step, positives: 4, negatives: 4, ...counts };
}

function areas(step: readonly number[], values: readonly number[]): Areas {
  const column = Float64Array.from(values);
  const counts = Float64Array.from(values, () => 4);
  return {
    ...{ step: Float64Array.from(step), roc_auc: column, average_precision: column, roc_auc_se: column },
    ...{ positives: counts, negatives: counts },
  };
}

/** What a store knows, as plain maps. */
class FakeStore {
  index: Index | null = null;
  error: Error | null = null;
  busy = false;
  readonly known = { curves: new Map<string, CountCurve>(), areas: new Map<string, Areas>() };
  wanted: { runs: string[]; curve: string; step: number } | null = null;

  curve({ run }: Series, _curve: string, step: number) {
    return this.known.curves.get(`${run}@${step}`);
  }
  areas({ run }: Series) {
    return this.known.areas.get(run);
  }
  confusion(): Confusion | undefined {
    return undefined;
  }
  wantCurves(all: readonly Series[], curveId: string, step: number) {
    this.wanted = { runs: all.map(({ run }) => run), curve: curveId, step };
  }
  wantAreas() {
    // Areas are there from the start.
  }
  wantConfusion() {
    // Not asked in these tests.
  }
}

let store: FakeStore;
let known: Signal<Known>;
let session: Session;

beforeEach(() => {
  store = new FakeStore();
  known = signal<Known>({ store: store as unknown as Store });
  session = new Session(known);
});

function tell(...all: Series[]): void {
  store.index = { version: "1", series: all, problems: [] };
  known.value = { store: store as unknown as Store };
}

const shownRuns = () => session.selection.shown.value.map(({ run }) => run);

describe("epochs", () => {
  test("the view follows the last epoch while it is on it", () => {
    tell(series("a", [0, 1]));
    expect(session.selection.epoch.value).toBe(1);
    tell(series("a", [0, 1, 2]));
    expect(session.selection.epoch.value).toBe(2);
    expect(session.selection.newEpochs.value).toBe(0);
  });

  test("elsewhere it stays, and says how many came", () => {
    tell(series("a", [0, 1, 2]));
    session.setEpoch(1);
    expect(session.selection.newEpochs.value).toBe(0);
    tell(series("a", [0, 1, 2, 3, 4]));
    expect([session.selection.epoch.value, session.selection.newEpochs.value]).toEqual([1, 2]);
    session.moveEpoch(Infinity);
    expect([session.selection.epoch.value, session.selection.newEpochs.value]).toEqual([4, 0]);
    tell(series("a", [0, 1, 2, 3, 4, 5]));
    expect(session.selection.epoch.value).toBe(5);
  });

  test("steps are those of the shown runs, and moving stops at the ends", () => {
    tell(series("a", [0, 10]), series("b", [5, 20]));
    expect(session.selection.steps.value).toEqual([0, 5, 10, 20]);
    session.moveEpoch(-Infinity);
    session.moveEpoch(-1);
    expect(session.selection.epoch.value).toBe(0);
    session.goToNearest(8);
    expect(session.selection.epoch.value).toBe(10);
    session.show([session.selection.listed.value[0]!], false);
    expect([session.selection.steps.value, session.selection.epoch.value]).toEqual([[5, 20], 5]);
  });

  test("playing waits for what is on its way, and stops at the end", () => {
    tell(series("a", [0, 1, 2]));
    session.togglePlay();
    expect(session.selection.epoch.value).toBe(0);
    store.busy = true;
    session.playOn();
    expect(session.selection.epoch.value).toBe(0);
    store.busy = false;
    session.playOn();
    session.playOn();
    session.playOn();
    expect([session.selection.epoch.value, session.playing.value]).toEqual([2, false]);
  });
});

describe("runs", () => {
  test("only what the filter lets pass and is checked is shown and asked for, the focus first", () => {
    tell(series("a1", [0]), series("a2", [0]), series("b", [0]));
    session.choice.filter.value = "^a";
    session.setFocus("a2");
    expect(shownRuns()).toEqual(["a1", "a2"]);
    expect(store.wanted).toEqual({ runs: ["a2", "a1"], curve: "micro", step: 0 });
    session.showListed(false);
    session.choice.filter.value = "";
    expect(shownRuns()).toEqual(["b"]);
  });

  test("showing only one hides those that come later; showing all shows them", () => {
    tell(series("a", [0]), series("b", [0]));
    session.showOnly("b");
    tell(series("a", [0]), series("b", [0]), series("c", [0]));
    expect([shownRuns(), session.selection.focus.value?.run]).toEqual([["b"], "b"]);
    session.showListed(true);
    expect(shownRuns()).toEqual(["a", "b", "c"]);
  });

  test("colours go by the host's order; runs it does not know come after", () => {
    tell(series("a", [0]), series("b", [0]), series("c", [0]));
    session.runOrder.value = ["c", "x", "a"];
    expect(["a", "b", "c"].map(session.runIndex.value)).toEqual([2, 3, 0]);
  });

  test("the baseline is set and taken back", () => {
    tell(series("a", [0]), series("b", [0]));
    session.toggleBaseline("b");
    expect(session.selection.baseline.value?.run).toBe("b");
    session.toggleBaseline("b");
    expect(session.selection.baseline.value).toBeNull();
  });
});

describe("figures", () => {
  test("a run without the epoch shows its latest record before it, and says which", () => {
    store.known.areas.set("a", areas([0, 1, 2], [0.5, 0.75, 0.625]));
    store.known.areas.set("b", areas([1], [0.875]));
    store.known.curves.set("a@2", curve(2)).set("b@2", curve(1));
    tell(series("a", [0, 1, 2]), series("b", [1]));
    session.choice.rule.value = { criterion: "threshold", level: 0.5 };
    expect(session.figures.curves.value.map(({ late, point }) => ({ late, point }))).toEqual([
      { late: false, point: 0 },
      { late: true, point: 0 },
    ]);
    expect(session.figures.rows.value).toMatchObject([
      { step: 2, late: false, roc_auc: 0.625, best: { step: 1, value: 0.75 }, rates: { tpr: 0.75, fpr: 0.25 } },
      { step: 1, late: true, roc_auc: 0.875 },
    ]);
  });

  test("while a curve is on its way the last one stays in view, but its numbers do not pose as the new ones", async () => {
    store.known.areas.set("a", areas([0, 1], [0.5, 0.75]));
    store.known.curves.set("a@1", curve(1));
    tell(series("a", [0, 1]));
    expect(session.figures.curves.value[0]?.curve.step).toBe(1);
    session.setEpoch(0);
    expect(session.figures.curves.value[0]?.curve.step).toBe(1);
    // Text follows within 140 ms.
    await vi.waitFor(() => expect(session.figures.rows.value).toMatchObject([{ step: 0, roc_auc: 0.5, rates: null }]));
  });

  test("a curve of another class is never shown in place of the one asked for", () => {
    store.known.curves.set("a@0", curve(0));
    tell(series("a", [0]));
    expect(session.figures.curves.value).toHaveLength(1);
    store.known.curves.clear();
    session.moveClass(1);
    expect([session.selection.curve.value, session.figures.curves.value]).toEqual(["macro", []]);
  });
});

test("runs that come later do not change the data in view", () => {
  const other = (run: string) => ({ ...series(run, [0]), class_names: ["x", "y"], curves: ["micro", "class:x"] });
  tell(series("m", [0]));
  expect(session.selection.dataSet.value?.label).toBe("validation · output");
  tell(other("a"), other("b"), series("m", [0]));
  expect(session.selection.dataSet.value?.label).toBe("validation · output · cat / dog");
});

test("escape undoes the zoom, then the pinned threshold", () => {
  tell(series("a", [0]));
  session.pinThreshold(0.5);
  session.choice.zoom.roc.value = { x: [0, 0.5], y: [0, 1] };
  session.escape();
  expect([session.choice.zoom.roc.value, session.choice.rule.value.criterion]).toEqual([null, "threshold"]);
  session.escape();
  expect(session.choice.rule.value).toEqual({ criterion: "fpr", level: 0.01 });
  session.pinThreshold(Infinity);
  expect(session.choice.rule.value.criterion).toBe("fpr");
});

test("classes go round", () => {
  tell(series("a", [0]));
  session.moveClass(-1);
  expect(session.selection.curve.value).toBe("class:dog");
  session.moveClass(1);
  expect(session.selection.curve.value).toBe("micro");
});
