/** What a reversal posts (docs/money.md): one line of the table, and one journal entry. */
import { assert } from "./assert.ts";
import type { PersonId } from "./ids.ts";
import { credit, customerAccount, debit, entry, type JournalEntry } from "./ledger.ts";
import { type Cents, ZERO_CENTS } from "./money.ts";

/**
 * Dr cust:due, or expense:unmatched for what was debited twice; Cr cust:refund_payable. A debit
 * whose window is open counts as collected besides: Dr ach:provisional; Cr cust:in_flight.
 */
export function debitReversed(
  person: PersonId,
  from: "in_flight" | "collected",
  isDueAgain: boolean,
  amountCents: Cents,
): JournalEntry {
  assert(amountCents > 0, "what is reversed has an amount");
  const collectedCents = from === "in_flight" ? amountCents : ZERO_CENTS;
  return entry("debit_reversed", [
    debit("ach:provisional", collectedCents),
    credit(customerAccount(person, "in_flight"), collectedCents),
    debit(isDueAgain ? customerAccount(person, "due") : "expense:unmatched", amountCents),
    credit(customerAccount(person, "refund_payable"), amountCents),
  ]);
}
