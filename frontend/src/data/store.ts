/**
 * What is known, answered at once; what is missing is asked for in the background.
 *
 * A record never changes: run, head, step and the time it was written name it for good. So a reload asks only for what is
 * new, and an answer that comes late is filed under its own name, never over a newer one.
 */

import { Cache } from "./cache";
import type { Client } from "./client";
import { Lane } from "./lane";
import { recordAt } from "./metrics";
import type { Areas, Confusion, Curve, Index, Series } from "./model";

const CACHE_BYTES = 64 << 20;
const RUNS_A_PACK = 10;
const RECORDS_A_PACK = 100;
/** Fetching ahead stops here, so that it never pushes out what is in view. */
const AHEAD_SHARE = 0.8;
const AHEAD_DELAY_MS = 60;
/** Between two tellings of what came of a long question. */
const TELL_MS = 250;

type Value = Curve | Confusion;

export class Store {
  index: Index | null = null;
  /** What went wrong last; nothing is asked for until `refresh`. */
  error: Error | null = null;

  private readonly cache = new Cache<Value>(CACHE_BYTES);
  private readonly tracks = new Map<string, { revision: string; areas: Areas }>();
  /** Asked for, and not in the answer: gone since the index was read. */
  private readonly absent = new Set<string>();
  private readonly indexLane = this.lane();
  private readonly areasLane = this.lane();
  private readonly curvesLane = this.lane();
  private readonly confusionLane = this.lane();
  private readonly aheadLane = this.lane();
  private readonly classesLane = this.lane();
  private ahead: { series: readonly Series[]; curve: string } | null = null;

  /** `changed` is called whenever an answer may differ from what it was. */
  constructor(
    private readonly client: Client,
    private readonly changed: () => void,
  ) {}

  /** Whether something that is in view is on its way. */
  get busy(): boolean {
    return this.curvesLane.busy || this.confusionLane.busy;
  }

  /** Reads the index again. What is cached stays, series that did not change stay the same objects. */
  refresh(): void {
    this.error = null;
    this.absent.clear();
    this.ahead = null;
    this.indexLane.ask("index", async (signal) => {
      const index = await this.client.index(signal);
      const known = new Map(this.index?.series.map((series) => [seriesKey(series) + series.revision, series]));
      this.index = { ...index, series: index.series.map((series) => known.get(seriesKey(series) + series.revision) ?? series) };
      this.changed();
    });
    this.changed();
  }

  /** Areas at all steps; while newer ones are on their way, those known before. */
  areas(series: Series, curve: string): Areas | undefined {
    return this.tracks.get(trackKey(series, curve))?.areas;
  }

  /** The curve of the latest record at or before `step`, if it is here. */
  curve(series: Series, curve: string, step: number): Curve | undefined {
    const record = recordAt(series.steps, step);
    return record < 0 ? undefined : (this.cache.get(recordKey(series, curve, record)) as Curve | undefined);
  }

  /** The confusion matrix of the latest record at or before `step`, if it is here. */
  confusion(series: Series, step: number): Confusion | undefined {
    const record = recordAt(series.steps, step);
    return record < 0 ? undefined : (this.cache.get(recordKey(series, CONFUSION, record)) as Confusion | undefined);
  }

  /** Asks for the areas of all `series`, of one head, that are missing or out of date. */
  wantAreas(series: readonly Series[], curve: string): void {
    const missing = series.filter((each) => each.curves.includes(curve) && this.lacksTrack(each, curve));
    if (!missing.length || this.error) return;
    const { head } = missing[0]!;
    this.areasLane.ask(`${head}\n${curve}`, async (signal) => {
      // Asked for again while this waited: what came in the meantime is not asked for twice.
      const asked = missing.filter((each) => this.lacksTrack(each, curve));
      if (!asked.length) return;
      await this.fetchAreas(asked, curve, signal);
      this.changed();
    });
  }

  private async fetchAreas(asked: readonly Series[], curve: string, signal: AbortSignal): Promise<void> {
    const answer = await this.client.areas(asked[0]!.head, curve, runsOf(asked), signal);
    for (const each of asked) {
      const areas = answer.get(each.run);
      if (areas) this.tracks.set(trackKey(each, curve), { revision: each.revision, areas });
      else this.absent.add(trackKey(each, curve) + each.revision);
    }
  }

  /**
   * Asks for the curves in view in one request, and once they are here for those of all other steps.
   *
   * `series` are of one head, the most wanted first; keep the array while the question is the same.
   */
  wantCurves(series: readonly Series[], curve: string, step: number): void {
    const having = series.filter((each) => each.curves.includes(curve));
    const missing = having.filter((each) => this.lacksRecord(each, curve, recordAt(each.steps, step)));
    if (this.error) return;
    if (!missing.length) {
      this.wantAhead(series, having, curve, step);
      return;
    }
    this.aheadLane.stop();
    this.ahead = null;
    this.curvesLane.ask(`${missing[0]!.head}\n${curve}`, async (signal) => {
      const asked = missing.filter((each) => this.lacksRecord(each, curve, recordAt(each.steps, step)));
      if (!asked.length) return;
      await this.fetchCurves(asked, curve, [String(step)], signal);
      for (const each of asked) this.noteAbsent(recordKey(each, curve, recordAt(each.steps, step)));
      this.changed();
    });
  }

  /**
   * Asks for the areas of many curves, one after the other; `changed` is called a few times a second meanwhile.
   *
   * `series` are of one head. Those asked for last replace those still missing.
   */
  wantClasses(series: readonly Series[], curves: readonly string[]): void {
    const lacking = (curve: string) => series.filter((each) => each.curves.includes(curve) && this.lacksTrack(each, curve));
    if (this.error || !curves.some((curve) => lacking(curve).length > 0)) return;
    this.classesLane.ask(`${series[0]!.head}\n${runsOf(series).join("\n")}`, async (signal) => {
      let told = performance.now();
      let untold = false;
      for (const curve of curves) {
        const asked = lacking(curve);
        if (!asked.length) continue;
        await this.fetchAreas(asked, curve, signal);
        untold = performance.now() - told < TELL_MS;
        if (untold) continue;
        this.changed();
        told = performance.now();
      }
      if (untold) this.changed();
    });
  }

  wantConfusion(series: Series, step: number): void {
    const record = recordAt(series.steps, step);
    if (this.error || !this.lacksRecord(series, CONFUSION, record)) return;
    this.confusionLane.ask(seriesKey(series), async (signal) => {
      if (!this.lacksRecord(series, CONFUSION, record)) return;
      const answer = (await this.client.confusion(series.head, step, [series.run], signal)).get(series.run);
      if (answer) this.file(series, CONFUSION, answer);
      this.noteAbsent(recordKey(series, CONFUSION, record));
      this.changed();
    });
  }

  private wantAhead(same: readonly Series[], having: readonly Series[], curve: string, step: number): void {
    if (!having.length || (this.ahead?.series === same && this.ahead.curve === curve)) return;
    this.ahead = { series: same, curve };
    this.aheadLane.ask(`${having[0]!.head}\n${curve}\n${runsOf(having).join("\n")}`, async (signal) => {
      await new Promise((resolve) => setTimeout(resolve, AHEAD_DELAY_MS));
      for (let i = 0; i < having.length; i += RUNS_A_PACK) {
        await this.fetchPack(having.slice(i, i + RUNS_A_PACK), curve, step, signal);
        // What shows all steps at once can show more of them now.
        if (!signal.aborted) this.changed();
      }
    });
  }

  private async fetchPack(pack: readonly Series[], curve: string, step: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.cache.bytes < AHEAD_SHARE * CACHE_BYTES) {
      const parts = pack.flatMap((series) => {
        const range = this.missingRange(series, curve, step);
        return range ? [{ series, range }] : [];
      });
      if (!parts.length) return;
      const selections = parts.map(({ series, range: [from, to] }) => `${series.steps[from]!}-${series.steps[to]!}`);
      await this.fetchCurves(parts.map(({ series }) => series), curve, selections, signal);
      for (const { series, range } of parts) this.noteAbsent(recordKey(series, curve, range[0]));
    }
  }

  /** Records `[from, to]` to fetch next: from the first missing one at or after `step`, else from the first missing. */
  private missingRange(series: Series, curve: string, step: number): readonly [number, number] | null {
    const missing = series.steps.flatMap((_, record) => (this.lacksRecord(series, curve, record) ? [record] : []));
    const from = missing.find((record) => series.steps[record]! >= step) ?? missing[0];
    if (from === undefined) return null;
    const last = missing.findLast((record) => record < from + RECORDS_A_PACK);
    return [from, last!];
  }

  private async fetchCurves(series: readonly Series[], curve: string, steps: readonly string[], signal: AbortSignal) {
    const answer = await this.client.curves(series[0]!.head, curve, runsOf(series), steps, signal);
    for (const each of series) for (const one of answer.get(each.run) ?? []) this.file(each, curve, one);
  }

  /** Files a record under its name, unless it is newer than the index that named it. */
  private file(series: Series, what: string, value: Value): void {
    const record = recordAt(series.steps, value.step);
    if (series.steps[record] === value.step) this.cache.set(recordKey(series, what, record), value, bytesOf(value));
  }

  private lacksRecord(series: Series, what: string, record: number): boolean {
    const key = recordKey(series, what, record);
    return record >= 0 && !this.cache.has(key) && !this.absent.has(key);
  }

  private lacksTrack(series: Series, curve: string): boolean {
    const key = trackKey(series, curve);
    return this.tracks.get(key)?.revision !== series.revision && !this.absent.has(key + series.revision);
  }

  private noteAbsent(key: string): void {
    if (!this.cache.has(key)) this.absent.add(key);
  }

  private lane(): Lane {
    return new Lane((error) => {
      this.error = error;
      this.changed();
    });
  }
}

const CONFUSION = "\nconfusion";

const seriesKey = ({ run, head }: Series): string => `${run}\n${head}\n`;
const trackKey = (series: Series, curve: string): string => seriesKey(series) + curve;
const recordKey = (series: Series, what: string, record: number): string =>
  `${seriesKey(series)}${what}\n${series.steps[record] ?? NaN}@${series.wall_times[record] ?? NaN}`;
const runsOf = (series: readonly Series[]): string[] => series.map(({ run }) => run);

/** Bytes of the arrays, plus a little for the objects around them. */
function bytesOf(value: Value): number {
  const arrays = Object.values(value).filter((part) => ArrayBuffer.isView(part));
  return arrays.reduce((sum, array) => sum + array.byteLength, 300);
}
