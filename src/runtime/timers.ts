/**
 * Timers are rows that actors set in their commits. The loop here wakes at the earliest one and gives
 * each due timer's command to its actor. A timer may come late or twice, never early; the commit of
 * its command removes the row.
 */
import type { Message } from "../../actors/actor.ts";
import type { CancelWake, Clock } from "./clock.ts";
import { type DueTimer, type EventLog, refKey } from "./event-log.ts";
import type { Deliver } from "./outbox.ts";

const DUE_MAX = 512;
/** After a fault a timer is tried again this much later. */
const RETRY_MS = 1_000;

export class Timers {
  readonly #firing = new Set<string>();
  #cancelWake: CancelWake | undefined;
  #wakeAtMs: number | undefined;
  #looking = false;
  #stopped = false;

  constructor(
    private readonly log: EventLog,
    private readonly clock: Clock,
    private readonly deliver: Deliver,
    private readonly report: (error: unknown, where: string) => void,
  ) {}

  async start(): Promise<void> {
    const nextMs = await this.log.timersNextAtMs();
    if (nextMs !== undefined) this.wakeBy(nextMs);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelWake?.();
  }

  /** A timer was set for `atMs`. */
  wakeBy(atMs: number): void {
    if (this.#stopped) return;
    if (this.#wakeAtMs !== undefined && this.#wakeAtMs <= atMs) return;
    this.#cancelWake?.();
    this.#wakeAtMs = atMs;
    this.#cancelWake = this.clock.wakeAt(atMs, () => {
      this.#wakeAtMs = undefined;
      void this.#fire();
    });
  }

  async #fire(): Promise<void> {
    if (this.#looking || this.#stopped) return;
    this.#looking = true;
    try {
      const nowMs = this.clock.nowMs();
      const due = await this.log.timersDue(nowMs, DUE_MAX + this.#firing.size);
      for (const timer of due) this.#begin(timer);
      const nextMs = due.length > 0 ? nowMs + RETRY_MS : await this.log.timersNextAtMs();
      if (nextMs !== undefined) this.wakeBy(Math.max(nextMs, nowMs + 1));
    } catch (error) {
      this.report(error, "timers");
      this.wakeBy(this.clock.nowMs() + RETRY_MS);
    } finally {
      this.#looking = false;
    }
  }

  #begin(timer: DueTimer): void {
    const commandId = `timer/${refKey(timer.ref)}/${timer.id}/${timer.atMs}`;
    if (this.#firing.has(commandId)) return;
    this.#firing.add(commandId);
    const done = (): void => {
      this.#firing.delete(commandId);
      // The next look comes when this batch is through, not a retry's time later.
      if (this.#firing.size === 0) this.wakeBy(this.clock.nowMs());
    };
    this.deliver({
      ref: timer.ref,
      command: JSON.parse(timer.command) as Message,
      commandId,
      principal: "switch",
      requestId: "",
      fingerprint: undefined,
      delivered: undefined,
      firedTimer: timer.id,
      resolve: done,
      reject: (fault) => {
        this.report(fault, "timers");
        this.#firing.delete(commandId);
      },
    });
  }
}
