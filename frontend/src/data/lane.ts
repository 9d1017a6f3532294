export type Work = (signal: AbortSignal) => Promise<void>;

/**
 * Answers one question at a time, and only the newest of those that wait.
 *
 * A question of the same topic waits for the one under way, so that a slider in motion still sees answers; a question of
 * another topic ends it, since nobody needs its answer any more.
 */
export class Lane {
  private running: { topic: string; abort: AbortController } | null = null;
  private waiting: { topic: string; work: Work } | null = null;

  constructor(private readonly failed: (error: Error) => void) {}

  /** Whether a question is under way. */
  get busy(): boolean {
    return this.running !== null;
  }

  ask(topic: string, work: Work): void {
    this.waiting = { topic, work };
    if (!this.running) void this.drain();
    else if (this.running.topic !== topic) this.running.abort.abort();
  }

  /** Ends the question under way and forgets the one that waits. */
  stop(): void {
    this.waiting = null;
    this.running?.abort.abort();
  }

  private async drain(): Promise<void> {
    while (this.waiting) {
      const { topic, work } = this.waiting;
      const abort = new AbortController();
      this.waiting = null;
      this.running = { topic, abort };
      try {
        await work(abort.signal);
      } catch (error) {
        if (!abort.signal.aborted) this.failed(error instanceof Error ? error : new Error(String(error)));
      }
      this.running = null;
    }
  }
}
