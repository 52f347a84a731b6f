import { expect, test } from "bun:test";
import fc from "fast-check";
import { AssertionFailed } from "../../actors/assert.ts";
import {
  addCents,
  assertBasisPoints,
  cents,
  clampCents,
  floorBasisPoints,
  formatCents,
  isCents,
  subtractCents,
  sumCents,
} from "../../actors/money.ts";

const NO_CENTS = [0.1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53)] as const;
const LARGEST = Number.MAX_SAFE_INTEGER;

test("cents are safe integers and nothing else", () => {
  for (const value of [0, 1, -1, LARGEST, -LARGEST]) {
    expect(isCents(value)).toBe(true);
    expect(Number(cents(value))).toBe(value);
  }
  for (const value of NO_CENTS) {
    expect(isCents(value)).toBe(false);
    expect(() => cents(value)).toThrow(AssertionFailed);
  }
  for (const value of ["1", 1n, null, undefined, {}]) expect(isCents(value)).toBe(false);
});

test("sums and differences are exact, or there is none", () => {
  expect(addCents(cents(10), cents(20))).toBe(cents(30));
  expect(subtractCents(cents(10), cents(20))).toBe(cents(-10));
  expect(sumCents([])).toBe(cents(0));
  expect(sumCents([cents(1), cents(-3), cents(5)])).toBe(cents(3));
  expect(() => addCents(cents(LARGEST), cents(1))).toThrow(AssertionFailed);
  expect(() => subtractCents(cents(-LARGEST), cents(1))).toThrow(AssertionFailed);
  expect(() => sumCents([cents(LARGEST), cents(1), cents(-1)])).toThrow(AssertionFailed);
});

test("a value is moved into its bounds", () => {
  for (const [value, clamped] of [
    [-1, 0],
    [0, 0],
    [5, 5],
    [10, 10],
    [11, 10],
  ] as const) {
    expect(clampCents(cents(value), cents(0), cents(10))).toBe(cents(clamped));
  }
  expect(() => clampCents(cents(0), cents(1), cents(0))).toThrow("clamp bounds are ordered");
});

test("a share is rounded down, never above the exact value and less than a cent below", () => {
  const amount = fc.nat(9 * 10 ** 11);
  fc.assert(
    fc.property(amount, fc.nat(10_000), (amountCents, basisPoints) => {
      const share = BigInt(floorBasisPoints(cents(amountCents), basisPoints));
      const exact = BigInt(amountCents) * BigInt(basisPoints);
      expect(share * 10_000n <= exact).toBe(true);
      expect((share + 1n) * 10_000n > exact).toBe(true);
    }),
  );
});

test("shares at the edges", () => {
  for (const [amount, basisPoints, share] of [
    [0, 10_000, 0],
    [1, 9_999, 0],
    [1, 10_000, 1],
    [9_999, 1, 0],
    [10_000, 1, 1],
    [1_299, 150, 19],
  ] as const) {
    expect(floorBasisPoints(cents(amount), basisPoints)).toBe(cents(share));
  }
  expect(() => floorBasisPoints(cents(-1), 1)).toThrow(AssertionFailed);
  expect(() => floorBasisPoints(cents(LARGEST), 2)).toThrow(AssertionFailed);
});

test("a rate is whole basis points from nothing to the whole", () => {
  for (const rate of [0, 1, 10_000]) assertBasisPoints(rate);
  for (const rate of [-1, 0.5, 10_001, Number.NaN]) {
    expect(() => assertBasisPoints(rate)).toThrow(AssertionFailed);
  }
});

test("people read dollars and cents", () => {
  for (const [value, text] of [
    [0, "$0.00"],
    [5, "$0.05"],
    [1_299, "$12.99"],
    [-1_299, "-$12.99"],
    [1_000_000, "$10000.00"],
  ] as const) {
    expect(formatCents(cents(value))).toBe(text);
  }
});
