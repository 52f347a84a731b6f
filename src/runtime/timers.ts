/**
 * Timers are rows that actors set in their commits. The loop here wakes at the earliest one and
 * gives each due timer's command to its actor. A timer may come late, never early; the commit of
 * its command takes the row, so it takes effect once.
 */
import type { Message } from "../../actors/actor.ts";
import { assert } from "../../actors/assert.ts";
import type { CancelWake, Clock } from "./clock.ts";
import { type DueTimer, type EventLog, refKey } from "./event-log.ts";
import type { Deliver } from "./outbox.ts";
import { SWITCH, TIMER_VOID } from "./turn.ts";

/** Timers on their way to their actors at once. */
const FIRING_MAX = 512;
/** After a fault a timer is tried again this much later; after a bug then ever more slowly. */
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 60_000;

interface Failed {
  delayMs: number;
  /** Not tried again yet. */
  isResting: boolean;
}

export class Timers {
  readonly #firing = new Set<string>();
  /** Timers that failed, by command id. */
  readonly #failed = new Map<string, Failed>();
  #cancelWake: CancelWake | undefined;
  #wakeAtMs: number | undefined;
  #looking = false;
  #again = false;
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
    assert(Number.isSafeInteger(atMs), "a wake-up has a time in whole milliseconds");
    if (this.#stopped) return;
    if (this.#wakeAtMs !== undefined && this.#wakeAtMs <= atMs) return;
    this.#cancelWake?.();
    this.#wakeAtMs = atMs;
    this.#cancelWake = this.clock.wakeAt(atMs, () => {
      this.#wakeAtMs = undefined;
      void this.#look();
    });
  }

  /** Fires what is due; a call while one looks makes it look again. */
  async #look(): Promise<void> {
    this.#again = true;
    if (this.#looking) return;
    this.#looking = true;
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        await this.#fireDue();
      }
    } catch (error) {
      this.report(error, "timers");
      this.wakeBy(this.clock.nowMs() + RETRY_MS_MIN);
    } finally {
      this.#looking = false;
    }
  }

  async #fireDue(): Promise<void> {
    const nowMs = this.clock.nowMs();
    // Oldest first: those that are taken up already must not hide the others.
    const max = FIRING_MAX + this.#firing.size + this.#failed.size;
    const due = await this.log.timersDue(nowMs, max);
    assert(due.length <= max, "the log keeps to the number asked for");
    for (const timer of due) this.#begin(timer, nowMs);
    this.#forgetGone();
    // What fires looks again when it is through; what failed is looked at again after a while.
    const nextMs = due.length === 0 ? await this.log.timersNextAtMs() : nowMs + RETRY_MS_MIN;
    if (nextMs !== undefined) this.wakeBy(Math.max(nextMs, nowMs + 1));
  }

  #begin(timer: DueTimer, nowMs: number): void {
    assert(timer.atMs <= nowMs, "no timer fires early");
    const { id, atMs } = timer;
    const commandId = `timer/${refKey(timer.ref)}/${id}/${atMs}`;
    if (this.#firing.has(commandId) || this.#failed.get(commandId)?.isResting) return;
    if (this.#firing.size < FIRING_MAX) this.#fire(timer, commandId);
  }

  /** What failed, has rested and is not due any more was cancelled or set anew. */
  #forgetGone(): void {
    for (const [commandId, { isResting }] of this.#failed) {
      if (!isResting && !this.#firing.has(commandId)) this.#failed.delete(commandId);
    }
  }

  #fire(timer: DueTimer, commandId: string): void {
    this.#firing.add(commandId);
    let command: Message;
    try {
      command = JSON.parse(timer.command) as Message;
    } catch (error) {
      this.report(error, "timers");
      this.#rest(commandId, RETRY_MS_MAX);
      return;
    }
    this.deliver({
      ref: timer.ref,
      command,
      commandId,
      principal: SWITCH,
      requestId: "",
      fingerprint: undefined,
      delivered: undefined,
      firedTimer: { id: timer.id, atMs: timer.atMs },
      resolve: (reply) => this.#fired(commandId, reply),
      reject: (fault) => {
        this.report(fault, "timers");
        this.#rest(commandId, fault.isShared ? RETRY_MS_MIN : RETRY_MS_MAX);
      },
    });
  }

  #fired(commandId: string, reply: Message): void {
    // Void: the row is about to change, or has changed; the log is asked again a little later.
    if (reply === TIMER_VOID) {
      this.#rest(commandId, RETRY_MS_MIN);
      return;
    }
    this.#firing.delete(commandId);
    this.#failed.delete(commandId);
    if (this.#firing.size === 0) void this.#look();
  }

  #rest(commandId: string, delayMsMax: number): void {
    assert(this.#firing.has(commandId), "what rests was fired");
    this.#firing.delete(commandId);
    if (this.#stopped) return;
    const delayMs = (this.#failed.get(commandId)?.delayMs ?? RETRY_MS_MIN / 2) * 2;
    const failed: Failed = { delayMs: Math.min(delayMs, delayMsMax), isResting: true };
    this.#failed.set(commandId, failed);
    this.clock.wakeAt(this.clock.nowMs() + failed.delayMs, () => {
      failed.isResting = false;
      void this.#look();
    });
    if (this.#firing.size === 0) void this.#look();
  }
}
