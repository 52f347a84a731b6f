/** Return fees of a customer: charged, debited, paid by hand, and what comes back. */
import type { AccountEvent } from "../../actors/account-messages.ts";
import { addDays } from "../../actors/banking-calendar.ts";
import {
  FEE_EVENT_KINDS,
  type FeeEvent,
  type WaiverEvent,
} from "../../actors/return-fee-messages.ts";
import { demand } from "./demand.ts";
import { meaningOfCode } from "./money-codes.ts";
import { enter } from "./money-filing.ts";
import { mayRetry } from "./money-returns.ts";
import { FEE_CENTS } from "./money-town.ts";
import type { CustomerBooks, Delta, FeeAudit } from "./money-world.ts";

type Of<Kind extends AccountEvent["kind"]> = Extract<AccountEvent, { kind: Kind }>;

const DEBIT_DAYS_MAX = 45;

export function isFeeEvent(event: AccountEvent): event is FeeEvent | WaiverEvent {
  return (FEE_EVENT_KINDS as readonly string[]).includes(event.kind);
}

export function hearFee(
  customer: CustomerBooks,
  event: FeeEvent | WaiverEvent,
  principal: string,
): readonly Delta[] {
  switch (event.kind) {
    case "ReturnFeeCharged":
      return charged(customer, event);
    case "FeesFiled":
      return filed(customer, event);
    case "FeesUnfiled":
      return unfiled(customer, event.fileId);
    case "FeesCollected":
      return collected(customer, event);
    case "FeeReturned":
      return returned(customer, event);
    case "FeeReopened":
      return reopened(customer, event);
    case "FeeSetOff":
      return setOff(customer, event);
    case "FeeWaiverProposed":
      demand(event.by === principal, "who proposes", () => [event, principal]);
      customer.fee(event.paymentId, "owed").waiverBy = principal;
      return [];
    case "FeeWaived":
      return waived(customer, event, principal);
  }
}

function charged(customer: CustomerBooks, event: Of<"ReturnFeeCharged">): readonly Delta[] {
  const { life, entry } = customer.returned ?? {};
  demand(life?.paymentId === event.paymentId, "a fee is for a return", () => event);
  const meaning = meaningOfCode(entry?.back?.code ?? "");
  demand(meaning === "again", "a fee is for lack of money", () => [event, meaning]);
  demand(event.feeCents === FEE_CENTS, "the fee that was agreed", () => event);
  demand(!mayRetry(customer, life), "a fee comes with the last attempt", () => event);
  demand(life.stage === "returned", "a fee is for a debt", () => [event, life]);
  demand(!life.hadFee, "one fee for a debit", () => [event, life]);
  life.hadFee = true;
  const isToday = entry?.bankAccount === customer.bankAccounts && !customer.isMandateEnded;
  const back = entry?.back;
  const by = back === undefined ? null : addDays(back.bookedOn, DEBIT_DAYS_MAX);
  const expected = isToday && customer.hasNotice ? by : null;
  demand(event.debitBy === expected, "how a fee is paid", () => [event, expected]);
  if (expected === null) customer.world.rare.reach("fee by hand only");
  const none = { stage: "owed", isTried: false, fileId: undefined, trace: 0 } as const;
  customer.feesOwed.push({ life, left: FEE_CENTS, by: expected, ...none });
  customer.world.rare.reach("failed last attempt");
  return [
    [customer.account("fees"), FEE_CENTS],
    ["income:return_fee", -FEE_CENTS],
  ];
}

function filed(customer: CustomerBooks, event: Of<"FeesFiled">): readonly Delta[] {
  const { fileId, fees, effectiveOn, vault, entry } = event;
  const { bankAccount } = customer;
  const pairs = fees.flatMap(({ amountCents }) => [
    ["debit", customer.account("fees_in_flight"), amountCents],
    ["credit", customer.account("fees"), amountCents],
  ]);
  const made = entry.postings.map(({ side, account, amountCents }) => [side, account, amountCents]);
  demand(Bun.deepEquals(made, pairs), "I11", () => [made, pairs]);
  demand(!customer.isMandateEnded, "no debit without a mandate", () => event);
  demand(customer.hasNotice, "no debit of a fee without notice", () => event);
  demand(!customer.blocks.has("compliance"), "nothing moves under compliance", () => event);
  demand(vault.bankAccount === customer.token, "the bank account of today", () => event);
  const isAsked = bankAccount.kind === "asked" && effectiveOn >= bankAccount.usableFrom;
  demand(isAsked, "the days after a prenote", () => [event, bankAccount]);
  return fees.flatMap(({ paymentId, merchantNumber, trace, amountCents }): Delta[] => {
    const fee = customer.fee(paymentId, "owed");
    const { life, left, by } = fee;
    const isWhole = amountCents === left && left === FEE_CENTS;
    demand(isWhole, "a fee is debited whole", () => [event, fee]);
    demand(!fee.isTried, "a fee is presented once", () => [event, fee]);
    demand(by !== null && effectiveOn <= by, "a fee is debited in time", () => [event, fee]);
    demand(merchantNumber === life.shop, "whose purchase", () => [event, life.shop]);
    Object.assign(fee, { stage: "filed", fileId, trace });
    const subject = { kind: "fee", paymentId } as const;
    enter(customer, { ...event, trace }, subject, "debit", left, life.shop);
    customer.world.rare.reach("fee filed");
    return [
      [customer.account("fees_in_flight"), left],
      [customer.account("fees"), -left],
    ];
  });
}

function unfiled(customer: CustomerBooks, fileId: string): readonly Delta[] {
  const { bank, rare } = customer.world;
  demand(bank.file(fileId).isTaken === false, "only what was not sent", () => fileId);
  return customer.feesIn(fileId).flatMap((fee): Delta[] => {
    bank.entry(fileId, fee.trace).isDone = true;
    fee.stage = "owed";
    rare.reach("fee in a rejected file");
    return [
      [customer.account("fees_in_flight"), -fee.left],
      [customer.account("fees"), fee.left],
    ];
  });
}

function collected(customer: CustomerBooks, event: Of<"FeesCollected">): readonly Delta[] {
  const { fileId, paymentIds, amountCents } = event;
  const fees = customer.feesIn(fileId);
  const expected = fees.map(({ life }) => life.paymentId);
  const isSame = Bun.deepEquals([...paymentIds].sort(), [...expected].sort());
  demand(isSame, "collected is what was in the file", () => [paymentIds, expected]);
  customer.world.demandWindow(fileId);
  const sum = fees.reduce((all, { left }) => all + left, 0);
  demand(sum === amountCents, "collected is what was in the file", () => [sum, amountCents]);
  for (const { trace } of fees) customer.world.bank.entry(fileId, trace).isDone = true;
  customer.feesOwed = customer.feesOwed.filter((fee) => !fees.includes(fee));
  customer.world.rare.reach("fee collected");
  return [
    ["ach:provisional", sum],
    [customer.account("fees_in_flight"), -sum],
  ];
}

function returned(customer: CustomerBooks, event: Of<"FeeReturned">): readonly Delta[] {
  const { paymentId, fileId, trace, code, amountCents } = event;
  const fee = customer.fee(paymentId, "filed");
  demand(fee.trace === trace && fee.fileId === fileId, "its entry", () => [event, fee]);
  demand(fee.left === amountCents, "what was sent", () => [event, fee]);
  const entry = customer.world.heardBack(trace, customer.id);
  demand(entry.back?.code === code, "its code", () => [event, entry]);
  customer.returned = { entry, life: undefined };
  Object.assign(fee, { stage: "owed", isTried: true, by: null });
  customer.world.rare.reach("fee returned");
  const cash = entry.back?.isCounted === "settled" ? amountCents : 0;
  return [
    [customer.account("fees"), amountCents],
    [customer.account("fees_in_flight"), -amountCents],
    ["ach:provisional", cash],
    ["cash:bank", -cash],
  ];
}

function reopened(customer: CustomerBooks, event: Of<"FeeReopened">): readonly Delta[] {
  const { paymentId, trace, code, amountCents } = event;
  const entry = customer.world.heardBack(trace, customer.id);
  demand(entry.back?.isCounted === "settled", "what was never paid is not lost", () => event);
  demand(entry.back?.code === code && entry.amount === amountCents, "its entry", () => event);
  const { subject } = entry;
  const isOwn = subject.kind === "fee" && subject.paymentId === paymentId;
  demand(isOwn, "its entry", () => [event, entry]);
  const isOpen = customer.feesOwed.some(({ life }) => life.paymentId === paymentId);
  demand(!isOpen, "only what was collected is reopened", () => event);
  customer.returned = { entry, life: undefined };
  const life = customer.life(paymentId);
  const again = { stage: "owed", isTried: true, fileId: undefined, trace: 0 } as const;
  customer.feesOwed.push({ life, left: amountCents, by: null, ...again });
  customer.world.rare.reach("fee returned after collection");
  return [
    [customer.account("fees"), amountCents],
    ["cash:bank", -amountCents],
  ];
}

function setOff(customer: CustomerBooks, event: Of<"FeeSetOff">): readonly Delta[] {
  const { refundId, paymentId, amountCents } = event;
  const refund = customer.refund(refundId);
  const isExcess = refund.life === undefined && refund.stage === "owed";
  demand(isExcess, "whose refund is set off", () => [event, refund]);
  refund.left -= amountCents;
  demand(amountCents > 0 && refund.left >= 0, "no more is set off than is owed", () => refund);
  if (refund.left === 0) refund.stage = "set off";
  lower(customer, customer.fee(paymentId, "owed"), amountCents);
  customer.world.rare.reach("fee set off");
  return [
    [customer.account("refund_payable"), amountCents],
    [customer.account("fees"), -amountCents],
  ];
}

/** What is left of it is nobody's debt, and was no income. */
function waived(
  customer: CustomerBooks,
  { paymentId, amountCents }: Of<"FeeWaived">,
  principal: string,
): readonly Delta[] {
  const fee = customer.fee(paymentId, "owed");
  const isAgreed = fee.waiverBy !== undefined && fee.waiverBy !== principal;
  demand(isAgreed, "two people waive a fee", () => [fee, principal]);
  demand(fee.left === amountCents, "a fee is waived whole", () => [fee, amountCents]);
  lower(customer, fee, amountCents);
  customer.world.rare.reach("fee waived");
  return [
    ["income:return_fee", amountCents],
    [customer.account("fees"), -amountCents],
  ];
}

/** Paid by hand: the oldest first, and none that is under way. */
export function payFees(customer: CustomerBooks, cents: number): void {
  let left = cents;
  for (const fee of customer.feesOwed.filter(({ stage }) => stage === "owed")) {
    const part = Math.min(fee.left, left);
    left -= part;
    if (part > 0) lower(customer, fee, part);
  }
  demand(left === 0, "no more fees are paid than are open", () => [cents, customer.feesOwed]);
  const isUnderWay = customer.feesOwed.some(({ stage }) => stage === "filed");
  if (isUnderWay) customer.world.rare.reach("paid while a fee is under way");
}

function lower(customer: CustomerBooks, fee: FeeAudit, cents: number): void {
  fee.left -= cents;
  fee.by = null;
  demand(fee.left >= 0, "no more than is owed", () => fee);
  if (fee.left > 0) return;
  customer.feesOwed = customer.feesOwed.filter((other) => other !== fee);
}
