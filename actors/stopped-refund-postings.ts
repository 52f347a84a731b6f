/** What is posted of refunds that nobody claims: lines of the table in docs/money.md. */
import type { PersonId } from "./ids.ts";
import { credit, customerAccount, debit, entry, type JournalEntry } from "./ledger.ts";
import type { Cents } from "./money.ts";

/** Dr cust:refund_payable; Cr owed:unclaimed. */
export function refundUnclaimed(person: PersonId, amountCents: Cents): JournalEntry {
  return entry("refund_unclaimed", [
    debit(customerAccount(person, "refund_payable"), amountCents),
    credit("owed:unclaimed", amountCents),
  ]);
}
