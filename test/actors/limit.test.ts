import { expect, test } from "bun:test";
import fc from "fast-check";
import { AssertionFailed } from "../../actors/assert.ts";
import {
  type Exposure,
  exposureTotal,
  limitView,
  NO_EXPOSURE,
  roomCents,
} from "../../actors/limit.ts";
import { cents } from "../../actors/money.ts";

const due = (amount: number): Exposure => ({ ...NO_EXPOSURE, dueCents: cents(amount) });
const CAP = cents(10_000);

test("available = clamp(cap - exposure - holds, 0, cap)", () => {
  for (const [cap, exposure, holds, available] of [
    [10_000, 0, 0, 10_000],
    [10_000, 2_350, 0, 7_650],
    [10_000, 2_350, 1_810, 5_840],
    [10_000, 9_999, 0, 1],
    [10_000, 9_999, 1, 0],
    [10_000, 10_001, 0, 0],
    [0, 0, 0, 0],
    [0, 5, 5, 0],
  ] as const) {
    const view = limitView(cents(cap), due(exposure), cents(holds));
    expect(Object.values(view).map(Number)).toEqual([cap, available, exposure, holds]);
  }
});

test("what is available never leaves [0, cap], and is exact whenever there is room", () => {
  const amount = fc.nat(1_000_000);
  fc.assert(
    fc.property(amount, amount, amount, (cap, exposure, holds) => {
      const { availableCents } = limitView(cents(cap), due(exposure), cents(holds));
      const room = roomCents(cents(cap), cents(exposure), cents(holds));
      expect(availableCents).toBeGreaterThanOrEqual(0);
      expect(availableCents).toBeLessThanOrEqual(cap);
      expect(Number(availableCents)).toBe(Math.max(room, 0));
    }),
  );
});

test("exposure is the sum of its four parts, and holds are not one of them", () => {
  const exposure: Exposure = {
    dueCents: cents(1),
    inFlightCents: cents(20),
    returnedCents: cents(300),
    disputedCents: cents(4_000),
  };
  expect(exposureTotal(exposure)).toBe(cents(4_321));
  expect(limitView(CAP, exposure, cents(5)).exposureCents).toBe(cents(4_321));
});

test("what is held is never negative", () => {
  expect(() => limitView(CAP, NO_EXPOSURE, cents(-1))).toThrow("holds are never negative");
  expect(() => limitView(cents(-1), NO_EXPOSURE, cents(0))).toThrow(AssertionFailed);
});
