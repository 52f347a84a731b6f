/** Debits that were our mistake: who may reverse what, and what becomes of the money. */
import { addBankingDays, type BankDate } from "../../actors/banking-calendar.ts";
import type { CollectionEvent } from "../../actors/collection-messages.ts";
import type { Reverses } from "../../actors/reversal-messages.ts";
import { demand } from "./demand.ts";
import type { BankEntry } from "./money-bank.ts";
import type { CustomerBooks, Delta, RefundAudit } from "./money-world.ts";

type Of<Kind extends CollectionEvent["kind"]> = Extract<CollectionEvent, { kind: Kind }>;
type Refunded = Of<"RefundsFiled">["refunds"][number];

const REVERSAL_DAYS = 5;

/** The last day on which a reversal of it may be settled. */
export function lastDayOf({ effectiveOn }: Pick<BankEntry, "effectiveOn">): BankDate {
  return addBankingDays(effectiveOn, REVERSAL_DAYS);
}

export function hearReversal(
  customer: CustomerBooks,
  event: Of<"DebitReversed" | "ReversalLapsed">,
): readonly Delta[] {
  if (event.kind === "ReversalLapsed") return lapsed(customer, event);
  const { refundId, paymentId, amountCents, fileId, reverses, from, isDueAgain } = event;
  const { world } = customer;
  const entry = world.bank.entry(fileId, reverses.trace);
  const isAgreed = entry.reversal.stage === "agreed" && !entry.reversal.isHeard;
  demand(isAgreed, "two people reverse, and once", () => [event, entry]);
  entry.reversal.isHeard = true;
  demand(amountCents === entry.amount, "the amount of the entry", () => [event, entry]);
  demandSame(reverses, entry);
  const life = customer.life(paymentId);
  const last = life.attempts.at(-1);
  const isFlying = life.stage === "in flight";
  const isLast = last?.fileId === fileId && last.trace === reverses.trace;
  demand(isFlying || life.stage === "collected", "what was taken goes back", () => [event, life]);
  demand(!isFlying || isLast, "what was taken goes back", () => [event, life]);
  demand((from === "in_flight") === isFlying, "where it was", () => [event, life]);
  demand(isDueAgain === (reverses.reason !== "duplicate"), "owed again", () => event);
  if (isFlying) {
    entry.isDone = true;
    // Its file has nothing of it to collect.
    world.bank.file(fileId).collected.debit += amountCents;
  } else if (isDueAgain) toEnd(customer, life);
  life.stage = isDueAgain ? "due" : "collected";
  life.left = amountCents;
  life.attempts.length = 0;
  Object.assign(life, { isReduced: false, isAllowed: false, wasCollected: !isDueAgain });
  const owed = { refundId, life, left: amountCents, stage: "owed", fileId: undefined } as const;
  customer.refunds.push({ ...owed, reverses: entry, wasReversal: true });
  world.rare.reach(isFlying ? "reversed in its window" : "reversed after collection");
  world.rare.reach(`reversed: ${reverses.reason}`);
  const flying = isFlying ? amountCents : 0;
  return [
    ["ach:provisional", flying],
    [customer.account("in_flight"), -flying],
    [isDueAgain ? customer.account("due") : "expense:unmatched", amountCents],
    [customer.account("refund_payable"), -amountCents],
  ];
}

function toEnd(customer: CustomerBooks, life: CustomerBooks["lives"][number]): void {
  customer.lives = [...customer.lives.filter((other) => other !== life), life];
}

/** The same entry, at the bank account that it was sent to. */
function demandSame({ fileId, trace, bankAccount, lastOn }: Reverses, entry: BankEntry): void {
  const isSame = fileId === entry.fileId && trace === entry.trace && bankAccount === entry.token;
  demand(isSame && lastOn === lastDayOf(entry), "the entry that was wrong", () => [trace, entry]);
}

/** Whether a filed credit is a reversal, as its event says; then it must be right. */
export function isReversalFiled(
  refund: RefundAudit,
  effectiveOn: BankDate,
  { reverses }: Refunded,
): boolean {
  const { reverses: entry } = refund;
  demand((reverses !== undefined) === (entry !== undefined), "a reversal is one", () => refund);
  if (reverses === undefined || entry === undefined) return false;
  demandSame(reverses, entry);
  demand(effectiveOn <= lastDayOf(entry), "a reversal has its days", () => [effectiveOn, entry]);
  return true;
}

function lapsed(
  customer: CustomerBooks,
  { refundId, isStopped }: Of<"ReversalLapsed">,
): readonly Delta[] {
  const { world } = customer;
  const refund = customer.refund(refundId);
  const { reverses: entry } = refund;
  demand(refund.stage === "owed" && entry !== undefined, "what waits lapses", () => refund);
  demand(world.nextEffectiveOn() > lastDayOf(entry), "a reversal has its days", () => entry);
  demand(isStopped === isStrangers(refund), "whose money it is", () => refund);
  refund.reverses = isStopped ? entry : undefined;
  refund.isStopped = isStopped;
  world.rare.reach("reversal too late for a file");
  return [];
}

/** What was taken from somebody else is not the customer's. */
export function isStrangers({ reverses }: RefundAudit): boolean {
  return reverses?.reversal.reason === "wrong_receiver";
}

/** It came back: an ordinary refund from now on, or nobody's. */
export function reversalReturned(customer: CustomerBooks, refund: RefundAudit): void {
  if (refund.reverses === undefined) return;
  customer.world.rare.reach("return of a reversal");
  refund.isStopped = isStrangers(refund);
  if (!refund.isStopped) refund.reverses = undefined;
}

/** Debited anew before that, a purchase might be paid twice. */
export function demandFinal(customer: CustomerBooks, life: RefundAudit["life"]): void {
  const open = customer.refunds.filter(({ stage, reverses, isStopped, ...refund }) => {
    const isUnderWay = stage === "owed" || stage === "filed";
    return refund.life === life && reverses !== undefined && isStopped !== true && isUnderWay;
  });
  demand(open.length === 0, "a reversal is final first", () => [open, life]);
}
