/**
 * ABA routing numbers: nine digits, weights 3-7-1 modulo 10, and a first pair that the Federal
 * Reserve gives out. Only a directory can say that the bank exists. Kept as text: leading zeros
 * count.
 */
import { assert } from "./assert.ts";

const WEIGHTS = [3, 7, 1, 3, 7, 1, 3, 7, 1] as const;

/** The ninth digit for the first eight: it brings the weighted sum to a multiple of ten. */
export function checkDigit(eight: string): string {
  assert(/^[0-9]{8}$/.test(eight), "a check digit is computed from eight digits");
  return String((10 - (weightedSum(eight) % 10)) % 10);
}

/** Whether eight digits with their check digit are a routing number: how files name a bank. */
export function isRoutingPrefix(eight: string): boolean {
  return /^[0-9]{8}$/.test(eight) && isRoutingNumber(eight + checkDigit(eight));
}

export function isRoutingNumber(text: string): boolean {
  if (!/^[0-9]{9}$/.test(text) || text === "000000000") return false;
  const pair = Number(text.slice(0, 2));
  const isGiven =
    pair <= 12 || (pair >= 21 && pair <= 32) || (pair >= 61 && pair <= 72) || pair === 80;
  return isGiven && weightedSum(text) % 10 === 0;
}

/** Of as many digits as there are. */
function weightedSum(text: string): number {
  return WEIGHTS.reduce((total, weight, at) => total + weight * Number(text.charAt(at)), 0);
}
