/**
 * Debts that ACH did not collect: allowed to be presented again, disputed, or written off by two
 * people (FAQ; docs/money.md). How they are paid by hand is in manual-payment.ts.
 */
import type { AccountEvent, AccountReply } from "./account-messages.ts";
import type { HeldAccount } from "./account-state.ts";
import { answerOnly, type Decision, decided, type Meta, send } from "./actor.ts";
import { assert } from "./assert.ts";
import { addBankingDays, bankDateAt } from "./banking-calendar.ts";
import { isInTime } from "./collection.ts";
import type { CollectionCommand, CollectionEvent, DisputeOutcome } from "./collection-messages.ts";
import {
  type Collection,
  closed,
  findLoss,
  findPurchase,
  isDebitOver,
  type LostPurchase,
  lowered,
  type RefundOwed,
  smallerLoss,
  withPurchase,
} from "./collection-state.ts";
import type { PersonId } from "./ids.ts";
import type { JournalEntry } from "./ledger.ts";
import { type Cents, subtractCents } from "./money.ts";
import type { Policy } from "./policy.ts";
import { disputeLost, disputeToMerchant, disputeWon, writtenOff } from "./postings.ts";
import { setOffCents, setOffs } from "./set-off.ts";
import type { NoteDebt } from "./settlement-messages.ts";

type AccountDecision = Decision<AccountEvent, AccountReply>;
type Of<Kind extends CollectionCommand["kind"]> = Extract<CollectionCommand, { kind: Kind }>;
type EventOf<Kind extends CollectionEvent["kind"]> = Extract<CollectionEvent, { kind: Kind }>;

/**
 * A new consent after a stopped payment, or our own mistake mended. Attempts are counted on. At
 * another bank account it would be no reinitiation (Nacha: of the same entry, at the same account),
 * and the mandate for that one is of what is approved from then on: it is paid by hand.
 */
export function allowRetry(
  { customer }: HeldAccount,
  { paymentId, note }: Of<"AllowRetry">,
  meta: Meta,
  policy: Policy,
): AccountDecision {
  const purchase = findPurchase(customer.collection, paymentId);
  if (purchase?.stage !== "returned") return answerOnly({ kind: "debit_not_returned" });
  const { attempts, firstOn, isFinal, bankAccount } = purchase.returned;
  const retryFrom = addBankingDays(bankDateAt(meta.nowMs), 0);
  const isOver = isFinal || attempts > policy.retriesMax || !isInTime(firstOn, retryFrom);
  if (isOver) return answerOnly({ kind: "no_retry_left" });
  if (bankAccount !== customer.vault.bankAccount) {
    return answerOnly({ kind: "bank_account_replaced" });
  }
  return decided([{ kind: "RetryAllowed", paymentId, retryFrom, note }], {
    kind: "collection_changed",
  });
}

/**
 * Two people: one proposes, another one agrees. A refund that waited for the debit is set off. What
 * is due can be given up where no debit of it can be sent any more: nothing else would end it.
 */
export function writeOff(
  state: HeldAccount,
  { paymentId, note }: Of<"WriteOff">,
  meta: Meta,
): AccountDecision {
  const { collection, personId } = state.customer;
  const purchase = findPurchase(collection, paymentId);
  const isStuck = purchase?.stage === "due" && isDebitOver(collection);
  if (purchase?.stage !== "returned" && !isStuck) return answerOnly({ kind: "debit_not_returned" });
  const proposal = collection.writeOffs.find((other) => other.paymentId === paymentId);
  const by = meta.principal;
  if (proposal === undefined) {
    const event: CollectionEvent = { kind: "WriteOffProposed", paymentId, by, note };
    return decided([event], { kind: "write_off_proposed" });
  }
  if (proposal.proposedBy === by) return answerOnly({ kind: "second_person_needed" });
  const setOff = setOffs(state.customer, purchase);
  const amountCents = subtractCents(purchase.amountCents, setOffCents(setOff));
  const events: DebtEvent[] = [...setOff];
  if (amountCents > 0) {
    const { merchantNumber, stage: from } = purchase;
    const terms = { paymentId, merchantNumber, from, amountCents, note };
    const entry = writtenOff(personId, from, amountCents);
    events.push({ kind: "DebtWrittenOff", ...terms, entry });
  }
  return decided(events, { kind: "collection_changed" });
}

export function decideDispute(
  state: HeldAccount,
  { paymentId, outcome, note }: Of<"DecideDispute">,
): AccountDecision {
  const purchase = findPurchase(state.customer.collection, paymentId);
  if (purchase?.stage !== "disputed") return answerOnly({ kind: "debit_not_disputed" });
  const setOff = setOffs(state.customer, purchase);
  const amountCents = subtractCents(purchase.amountCents, setOffCents(setOff));
  const events: DebtEvent[] = [...setOff];
  if (amountCents === 0) return decided(events, { kind: "collection_changed" });
  const { merchantNumber } = purchase;
  const entry = disputeEntry(state.customer.personId, merchantNumber, outcome, amountCents);
  const terms = { paymentId, merchantNumber, amountCents, outcome, note };
  events.push({ kind: "DisputeDecided", ...terms, entry });
  if (outcome !== "merchant_pays") return decided(events, { kind: "collection_changed" });
  const debt: NoteDebt = { kind: "NoteDebt", paymentId, amountCents };
  return decided(events, { kind: "collection_changed" }, [
    send({ kind: "merchant", id: String(merchantNumber) }, debt),
  ]);
}

function disputeEntry(
  person: PersonId,
  merchantNumber: number,
  outcome: DisputeOutcome,
  amountCents: Cents,
): JournalEntry {
  switch (outcome) {
    case "merchant_pays":
      return disputeToMerchant(person, merchantNumber, amountCents);
    case "lost":
      return disputeLost(person, amountCents);
    case "won":
      return disputeWon(person, amountCents);
  }
}

type DebtEvent = EventOf<
  "RetryAllowed" | "WriteOffProposed" | "RefundSetOff" | "DebtWrittenOff" | "DisputeDecided"
>;

export function applyDebt(collection: Collection, event: DebtEvent): Collection {
  switch (event.kind) {
    case "RetryAllowed": {
      const purchase = findPurchase(collection, event.paymentId);
      assert(purchase?.stage === "returned", "what came back may be presented again");
      const returned = { ...purchase.returned, retryFrom: event.retryFrom };
      return withPurchase(collection, { ...purchase, returned });
    }
    case "WriteOffProposed": {
      const isKnown = collection.writeOffs.some(({ paymentId }) => paymentId === event.paymentId);
      assert(!isKnown, "a write-off is proposed once");
      const { paymentId, by: proposedBy } = event;
      return { ...collection, writeOffs: [...collection.writeOffs, { paymentId, proposedBy }] };
    }
    case "RefundSetOff":
      return setOff(collection, event);
    case "DebtWrittenOff": {
      const stage = findPurchase(collection, event.paymentId)?.stage;
      assert(stage === event.from, "what is written off is owed");
      return lost(closed(collection, event.paymentId), event, "bad_debt");
    }
    case "DisputeDecided": {
      const stage = findPurchase(collection, event.paymentId)?.stage;
      assert(stage === "disputed", "what is disputed is decided");
      const left = closed(collection, event.paymentId);
      // Won: the bank paid after all.
      if (event.outcome === "won") return left;
      return lost(left, event, event.outcome === "lost" ? "unauthorised" : "merchant");
    }
  }
}

function lost(
  collection: Collection,
  { paymentId, merchantNumber, amountCents }: EventOf<"DebtWrittenOff" | "DisputeDecided">,
  borneBy: LostPurchase["borneBy"],
): Collection {
  const loss = { paymentId, merchantNumber, amountCents, borneBy };
  return { ...collection, losses: [...collection.losses, loss] };
}

function setOff(collection: Collection, event: EventOf<"RefundSetOff">): Collection {
  const { refundId, paymentId, amountCents } = event;
  const refunds = collection.refunds.flatMap((refund): RefundOwed[] => {
    if (refund.refundId !== refundId) return [refund];
    const leftCents = subtractCents(refund.amountCents, amountCents);
    return leftCents === 0 ? [] : [{ ...refund, amountCents: leftCents }];
  });
  if (findLoss(collection, paymentId) === undefined) {
    return lowered({ ...collection, refunds }, paymentId, amountCents);
  }
  const losses = collection.losses.flatMap((loss) => {
    return loss.paymentId === paymentId ? smallerLoss(loss, amountCents) : [loss];
  });
  return { ...collection, refunds, losses };
}
