import { describe, expect, test } from "bun:test";
import { scheduleOf } from "../../bench/schedule.ts";

/** Numbers from 0 to 1 that are spread evenly and the same in every run: the golden ratio's. */
function evenly(): () => number {
  let at = 0;
  return () => (++at * 0.618_033_988_749_895) % 1;
}

function gapsOf(atMs: Float64Array): number[] {
  return [...atMs.slice(1)].map((ms, at) => ms - (atMs[at] ?? 0));
}

describe("a schedule", () => {
  test("that is constant has equal distances and begins at once", () => {
    expect([...scheduleOf("constant", 500, 4)]).toEqual([0, 2, 4, 6]);
  });

  test("of Poisson has the rate it was asked for, and exponential distances", () => {
    const atMs = scheduleOf("poisson", 500, 10_001, evenly());
    const gaps = gapsOf(atMs);
    const lastMs = atMs.at(-1) ?? 0;
    expect(lastMs / 10_000).toBeCloseTo(2, 2);
    // Of exponential distances one in e is longer than the mean, and half are longer than ln 2.
    expect(gaps.filter((gap) => gap > 2).length / gaps.length).toBeCloseTo(1 / Math.E, 2);
    expect(gaps.filter((gap) => gap > 2 * Math.LN2).length / gaps.length).toBeCloseTo(0.5, 2);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
  });

  test("survives the extremes of chance", () => {
    const atMs = scheduleOf("poisson", 1_000, 4, () => 1 - Number.EPSILON / 2);
    expect([...atMs].every(Number.isFinite)).toBe(true);
    expect([...scheduleOf("poisson", 1_000, 3, () => 0)]).toEqual([0, 0, 0]);
  });
});
