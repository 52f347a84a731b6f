/**
 * Money that the bank moved for something that we know nothing of, or not so: it waits in suspense,
 * and leaves it one way or another. Each function is a line of the table in docs/money.md.
 */
import { credit, debit, entry, type JournalEntry, type Posting } from "./ledger.ts";
import type { Cents } from "./money.ts";

/** Entries that came back, or a file that was settled: money goes the opposite ways. */
export type MoneyOf = "return" | "settlement";

/**
 * The bank took (a returned debit, a settled credit) or gave (the others) money for entries that we
 * know nothing of, or not so.
 */
export function unmatched(
  of: MoneyOf,
  direction: "debit" | "credit",
  amountCents: Cents,
): JournalEntry {
  const name = of === "return" ? "unmatched_return" : "unmatched_settlement";
  return entry(name, waiting(isTaken(of, direction), amountCents));
}

/** Understood in the end: the other way round. */
export function suspenseCleared(
  of: MoneyOf,
  direction: "debit" | "credit",
  amountCents: Cents,
): JournalEntry {
  return entry("suspense_cleared", waiting(!isTaken(of, direction), amountCents));
}

/**
 * Given up by two people. What the bank took: Dr expense:unmatched; Cr ach:suspense. What it gave:
 * Dr ach:suspense; Cr income:unmatched.
 */
export function suspenseWrittenOff(
  of: MoneyOf,
  direction: "debit" | "credit",
  amountCents: Cents,
): JournalEntry {
  const postings = isTaken(of, direction)
    ? [debit("expense:unmatched", amountCents), credit("ach:suspense", amountCents)]
    : [debit("ach:suspense", amountCents), credit("income:unmatched", amountCents)];
  return entry("suspense_written_off", postings);
}

function isTaken(of: MoneyOf, direction: "debit" | "credit"): boolean {
  return (of === "return") === (direction === "debit");
}

/** `isOut`: out of our account, else into it. */
export function waiting(isOut: boolean, amountCents: Cents): readonly Posting[] {
  return [
    debit(isOut ? "ach:suspense" : "cash:bank", amountCents),
    credit(isOut ? "cash:bank" : "ach:suspense", amountCents),
  ];
}
