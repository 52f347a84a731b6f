/**
 * When requests are meant to be sent, whatever the server does: the schedule of an open loop, made
 * before the clock runs.
 */
import { assert } from "../actors/assert.ts";

/** How arrivals are spread. */
export type Spread =
  /** One after another at equal distances. */
  | "constant"
  /** As people come who know nothing of one another: distances are exponential. */
  | "poisson";

/** Milliseconds from the start at which each of `count` requests is meant to go, ascending. */
export function scheduleOf(
  spread: Spread,
  perSecond: number,
  count: number,
  random: () => number = Math.random,
): Float64Array {
  assert(perSecond > 0, "a schedule has a rate");
  const meanMs = 1_000 / perSecond;
  const atMs = new Float64Array(count);
  let nowMs = 0;
  for (let at = 0; at < count; at++) {
    atMs[at] = nowMs;
    // 1 - random is never 0, whose logarithm would be the end of all arrivals.
    nowMs += spread === "constant" ? meanMs : -Math.log(1 - random()) * meanMs;
  }
  return atMs;
}
