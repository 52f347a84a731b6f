/**
 * Bank account numbers of the sandbox that decide what comes of an entry (docs/sandbox.md). A row
 * speaks of the entries that it names; every other entry, and every other account, is good.
 */

import { part } from "./columns.ts";
import type { ForwardEntry } from "./forward-file.ts";

/** When an answer comes: at the opening of a banking day, counted from settlement. */
export type Comes =
  /** On that banking day after settlement. */
  | { readonly kind: "banking_days"; readonly days: number }
  /** On the first banking day that is so many calendar days after settlement, or later. */
  | { readonly kind: "calendar_days"; readonly days: number }
  /** With the acknowledgement: the amount is never settled. */
  | { readonly kind: "before_settlement" };

export type Quirk =
  | "none"
  /** A second attempt (RETRY PYMT) is paid. */
  | "retry_is_paid"
  /** The same return once more, on the next banking day, with the same trace of its own. */
  | "same_again"
  /** A second return, on the next banking day, with another trace of its own. */
  | "second_trace"
  /** One cent more than was sent. */
  | "another_amount"
  /** The entry is good; what comes back is one that was never sent. */
  | "never_sent";

export interface Reaction {
  readonly account: string;
  readonly on: "debit" | "credit" | "prenote" | "any";
  /** A return code, or the code of a notification of change. */
  readonly code: string;
  readonly comes: Comes;
  readonly quirk: Quirk;
}

/** Always good; what the demo and most tests register. */
export const GOOD_ACCOUNT = "9990000000";
/** Here the last two digits of the amount say which row it is: $12.02 is that of 9990000002. */
export const AMOUNT_ACCOUNT = "9990000098";
const PREFIX = GOOD_ACCOUNT.slice(0, 8);

const NEXT: Comes = { kind: "banking_days", days: 1 };
/** The last moment at which an ordinary return is in time. */
const SECOND: Comes = { kind: "banking_days", days: 2 };

function row(
  two: string,
  on: Reaction["on"],
  code: string,
  comes: Comes,
  quirk: Quirk = "none",
): Reaction {
  return { account: PREFIX + two, on, code, comes, quirk };
}

export const REACTIONS: readonly Reaction[] = [
  row("01", "debit", "R01", SECOND, "retry_is_paid"),
  row("02", "debit", "R02", NEXT),
  row("03", "debit", "R03", NEXT),
  row("07", "debit", "R07", SECOND),
  row("08", "debit", "R08", NEXT),
  row("09", "debit", "R09", SECOND),
  row("10", "debit", "R10", { kind: "calendar_days", days: 30 }),
  row("11", "debit", "R11", SECOND),
  row("16", "debit", "R16", NEXT),
  row("20", "debit", "R20", NEXT),
  row("31", "debit", "R01", SECOND),
  row("33", "prenote", "R03", NEXT),
  row("42", "credit", "R02", SECOND),
  row("43", "credit", "R03", NEXT),
  row("51", "any", "C01", NEXT),
  row("52", "any", "C02", NEXT),
  row("53", "any", "C03", NEXT),
  row("54", "any", "C04", NEXT),
  row("55", "any", "C05", NEXT),
  row("56", "any", "C06", NEXT),
  row("57", "any", "C07", NEXT),
  row("61", "debit", "R01", { kind: "banking_days", days: 4 }),
  row("62", "debit", "R01", NEXT, "same_again"),
  row("63", "debit", "R01", NEXT, "second_trace"),
  row("64", "debit", "R01", NEXT, "another_amount"),
  row("65", "debit", "R01", NEXT, "never_sent"),
  row("68", "debit", "R03", { kind: "before_settlement" }),
  row("97", "debit", "R97", NEXT),
];

const BY_ACCOUNT: ReadonlyMap<string, Reaction> = new Map(
  REACTIONS.map((reaction) => [reaction.account, reaction]),
);

/** A fee for the retry that failed comes beside it, and is paid with it. */
const SECOND_ATTEMPTS: readonly string[] = ["RETRY PYMT", "RETURN FEE"];

/** What comes back for this entry of a batch; undefined for one that is simply paid. */
export function reactionTo(batchHeader: string, entry: ForwardEntry): Reaction | undefined {
  const account = part(entry.line, 13, 29).trimEnd();
  const named = account === AMOUNT_ACCOUNT ? PREFIX + part(entry.line, 38, 39) : account;
  const reaction = BY_ACCOUNT.get(named);
  if (reaction === undefined) return undefined;
  const kind = entry.isPrenote ? "prenote" : entry.isDebit ? "debit" : "credit";
  if (reaction.on !== "any" && reaction.on !== kind) return undefined;
  const isAgain = SECOND_ATTEMPTS.includes(part(batchHeader, 54, 63).trimEnd());
  return reaction.quirk === "retry_is_paid" && isAgain ? undefined : reaction;
}
