/**
 * What is owed to a customer and can go out by ACH no more: it came back, and the customer has left
 * or names no other bank account; or it is a stranger's, who was debited by mistake. It is paid by
 * a check or a transfer. Money leaves with it, so two people say so (docs/money.md).
 */
import type { AccountEvent, AccountReply } from "./account-messages.ts";
import { blocksOf, type HeldAccount } from "./account-state.ts";
import { answerOnly, type Decision, decided, type Meta } from "./actor.ts";
import { assert } from "./assert.ts";
import type { Collection, RefundOwed } from "./collection-state.ts";
import { payableRefunds } from "./filed-credits.ts";
import { refundPaidByHand } from "./postings.ts";
import type { PayRefund, RefundByHandEvent } from "./refund-by-hand-messages.ts";
import { isStrangers } from "./reversal-messages.ts";

export function payRefund(
  state: HeldAccount,
  { refundId, evidence }: PayRefund,
  { principal: by }: Meta,
): Decision<AccountEvent, AccountReply> {
  const { collection, personId } = state.customer;
  // Law or a sanctions list: neither to nor from this customer.
  if (blocksOf(state).some(({ reason }) => reason === "compliance")) {
    return answerOnly({ kind: "account_blocked", reasons: ["compliance"] });
  }
  const { unclaimed = [] } = collection;
  const isIt = (other: { readonly refundId: string }): boolean => other.refundId === refundId;
  const kept = unclaimed.find(isIt);
  const refund = kept ?? stuckRefunds(collection).find(isIt);
  if (refund === undefined) return answerOnly({ kind: "refund_not_stuck" });
  const { paymentId, merchantNumber, amountCents, byHandProposedBy } = refund;
  if (byHandProposedBy === undefined) {
    const proposed = { kind: "RefundByHandProposed", refundId, by, evidence } as const;
    return decided([proposed], { kind: "refund_by_hand_proposed" });
  }
  if (byHandProposedBy === by) return answerOnly({ kind: "second_person_needed" });
  // From here it is paid.
  assert(amountCents > 0, "what is owed has an amount");
  const isUnclaimed = kept === undefined ? {} : { isUnclaimed: true as const };
  const terms = { refundId, paymentId, merchantNumber, amountCents, ...isUnclaimed, evidence };
  const entry = refundPaidByHand(personId, amountCents, kept !== undefined);
  return decided([{ kind: "RefundPaidByHand", ...terms, entry }], { kind: "collection_changed" });
}

/** What no file takes by itself. The customer's own only where a file would pay it else (I8). */
export function stuckRefunds(collection: Collection): readonly RefundOwed[] {
  const { refunds, bankAccount } = collection;
  const strangers = refunds.filter(({ stage, reverses }) => {
    return stage === "stopped" && isStrangers(reverses);
  });
  const stopped = refunds.filter(({ stage, reverses }) => {
    const isStuck = stage === "stopped" || (stage === "payable" && bankAccount.kind === "invalid");
    return isStuck && reverses === undefined;
  });
  const once = stopped.map((refund): RefundOwed => ({ ...refund, stage: "payable" }));
  return [...strangers, ...payableRefunds({ ...collection, refunds: once })];
}

export function applyRefundByHand(collection: Collection, event: RefundByHandEvent): Collection {
  const { refunds, unclaimed = [] } = collection;
  const isIt = (one: Pick<RefundOwed, "refundId">): boolean => one.refundId === event.refundId;
  assert(
    refunds.some((refund) => isIt(refund) && refund.stage !== "filed") || unclaimed.some(isIt),
    "what is paid by hand is owed, and in no file",
  );
  if (event.kind === "RefundPaidByHand") {
    return {
      ...collection,
      refunds: refunds.filter((refund) => !isIt(refund)),
      unclaimed: unclaimed.filter((refund) => !isIt(refund)),
    };
  }
  const proposed = <One extends Pick<RefundOwed, "refundId">>(one: One): One => {
    return isIt(one) ? { ...one, byHandProposedBy: event.by } : one;
  };
  return { ...collection, refunds: refunds.map(proposed), unclaimed: unclaimed.map(proposed) };
}
