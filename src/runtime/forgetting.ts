/**
 * Remembered replies are forgotten after a week: longer than any phone or till repeats a call, and
 * short enough that what a repeat is looked up in does not grow for ever. A payment outlives this:
 * its id is in its account's state.
 */
import type { CancelWake, Clock } from "./clock.ts";
import { DAY_MS, type EventLog } from "./event-log.ts";

/** How long a reply is remembered at least, by the host's clock. */
export const REMEMBERED_MS = 7 * DAY_MS;
/** Rows in one write: callers wait no longer than that takes. */
const SLICE_MAX = 1_000;
const PAUSE_MS = 60 * 60 * 1_000;

export class Forgetting {
  #cancelWake: CancelWake | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(
    private readonly log: EventLog,
    private readonly clock: Clock,
    private readonly report: (error: unknown, where: string) => void,
  ) {}

  /** Begins now, and looks again every hour. */
  start(): void {
    this.#running ??= this.#forget().finally(() => {
      this.#running = undefined;
      if (this.#stopped) return;
      const atMs = this.clock.nowMs() + PAUSE_MS;
      this.#cancelWake = this.clock.wakeAt(atMs, () => this.start());
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelWake?.();
    await this.#running;
  }

  async #forget(): Promise<void> {
    const beforeMs = this.clock.nowMs() - REMEMBERED_MS;
    try {
      for (let forgotten = SLICE_MAX; forgotten === SLICE_MAX && !this.#stopped; ) {
        // Who is paying comes first.
        await new Promise((resolve) => setImmediate(resolve));
        forgotten = await this.log.prune(beforeMs, SLICE_MAX);
      }
    } catch (error) {
      this.report(error, "forgetting");
    }
  }
}
