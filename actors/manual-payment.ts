/**
 * What a customer paid outside ACH, and an operator says so (FAQ; docs/money.md). It pays the debt;
 * what is above the debt is owed back and goes out by ACH, so one person alone would be enough to
 * have any sum paid out. So a payment that is too much is recorded by two people, as a debt is
 * written off by two. It waits whole: money of which nobody is sure that it came lowers no debt,
 * and there is no refund in between that a file could take.
 */
import type { AccountEvent, AccountReply } from "./account-messages.ts";
import type { HeldAccount } from "./account-state.ts";
import { answerOnly, type Decision, decided, type Meta } from "./actor.ts";
import { assert } from "./assert.ts";
import type { CollectionCommand, CollectionEvent } from "./collection-messages.ts";
import {
  type Collection,
  debtCents,
  isDebitOver,
  type LostPurchase,
  lowered,
  openFeesCents,
  purchasesIn,
  type RefundOwed,
  smallerLoss,
  writtenOffCents,
} from "./collection-state.ts";
import { type Cents, cents, subtractCents, sumCents, ZERO_CENTS } from "./money.ts";
import { duePaidByHand, manualPayment, recovered } from "./postings.ts";
import { lessFees } from "./return-fee.ts";

type AccountDecision = Decision<AccountEvent, AccountReply>;
type RecordPayment = Extract<CollectionCommand, { kind: "RecordPayment" }>;
type EventOf<Kind extends CollectionEvent["kind"]> = Extract<CollectionEvent, { kind: Kind }>;

export function recordPayment(
  state: HeldAccount,
  command: RecordPayment,
  meta: Meta,
): AccountDecision {
  assert(command.amountCents > 0, "a payment has an amount");
  const { collection } = state.customer;
  const events = paymentEvents(state, command);
  const isTooMuch = events.some((event) => event.kind === "PaidByHand" && event.excess !== null);
  const missing = isTooMuch ? secondPerson(collection, command, meta) : undefined;
  if (missing !== undefined) return missing;
  // From here the payment succeeds.
  const left = events.reduce(applyManualPayment, collection);
  return decided(events, { kind: "payment_recorded", debtCents: debtCents(left) });
}

/** The word of one person; undefined where another one has said the same before. */
function secondPerson(
  collection: Collection,
  { amountCents, evidence }: RecordPayment,
  { principal: by }: Meta,
): AccountDecision | undefined {
  const { paymentProposal: proposal } = collection;
  const isSame = proposal?.amountCents === amountCents && proposal.evidence === evidence;
  if (isSame) {
    return proposal.proposedBy === by ? answerOnly({ kind: "second_person_needed" }) : undefined;
  }
  const proposed: ManualPaymentEvent = { kind: "PaymentProposed", amountCents, evidence, by };
  return decided([proposed], { kind: "payment_proposed", debtCents: debtCents(collection) });
}

/**
 * Principal first, oldest first; what is due and can be debited no more, each whole; then what was
 * written off, then fees that no entry is under way for; the rest is owed back.
 */
function paymentEvents(
  { customer }: HeldAccount,
  { amountCents, evidence, excessId }: RecordPayment,
): readonly ManualPaymentEvent[] {
  const { collection, personId } = customer;
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
  const feesCents = take(openFeesCents(collection));
  const excess = leftCents === 0 ? null : { refundId: excessId, cents: leftCents };
  const paid: ManualPaymentEvent = {
    ...{ kind: "PaidByHand", evidence, principal, feesCents, excess },
    entry: manualPayment(personId, {
      principalCents: sumCents(principal.map((part) => part.cents)),
      feesCents,
      excessCents: excess?.cents ?? ZERO_CENTS,
    }),
  };
  const events: ManualPaymentEvent[] = [];
  if (paidDue.length > 0) {
    const entry = duePaidByHand(personId, sumCents(paidDue.map((part) => part.cents)));
    events.push({ kind: "DuePaidByHand", evidence, paid: paidDue, entry });
  }
  if (paid.entry.postings.length > 0) events.push(paid);
  if (recoveredCents > 0) {
    const entry = recovered(recoveredCents);
    events.push({ kind: "DebtRecovered", evidence, amountCents: recoveredCents, entry });
  }
  return events;
}

type ManualPaymentEvent = EventOf<
  "PaymentProposed" | "PaidByHand" | "DuePaidByHand" | "DebtRecovered"
>;

export function applyManualPayment(collection: Collection, event: ManualPaymentEvent): Collection {
  switch (event.kind) {
    case "PaymentProposed": {
      const { amountCents, evidence, by: proposedBy } = event;
      return { ...collection, paymentProposal: { amountCents, evidence, proposedBy } };
    }
    case "PaidByHand":
      return paidByHand(agreed(collection, event.evidence), event);
    case "DuePaidByHand": {
      const before = agreed(collection, event.evidence);
      return event.paid.reduce((all, part) => lowered(all, part.paymentId, part.cents), before);
    }
    case "DebtRecovered":
      return recoveredBy(agreed(collection, event.evidence), event.amountCents);
  }
}

/** What was proposed with this evidence is recorded now. */
function agreed(collection: Collection, evidence: string): Collection {
  const isProposed = collection.paymentProposal?.evidence === evidence;
  return isProposed ? { ...collection, paymentProposal: null } : collection;
}

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
  const after = lessFees(left, feesCents);
  return { ...after, refunds: [...after.refunds, ...owed] };
}

/** What was written off first is recovered first. */
function recoveredBy(collection: Collection, amountCents: Cents): Collection {
  assert(amountCents <= writtenOffCents(collection), "no more is recovered than was written off");
  let leftCents = amountCents;
  const losses = collection.losses.flatMap((loss): LostPurchase[] => {
    if (loss.borneBy !== "bad_debt") return [loss];
    const taken = cents(Math.min(loss.amountCents, leftCents));
    leftCents = subtractCents(leftCents, taken);
    return smallerLoss(loss, taken);
  });
  return { ...collection, losses };
}
