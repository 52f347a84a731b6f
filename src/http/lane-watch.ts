/**
 * Waiting for a lane: held status requests and streams are woken by the feed, after the commit, so
 * that what they then read is durable. Nobody's payment depends on somebody polling.
 */
import type { LaneId } from "../../actors/ids.ts";
import type { Feed } from "../runtime/feed.ts";
import type { Places } from "./places.ts";
import { Problem } from "./problem.ts";
import { Tally } from "./tally.ts";

/** The longest that a status request is held. */
export const WAIT_MS_MAX = 25_000;
/** A till holds one; a lane's key is not to hold everybody's connections. */
export const HELD_PER_LANE_MAX = 100;
const HELD_MAX = 20_000;

export class LaneWatch {
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #closing = new Set<() => void>();
  readonly #held = new Tally(HELD_PER_LANE_MAX);
  #heldCount = 0;
  #closed = false;

  constructor(
    feed: Feed,
    private readonly places: Places,
  ) {
    feed.subscribe((events) => {
      if (this.#waiting.size === 0) return;
      for (const { ref } of events) {
        if (ref.kind !== "lane") continue;
        for (const wake of this.#waiting.get(ref.id) ?? []) wake();
      }
    });
  }

  /**
   * Resolves when `isNew` says yes after an event of the lane, when time is over, or on shutdown.
   * Throws Problem when too many wait already.
   */
  async until(
    lane: LaneId,
    waitMs: number,
    request: Request,
    isNew: () => Promise<boolean>,
  ): Promise<void> {
    if (this.#heldCount >= HELD_MAX) throw new Problem("fault_busy");
    if (!this.#held.add(lane)) throw new Problem("too_many_listeners");
    this.#heldCount++;
    try {
      await this.#wait(lane, waitMs, request, isNew);
    } finally {
      this.#heldCount--;
      this.#held.remove(lane);
    }
  }

  async #wait(
    lane: LaneId,
    waitMs: number,
    request: Request,
    isNew: () => Promise<boolean>,
  ): Promise<void> {
    const endsAtMs = performance.now() + Math.min(waitMs, WAIT_MS_MAX);
    // Looked at once more after the watch began, so that nothing slips between look and watch.
    for (;;) {
      const change = this.#next(lane, endsAtMs - performance.now(), request.signal);
      try {
        if (await isNew()) return;
        if ((await this.places.without(change.what)) !== "event") return;
      } finally {
        change.stop();
      }
    }
  }

  /** Shutdown: every held request is answered with what is. */
  close(): void {
    this.#closed = true;
    for (const end of this.#closing) end();
  }

  #next(lane: LaneId, leftMs: number, signal: AbortSignal) {
    const wakes = this.#waiting.get(lane) ?? new Set();
    this.#waiting.set(lane, wakes);
    const { promise, resolve } = Promise.withResolvers<"event" | "over">();
    const onEvent = (): void => finish("event");
    const onOver = (): void => finish("over");
    const timeout = setTimeout(onOver, Math.max(leftMs, 0));
    const finish = (what: "event" | "over"): void => {
      clearTimeout(timeout);
      wakes.delete(onEvent);
      if (wakes.size === 0 && this.#waiting.get(lane) === wakes) this.#waiting.delete(lane);
      this.#closing.delete(onOver);
      signal.removeEventListener("abort", onOver);
      resolve(what);
    };
    wakes.add(onEvent);
    this.#closing.add(onOver);
    signal.addEventListener("abort", onOver);
    if (this.#closed || signal.aborted) onOver();
    return { what: promise, stop: onOver };
  }
}
