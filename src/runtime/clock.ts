/**
 * Time as a port. The product reads the clock only here: `RealClock` in live mode, `VirtualClock`
 * in the sandbox and in tests, where ninety days pass in a moment (money.md, invariant I16).
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

/** setTimeout takes at most 2^31 - 1 ms; a longer wait is slept in pieces. */
const SLEEP_MS_MAX = 2 ** 31 - 1;

export class RealClock implements Clock {
  nowMs(): number {
    return Date.now();
  }

  wakeAt(atMs: number, wake: () => void): CancelWake {
    let handle: ReturnType<typeof setTimeout>;
    const sleep = (): void => {
      const leftMs = atMs - this.nowMs();
      handle = setTimeout(
        () => (this.nowMs() >= atMs ? wake() : sleep()),
        Math.min(Math.max(leftMs, 0), SLEEP_MS_MAX),
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
}

/** A clock that moves only when told, or, with `flow`, also with real time from where it stands. */
export class VirtualClock implements Clock {
  #offsetMs: number;
  #frozenMs: number | undefined;
  #wakes: Wake[] = [];
  #order = 0;
  #poll: ReturnType<typeof setTimeout> | undefined;

  constructor(startMs: number, flow: "frozen" | "flowing" = "frozen") {
    assert(Number.isSafeInteger(startMs), "a clock starts at whole milliseconds");
    this.#offsetMs = startMs - Date.now();
    this.#frozenMs = flow === "frozen" ? startMs : undefined;
  }

  nowMs(): number {
    return this.#frozenMs ?? Date.now() + this.#offsetMs;
  }

  wakeAt(atMs: number, wake: () => void): CancelWake {
    const entry: Wake = { atMs, order: this.#order++, wake };
    this.#wakes.push(entry);
    this.#arm();
    return () => {
      this.#wakes = this.#wakes.filter((other) => other !== entry);
    };
  }

  /** Moves time forward to `toMs`. Wakes that fall due are called in order of their time. */
  advanceTo(toMs: number): void {
    assert(toMs >= this.nowMs(), "time only moves forward");
    if (this.#frozenMs === undefined) this.#offsetMs = toMs - Date.now();
    else this.#frozenMs = toMs;
    this.#fireDue();
  }

  advance(byMs: number): void {
    this.advanceTo(this.nowMs() + byMs);
  }

  #fireDue(): void {
    const nowMs = this.nowMs();
    const due = this.#wakes.filter((entry) => entry.atMs <= nowMs);
    this.#wakes = this.#wakes.filter((entry) => entry.atMs > nowMs);
    due.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    for (const entry of due) queueMicrotask(entry.wake);
    this.#arm();
  }

  /** A flowing clock sleeps for real until its next wake; a frozen one checks at once. */
  #arm(): void {
    clearTimeout(this.#poll);
    if (this.#wakes.length === 0) return;
    const nextMs = Math.min(...this.#wakes.map((entry) => entry.atMs));
    const leftMs = nextMs - this.nowMs();
    if (this.#frozenMs !== undefined && leftMs > 0) return;
    this.#poll = setTimeout(() => this.#fireDue(), Math.min(Math.max(leftMs, 0), SLEEP_MS_MAX));
  }
}
