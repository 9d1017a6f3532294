/** For tests: a session whose store knows what the test says. */

import { signal } from "@preact/signals";
import type { Areas, Confusion, CountCurve, Index, Series } from "../data/model";
import type { Store } from "../data/store";
import type { Known } from "./known";
import { Session } from "./session";

export function series(run: string, steps: readonly number[]): Series {
  const curves = ["micro", "macro", "class:cat", "class:dog"];
  const base = { split: "validation", head: "output", task: "multiclass", class_names: ["cat", "dog"], curves } as const;
  return { run, ...base, steps, wall_times: steps, revision: String(steps.length) };
}

export function curve(step: number): CountCurve {
  // threshold 0.5: tp = 3 of 4, fp = 1 of 4
  const counts = { tp: new Uint32Array([3, 4]), fp: new Uint32Array([1, 4]), threshold: new Float32Array([0.5, 0.25]) };
  return { kind: "counts", step, positives: 4, negatives: 4, ...counts };
}

export function areas(step: readonly number[], values: readonly number[]): Areas {
  const column = Float64Array.from(values);
  const counts = Float64Array.from(values, () => 4);
  return {
    ...{ step: Float64Array.from(step), roc_auc: column, average_precision: column, roc_auc_se: column },
    ...{ positives: counts, negatives: counts },
  };
}

/** What a store knows, as plain maps: curves by `run@step`, areas by run, or by `run curve` where one curve has its own. */
export class FakeStore {
  index: Index | null = null;
  error: Error | null = null;
  busy = false;
  readonly known = { curves: new Map<string, CountCurve>(), areas: new Map<string, Areas>() };
  wantedClasses: { runs: string[]; curves: readonly string[] } | null = null;
  wanted: { runs: string[]; curve: string; step: number } | null = null;

  curve({ run }: Series, _curve: string, step: number) {
    return this.known.curves.get(`${run}@${step}`);
  }
  areas({ run }: Series, curveId: string) {
    return this.known.areas.get(`${run} ${curveId}`) ?? this.known.areas.get(run);
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
  wantClasses(all: readonly Series[], curves: readonly string[]) {
    this.wantedClasses = { runs: all.map(({ run }) => run), curves };
  }
  wantConfusion() {
    // Not asked in these tests.
  }
}

/** A session over a store that tells what it is told. */
export class Fake {
  readonly store = new FakeStore();
  readonly session: Session;
  private readonly known = signal<Known>({ store: this.asStore() });

  constructor() {
    this.session = new Session(this.known);
  }

  tell(...all: Series[]): void {
    this.store.index = { version: "1", series: all, problems: [] };
    this.known.value = { store: this.asStore() };
  }

  private asStore(): Store {
    return this.store as unknown as Store;
  }
}
