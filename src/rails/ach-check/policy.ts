/** What each entry class may hold (section 2 of the design): addenda, codes, descriptions. */
import type { AchChannelRule, AchEntryClass } from "./expectations.ts";

export type Direction = "credit" | "debit";

export interface Code {
  readonly direction: Direction;
  readonly isPrenote: boolean;
}

/**
 * Checking 22, 23, 27, 28 and savings 32, 33, 37, 38. The bank's returns (21, 26, 31, 36) and codes
 * of other kinds of account are none that we send.
 */
const CODES: ReadonlyMap<number, Code> = new Map(
  [20, 30].flatMap((kind): [number, Code][] => [
    [kind + 2, { direction: "credit", isPrenote: false }],
    [kind + 3, { direction: "credit", isPrenote: true }],
    [kind + 7, { direction: "debit", isPrenote: false }],
    [kind + 8, { direction: "debit", isPrenote: true }],
  ]),
);

export function codeOf(digits: number): Code | undefined {
  return CODES.get(digits);
}

/** 702 names the place of a POS entry; 705 is a text. */
export const ADDENDA: Readonly<Record<AchEntryClass, "702" | "705" | undefined>> = {
  POS: "702",
  WEB: "705",
  CCD: "705",
  PPD: undefined,
};

export const RETRY = "RETRY PYMT";
export const RETURN_FEE = "RETURN FEE";
export const REVERSAL = "REVERSAL";
export const MICRO = "ACCTVERIFY";
/** Nacha: required for online tangible goods since 20 March 2026. */
export const PURCHASE = "PURCHASE";
/** These have batches of their own and so describe nothing else. */
const OWN_BATCH: readonly string[] = [RETRY, RETURN_FEE, REVERSAL];

/** What the profile calls the debits of lanes and of services. */
interface Described {
  readonly servicesDescription: string;
  readonly channels: { readonly lane?: AchChannelRule };
}

/**
 * May live entries of this class and direction bear this description? A text that the profile or a
 * payee chooses is any in capitals that means nothing else.
 */
export function isDescribed(
  sec: AchEntryClass,
  direction: Direction,
  description: string,
  { servicesDescription: services, channels: { lane } }: Described,
): boolean {
  const isLane = sec === lane?.sec && direction === "debit" && description === lane.description;
  if (isLane) return true;
  if (description === REVERSAL || description === MICRO) return true;
  switch (`${sec} ${direction}` as const) {
    case "POS debit":
      return description === RETRY;
    case "POS credit":
      return description === "REFUND";
    case "WEB debit":
      return [PURCHASE, RETRY, services].includes(description);
    case "PPD debit":
      return description === RETURN_FEE;
    case "PPD credit":
      return description === "REFUND" || description === "CASHBACK";
    case "WEB credit":
    case "CCD credit":
      return isChosenText(description);
    case "CCD debit":
      return false;
  }
}

/** A description that somebody chose: printable, in capitals, and none that has its own batch. */
export function isChosenText(description: string): boolean {
  return /^[ -`{-~]+$/.test(description) && !OWN_BATCH.includes(description);
}

/**
 * Does money move for a purchase or to a friend for the first time under this description? A return
 * fee is ours and no payee's, a reversal names whom its original named, micro-entries try a bank.
 */
export function isOfPurchase(description: string): boolean {
  return !OWN_BATCH.includes(description) && description !== MICRO;
}
