/** The names of all events of collection: which of an account's events are its. */
import type { CollectionEvent } from "./collection-messages.ts";
import { FEE_EVENT_KINDS } from "./return-fee-messages.ts";
import { STOPPED_REFUND_EVENT_KINDS } from "./stopped-refund-messages.ts";

export const COLLECTION_EVENT_KINDS: readonly CollectionEvent["kind"][] = [
  "PrenoteFiled",
  "DebitsFiled",
  "RefundsFiled",
  "PrenoteUnfiled",
  "DebitsUnfiled",
  "RefundsUnfiled",
  "DebitsCollected",
  "RefundsPaid",
  "PrenoteReturned",
  "DebitReturned",
  "DebitReopened",
  "RefundReturned",
  "MandateEnded",
  "BankAccountRejected",
  ...FEE_EVENT_KINDS,
  "PaymentProposed",
  "PaidByHand",
  "DuePaidByHand",
  "DebtRecovered",
  "RetryAllowed",
  "WriteOffProposed",
  "RefundSetOff",
  "DebtWrittenOff",
  "DisputeDecided",
  "RefundGranted",
  "RefundByHandProposed",
  "RefundPaidByHand",
  "BankAccountReplaced",
  "BankAccountCorrected",
  "DebitReversed",
  "ReversalLapsed",
  ...STOPPED_REFUND_EVENT_KINDS,
];
