/**
 * A return fee that we give up: two people, as a debt is written off by two (docs/money.md). Only
 * what is owed is waived: a fee that was paid would be a refund, and of one that a file holds the
 * bank has to say first what becomes of it. The first word holds nothing back: a fee that may be
 * debited goes into the next file all the same.
 */
import type { AccountEvent, AccountReply } from "./account-messages.ts";
import type { HeldAccount } from "./account-state.ts";
import { answerOnly, type Decision, decided, type Meta } from "./actor.ts";
import { assert } from "./assert.ts";
import type { CollectionCommand } from "./collection-messages.ts";
import type { Collection } from "./collection-state.ts";
import { amountOf } from "./money.ts";
import { lessFees } from "./return-fee.ts";
import type { WaiverEvent } from "./return-fee-messages.ts";
import { feeWaived } from "./return-fee-postings.ts";

type WaiveFee = Extract<CollectionCommand, { kind: "WaiveFee" }>;

export function waiveFee(
  { customer }: HeldAccount,
  { paymentId, note }: WaiveFee,
  { principal: by }: Meta,
): Decision<AccountEvent, AccountReply> {
  const known = customer.collection.fees.filter((fee) => fee.paymentId === paymentId);
  if (known.length === 0) return answerOnly({ kind: "fee_not_owed" });
  const owed = known.filter(({ sent }) => sent === null);
  const [first] = owed;
  if (first === undefined) return answerOnly({ kind: "fee_under_way" });
  const { merchantNumber, waiverProposedBy } = first;
  if (waiverProposedBy === undefined) {
    const proposed: WaiverEvent = { kind: "FeeWaiverProposed", paymentId, by, note };
    return decided([proposed], { kind: "fee_waiver_proposed" });
  }
  if (waiverProposedBy === by) return answerOnly({ kind: "second_person_needed" });
  // From here the fee is waived.
  const amountCents = amountOf(owed);
  assert(amountCents > 0, "what is owed has an amount");
  const terms = { paymentId, merchantNumber, amountCents, note };
  const entry = feeWaived(customer.personId, amountCents);
  return decided([{ kind: "FeeWaived", ...terms, entry }], { kind: "collection_changed" });
}

export function applyWaiver(collection: Collection, event: WaiverEvent): Collection {
  const { paymentId } = event;
  if (event.kind === "FeeWaived") {
    return lessFees(collection, event.amountCents, (fee) => fee.paymentId === paymentId);
  }
  const fees = collection.fees.map((fee) => {
    return fee.paymentId === paymentId ? { ...fee, waiverProposedBy: event.by } : fee;
  });
  return { ...collection, fees };
}
