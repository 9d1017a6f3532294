import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { recordAt } from "../data/metrics";
import type { Index, Series } from "../data/model";
import type { Choice } from "./choice";
import { dataSets, isShown, readFilter, unionOfSteps, type DataSet } from "./runs";

/** What is selected: the choice, made whole by what there is. */
export class Selection {
  constructor(
    private readonly choice: Choice,
    private readonly index: ReadonlySignal<Index | null>,
  ) {}

  readonly dataSets = computed<readonly DataSet[]>(() => (this.index.value ? dataSets(this.index.value) : []));

  /** The one chosen, else the one in view before: runs that come later must not change what the user looks at. */
  readonly dataSet = computed<DataSet | null>(() => {
    const all = this.dataSets.value;
    const chosen = this.choice.data.value;
    const before = this.inView;
    const found =
      all.find(({ label }) => label === chosen) ??
      all.find(({ series }) => series.some(({ run, head }) => run === before?.run && head === before.head)) ??
      all[0];
    this.inView = found?.series[0] ?? null;
    return found ?? null;
  });
  private inView: Series | null = null;

  readonly curve = computed(() => {
    const curves = this.dataSet.value?.curves ?? [];
    return curves.find((curve) => curve === this.choice.curve.value) ?? curves[0] ?? "";
  });

  readonly filter = computed(() => readFilter(this.choice.filter.value));

  /** Runs of the data set that the filter lets pass. */
  readonly listed = computed<readonly Series[]>(() => {
    const { matches } = this.filter.value;
    return (this.dataSet.value?.series ?? []).filter(({ run }) => matches(run));
  });

  readonly shown = computed<readonly Series[]>(() => {
    const checked = this.choice.shown.value;
    return this.listed.value.filter(({ run }, position) => isShown(run, position, checked));
  });

  readonly shownRuns = computed<ReadonlySet<string>>(() => new Set(this.shown.value.map(({ run }) => run)));

  /** Names of the shown runs as one text, which changes only when they do. */
  readonly shownNames = computed(() => this.shown.value.map(({ run }) => run).join("\n"));

  /** The run that stands out: the one chosen, else the first that is shown. */
  readonly focus = computed<Series | null>(() => this.find(this.choice.focus.value) ?? this.shown.value[0] ?? null);

  readonly baseline = computed<Series | null>(() => this.find(this.choice.baseline.value) ?? null);

  /** Shown runs, and the baseline that they are compared with, in the order in which their data is wanted. */
  readonly wanted = computed<readonly Series[]>(() => {
    const focus = this.shown.value.filter((series) => series === this.focus.value);
    return [...new Set([...focus, ...(this.baseline.value ? [this.baseline.value] : []), ...this.shown.value])];
  });

  /** Steps of all shown runs. */
  readonly steps = computed<readonly number[]>(() => unionOfSteps(this.shown.value));

  readonly epoch = computed(() => {
    const steps = this.steps.value;
    return steps[Math.max(0, recordAt(steps, this.choice.epoch.value ?? Infinity))] ?? 0;
  });

  /** The last epoch that the user has been offered. */
  readonly seenLast = signal(Infinity);

  /** How many epochs came while the slider stood elsewhere. */
  readonly newEpochs = computed(() => {
    const steps = this.steps.value;
    return this.choice.epoch.value === null ? 0 : steps.length - 1 - recordAt(steps, this.seenLast.value);
  });

  private find(run: string): Series | undefined {
    return this.listed.value.find((series) => series.run === run);
  }
}
