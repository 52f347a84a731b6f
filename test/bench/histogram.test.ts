import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { AssertionFailed } from "../../actors/assert.ts";
import { Histogram } from "../../bench/histogram.ts";
import { quantile } from "../../bench/stats.ts";

/** Whole microseconds, given as milliseconds: from nothing to an hour, small ones as likely. */
const latencies = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 31 }), fc.double({ min: 0.5, max: 1, noNaN: true }))
    .map(([doublings, part]) => Math.floor(part * 2 ** doublings) / 1_000),
  { minLength: 1, maxLength: 200 },
);
const shares = fc.double({ min: 0, max: 1, noNaN: true });

describe("a histogram", () => {
  test("tells a quantile within a thousandth, and never below it", () => {
    fc.assert(
      fc.property(latencies, shares, (given, share) => {
        const exact = quantile(given, share);
        const told = Histogram.of(given).quantileMs(share);
        expect(told).toBeGreaterThanOrEqual(exact);
        expect(told).toBeLessThanOrEqual(exact * 1.001);
      }),
    );
  });

  test("of two runs is what one histogram of both would be", () => {
    fc.assert(
      fc.property(latencies, latencies, shares, (one, other, share) => {
        const sum = Histogram.of(one);
        sum.add(Histogram.of(other));
        const both = Histogram.of([...one, ...other]);
        expect([sum.count, sum.maxMs]).toEqual([both.count, both.maxMs]);
        expect(sum.quantileMs(share)).toBe(both.quantileMs(share));
      }),
    );
  });

  test("counts every sample and knows the longest", () => {
    fc.assert(
      fc.property(latencies, (given) => {
        const histogram = Histogram.of(given);
        expect(histogram.count).toBe(given.length);
        expect(histogram.maxMs).toBe(Math.max(...given));
        expect(histogram.quantileMs(1)).toBe(Math.max(...given));
      }),
    );
  });

  test("takes less than nothing for nothing, and months for the longest it knows", () => {
    const odd = Histogram.of([-3, 9e9]);
    expect([odd.quantileMs(0.5), odd.maxMs]).toEqual([0, (2 ** 32 - 1) / 1_000]);
  });

  test("draws its tail as far as it has samples, and no further", () => {
    const points = Histogram.of(Array.from({ length: 1_000 }, (_, at) => at)).points();
    expect(points[0]).toEqual({ share: 0, ms: 0 });
    const tenth = points[10];
    expect([tenth?.share, tenth?.ms]).toEqual([0.9, 899.071]);
    expect(points.at(-1)?.ms).toBe(999);
    // Three decades of ten steps, the beginning, and the first step beyond.
    expect(points).toHaveLength(32);
  });

  test("of nothing has no quantile", () => {
    expect(() => new Histogram().quantileMs(0.5)).toThrow(AssertionFailed);
    expect(() => Histogram.of([1]).quantileMs(50)).toThrow(AssertionFailed);
    expect(() => Histogram.of([Number.NaN])).toThrow(AssertionFailed);
  });
});
