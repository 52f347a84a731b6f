/** Files, returns and refunds that the tests of collection are told with. */
import type { AccountCommand } from "../../actors/account-messages.ts";
import { type BankDate, parseBankDate } from "../../actors/banking-calendar.ts";
import { type AchFileId, encodeId, type RefundId } from "../../actors/ids.ts";
import { cents } from "../../actors/money.ts";
import type { Policy } from "../../actors/policy.ts";
import type { ReturnCode } from "../../actors/return-codes.ts";
import { approve, capture, paymentId, verifiedAccount } from "./samples.ts";

export const fileId = (number: number): AchFileId => `ach_${number}` as AchFileId;

export function refundId(number: number): RefundId {
  const bytes = new Uint8Array(16).fill(8);
  new DataView(bytes.buffer).setUint32(12, number);
  return encodeId("refund", bytes);
}

export function date(text: string): BankDate {
  const parsed = parseBankDate(text);
  if (parsed === undefined) throw new Error(`${text} is a date`);
  return parsed;
}

/** File `number`, whose traces begin at a hundred times its number. */
export function file(number: number, on: string, count = 50): AccountCommand {
  const traces = { first: number * 100, count };
  return { kind: "FileEntries", fileId: fileId(number), effectiveOn: date(on), traces };
}

export const unfile = (number: number): AccountCommand => ({
  kind: "UnfileEntries",
  fileId: fileId(number),
});

export const collect = (number: number): AccountCommand => ({
  kind: "CollectEntries",
  fileId: fileId(number),
});

export interface ReturnedTo {
  readonly file: number;
  readonly trace: number;
  readonly isSettled?: boolean;
}

/** The debit of payment `number` comes back. */
export function returnDebit(
  number: number,
  amount: number,
  code: ReturnCode,
  to: ReturnedTo,
): AccountCommand {
  return {
    kind: "ReturnEntry",
    subject: { kind: "debit", paymentId: paymentId(number) },
    fileId: fileId(to.file),
    trace: to.trace,
    code,
    merchantNumber: 3,
    amountCents: cents(amount),
    isSettled: to.isSettled ?? true,
  };
}

/** A refund of payment `number`; the merchant gives all of it but `fee`. */
export function refund(id: number, number: number, amount: number, fee = 0): AccountCommand {
  return {
    kind: "ApplyRefund",
    refundId: refundId(id),
    paymentId: paymentId(number),
    amountCents: cents(amount),
    feeCents: cents(fee),
    share: {
      merchantNumber: 3,
      payableCents: cents(amount - fee),
      receivableCents: cents(0),
    },
  };
}

export function payByHand(amount: number, id = 900): AccountCommand {
  return {
    kind: "RecordPayment",
    amountCents: cents(amount),
    evidence: "check 17",
    excessId: refundId(id),
  };
}

/** More than is owed, recorded by one operator and then by another; the second one's answer. */
export function payTooMuch(account: ReturnType<typeof verifiedAccount>, amount: number, id = 900) {
  const { principal } = account;
  account.principal = "desk:alice";
  account.table([[payByHand(amount, id), "payment_proposed"]]);
  account.principal = "desk:bob";
  const reply = account.tell(payByHand(amount, id + 50));
  account.principal = principal;
  return reply;
}

/** Another bank account: the first one after registration is number 2. */
export function replaceBankAccount(number = 2): AccountCommand {
  return {
    ...{ kind: "ReplaceBankAccount", token: `vault-bank-${number}`, person: `person-${number}` },
    ...{ number, others: [] },
    mandate: { textVersion: "1", textHash: `hash-${number}`, signature: "signed", address: null },
  };
}

/** A verified account whose bank account may be debited from 2026-06-08 on. */
export function checkedAccount(policy: Partial<Policy> = {}) {
  return verifiedAccount(policy).table([[file(0, "2026-06-02"), { entries: 1, debitCents: 0 }]]);
}

/** Payment `number` of `amount`, captured: the commands for a table. */
export function bought(number: number, amount: number): readonly AccountCommand[] {
  return [approve(number, amount), capture(number, amount)];
}
