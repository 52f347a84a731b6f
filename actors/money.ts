/**
 * Money is whole cents in a branded safe integer, made only here. On the wire it is
 * `{"amount":1299,"currency":"USD"}`. There is one currency in the type; no floats, no strings.
 */
import { assert } from "./assert.ts";

declare const centsBrand: unique symbol;
/** US cents; may be negative only where a function says so. */
export type Cents = number & { readonly [centsBrand]: "Cents" };

export const ZERO_CENTS = 0 as Cents;
/** ISO 4217 numeric code of the one currency. */
export const CURRENCY_NUMERIC = 840;
export const CURRENCY_CODE = "USD";
const BASIS_POINTS = 10_000;

/**
 * Brands an integer as cents. Throws AssertionFailed beyond the safe range: a bug, not bad input.
 */
export function cents(value: number): Cents {
  assert(Number.isSafeInteger(value), "cents are a safe integer");
  return value as Cents;
}

/** The same as a question, for parsers at the edge. */
export function isCents(value: unknown): value is Cents {
  return typeof value === "number" && Number.isSafeInteger(value);
}

export function addCents(a: Cents, b: Cents): Cents {
  return cents(a + b);
}

export function subtractCents(a: Cents, b: Cents): Cents {
  return cents(a - b);
}

export function sumCents(values: readonly Cents[]): Cents {
  let total = ZERO_CENTS;
  for (const value of values) total = addCents(total, value);
  return total;
}

/** `value` moved into [low, high]. */
export function clampCents(value: Cents, low: Cents, high: Cents): Cents {
  assert(low <= high, "clamp bounds are ordered");
  return value < low ? low : value > high ? high : value;
}

/**
 * `amount` x basisPoints / 10,000, rounded down: a fee is never rounded up against its payer.
 * The product is exact: amounts up to 9 x 10^11 cents times 10,000 stay in the safe range.
 */
export function floorBasisPoints(amountCents: Cents, basisPoints: number): Cents {
  assert(amountCents >= 0, "a share is taken of a non-negative amount");
  assertBasisPoints(basisPoints);
  return cents(Math.floor(cents(amountCents * basisPoints) / BASIS_POINTS));
}

/** A rate is checked where it is agreed, so that no payment fails on it later. */
export function assertBasisPoints(basisPoints: number): void {
  assert(Number.isInteger(basisPoints) && basisPoints >= 0, "basis points are a whole number");
  assert(basisPoints <= BASIS_POINTS, "a share is at most the whole");
}

/** `$12.99`, for people. Never parsed. */
export function formatCents(value: Cents): string {
  return `${value < 0 ? "-" : ""}$${decimalCents(cents(Math.abs(value)))}`;
}

/** `-12.99`: dollars, for spreadsheets. */
export function decimalCents(value: Cents): string {
  const absolute = Math.abs(value);
  const fraction = String(absolute % 100).padStart(2, "0");
  return `${value < 0 ? "-" : ""}${Math.floor(absolute / 100)}.${fraction}`;
}

interface Amount {
  readonly amountCents: Cents;
}

/** Of each entry, in their order. */
export function amountsOf(entries: readonly Amount[]): readonly Cents[] {
  return entries.map(({ amountCents }) => amountCents);
}

export function amountOf(entries: readonly Amount[]): Cents {
  return sumCents(amountsOf(entries));
}
