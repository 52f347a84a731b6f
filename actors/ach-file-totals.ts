/** Counts and sums of an ACH file and of what came back of it. */
import { assert } from "./assert.ts";
import { addCents, type Cents, subtractCents, ZERO_CENTS } from "./money.ts";

/** Our debits, paid in by the bank, and our credits, paid out. */
export interface Moved {
  readonly debitCents: Cents;
  readonly creditCents: Cents;
}

/** What is in the file, as the bank will read it. */
export interface FileTotals extends Moved {
  readonly entries: number;
}

/** Whether the bank had moved the amount of a return when it booked the return. */
export type ReturnTiming =
  /** No: that was before the effective date. */
  | "before_settlement"
  /** Booked as if it had; on the effective date itself the statement may say otherwise. */
  | "on_the_day"
  | "after_settlement"
  /** Version 1: no, if the statement had not been read. */
  | "as_read";

/** What came back, by when. */
export interface ReturnTotals {
  /** Of what our books say that the bank never moved it: this is sure, */
  readonly sureEarly: Moved;
  /** this is what they say, */
  readonly early: Moved;
  /** and so much it may be at most. */
  readonly perhapsEarly: Moved;
  readonly all: FileTotals;
  /** Of which the owners know; the amounts are what they will not collect. */
  readonly noted: FileTotals;
}

export const NO_MOVED: Moved = { debitCents: ZERO_CENTS, creditCents: ZERO_CENTS };
export const NO_TOTALS: FileTotals = { ...NO_MOVED, entries: 0 };
export const NO_RETURNS: ReturnTotals = {
  ...{ sureEarly: NO_MOVED, early: NO_MOVED, perhapsEarly: NO_MOVED },
  ...{ all: NO_TOTALS, noted: NO_TOTALS },
};

export function oneMore(
  totals: FileTotals,
  direction: "debit" | "credit",
  amountCents: Cents,
): FileTotals {
  return { ...plus(totals, direction, amountCents), entries: totals.entries + 1 };
}

function plus(moved: Moved, direction: "debit" | "credit", amountCents: Cents): Moved {
  const { debitCents, creditCents } = moved;
  if (direction === "debit") return { debitCents: addCents(debitCents, amountCents), creditCents };
  return { debitCents, creditCents: addCents(creditCents, amountCents) };
}

export function minus(moved: Moved, less: Moved): Moved {
  const debitCents = subtractCents(moved.debitCents, less.debitCents);
  const creditCents = subtractCents(moved.creditCents, less.creditCents);
  assert(debitCents >= 0 && creditCents >= 0, "no more comes back than was sent");
  return { debitCents, creditCents };
}

/** `isSettledKnown`: the bank's statement had been read (version 1 went by that). */
export function oneMoreReturn(
  returned: ReturnTotals,
  direction: "debit" | "credit",
  amountCents: Cents,
  timing: ReturnTiming,
  isSettledKnown: boolean,
): ReturnTotals {
  const add = (moved: Moved, isAdded: boolean): Moved =>
    isAdded ? plus(moved, direction, amountCents) : moved;
  const isSure = timing === "before_settlement";
  const isEarly = isSure || (timing === "as_read" && !isSettledKnown);
  return {
    ...returned,
    sureEarly: add(returned.sureEarly, isSure),
    early: add(returned.early, isEarly),
    perhapsEarly: add(returned.perhapsEarly, isEarly || timing === "on_the_day"),
    all: oneMore(returned.all, direction, amountCents),
  };
}
