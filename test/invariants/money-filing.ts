/** Files of a customer: what goes in, what is taken back, what is collected. */
import type { AccountEvent } from "../../actors/account-messages.ts";
import { addBankingDays, daysBetween } from "../../actors/banking-calendar.ts";
import type { DebitFiled } from "../../actors/collection-messages.ts";
import { demand } from "./demand.ts";
import { type BankEntry, notReversed } from "./money-bank.ts";
import { meaningOfCode } from "./money-codes.ts";
import { demandFinal, isReversalFiled } from "./money-reversals.ts";
import type { Attempt, CustomerBooks, Delta } from "./money-world.ts";

type Of<Kind extends AccountEvent["kind"]> = Extract<AccountEvent, { kind: Kind }>;

const RETRY_DAYS_MAX = 180;
const PRENOTE_DAYS = 3;

export function hearFiling(
  customer: CustomerBooks,
  event: Of<
    | "PrenoteFiled"
    | "DebitsFiled"
    | "RefundsFiled"
    | "PrenoteUnfiled"
    | "DebitsUnfiled"
    | "RefundsUnfiled"
    | "DebitsCollected"
    | "RefundsPaid"
  >,
): readonly Delta[] {
  const { fileId } = event;
  switch (event.kind) {
    case "PrenoteFiled": {
      const { effectiveOn, trace } = event;
      demand(customer.bankAccount.kind === "unchecked", "one prenote at a time", () => event);
      demand(!customer.isMandateEnded, "no entry without a mandate", () => event);
      const usableFrom = addBankingDays(effectiveOn, PRENOTE_DAYS);
      demand(event.usableFrom === usableFrom, "the days after a prenote", () => event);
      customer.bankAccount = { kind: "asked", fileId, usableFrom };
      enter(customer, { ...event, trace }, { kind: "prenote" }, "debit", 0, 0);
      return [];
    }
    case "DebitsFiled":
      demandPairs(customer, event);
      return event.debits.flatMap((debit) => debitFiled(customer, event, debit));
    case "RefundsFiled":
      return event.refunds.flatMap((filed) => refundFiled(customer, event, filed));
    case "PrenoteUnfiled":
      demand(
        customer.world.bank.file(fileId).isTaken === false,
        "only what was not sent",
        () => event,
      );
      customer.bankAccount = { kind: "unchecked" };
      return [];
    case "DebitsUnfiled":
      return debitsUnfiled(customer, fileId);
    case "RefundsUnfiled":
      return refundsEnd(customer, fileId, "owed");
    case "DebitsCollected":
      return collected(customer, event);
    case "RefundsPaid":
      return refundsEnd(customer, fileId, "paid");
  }
}

/** I11: each entry of the file is one pair of postings, in its order. */
function demandPairs(customer: CustomerBooks, { debits, entry }: Of<"DebitsFiled">): void {
  const pairs = debits.flatMap(({ amountCents, attempt }) => [
    ["debit", customer.account("in_flight"), amountCents],
    ["credit", customer.account(attempt === 1 ? "due" : "returned"), amountCents],
  ]);
  const made = entry.postings.map(({ side, account, amountCents }) => [side, account, amountCents]);
  demand(Bun.deepEquals(made, pairs), "I11", () => [made, pairs]);
}

function debitFiled(
  customer: CustomerBooks,
  event: Of<"DebitsFiled">,
  debit: DebitFiled,
): readonly Delta[] {
  const { effectiveOn, vault } = event;
  const { rare, retriesMax } = customer.world;
  const life = customer.life(debit.paymentId);
  const { attempts, stage, left } = life;
  const { bankAccount } = customer;
  demand(!customer.isMandateEnded, "no debit without a mandate", () => event);
  demand(!customer.blocks.has("compliance"), "nothing moves under compliance", () => event);
  demand(vault.bankAccount === customer.token, "the bank account of today", () => event);
  const isAsked = bankAccount.kind === "asked" && effectiveOn >= bankAccount.usableFrom;
  demand(isAsked, "the days after a prenote", () => [event, bankAccount]);
  const [first] = attempts;
  const last = attempts.at(-1);
  demand(stage === (first === undefined ? "due" : "returned"), "only what is owed", () => life);
  demand(debit.amountCents === left && debit.attempt === attempts.length + 1, "I12", () => life);
  demand(debit.merchantNumber === life.shop, "whose purchase", () => [debit, life.shop]);
  demandFinal(customer, life);
  if (first !== undefined && last !== undefined) {
    demand(debit.amountCents === first.amount, "I12", () => ["another amount", debit, life]);
    demand(attempts.length <= retriesMax, "I12", () => ["too often", debit, life]);
    const days = daysBetween(first.on, effectiveOn);
    demand(days <= RETRY_DAYS_MAX, "I12", () => ["too late", debit, life, days]);
    const isSame = last.bankAccount === customer.bankAccounts;
    const isUsual = meaningOfCode(last.code ?? "") === "again" && isSame;
    demand(isUsual || life.isAllowed, "I12", () => ["not without consent", debit, life]);
  }
  if (attempts.length === 2) rare.reach("third attempt");
  const { fileId } = event;
  const attempt: Attempt = {
    ...{ fileId, trace: debit.trace, amount: left, on: effectiveOn, code: undefined },
    ...{ bankAccount: customer.bankAccounts, wasAllowed: life.isAllowed },
  };
  attempts.push(attempt);
  life.stage = "in flight";
  life.isAllowed = false;
  const subject = { kind: "debit", paymentId: debit.paymentId } as const;
  const at = { ...event, trace: debit.trace, attempt: attempts.length };
  enter(customer, at, subject, "debit", left, life.shop);
  return [
    [customer.account("in_flight"), left],
    [customer.account(first === undefined ? "due" : "returned"), -left],
  ];
}

/** I8: refunds are paid only for collected debits. */
function refundFiled(
  customer: CustomerBooks,
  event: Of<"RefundsFiled">,
  filed: Of<"RefundsFiled">["refunds"][number],
): readonly Delta[] {
  const { refundId, paymentId, amountCents } = filed;
  const refund = customer.refund(refundId);
  demand(refund.stage === "owed" && refund.left === amountCents, "what is owed", () => refund);
  demand((refund.life?.paymentId ?? null) === paymentId, "whose refund", () => [refund, event]);
  if (isReversalFiled(refund, event.effectiveOn, filed)) {
    demand(!customer.blocks.has("compliance"), "nothing moves under compliance", () => event);
    return creditFiled(customer, event, filed);
  }
  if (refund.life !== undefined) {
    // A debit that was not given back after all, of what was refunded meanwhile.
    const isKept = refund.wasReversal === true && refund.life.stage === "nothing left";
    demand(refund.life.stage === "collected" || isKept, "I8", () => [refund, event]);
  } else {
    demand(customer.debt === 0 && !customer.isTried, "a debt is paid first", () => [refund, event]);
  }
  demand(!customer.blocks.has("compliance"), "nothing moves under compliance", () => event);
  demand(event.vault.bankAccount === customer.token, "the bank account of today", () => event);
  const { bankAccount } = customer;
  const isAsked = bankAccount.kind === "asked" && event.effectiveOn >= bankAccount.usableFrom;
  const isUnasked = bankAccount.kind === "unchecked" && customer.isMandateEnded;
  demand(isAsked || isUnasked, "the days after a prenote", () => [event, bankAccount]);
  return creditFiled(customer, event, filed);
}

function creditFiled(
  customer: CustomerBooks,
  event: Of<"RefundsFiled">,
  { refundId, paymentId, trace, amountCents, reverses }: Of<"RefundsFiled">["refunds"][number],
): readonly Delta[] {
  const refund = customer.refund(refundId);
  refund.stage = "filed";
  refund.fileId = event.fileId;
  const isReversal = reverses !== undefined && paymentId !== null;
  const subject: BankEntry["subject"] = isReversal
    ? { kind: "reversal", refundId, paymentId, reverses }
    : { kind: "refund", refundId, paymentId };
  if (isReversal) customer.world.rare.reach("reversal filed");
  const shop = refund.life?.shop ?? 0;
  enter(customer, { ...event, trace }, subject, "credit", amountCents, shop);
  return [
    [customer.account("refund_payable"), amountCents],
    ["ach:out", -amountCents],
  ];
}

export function enter(
  customer: CustomerBooks,
  at: Pick<BankEntry, "fileId" | "trace" | "effectiveOn"> & { readonly attempt?: number },
  subject: BankEntry["subject"],
  direction: BankEntry["direction"],
  amount: number,
  merchantNumber: number,
): void {
  const { fileId, trace, effectiveOn, attempt = 1 } = at;
  customer.world.enter({
    ...{ fileId, trace, effectiveOn, subject, direction, amount, merchantNumber },
    ...{ owner: { kind: "account", id: customer.id }, bankAccount: customer.bankAccounts, attempt },
    ...{ back: undefined, isDone: false, token: customer.token, reversal: notReversed() },
  });
}

function debitsUnfiled(customer: CustomerBooks, fileId: string): readonly Delta[] {
  demand(
    customer.world.bank.file(fileId).isTaken === false,
    "only what was not sent",
    () => fileId,
  );
  return customer.lives.flatMap((life): Delta[] => {
    const attempt = life.attempts.at(-1);
    if (life.stage !== "in flight" || attempt?.fileId !== fileId) return [];
    customer.world.bank.entry(fileId, attempt.trace).isDone = true;
    life.attempts.pop();
    if (life.attempts.length > 0) customer.world.rare.reach("rejected file with a retry inside");
    life.stage = life.attempts.length === 0 ? "due" : "returned";
    life.isAllowed = attempt.wasAllowed && attempt.bankAccount === customer.bankAccounts;
    return [
      [customer.account("in_flight"), -life.left],
      [customer.account(life.stage), life.left],
    ];
  });
}

function refundsEnd(
  customer: CustomerBooks,
  fileId: string,
  stage: "owed" | "paid",
): readonly Delta[] {
  return customer.refunds.flatMap((refund): Delta[] => {
    if (refund.stage !== "filed" || refund.fileId !== fileId) return [];
    refund.stage = stage;
    const entry = customer.world.refundEntry(fileId, refund.refundId);
    entry.isDone = true;
    if (stage === "paid") {
      customer.world.rare.reach(refund.wasReversal === true ? "reversal paid" : "refund paid");
      return [];
    }
    return [
      ["ach:out", refund.left],
      [customer.account("refund_payable"), -refund.left],
    ];
  });
}

function collected(
  customer: CustomerBooks,
  { fileId, paymentIds, amountCents }: Of<"DebitsCollected">,
): readonly Delta[] {
  const flying = customer.lives.filter(({ stage, attempts }) => {
    return stage === "in flight" && attempts.at(-1)?.fileId === fileId;
  });
  const expected = flying.map(({ paymentId }) => paymentId);
  const isSame = Bun.deepEquals([...paymentIds].sort(), [...expected].sort());
  demand(isSame, "collected is what was in the file", () => [paymentIds, expected]);
  customer.world.demandWindow(fileId);
  let sum = 0;
  for (const life of flying) {
    sum += life.left;
    life.stage = "collected";
    life.wasCollected = true;
    life.proposedBy = undefined;
    const attempt = life.attempts.at(-1);
    if (life.attempts.length > 1) customer.world.rare.reach("second attempt collected");
    customer.world.bank.entry(fileId, attempt?.trace ?? 0).isDone = true;
  }
  demand(sum === amountCents, "collected is what was in the file", () => [sum, amountCents]);
  return [
    ["ach:provisional", sum],
    [customer.account("in_flight"), -sum],
  ];
}
