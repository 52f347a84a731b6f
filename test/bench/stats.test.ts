import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { AssertionFailed } from "../../actors/assert.ts";
import { median, quantile } from "../../bench/stats.ts";

const samples = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });

describe("median", () => {
  test("is the middle sample, whatever the order", () => {
    expect(median([7])).toBe(7);
    expect(median([9, 1, 5])).toBe(5);
  });

  test("is the mean of the two in the middle", () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  test("compares numbers, not texts", () => {
    expect(median([10, 9, 100])).toBe(10);
  });

  test("leaves the samples as they were", () => {
    const given = [3, 1, 2];
    median(given);
    expect(given).toEqual([3, 1, 2]);
  });

  test("of nothing is a bug", () => {
    expect(() => median([])).toThrow(AssertionFailed);
  });
});

describe("quantile", () => {
  const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);

  test.each([
    [0, 1],
    [0.5, 50],
    [0.99, 99],
    [0.991, 100],
    [1, 100],
  ])("%p of 1 to 100 is %p", (share, expected) => {
    expect(quantile(hundred, share)).toBe(expected);
  });

  test("is a sample that at least its share does not exceed, and no smaller one is", () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (given, share) => {
        const found = quantile(given, share);
        expect(given).toContain(found);
        const upTo = given.filter((sample) => sample <= found).length;
        const below = given.filter((sample) => sample < found).length;
        expect(upTo).toBeGreaterThanOrEqual(share * given.length);
        if (below > 0) expect(below).toBeLessThan(share * given.length);
      }),
    );
  });

  test("refuses what is no share", () => {
    expect(() => quantile([1], 50)).toThrow(AssertionFailed);
    expect(() => quantile([], 0.5)).toThrow(AssertionFailed);
  });
});
