/**
 * Debts that ACH did not collect: paid by hand, allowed to be presented again, disputed, written
 * off by two people, or recovered later (FAQ; docs/money.md).
 */
import type { AccountEvent, AccountReply } from "./account-messages.ts";
import type { Customer, HeldAccount } from "./account-state.ts";
import { answerOnly, type Decision, decided, type Meta, send } from "./actor.ts";
import { assert } from "./assert.ts";
import { addBankingDays, bankDateAt } from "./banking-calendar.ts";
import { isInTime } from "./collection.ts";
import type { CollectionCommand, CollectionEvent, DisputeOutcome } from "./collection-messages.ts";
import {
  type Collection,
  debtCents,
  findLoss,
  findPurchase,
  isDebitOver,
  type LostPurchase,
  type PurchaseIn,
  purchasesIn,
  type RefundOwed,
  withoutPurchases,
  withPurchase,
  writtenOffCents,
} from "./collection-state.ts";
import type { PaymentId, PersonId } from "./ids.ts";
import {
  customerAccount,
  type JournalEntry,
  type LedgerAccount,
  merchantAccount,
} from "./ledger.ts";
import { type Cents, cents, subtractCents, sumCents, ZERO_CENTS } from "./money.ts";
import type { Policy } from "./policy.ts";
import {
  disputeLost,
  disputeToMerchant,
  disputeWon,
  duePaidByHand,
  manualPayment,
  recovered,
  refundSetOff,
  writtenOff,
} from "./postings.ts";
import type { NoteDebt } from "./settlement-messages.ts";

type AccountDecision = Decision<AccountEvent, AccountReply>;
type Of<Kind extends CollectionCommand["kind"]> = Extract<CollectionCommand, { kind: Kind }>;
type EventOf<Kind extends CollectionEvent["kind"]> = Extract<CollectionEvent, { kind: Kind }>;

/**
 * Principal first, oldest first; what is due and can be debited no more, each whole; then what was
 * written off, then fees; the rest is owed back.
 */
export function recordPayment(
  state: HeldAccount,
  { amountCents, evidence, excessId }: Of<"RecordPayment">,
): AccountDecision {
  assert(amountCents > 0, "a payment has an amount");
  const { collection, personId } = state.customer;
  let leftCents = amountCents;
  const take = (owedCents: Cents): Cents => {
    const taken = cents(Math.min(owedCents, leftCents));
    leftCents = subtractCents(leftCents, taken);
    return taken;
  };
  const principal = purchasesIn(collection, "returned").flatMap((purchase) => {
    const taken = take(purchase.amountCents);
    return taken === 0 ? [] : [{ paymentId: purchase.paymentId, cents: taken }];
  });
  const due = isDebitOver(collection) ? purchasesIn(collection, "due") : [];
  const paidDue = due.flatMap(({ paymentId, amountCents }) => {
    return amountCents > leftCents ? [] : [{ paymentId, cents: take(amountCents) }];
  });
  const recoveredCents = take(writtenOffCents(collection));
  const feesCents = take(collection.feesCents);
  const excess = leftCents === 0 ? null : { refundId: excessId, cents: leftCents };
  const paid: CollectionEvent = {
    ...{ kind: "PaidByHand", evidence, principal, feesCents, excess },
    entry: manualPayment(personId, {
      principalCents: sumCents(principal.map((part) => part.cents)),
      feesCents,
      excessCents: excess?.cents ?? ZERO_CENTS,
    }),
  };
  const events: DebtEvent[] = [];
  if (paidDue.length > 0) {
    const entry = duePaidByHand(personId, sumCents(paidDue.map((part) => part.cents)));
    events.push({ kind: "DuePaidByHand", evidence, paid: paidDue, entry });
  }
  if (paid.entry.postings.length > 0) events.push(paid);
  if (recoveredCents > 0) {
    const entry = recovered(recoveredCents);
    events.push({ kind: "DebtRecovered", evidence, amountCents: recoveredCents, entry });
  }
  const left = events.reduce(applyDebt, collection);
  return decided(events, { kind: "payment_recorded", debtCents: debtCents(left) });
}

/** A new consent after a stopped payment, or our own mistake mended. Attempts are counted on. */
export function allowRetry(
  { customer }: HeldAccount,
  { paymentId, note }: Of<"AllowRetry">,
  meta: Meta,
  policy: Policy,
): AccountDecision {
  const purchase = findPurchase(customer.collection, paymentId);
  if (purchase?.stage !== "returned") return answerOnly({ kind: "debit_not_returned" });
  const { attempts, firstOn, isFinal } = purchase.returned;
  const retryFrom = addBankingDays(bankDateAt(meta.nowMs), 0);
  const isOver = isFinal || attempts > policy.retriesMax || !isInTime(firstOn, retryFrom);
  if (isOver) return answerOnly({ kind: "no_retry_left" });
  return decided([{ kind: "RetryAllowed", paymentId, retryFrom, note }], {
    kind: "collection_changed",
  });
}

/** Two people: one proposes, another one agrees. A refund that waited for the debit is set off. */
export function writeOff(
  state: HeldAccount,
  { paymentId, note }: Of<"WriteOff">,
  meta: Meta,
): AccountDecision {
  const { collection, personId } = state.customer;
  const purchase = findPurchase(collection, paymentId);
  if (purchase?.stage !== "returned") return answerOnly({ kind: "debit_not_returned" });
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
    const { merchantNumber } = purchase;
    const terms = { paymentId, merchantNumber, amountCents, note };
    events.push({ kind: "DebtWrittenOff", ...terms, entry: writtenOff(personId, amountCents) });
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

/** Refunds of a debit that will not be collected, and that are not on their way: they lower it. */
function setOffs(
  customer: Customer,
  purchase: PurchaseIn<"returned" | "disputed">,
): readonly EventOf<"RefundSetOff">[] {
  const { paymentId, stage, amountCents } = purchase;
  const owed = customer.collection.refunds.filter((refund) => refund.paymentId === paymentId);
  const against = customerAccount(customer.personId, stage);
  return setOffAgainst(customer.personId, owed, paymentId, against, amountCents);
}

/** What was paid by hand while the debit was under way again: it is paid, not owed. */
export function setOffExcess(
  { collection, personId }: Customer,
  { paymentId, amountCents }: PurchaseIn<"in_flight">,
): readonly EventOf<"RefundSetOff">[] {
  const owed = collection.refunds.filter((refund) => refund.paymentId === null);
  const against = customerAccount(personId, "returned");
  return setOffAgainst(personId, owed, paymentId, against, amountCents);
}

/** A refund of a purchase that was given up makes the loss smaller, whoever bears it. */
export function setOffLoss(
  { collection, personId }: Customer,
  refund: RefundOwed,
): readonly EventOf<"RefundSetOff">[] {
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
): readonly EventOf<"RefundSetOff">[] {
  let leftCents = owedCents;
  return refunds.flatMap(({ refundId, amountCents, stage }) => {
    if (stage === "filed") return [];
    const setOff = cents(Math.min(amountCents, leftCents));
    leftCents = subtractCents(leftCents, setOff);
    if (setOff === 0) return [];
    const entry = refundSetOff(personId, against, setOff);
    return [{ kind: "RefundSetOff" as const, refundId, paymentId, amountCents: setOff, entry }];
  });
}

function setOffCents(events: readonly EventOf<"RefundSetOff">[]): Cents {
  return sumCents(events.map(({ amountCents }) => amountCents));
}

type DebtEvent = EventOf<
  | "PaidByHand"
  | "DuePaidByHand"
  | "DebtRecovered"
  | "RetryAllowed"
  | "WriteOffProposed"
  | "RefundSetOff"
  | "DebtWrittenOff"
  | "DisputeDecided"
>;

export function applyDebt(collection: Collection, event: DebtEvent): Collection {
  switch (event.kind) {
    case "PaidByHand":
      return paidByHand(collection, event);
    case "DuePaidByHand":
      return event.paid.reduce((all, part) => lowered(all, part.paymentId, part.cents), collection);
    case "DebtRecovered":
      return recoveredBy(collection, event.amountCents);
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
      assert(stage === "returned", "what came back is written off");
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

/** What was written off first is recovered first. */
function recoveredBy(collection: Collection, amountCents: Cents): Collection {
  assert(amountCents <= writtenOffCents(collection), "no more is recovered than was written off");
  let leftCents = amountCents;
  const losses = collection.losses.flatMap((loss): LostPurchase[] => {
    if (loss.borneBy !== "bad_debt") return [loss];
    const taken = cents(Math.min(loss.amountCents, leftCents));
    leftCents = subtractCents(leftCents, taken);
    return smaller(loss, taken);
  });
  return { ...collection, losses };
}

function smaller(loss: LostPurchase, byCents: Cents): LostPurchase[] {
  const amountCents = subtractCents(loss.amountCents, byCents);
  assert(amountCents >= 0, "a loss is not made good twice");
  return amountCents === 0 ? [] : [{ ...loss, amountCents }];
}

function closed(collection: Collection, paymentId: PaymentId): Collection {
  const refunds = collection.refunds.map((refund): RefundOwed => {
    const isReady = refund.stage === "waiting" && refund.paymentId === paymentId;
    return isReady ? { ...refund, stage: "payable" } : refund;
  });
  return { ...withoutPurchases(collection, new Set([paymentId])), refunds };
}

/** A debt that is paid in part is not presented again: an attempt is always of the whole. */
function paidByHand(collection: Collection, event: EventOf<"PaidByHand">): Collection {
  const { principal, feesCents, excess } = event;
  const left = principal.reduce(
    (all, part) => lowered(all, part.paymentId, part.cents),
    collection,
  );
  const owed: RefundOwed[] =
    excess === null
      ? []
      : [
          {
            refundId: excess.refundId,
            // Of no purchase: what was paid too much.
            paymentId: null,
            merchantNumber: 0,
            amountCents: excess.cents,
            stage: "payable",
            sent: null,
          },
        ];
  const fees = subtractCents(left.feesCents, feesCents);
  assert(fees >= 0, "no more fees are paid than are owed");
  return { ...left, feesCents: fees, refunds: [...left.refunds, ...owed] };
}

function lowered(collection: Collection, paymentId: PaymentId, byCents: Cents): Collection {
  const purchase = findPurchase(collection, paymentId);
  assert(purchase !== undefined, "what is paid is owed");
  const amountCents = subtractCents(purchase.amountCents, byCents);
  assert(amountCents >= 0, "no more is paid than is owed");
  if (amountCents === 0) return closed(collection, paymentId);
  if (purchase.stage !== "returned") return withPurchase(collection, { ...purchase, amountCents });
  const returned = { ...purchase.returned, retryFrom: null, isFinal: true };
  return withPurchase(collection, { ...purchase, amountCents, returned });
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
    return loss.paymentId === paymentId ? smaller(loss, amountCents) : [loss];
  });
  return { ...collection, refunds, losses };
}
