/** Counts and sums of an ACH file and of what came back of it. */
import { addCents, type Cents, ZERO_CENTS } from "./money.ts";

/** What is in the file, as the bank will read it. */
export interface FileTotals {
  readonly entries: number;
  readonly debitCents: Cents;
  readonly creditCents: Cents;
}

/** What came back, by when. */
export interface ReturnTotals {
  /** Before the bank settled: these amounts never moved. */
  readonly early: Omit<FileTotals, "entries">;
  readonly all: FileTotals;
  /** Of which the owners know; the amounts are what they will not collect. */
  readonly noted: FileTotals;
}

export const NO_TOTALS = { entries: 0, debitCents: ZERO_CENTS, creditCents: ZERO_CENTS };

export function oneMore(
  totals: FileTotals,
  direction: "debit" | "credit",
  amountCents: Cents,
): FileTotals {
  return { ...plus(totals, direction, amountCents), entries: totals.entries + 1 };
}

export function plus(
  totals: Omit<FileTotals, "entries">,
  direction: "debit" | "credit",
  amountCents: Cents,
): Omit<FileTotals, "entries"> {
  const { debitCents, creditCents } = totals;
  if (direction === "debit") return { debitCents: addCents(debitCents, amountCents), creditCents };
  return { debitCents, creditCents: addCents(creditCents, amountCents) };
}
