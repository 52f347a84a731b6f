/** What is posted of return fees that are debited: lines of the table in docs/money.md. */
import type { PersonId } from "./ids.ts";
import {
  credit,
  customerAccount,
  debit,
  entry,
  type JournalEntry,
  type LedgerAccount,
  type Posting,
} from "./ledger.ts";
import { type Cents, ZERO_CENTS } from "./money.ts";

/** Dr cust:fees_in_flight; Cr cust:fees. One pair for each ACH entry. */
export function feesFiled(person: PersonId, amounts: readonly Cents[]): JournalEntry {
  const [to, from] = [customerAccount(person, "fees_in_flight"), customerAccount(person, "fees")];
  return entry("fees_filed", pairs(to, from, amounts));
}

/** The bank took the file back whole: the same the other way round. */
export function feesUnfiled(person: PersonId, amounts: readonly Cents[]): JournalEntry {
  const [to, from] = [customerAccount(person, "fees"), customerAccount(person, "fees_in_flight")];
  return entry("fees_unfiled", pairs(to, from, amounts));
}

/** Dr ach:provisional; Cr cust:fees_in_flight. */
export function feesCollected(person: PersonId, amounts: readonly Cents[]): JournalEntry {
  const from = customerAccount(person, "fees_in_flight");
  return entry("fees_collected", pairs("ach:provisional", from, amounts));
}

/** Dr cust:fees; Cr cust:fees_in_flight. The cash pair only once it was settled. */
export function feeReturned(
  person: PersonId,
  amountCents: Cents,
  isSettled: boolean,
): JournalEntry {
  const cashCents = isSettled ? amountCents : ZERO_CENTS;
  return entry("fee_returned", [
    debit(customerAccount(person, "fees"), amountCents),
    credit(customerAccount(person, "fees_in_flight"), amountCents),
    debit("ach:provisional", cashCents),
    credit("cash:bank", cashCents),
  ]);
}

/** A fee that came back after it was collected: Dr cust:fees; Cr cash:bank. */
export function feeReopened(person: PersonId, amountCents: Cents): JournalEntry {
  return entry("fee_reopened", [
    debit(customerAccount(person, "fees"), amountCents),
    credit("cash:bank", amountCents),
  ]);
}

/** Given up, whole or what is left of it: Dr income:return_fee; Cr cust:fees. */
export function feeWaived(person: PersonId, amountCents: Cents): JournalEntry {
  return entry("fee_waived", [
    debit("income:return_fee", amountCents),
    credit(customerAccount(person, "fees"), amountCents),
  ]);
}

function pairs(
  to: LedgerAccount,
  from: LedgerAccount,
  amounts: readonly Cents[],
): readonly Posting[] {
  return amounts.flatMap((amountCents) => [debit(to, amountCents), credit(from, amountCents)]);
}
