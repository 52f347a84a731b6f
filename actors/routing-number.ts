/**
 * ABA routing numbers: nine digits, weights 3-7-1 modulo 10, and a first pair that the Federal
 * Reserve gives out. Only a directory can say that the bank exists. Kept as text: leading zeros
 * count.
 */

const WEIGHTS = [3, 7, 1, 3, 7, 1, 3, 7, 1] as const;

export function isRoutingNumber(text: string): boolean {
  if (!/^[0-9]{9}$/.test(text) || text === "000000000") return false;
  const pair = Number(text.slice(0, 2));
  const isGiven =
    pair <= 12 || (pair >= 21 && pair <= 32) || (pair >= 61 && pair <= 72) || pair === 80;
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(text.charAt(at)), 0);
  return isGiven && sum % 10 === 0;
}
