/** Debts of a customer: paid by hand, given up, disputed, refunded, set off. */
import type { AccountEvent } from "../../actors/account-messages.ts";
import { demand } from "./demand.ts";
import { meaningOfCode } from "./money-codes.ts";
import { payFees } from "./money-fees.ts";
import { isStrangers } from "./money-reversals.ts";
import type { CustomerBooks, Delta, Life, LossKind } from "./money-world.ts";

type Of<Kind extends AccountEvent["kind"]> = Extract<AccountEvent, { kind: Kind }>;

type DebtEvent = Of<
  | "PaymentProposed"
  | "PaidByHand"
  | "DuePaidByHand"
  | "DebtRecovered"
  | "RetryAllowed"
  | "WriteOffProposed"
  | "DebtWrittenOff"
  | "DisputeDecided"
>;

export function hearDebt(
  customer: CustomerBooks,
  event: DebtEvent,
  principal: string,
): readonly Delta[] {
  switch (event.kind) {
    case "PaymentProposed":
      demand(event.by === principal, "who proposes", () => [event, principal]);
      customer.payment = { amount: event.amountCents, by: principal };
      customer.world.rare.reach("payment proposed");
      return [];
    case "PaidByHand":
      return paidByHand(customer, event, principal);
    case "DuePaidByHand":
      return dueByHand(customer, event);
    case "DebtRecovered":
      return recovered(customer, event);
    case "RetryAllowed": {
      const life = customer.life(event.paymentId);
      demand(life.stage === "returned", "only what came back is retried", () => life);
      demand(!life.isReduced, "I12", () => ["of a part", event, life]);
      demand(life.attempts.length <= customer.world.retriesMax, "I12", () => [event, life]);
      const isSame = life.attempts.at(-1)?.bankAccount === customer.bankAccounts;
      demand(isSame, "I12", () => ["at another bank account", event, life]);
      life.isAllowed = true;
      customer.world.rare.reach("retry allowed");
      return [];
    }
    case "WriteOffProposed": {
      const life = customer.life(event.paymentId);
      const isOwed = life.stage === "returned" || isStuck(customer, life);
      demand(isOwed, "only what came back is written off, or is stuck", () => life);
      demand(event.by === principal, "who proposes", () => [event, principal]);
      life.proposedBy = principal;
      return [];
    }
    case "DebtWrittenOff": {
      const life = customer.life(event.paymentId);
      const isAgreed = life.proposedBy !== undefined && life.proposedBy !== principal;
      demand(isAgreed, "two people write off", () => [event, life, principal]);
      const isDue = isStuck(customer, life);
      customer.world.rare.reach(isDue ? "stuck debit written off" : "written off");
      const stage = isDue ? "due" : "returned";
      demand(event.from === stage, "where it was", () => [event, life]);
      return givenUp(customer, life, event.amountCents, "bad_debt", stage);
    }
    case "DisputeDecided":
      return decided(customer, event);
  }
}

/** Not sent, and nothing can be debited any more. */
export function isStuck(customer: CustomerBooks, { stage }: Life): boolean {
  return stage === "due" && isOver(customer);
}

function isOver({ isMandateEnded, bankAccount }: CustomerBooks): boolean {
  return isMandateEnded || bankAccount.kind === "invalid";
}

/** Nothing can be debited any more: each is paid whole, or waits for enough. */
function dueByHand(customer: CustomerBooks, { paid }: Of<"DuePaidByHand">): readonly Delta[] {
  const { world } = customer;
  demand(isOver(customer), "what can be debited is not paid by hand", () => paid);
  let left = world.byHand - Math.min(world.byHand, customer.sum("returned"));
  const expected: (readonly [string, number])[] = [];
  for (const life of customer.lives.filter(({ stage }) => stage === "due")) {
    if (life.left > left) continue;
    left -= life.left;
    expected.push([life.paymentId, life.left]);
  }
  const told = paid.map((part) => [part.paymentId, part.cents] as const);
  demand(Bun.deepEquals(told, expected), "due, oldest first", () => [told, expected]);
  const sum = told.reduce((all, [, cents]) => all + cents, 0);
  for (const [paymentId, cents] of told) lower(customer, customer.life(paymentId), cents);
  world.byHand -= sum;
  world.rare.reach("due paid by hand");
  return [
    ["cash:bank", sum],
    [customer.account("due"), -sum],
  ];
}

function paidByHand(
  customer: CustomerBooks,
  { principal, feesCents, excess }: Of<"PaidByHand">,
  by: string,
): readonly Delta[] {
  const { world } = customer;
  let left = world.byHand;
  const take = (owed: number): number => {
    const taken = Math.min(owed, left);
    left -= taken;
    return taken;
  };
  const owing = customer.lives.filter(({ stage }) => stage === "returned");
  const expected = owing.map((life) => [life.paymentId, take(life.left)] as const);
  const paid = expected.filter(([, cents]) => cents > 0);
  const told = principal.map((part) => [part.paymentId, part.cents]);
  demand(Bun.deepEquals(told, paid), "principal first, oldest first", () => [told, paid]);
  const later = take(customer.writtenOff);
  const fees = take(customer.openFees);
  demand(feesCents === fees, "then fees", () => [feesCents, fees]);
  demand((excess?.cents ?? 0) === left, "the rest is owed back", () => [excess, left]);
  const deltas: Delta[] = [["cash:bank", world.byHand - later]];
  for (const [paymentId, cents] of paid) {
    lower(customer, customer.life(paymentId), cents);
    deltas.push([customer.account("returned"), -cents]);
  }
  payFees(customer, fees);
  if (excess !== null) {
    const { refundId } = excess;
    const { payment } = customer;
    const isAgreed = payment?.amount === world.byHandSaid && payment.by !== by;
    demand(isAgreed, "two people record what is too much", () => [payment, by, excess]);
    customer.refunds.push({ refundId, life: undefined, left, stage: "owed", fileId: undefined });
    world.rare.reach("paid too much");
    if (customer.isTried) world.rare.reach("paid while a retry is under way");
  } else {
    world.rare.reach(customer.debt === later ? "paid exactly" : "paid in part");
  }
  return [
    ...deltas,
    [customer.account("fees"), -fees],
    [customer.account("refund_payable"), -left],
  ];
}

/** A part of a debt is gone; what is left is never presented again by itself. */
function lower(customer: CustomerBooks, life: Life, cents: number): void {
  life.left -= cents;
  life.isReduced = true;
  life.isAllowed = false;
  demand(life.left >= 0, "no more than is owed", () => life);
  // Paid, by the customer or by a refund: it is collected after all.
  if (life.left > 0) return;
  life.stage = "collected";
  life.proposedBy = undefined;
  customer.world.rare.reach("paid exactly");
}

function recovered(
  customer: CustomerBooks,
  { amountCents }: Of<"DebtRecovered">,
): readonly Delta[] {
  demand(amountCents > 0 && amountCents <= customer.writtenOff, "recovered", () => amountCents);
  let left: number = amountCents;
  // What was written off first is recovered first.
  const lost = customer.lives.toSorted((a, b) => (a.loss?.number ?? 0) - (b.loss?.number ?? 0));
  for (const life of lost) {
    if (life.loss?.kind !== "bad_debt") continue;
    const part = Math.min(left, life.loss.amount);
    life.loss.amount -= part;
    left -= part;
    if (life.loss.amount === 0) endLoss(life);
  }
  customer.world.rare.reach("recovered write-off");
  return [
    ["cash:bank", amountCents],
    ["expense:bad_debt", -amountCents],
  ];
}

function endLoss(life: Life): void {
  life.loss = undefined;
  life.stage = "collected";
}

function givenUp(
  customer: CustomerBooks,
  life: Life,
  amount: number,
  kind: LossKind,
  stage: "due" | "returned" | "disputed",
): readonly Delta[] {
  demand(life.stage === stage && life.left === amount, "what is owed is given up", () => life);
  life.stage = "given up";
  life.loss = { kind, number: ++customer.losses, amount };
  life.left = 0;
  life.proposedBy = undefined;
  return [
    [lossAccount(life), amount],
    [customer.account(stage), -amount],
  ];
}

function lossAccount({ loss, shop }: Life): string {
  return loss?.kind === "merchant" ? `merch:${shop}:receivable` : `expense:${loss?.kind}`;
}

function decided(
  customer: CustomerBooks,
  { paymentId, outcome }: Of<"DisputeDecided">,
): readonly Delta[] {
  const { world } = customer;
  const life = customer.life(paymentId);
  world.rare.reach(`dispute ${outcome}`);
  const { left } = life;
  if (meaningOfCode(life.attempts.at(-1)?.code ?? "") === undefined)
    demand(false, "code", () => life);
  if (outcome === "won") {
    demand(life.stage === "disputed", "what is disputed is decided", () => life);
    life.stage = "collected";
    life.left = 0;
    return [
      ["cash:bank", left],
      [customer.account("disputed"), -left],
    ];
  }
  if (outcome === "merchant_pays") world.shop(life.shop).toNote += left;
  const kind = outcome === "lost" ? "unauthorised" : "merchant";
  return givenUp(customer, life, left, kind, "disputed");
}

export function hearGranted(
  customer: CustomerBooks,
  event: Of<"RefundGranted">,
  commandId: string,
): readonly Delta[] {
  const { world } = customer;
  const { refundId, paymentId, dueCents, owedCents } = event;
  const life = customer.life(paymentId);
  const share = world.shares.get(commandId);
  demand(share !== undefined, "a refund is given by its merchant", () => event);
  world.shares.delete(commandId);
  const amount = share.payable + share.receivable + share.fee;
  life.refunded += amount;
  demand(life.refunded <= life.amount, "I8", () => [event, life]);
  const isDue = life.stage === "due";
  const due = isDue ? amount : 0;
  demand(dueCents === due && owedCents === amount - due, "where a refund goes", () => [
    event,
    life,
  ]);
  world.rare.reach(RARE_REFUNDS[life.stage]);
  if (isDue) {
    life.left -= amount;
    demand(life.left >= 0, "I8", () => life);
    if (life.left === 0) life.stage = "nothing left";
    if (life.left === 0) world.rare.reach("refund to nothing");
  } else {
    customer.refunds.push({ refundId, life, left: amount, stage: "owed", fileId: undefined });
  }
  return [
    [`merch:${life.shop}:payable`, share.payable],
    [`merch:${life.shop}:receivable`, share.receivable],
    ["income:merchant_fee", share.fee],
    [customer.account("due"), -due],
    [customer.account("refund_payable"), due - amount],
  ];
}

const RARE_REFUNDS = {
  due: "refund before filing",
  "in flight": "refund while in flight",
  returned: "refund while returned",
  disputed: "refund while returned",
  collected: "refund after collection",
  "given up": "refund after a debt was given up",
  "nothing left": "refund too high",
} as const;

/** What is owed to the customer lowers what the customer owes, or what somebody lost by it. */
export function hearSetOff(
  customer: CustomerBooks,
  { refundId, paymentId, amountCents }: Of<"RefundSetOff">,
): readonly Delta[] {
  const refund = customer.refund(refundId);
  const life = customer.life(paymentId);
  const isOwn = refund.life === life || refund.life === undefined;
  demand(isOwn && refund.stage === "owed", "whose refund is set off", () => [refund, life]);
  refund.left -= amountCents;
  demand(amountCents > 0 && refund.left >= 0, "no more is set off than is owed", () => refund);
  if (refund.left === 0) refund.stage = "set off";
  customer.world.rare.reach("refund set off");
  const account = stageAccount(customer, life);
  if (life.loss === undefined) {
    const isBack = life.stage === "returned" || life.stage === "disputed";
    // What was not given back after all was taken rightly.
    const isKept = refund.wasReversal === true && life.stage === "due";
    const isOpen = isBack || isKept || isStuck(customer, life);
    demand(!isStrangers(refund), "a stranger's money pays nothing", () => [refund, life]);
    if (isKept) customer.world.rare.reach("reversal set off");
    demand(isOpen, "only a debt is set off", () => life);
    lower(customer, life, amountCents);
  } else {
    life.loss.amount -= amountCents;
    demand(life.loss.amount >= 0, "no more is set off than was lost", () => life);
    if (life.loss.kind === "merchant") customer.world.shop(life.shop).credited += amountCents;
    if (life.loss.amount === 0) endLoss(life);
  }
  return [
    [customer.account("refund_payable"), amountCents],
    [account, -amountCents],
  ];
}

function stageAccount(customer: CustomerBooks, life: Life): string {
  // What a merchant gave twice is owed to it again.
  if (life.loss?.kind === "merchant") return `merch:${life.shop}:payable`;
  return life.loss === undefined ? customer.account(life.stage) : lossAccount(life);
}
