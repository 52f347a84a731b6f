/** Routing numbers of the American Bankers Association, by the columns that hold them. */
import type { Line } from "./line.ts";

/** Weights of the eight digits; with the ninth the sum is a multiple of ten. */
const WEIGHTS = [3, 7, 1, 3, 7, 1, 3, 7] as const;

/** Do nine columns from here hold a routing number whose check digit and prefix are right? */
export function isRoutingAt(line: Line, from: number): boolean {
  const check = line.digits(from + 8, from + 8);
  if (check < 0 || !isPrefixAt(line, from)) return false;
  let sum = check;
  for (let at = 0; at < WEIGHTS.length; at++) {
    sum += (WEIGHTS[at] ?? 0) * line.digits(from + at, from + at);
  }
  return sum % 10 === 0;
}

/** Do eight columns from here hold digits that begin like a routing number, and not only zeros? */
export function isPrefixAt(line: Line, from: number): boolean {
  if (line.digits(from, from + 7) <= 0) return false;
  const pair = line.digits(from, from + 1);
  return pair <= 12 || (pair >= 21 && pair <= 32) || (pair >= 61 && pair <= 72) || pair === 80;
}
