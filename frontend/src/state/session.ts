/** One user's session: what was chosen, what follows from it, and the verbs that change it. */

import { batch, computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import { recordAt } from "../data/metrics";
import type { Series } from "../data/model";
import type { Plane, ThresholdMetric } from "../data/planes";
import { Choice, DEFAULT_RULE, FPR_RANGES, PLANES, type Slot, type View } from "./choice";
import { Figures } from "./figures";
import type { Known } from "./known";
import { Ranking } from "./ranking";
import { Selection } from "./selection";

/** What the pointer is on: a run, and on a chart the vertex of its line. */
export interface Hover {
  readonly run: string;
  readonly chart: Slot | "epochs" | "list";
  /** On a curve: the stored point, -1 where nothing is predicted positive; on the chart of epochs: the step. */
  readonly point: number | null;
  /** Over the threshold: which of the lines. */
  readonly metric?: ThresholdMetric;
  /** Where, in CSS pixels of the chart. */
  readonly px: number;
  readonly py: number;
}

export class Session {
  readonly choice = new Choice();
  readonly selection: Selection;
  readonly figures: Figures;
  readonly ranking: Ranking;
  readonly index;
  readonly error;

  // What surrounds us.
  readonly dark = signal(false);
  readonly runOrder = signal<readonly string[]>([]);

  // What passes: no part of a link.
  readonly hover = signal<Hover | null>(null);
  readonly playing = signal(false);
  readonly helpOpen = signal(false);
  readonly codeOpen = signal(false);

  constructor(private readonly known: ReadonlySignal<Known>) {
    this.index = computed(() => known.value.store.index);
    this.error = computed(() => known.value.store.error);
    this.selection = new Selection(this.choice, this.index);
    this.figures = new Figures(this.choice, this.selection, known);
    this.ranking = new Ranking(this.choice, this.selection, this.figures, known);
    effect(() => this.askForWhatIsMissing());
    effect(() => {
      if (this.selection.shownNames.value) untracked(() => this.offerAllEpochs());
    });
  }

  /** A run's place in TensorBoard's list, which gives it its colour. */
  readonly runIndex = computed<(run: string) => number>(() => {
    const names = [...new Set([...this.runOrder.value, ...(this.index.value?.series.map(({ run }) => run) ?? [])])];
    const places = new Map(names.map((name, place) => [name, place]));
    return (run) => places.get(run) ?? 0;
  });

  /** Asks for everything again that may have changed; also the way on after an error. */
  refresh(): void {
    this.known.peek().store.refresh();
  }

  setEpoch(step: number): void {
    batch(() => {
      this.choice.epoch.value = step === this.selection.steps.value.at(-1) ? null : step;
      this.offerAllEpochs();
    });
  }

  /** Moves by a number of epochs of those there are, and stops at the ends. */
  moveEpoch(by: number): void {
    const steps = this.selection.steps.value;
    const at = recordAt(steps, this.selection.epoch.value) + by;
    const step = steps[Math.max(0, Math.min(steps.length - 1, at))];
    if (step !== undefined) this.setEpoch(step);
  }

  /** Goes to the epoch next to any number. */
  goToNearest(step: number): void {
    const steps = this.selection.steps.value;
    const before = steps[Math.max(0, recordAt(steps, step))];
    const after = steps[recordAt(steps, step) + 1];
    if (before === undefined) return;
    this.setEpoch(after !== undefined && after - step < step - before ? after : before);
  }

  /** Plays from here, or from the start where here is the end. */
  togglePlay(): void {
    const { epoch, steps } = this.selection;
    this.playing.value = !this.playing.value && steps.value.length > 1;
    if (this.playing.value && epoch.value === steps.value.at(-1)) this.setEpoch(steps.value[0]!);
  }

  /** One beat of the playback: the next epoch, once this one is here to be seen; at the end it stops. */
  playOn(): void {
    const { epoch, steps } = this.selection;
    if (epoch.value === steps.value.at(-1) || this.error.value) this.playing.value = false;
    else if (!this.known.peek().store.busy) this.moveEpoch(1);
  }

  setView(view: View): void {
    this.choice.view.value = view;
    this.hover.value = null;
  }

  /** Changes what a chart shows; a chart that shows it already changes places with this one. */
  setPlane(slot: Slot, plane: Plane): void {
    const { first, second } = this.choice;
    const [own, other] = slot === "first" ? [first, second] : [second, first];
    batch(() => {
      if (other.value === plane) other.value = own.value;
      own.value = plane;
      this.hover.value = null;
    });
  }

  setData(label: string): void {
    batch(() => {
      this.choice.data.value = label;
      this.resetZoom();
    });
  }

  moveClass(by: number): void {
    const curves = this.selection.dataSet.value?.curves ?? [];
    const at = curves.indexOf(this.selection.curve.value) + by;
    this.choice.curve.value = curves[(at + curves.length) % curves.length] ?? "";
  }

  show(series: readonly Series[], shown: boolean): void {
    const { runs, others } = this.choice.shown.value;
    this.choice.shown.value = { runs: new Map([...runs, ...series.map(({ run }) => [run, shown] as const)]), others };
  }

  /** Shows or hides all runs that the filter lets pass; without a filter also those that are still to come. */
  showListed(shown: boolean): void {
    if (this.choice.filter.value) this.show(this.selection.listed.value, shown);
    else this.choice.shown.value = { runs: new Map(), others: shown };
  }

  showOnly(run: string): void {
    this.choice.shown.value = { runs: new Map([[run, true]]), others: false };
    this.choice.focus.value = run;
  }

  setFocus(run: string): void {
    this.choice.focus.value = run;
  }

  toggleBaseline(run: string): void {
    this.choice.baseline.value = this.choice.baseline.value === run ? "" : run;
  }

  nextFprRange(): void {
    const at = FPR_RANGES.indexOf(this.choice.fprRange.value);
    this.choice.fprRange.value = FPR_RANGES[(at + 1) % FPR_RANGES.length]!;
    this.choice.zoom.roc.value = null;
  }

  /** Compares all runs at one threshold from now on. */
  pinThreshold(threshold: number): void {
    if (Number.isFinite(threshold)) this.choice.rule.value = { criterion: "threshold", level: threshold };
  }

  resetZoom(): void {
    for (const plane of PLANES) this.choice.zoom[plane].value = null;
  }

  /** Undoes the last layer of looking closer: the zoom, else the pinned threshold. */
  escape(): void {
    batch(() => {
      const { zoom, rule } = this.choice;
      this.hover.value = null;
      if (PLANES.some((plane) => zoom[plane].value)) this.resetZoom();
      else if (rule.value.criterion === "threshold") rule.value = DEFAULT_RULE;
    });
  }

  private offerAllEpochs(): void {
    this.selection.seenLast.value = this.selection.steps.peek().at(-1) ?? Infinity;
  }

  private askForWhatIsMissing(): void {
    const { store } = this.known.value;
    const { dataSet, curve, epoch, focus, wanted } = this.selection;
    if (!dataSet.value) return;
    store.wantAreas(dataSet.value.series, curve.value);
    const view = this.choice.view.value;
    if (view === "confusion") {
      if (focus.value) store.wantConfusion(focus.value, epoch.value);
      return;
    }
    store.wantCurves(wanted.value, curve.value, epoch.value);
    if (view === "classes") store.wantClasses(this.ranking.compared.value, this.ranking.curves.value);
  }
}
