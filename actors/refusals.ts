/**
 * The closed list of refusals: every named no that an actor can say, in the order in which the
 * checks are made, and what it means. A refusal is a good answer, not an error: nothing was changed
 * unless the text says so. `src/http/problem.ts` maps each of them to HTTP, exhaustively.
 */
import type { BankDate } from "./banking-calendar.ts";
import type { BlockReason } from "./block.ts";
import type { Cents } from "./money.ts";
import type { Keeping } from "./retention.ts";

export type Refusal =
  // Approving a payment: the account's ladder (docs/protocol.md section 5, step 6).
  /** No registered customer stands behind this account. */
  | { readonly kind: "account_not_open" }
  /** De-registered and not closed yet: nothing new is paid. */
  | { readonly kind: "account_closing" }
  /** At least one block is open; customer service lifts it, or the debt being paid. */
  | { readonly kind: "account_blocked"; readonly reasons: readonly BlockReason[] }
  /** The approval is of a phone that is not this account's. */
  | { readonly kind: "device_not_active" }
  /** The verdict was computed for a PIN key that is no longer current; ask again. */
  | { readonly kind: "verdict_stale" }
  /** The device counter was used before, for another approval: a copied phone. Blocks. */
  | { readonly kind: "device_cloned" }
  /** The device counter is ahead of the next one. */
  | { readonly kind: "counter_out_of_step"; readonly expected: number }
  /** Counted; the last of `attemptsLeft` blocks. */
  | { readonly kind: "pin_wrong"; readonly attemptsLeft: number }
  /** FAQ: no purchases until the identity is verified. */
  | { readonly kind: "identity_not_verified" }
  /** Nothing can be debited: the mandate has ended, or the bank has no such account. */
  | { readonly kind: "bank_account_needed" }
  /** Too many payments wait for their lanes. */
  | { readonly kind: "too_many_holds" }
  /** Too many payments wait for collection. */
  | { readonly kind: "too_many_purchases" }
  /** FAQ: the limit. `missingCents` more would have passed. */
  | {
      readonly kind: "limit_exceeded";
      readonly missingCents: Cents;
      readonly availableCents: Cents;
    }
  // Settling it: the lane's ladder.
  /** Unknown, or so old that the lane has forgotten it. */
  | { readonly kind: "request_not_found" }
  | { readonly kind: "request_cancelled" }
  | { readonly kind: "request_superseded" }
  | { readonly kind: "request_expired" }
  /** Paid already, by this payer or another. */
  | { readonly kind: "request_paid" }
  /** Version or amount is not the one that was approved. */
  | { readonly kind: "request_changed" }
  /** The hold of this payment ended before the lane heard of it; the request may still be paid. */
  | { readonly kind: "payment_barred" }
  // Opening an account.
  | { readonly kind: "account_already_open" }
  /** FAQ: 18 or older. */
  | { readonly kind: "under_age" }
  /** The birth date lies in the future. */
  | { readonly kind: "birth_date_in_future" }
  /** No mandate was accepted with a text of this hash. */
  | { readonly kind: "mandate_text_not_found" }
  // Forgetting.
  /** What a law wants kept is not deleted; `isOpen`: nor what is not at its end (GDPR 17(3)). */
  | {
      readonly kind: "data_kept";
      readonly isOpen: boolean;
      readonly keepings: readonly Keeping[];
    }
  // Identity.
  | { readonly kind: "identity_already_verified" }
  /** Front and rear must both be there (FAQ). */
  | { readonly kind: "identity_not_pending" }
  /** No other customer has the bank account, or somebody has looked at it. */
  | { readonly kind: "bank_account_not_shared" }
  // Blocks.
  | { readonly kind: "block_already_open" }
  | { readonly kind: "block_not_open" }
  // Collection.
  /** The debit is not one that came back and is owed; to give up: nor one that is stuck. */
  | { readonly kind: "debit_not_returned" }
  /** It was presented as often as it may be, or too long ago. */
  | { readonly kind: "no_retry_left" }
  /** The customer has named a bank account since the debit was sent. */
  | { readonly kind: "bank_account_replaced" }
  | { readonly kind: "debit_not_disputed" }
  /** No return fee of that debit is owed: none was charged, or it is paid or waived. */
  | { readonly kind: "fee_not_owed" }
  /** A file holds the fee: what becomes of that debit is not known yet. */
  | { readonly kind: "fee_under_way" }
  /** No such refund waits for a person: it is paid, or goes out with a file, or is not due. */
  | { readonly kind: "refund_not_stuck" }
  /** The message is of another bank account than the next one: an old one, or said twice. */
  | { readonly kind: "bank_account_out_of_step"; readonly expected: number }
  /** Who proposed it cannot agree to it. */
  | { readonly kind: "second_person_needed" }
  // Refunds.
  /** More than is left of the purchase. */
  | { readonly kind: "refund_too_high"; readonly leftCents: Cents }
  | { readonly kind: "too_many_refunds" }
  // Files for the bank.
  | { readonly kind: "file_not_at_this_stage" }
  /** The bank's statement says other totals than these: kept for a return or a person. */
  | {
      readonly kind: "statement_differs";
      readonly debitCents: Cents;
      readonly creditCents: Cents;
    }
  /** The bank took it back after it took it, or the other way round: kept for a person. */
  | { readonly kind: "file_contradicted" }
  /** Collected and returned together are these totals, and the file has others. */
  | { readonly kind: "file_not_whole"; readonly debitCents: Cents; readonly creditCents: Cents }
  /** No such piece of an inbound file waits for a person. */
  | { readonly kind: "exception_not_open" }
  /**
   * It has no money, or has some; or the entry is another one, or came back already. Of a refund:
   * it is a stranger's, or unclaimed, or its debit is open again.
   */
  | { readonly kind: "resolution_does_not_fit" }
  // Reversals.
  /** Only a debit of a purchase is reversed: no prenote, no credit. */
  | { readonly kind: "entry_not_reversible" }
  /** The bank sent it back: there is nothing to undo. */
  | { readonly kind: "entry_came_back" }
  | { readonly kind: "entry_already_reversed" }
  /** No file can be settled by `lastOn`, the fifth banking day after the entry. */
  | { readonly kind: "reversal_too_late"; readonly lastOn: BankDate }
  // Lanes and merchants.
  | { readonly kind: "merchant_not_found" }
  | { readonly kind: "merchant_already_exists" }
  | { readonly kind: "too_many_lanes" }
  | { readonly kind: "lane_not_found" }
  | { readonly kind: "lane_already_exists" }
  /** A web lane holds so many open payment requests and no more. */
  | { readonly kind: "too_many_requests" }
  /** A payment request was changed as often as its version can count. */
  | { readonly kind: "too_many_updates" }
  /** No payment request is open at this lane. */
  | { readonly kind: "nothing_to_pay" }
  /** `client_invoice_id` names another open payment request of this lane. */
  | { readonly kind: "version_mismatch"; readonly revision: number }
  // The directory of phone numbers.
  | { readonly kind: "phone_taken" }
  | { readonly kind: "too_many_codes" }
  | { readonly kind: "registration_not_found" }
  | { readonly kind: "code_wrong"; readonly triesLeft: number }
  | { readonly kind: "code_expired" };

export type RefusalKind = Refusal["kind"];

/** Every refusal, in ladder order; typed so that a new one cannot be forgotten here. */
export const REFUSAL_KINDS = Object.keys({
  account_not_open: 0,
  account_closing: 0,
  account_blocked: 0,
  device_not_active: 0,
  verdict_stale: 0,
  device_cloned: 0,
  counter_out_of_step: 0,
  pin_wrong: 0,
  identity_not_verified: 0,
  bank_account_needed: 0,
  too_many_holds: 0,
  too_many_purchases: 0,
  limit_exceeded: 0,
  request_not_found: 0,
  request_cancelled: 0,
  request_superseded: 0,
  request_expired: 0,
  request_paid: 0,
  request_changed: 0,
  payment_barred: 0,
  account_already_open: 0,
  under_age: 0,
  birth_date_in_future: 0,
  mandate_text_not_found: 0,
  data_kept: 0,
  identity_already_verified: 0,
  identity_not_pending: 0,
  bank_account_not_shared: 0,
  block_already_open: 0,
  block_not_open: 0,
  debit_not_returned: 0,
  no_retry_left: 0,
  bank_account_replaced: 0,
  debit_not_disputed: 0,
  fee_not_owed: 0,
  fee_under_way: 0,
  refund_not_stuck: 0,
  bank_account_out_of_step: 0,
  second_person_needed: 0,
  refund_too_high: 0,
  too_many_refunds: 0,
  file_not_at_this_stage: 0,
  statement_differs: 0,
  file_contradicted: 0,
  file_not_whole: 0,
  exception_not_open: 0,
  resolution_does_not_fit: 0,
  entry_not_reversible: 0,
  entry_came_back: 0,
  entry_already_reversed: 0,
  reversal_too_late: 0,
  merchant_not_found: 0,
  merchant_already_exists: 0,
  too_many_lanes: 0,
  lane_not_found: 0,
  lane_already_exists: 0,
  too_many_requests: 0,
  too_many_updates: 0,
  nothing_to_pay: 0,
  version_mismatch: 0,
  phone_taken: 0,
  too_many_codes: 0,
  registration_not_found: 0,
  code_wrong: 0,
  code_expired: 0,
} satisfies Record<RefusalKind, 0>) as readonly RefusalKind[];

const KINDS: ReadonlySet<string> = new Set(REFUSAL_KINDS);

export function isRefusal(reply: { readonly kind: string }): reply is Refusal {
  return KINDS.has(reply.kind);
}
