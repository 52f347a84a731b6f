/**
 * A refund that no file takes, and that is not paid by hand (refund-by-hand.ts) either: what came
 * back for a reason that no other bank account mends goes out again when people have mended it; and
 * what nobody claims is kept for its owner in the books, so that no account waits for it. Money
 * goes out, or is owed elsewhere: two people say it (docs/money.md).
 */
import type { AccountEvent, AccountReply } from "./account-messages.ts";
import { blocksOf, type HeldAccount } from "./account-state.ts";
import { answerOnly, type Decision, decided, type Meta } from "./actor.ts";
import { assert } from "./assert.ts";
import type { Collection, RefundOwed, UnclaimedRefund } from "./collection-state.ts";
import { stuckRefunds } from "./refund-by-hand.ts";
import { isStrangers } from "./reversal-messages.ts";
import type { ResolveRefund, StoppedRefundEvent } from "./stopped-refund-messages.ts";
import { refundUnclaimed } from "./stopped-refund-postings.ts";

export function resolveRefund(
  state: HeldAccount,
  { refundId, resolution, note }: ResolveRefund,
  { principal: by }: Meta,
): Decision<AccountEvent, AccountReply> {
  const { collection } = state.customer;
  // Law or a sanctions list: neither to nor from this customer.
  if (blocksOf(state).some(({ reason }) => reason === "compliance")) {
    return answerOnly({ kind: "account_blocked", reasons: ["compliance"] });
  }
  const refund = waitingRefunds(collection).find((one) => one.refundId === refundId);
  if (refund === undefined) return answerOnly({ kind: "refund_not_stuck" });
  if (!fits(collection, refund, resolution)) return answerOnly({ kind: "resolution_does_not_fit" });
  const { proposal } = refund;
  if (proposal?.resolution !== resolution) {
    const proposed = { refundId, resolution, by, note };
    const event: StoppedRefundEvent = { kind: "RefundResolutionProposed", ...proposed };
    return decided([event], { kind: "refund_resolution_proposed" });
  }
  if (proposal.by === by) return answerOnly({ kind: "second_person_needed" });
  // From here it is resolved.
  if (resolution === "send_again") {
    const again: StoppedRefundEvent = { kind: "RefundSentAgain", refundId, note };
    return decided([again], { kind: "collection_changed" });
  }
  const { paymentId, amountCents } = refund;
  assert(amountCents > 0, "what is owed has an amount");
  const entry = refundUnclaimed(state.customer.personId, amountCents);
  const terms = { refundId, paymentId, amountCents, note };
  return decided([{ kind: "RefundUnclaimed", ...terms, entry }], { kind: "collection_changed" });
}

/** Those that no file takes, whether they may be paid by hand or not. */
export function waitingRefunds(collection: Collection): readonly RefundOwed[] {
  const stuck = new Set(stuckRefunds(collection).map(({ refundId }) => refundId));
  return collection.refunds.filter(({ refundId, stage }) => {
    return stage === "stopped" || stuck.has(refundId);
  });
}

function fits(
  collection: Collection,
  { refundId, stage, reverses }: RefundOwed,
  resolution: ResolveRefund["resolution"],
): boolean {
  // Sent again it waits by itself for as long as its debit is open (I8).
  if (resolution === "send_again") return stage === "stopped" && !isStrangers(reverses);
  return stuckRefunds(collection).some((one) => one.refundId === refundId);
}

export function applyStoppedRefund(collection: Collection, event: StoppedRefundEvent): Collection {
  const { refunds, unclaimed = [] } = collection;
  const { refundId } = event;
  const changed = (change: (refund: RefundOwed) => RefundOwed): Collection => {
    const all = refunds.map((one) => (one.refundId === refundId ? change(one) : one));
    return { ...collection, refunds: all };
  };
  switch (event.kind) {
    case "RefundResolutionProposed": {
      const proposal = { resolution: event.resolution, by: event.by };
      return changed((refund) => ({ ...refund, proposal }));
    }
    case "RefundSentAgain":
      return changed(({ proposal: _, ...refund }) => ({ ...refund, stage: "payable" }));
    case "RefundUnclaimed": {
      const refund = refunds.find((one) => one.refundId === refundId);
      assert(refund !== undefined, "what nobody claims was owed");
      const { paymentId, merchantNumber, amountCents, reverses } = refund;
      const kept: UnclaimedRefund = {
        ...{ refundId, paymentId, merchantNumber, amountCents },
        isStrangers: isStrangers(reverses),
      };
      const others = refunds.filter((one) => one !== refund);
      return { ...collection, refunds: others, unclaimed: [...unclaimed, kept] };
    }
  }
}
