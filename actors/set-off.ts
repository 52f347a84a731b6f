/**
 * What is owed to a customer against what the customer owes: a refund of a debit that is not
 * collected lowers it, or the loss that it became (docs/money.md).
 */
import type { Customer } from "./account-state.ts";
import type { CollectionEvent } from "./collection-messages.ts";
import { findLoss, findPurchase, type PurchaseIn, type RefundOwed } from "./collection-state.ts";
import type { PaymentId, PersonId } from "./ids.ts";
import { customerAccount, type LedgerAccount, merchantAccount } from "./ledger.ts";
import { type Cents, cents, subtractCents, sumCents } from "./money.ts";
import { refundSetOff } from "./postings.ts";
import { isStrangers } from "./reversal-messages.ts";

type RefundSetOff = Extract<CollectionEvent, { kind: "RefundSetOff" }>;

/** Refunds of a debit that will not be collected, and that are not on their way: they lower it. */
export function setOffs(
  customer: Customer,
  purchase: PurchaseIn<"due" | "returned" | "disputed">,
): readonly RefundSetOff[] {
  const { paymentId, stage, amountCents } = purchase;
  const owed = customer.collection.refunds.filter((refund) => refund.paymentId === paymentId);
  const against = customerAccount(customer.personId, stage);
  return setOffAgainst(customer.personId, owed, paymentId, against, amountCents);
}

/** What was paid by hand while the debit was under way again: it is paid, not owed. */
export function setOffExcess(
  { collection, personId }: Customer,
  { paymentId, amountCents }: PurchaseIn<"in_flight">,
): readonly RefundSetOff[] {
  const owed = collection.refunds.filter((refund) => refund.paymentId === null);
  const against = customerAccount(personId, "returned");
  return setOffAgainst(personId, owed, paymentId, against, amountCents);
}

/** A debit that is not given back after all is what was due, or what was lost since. */
export function setOffReversed(customer: Customer, refund: RefundOwed): readonly RefundSetOff[] {
  const { paymentId } = refund;
  const purchase = paymentId === null ? undefined : findPurchase(customer.collection, paymentId);
  if (purchase?.stage !== "due")
    return isStrangers(refund.reverses) ? [] : setOffLoss(customer, refund);
  const { personId } = customer;
  const against = customerAccount(personId, "due");
  const owed = [{ ...refund, stage: "payable" as const }];
  return setOffAgainst(personId, owed, purchase.paymentId, against, purchase.amountCents);
}

/** A refund of a purchase that was given up makes the loss smaller, whoever bears it. */
export function setOffLoss(
  { collection, personId }: Customer,
  refund: RefundOwed,
): readonly RefundSetOff[] {
  const { paymentId } = refund;
  const loss = paymentId === null ? undefined : findLoss(collection, paymentId);
  if (loss === undefined) return [];
  const { borneBy, merchantNumber, amountCents } = loss;
  // The merchant gave its share of the refund besides: what it gave twice is owed to it again.
  const against =
    borneBy === "merchant"
      ? merchantAccount(merchantNumber, "payable")
      : (`expense:${borneBy}` as const);
  return setOffAgainst(personId, [refund], loss.paymentId, against, amountCents);
}

function setOffAgainst(
  personId: PersonId,
  refunds: readonly RefundOwed[],
  paymentId: PaymentId,
  against: LedgerAccount,
  owedCents: Cents,
): readonly RefundSetOff[] {
  let leftCents = owedCents;
  return refunds.flatMap(({ refundId, amountCents, stage, reverses }) => {
    if (stage === "filed" || isStrangers(reverses)) return [];
    const setOff = cents(Math.min(amountCents, leftCents));
    leftCents = subtractCents(leftCents, setOff);
    if (setOff === 0) return [];
    const entry = refundSetOff(personId, against, setOff);
    return [{ kind: "RefundSetOff" as const, refundId, paymentId, amountCents: setOff, entry }];
  });
}

export function setOffCents(events: readonly RefundSetOff[]): Cents {
  return sumCents(events.map(({ amountCents }) => amountCents));
}
