/** Work that begins when it is meant to begin, however long what began before it still takes. */
import { assert } from "../actors/assert.ts";

export interface Done {
  /** Milliseconds from the intended time to the end of the work. */
  readonly latenciesMs: Float64Array;
  /** Milliseconds from the intended time until it began. */
  readonly lateMs: Float64Array;
  readonly elapsedMs: number;
}

/**
 * Does `work(n)` at `scheduleMs[n]`, ascending, at most `underWayMax` at once: what is due beyond
 * that begins later, and its time runs. Rejects with the first failure, once all have ended.
 */
export async function onSchedule(
  scheduleMs: Float64Array,
  underWayMax: number,
  work: (at: number) => Promise<void>,
): Promise<Done> {
  assert(underWayMax > 0, "something may be under way");
  const latenciesMs = new Float64Array(scheduleMs.length);
  const lateMs = new Float64Array(scheduleMs.length);
  const startedMs = performance.now();
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < scheduleMs.length && failures.length === 0) {
      const at = next++;
      const dueMs = startedMs + (scheduleMs[at] ?? 0);
      const waitMs = dueMs - performance.now();
      // Whole milliseconds: a timer of a part of one fires too early.
      if (waitMs > 0) await Bun.sleep(Math.ceil(waitMs));
      lateMs[at] = performance.now() - dueMs;
      await work(at);
      latenciesMs[at] = performance.now() - dueMs;
    }
  };
  const guarded = (): Promise<unknown> => worker().catch((error) => failures.push(error));
  await Promise.all(Array.from({ length: Math.min(underWayMax, scheduleMs.length) }, guarded));
  if (failures.length > 0) throw failures[0];
  return { latenciesMs, lateMs, elapsedMs: performance.now() - startedMs };
}
