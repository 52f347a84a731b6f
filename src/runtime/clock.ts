/**
 * Time as a port. The product reads the clock only here: `RealClock` in live mode, `VirtualClock`
 * in the sandbox and in tests, where ninety days pass in a moment (docs/money.md, I16).
 */
import { assert } from "../../actors/assert.ts";

/** Stops a wake-up that has not happened yet. */
export type CancelWake = () => void;

export interface Clock {
  /** Unix milliseconds. */
  nowMs(): number;
  /** Calls `wake` once, at `atMs` or later, never earlier, and never within this call. */
  wakeAt(atMs: number, wake: () => void): CancelWake;
}

/**
 * The longest sleep at once. Sleeps are measured by another clock than the time of day: one that is
 * set forward, or a machine that was suspended, is noticed when the sleep ends.
 */
const SLEEP_MS_MAX = 60_000;

export class RealClock implements Clock {
  constructor(private readonly sleepMsMax = SLEEP_MS_MAX) {
    assert(sleepMsMax >= 1, "a sleep takes time");
  }

  nowMs(): number {
    return Date.now();
  }

  wakeAt(atMs: number, wake: () => void): CancelWake {
    assert(Number.isSafeInteger(atMs), "a wake-up has a time in whole milliseconds");
    let handle: ReturnType<typeof setTimeout>;
    const sleep = (): void => {
      const leftMs = atMs - this.nowMs();
      handle = setTimeout(
        () => (this.nowMs() >= atMs ? wake() : sleep()),
        Math.min(Math.max(leftMs, 0), this.sleepMsMax),
      );
    };
    sleep();
    return () => clearTimeout(handle);
  }
}

interface Wake {
  readonly atMs: number;
  readonly order: number;
  readonly wake: () => void;
  isCancelled: boolean;
}

/** A clock that moves only when told, or, with `flow`, also with real time from where it stands. */
export class VirtualClock implements Clock {
  #offsetMs: number;
  #frozenMs: number | undefined;
  readonly #wakes = new Set<Wake>();
  #order = 0;
  #poll: ReturnType<typeof setTimeout> | undefined;
  /** When the poll looks for what is due. */
  #pollAtMs = Number.POSITIVE_INFINITY;

  constructor(startMs: number, flow: "frozen" | "flowing" = "frozen") {
    assert(Number.isSafeInteger(startMs), "a clock starts at whole milliseconds");
    this.#offsetMs = startMs - Date.now();
    this.#frozenMs = flow === "frozen" ? startMs : undefined;
  }

  nowMs(): number {
    return this.#frozenMs ?? Date.now() + this.#offsetMs;
  }

  wakeAt(atMs: number, wake: () => void): CancelWake {
    assert(Number.isSafeInteger(atMs), "a wake-up has a time in whole milliseconds");
    const entry: Wake = { atMs, order: this.#order++, wake, isCancelled: false };
    this.#wakes.add(entry);
    this.#pollBy(atMs);
    return () => {
      entry.isCancelled = true;
      this.#wakes.delete(entry);
      // A sleep that nobody waits for would keep a process from ending.
      if (this.#wakes.size === 0) this.#stopPoll();
    };
  }

  /** Moves time forward to `toMs`. Wakes that fall due are called in order of their time. */
  advanceTo(toMs: number): void {
    this.advance(toMs - this.nowMs());
  }

  advance(byMs: number): void {
    assert(Number.isSafeInteger(byMs), "time moves by whole milliseconds");
    assert(byMs >= 0, "time only moves forward");
    if (this.#frozenMs === undefined) this.#offsetMs += byMs;
    else this.#frozenMs += byMs;
    this.#fireDue();
  }

  #fireDue(): void {
    const nowMs = this.nowMs();
    const due: Wake[] = [];
    let nextMs = Number.POSITIVE_INFINITY;
    for (const entry of this.#wakes) {
      if (entry.atMs <= nowMs) due.push(entry);
      else nextMs = Math.min(nextMs, entry.atMs);
    }
    due.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    for (const entry of due) {
      this.#wakes.delete(entry);
      queueMicrotask(() => {
        if (!entry.isCancelled) entry.wake();
      });
    }
    this.#stopPoll();
    this.#pollBy(nextMs);
  }

  #stopPoll(): void {
    clearTimeout(this.#poll);
    this.#pollAtMs = Number.POSITIVE_INFINITY;
  }

  /** A flowing clock sleeps for real until its next wake; a frozen one looks only for the past. */
  #pollBy(atMs: number): void {
    if (atMs >= this.#pollAtMs || atMs === Number.POSITIVE_INFINITY) return;
    const leftMs = atMs - this.nowMs();
    if (this.#frozenMs !== undefined && leftMs > 0) return;
    clearTimeout(this.#poll);
    this.#pollAtMs = atMs;
    const sleepMs = Math.min(Math.max(leftMs, 0), SLEEP_MS_MAX);
    this.#poll = setTimeout(() => this.#fireDue(), sleepMs);
  }
}
