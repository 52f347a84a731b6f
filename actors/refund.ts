/**
 * A refund on the payer's account. The merchant has given its share before; here it is decided
 * where it goes: a debit that was not filed shrinks, and everything else is owed to the customer,
 * to be paid when the debit it came from is collected (docs/money.md).
 */
import type { AccountEvent, AccountReply } from "./account-messages.ts";
import type { HeldAccount } from "./account-state.ts";
import { type Decision, decided } from "./actor.ts";
import { assert } from "./assert.ts";
import type { ApplyRefund, CollectionEvent } from "./collection-messages.ts";
import {
  type Collection,
  findPurchase,
  type RefundOwed,
  withoutPurchases,
  withPurchase,
} from "./collection-state.ts";
import { addCents, subtractCents, ZERO_CENTS } from "./money.ts";
import { refunded } from "./postings.ts";
import { setOffLoss } from "./set-off.ts";

type RefundGranted = Extract<CollectionEvent, { kind: "RefundGranted" }>;

export function applyRefund(
  { customer }: HeldAccount,
  { refundId, paymentId, amountCents, feeCents, share }: ApplyRefund,
): Decision<AccountEvent, AccountReply> {
  const { collection, personId } = customer;
  assert(amountCents > 0 && feeCents >= 0, "a refund has an amount, and a fee is not negative");
  const givenCents = addCents(share.payableCents, share.receivableCents);
  assert(addCents(givenCents, feeCents) === amountCents, "merchant and fee give the refund");
  const purchase = findPurchase(collection, paymentId);
  const isDue = purchase?.stage === "due";
  if (isDue) assert(amountCents <= purchase.amountCents, "no more is refunded than is due");
  const dueCents = isDue ? amountCents : ZERO_CENTS;
  const owedCents = subtractCents(amountCents, dueCents);
  const event: RefundGranted = {
    kind: "RefundGranted",
    refundId,
    paymentId,
    merchantNumber: share.merchantNumber,
    dueCents,
    owedCents,
    // A purchase that is no longer open has been collected, or given up: then it is set off.
    isPayable: purchase === undefined,
    entry: refunded(personId, share, feeCents, { dueCents, payableCents: owedCents }),
  };
  const granted = applyRefundGranted(collection, event);
  const owed = granted.refunds.find((refund) => refund.refundId === refundId);
  const setOff = owed === undefined ? [] : setOffLoss(customer, owed);
  return decided([event, ...setOff], { kind: "refund_granted" });
}

export function applyRefundGranted(collection: Collection, event: RefundGranted): Collection {
  const { refundId, paymentId, dueCents, owedCents, isPayable } = event;
  const refunds: readonly RefundOwed[] =
    owedCents === 0
      ? collection.refunds
      : [
          ...collection.refunds,
          {
            refundId,
            paymentId,
            merchantNumber: event.merchantNumber,
            amountCents: owedCents,
            stage: isPayable ? "payable" : "waiting",
            sent: null,
          },
        ];
  if (dueCents === 0) return { ...collection, refunds };
  const purchase = findPurchase(collection, paymentId);
  assert(purchase?.stage === "due", "a debit that is due shrinks");
  const amountCents = subtractCents(purchase.amountCents, dueCents);
  if (amountCents > 0)
    return { ...withPurchase(collection, { ...purchase, amountCents }), refunds };
  // Nothing is left to collect: the debit is not sent.
  return { ...withoutPurchases(collection, new Set([paymentId])), refunds };
}
