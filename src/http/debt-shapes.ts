/** What the desk is shown of debts: the schemas, and how they are made from account and view. */
import { z } from "@hono/zod-openapi";
import type { AccountView } from "../../actors/account-messages.ts";
import { BLOCK_REASONS } from "../../actors/block.ts";
import {
  type Collection,
  debtCents,
  exposureOf,
  feesCents,
  type PaymentProposal,
  type Purchase,
  type ReturnFee,
  type UnclaimedRefund,
} from "../../actors/collection-state.ts";
import { type AccountId, merchantId } from "../../actors/ids.ts";
import { amountOf, type Cents, sumCents } from "../../actors/money.ts";
import { stuckRefunds } from "../../actors/refund-by-hand.ts";
import { meaningOf, type ReturnCode } from "../../actors/return-codes.ts";
import { isStrangers } from "../../actors/reversal-messages.ts";
import { REFUND_RESOLUTIONS } from "../../actors/stopped-refund-messages.ts";
import type { FrozenAccount } from "../views/compliance-queue.ts";
import type { DebtRow, OpenDebit, ReturnedAttempt } from "../views/debts.ts";
import { MoneyShape, toMoney } from "./money.ts";
import { BANK_ACCOUNT_STATUS, orNull, toTime } from "./shapes.ts";

export const DISPUTE_OUTCOMES = ["merchant_pays", "lost", "won"] as const;
const STAGES = ["due", "in_flight", "returned", "disputed"] as const;

const ReturnCodeShape = z
  .object({ code: z.string().openapi({ example: "R01" }), meaning: z.string() })
  .openapi("ReturnCode");

function toCode(code: ReturnCode) {
  return { code, meaning: meaningOf(code).meaning };
}

export const DebtShape = z
  .object({
    object: z.literal("debt"),
    account: z.string(),
    since: z.iso.datetime(),
    returned: MoneyShape,
    disputed: MoneyShape,
    presented_again: MoneyShape,
    fees: MoneyShape,
    // Of the fees, what a file holds.
    fees_in_flight: MoneyShape,
    // Not sent, and no debit of it can be sent any more.
    due: MoneyShape,
    // Owed to the customer or a wrong receiver, and no file takes it: people find the way.
    stuck_refunds: MoneyShape,
    debits: z.int().openapi({ description: "How many of them" }),
    bank_account_rejected: orNull(ReturnCodeShape, "Until the customer names another one"),
    mandate_ended: orNull(ReturnCodeShape, "Until the customer gives another one, or has left"),
  })
  .openapi("Debt");

/** What only the account itself says: the view hears of no purchase. */
export interface StuckMoney {
  /** Due, and it can be debited no more. */
  readonly dueCents: Cents;
  /** Of refunds that no file takes. */
  readonly stuckCents: Cents;
}

export function toDebt(row: DebtRow, { dueCents, stuckCents }: StuckMoney) {
  const { accountId, sinceMs, debits, feesCents, feesSent } = row;
  const { bankAccountCode, mandateEndedCode } = row;
  return {
    object: "debt" as const,
    account: accountId,
    since: toTime(sinceMs),
    returned: sumOf(debits, "returned"),
    disputed: sumOf(debits, "disputed"),
    presented_again: sumOf(debits, "presented_again"),
    fees: toMoney(feesCents),
    fees_in_flight: toMoney(amountOf(feesSent)),
    due: toMoney(dueCents),
    stuck_refunds: toMoney(stuckCents),
    debits: debits.length,
    bank_account_rejected: bankAccountCode === null ? null : toCode(bankAccountCode),
    mandate_ended: mandateEndedCode === null ? null : toCode(mandateEndedCode),
  };
}

function sumOf(debits: readonly OpenDebit[], stage: OpenDebit["stage"]) {
  const some = debits.filter((debit) => debit.stage === stage);
  return toMoney(sumCents(some.map(({ amountCents }): Cents => amountCents)));
}

export const FrozenShape = z
  .object({
    object: z.literal("frozen_account"),
    account: z.string(),
    since: z.iso.datetime(),
    note: z.string(),
  })
  .openapi("FrozenAccount");

export function toFrozen({ accountId, sinceMs, note }: FrozenAccount) {
  return {
    object: "frozen_account" as const,
    account: accountId,
    since: toTime(sinceMs),
    note,
  };
}

export const PaidShape = z
  .object({
    account: z.string(),
    status: z.enum(["recorded", "proposed"]),
    // As it is now: of a proposal, as it was before.
    owed: MoneyShape,
  })
  .openapi("PaidByHand");

const Attempt = z.object({
  code: z.string(),
  meaning: z.string(),
  file: z.string().nullable(),
  trace: z.int().openapi({ description: "Sequence number of the trace" }),
  returned_at: z.iso.datetime(),
});

const Debit = z
  .object({
    payment: z.string(),
    merchant: z.string(),
    amount: MoneyShape,
    stage: z.enum(STAGES),
    attempt: z.int().nullable().openapi({ description: "The one under way: 1, 2 or 3" }),
    file: z.string().nullable().openapi({ description: "That it is in now" }),
    retry_from: z.string().nullable().openapi({ description: "First date of the next attempt" }),
    returns: z.array(Attempt),
    write_off_proposed_by: z.string().nullable(),
  })
  .openapi("Debit");

const Fee = z
  .object({
    payment: z.string().openapi({ description: "The debit that came back" }),
    amount: MoneyShape,
    stage: z.enum(["owed", "in_flight"]),
    file: z.string().nullable().openapi({ description: "That it is in now" }),
    debit_by: z
      .string()
      .nullable()
      .openapi({ description: "Last effective date of a debit for it; null: by hand only" }),
    waiver_proposed_by: z.string().nullable(),
  })
  .openapi("ReturnFee");

const OwedRefund = z
  .object({
    refund: z.string(),
    payment: z.string().nullable().openapi({ description: "Null: paid too much by hand" }),
    amount: MoneyShape,
    stage: z.enum(["waiting", "payable", "filed", "stopped", "unclaimed"]),
    is_stuck: z.boolean().openapi({ description: "No file takes it: it is paid by hand" }),
    wrong_receiver: z.boolean().openapi({ description: "It was taken from somebody else" }),
    by_hand_proposed_by: z.string().nullable(),
    proposal: orNull(
      z.object({ resolution: z.enum(REFUND_RESOLUTIONS), proposed_by: z.string() }),
      "It is done when another operator says the same",
    ),
  })
  .openapi("OwedRefund");
export const AccountDebtsShape = z
  .object({
    object: z.literal("account_debts"),
    account: z.string(),
    block_reasons: z.array(z.enum(BLOCK_REASONS as [string, ...string[]])),
    owed: MoneyShape,
    fees: MoneyShape,
    return_fees: z.array(Fee),
    refunds: z.array(OwedRefund).openapi({ description: "Owed to the customer" }),
    bank_account: z.enum(["not_asked_about", "prenote_sent", "rejected"]),
    mandate_ended: z.boolean(),
    debits: z.array(Debit),
    payment_proposed: orNull(
      z.object({ amount: MoneyShape, evidence: z.string(), proposed_by: z.string() }),
      "More than was owed; it is recorded when another operator records the same",
    ),
    same_phone: z
      .array(
        z.object({
          ...{ account: z.string(), status: z.string(), owed: MoneyShape, disputed: MoneyShape },
        }),
      )
      .openapi({
        description:
          "Others that were opened with this phone number, newest first. The number may have " +
          "been somebody else's: a debt is never moved by itself",
      }),
    given_up: z.array(
      z.object({
        payment: z.string(),
        merchant: z.string(),
        amount: MoneyShape,
        borne_by: z.enum(["bad_debt", "unauthorised", "merchant"]),
      }),
    ),
  })
  .openapi("AccountDebts");

/** Another account that was opened with the same phone number. */
export interface SamePhone {
  readonly accountId: AccountId;
  readonly view: AccountView;
}

/** The account's own word; the view adds what it came back with. */
export function toAccountDebts(
  account: AccountId,
  view: AccountView,
  row: DebtRow | undefined,
  samePhone: readonly SamePhone[],
) {
  const { collection, blocks } = view;
  const returns = new Map(row?.debits.map(({ paymentId, attempts }) => [paymentId, attempts]));
  const proposals = new Map(collection.writeOffs.map((one) => [one.paymentId, one.proposedBy]));
  return {
    object: "account_debts" as const,
    account,
    block_reasons: blocks.map(({ reason }) => reason),
    owed: toMoney(debtCents(collection)),
    fees: toMoney(feesCents(collection)),
    return_fees: collection.fees.map(toFee),
    refunds: toRefunds(collection),
    bank_account: BANK_ACCOUNT_STATUS[collection.bankAccount.kind],
    mandate_ended: collection.isMandateEnded,
    debits: collection.purchases.map((purchase) => ({
      ...toDebit(purchase),
      returns: (returns.get(purchase.paymentId) ?? []).map(toAttempt),
      write_off_proposed_by: proposals.get(purchase.paymentId) ?? null,
    })),
    payment_proposed: toProposed(collection.paymentProposal),
    same_phone: samePhone.map(({ accountId, view: other }) => ({
      account: accountId,
      status: other.status,
      owed: toMoney(debtCents(other.collection)),
      disputed: toMoney(exposureOf(other.collection).disputedCents),
    })),
    given_up: collection.losses.map(({ paymentId, merchantNumber, amountCents, borneBy }) => ({
      payment: paymentId,
      merchant: merchantId(merchantNumber),
      amount: toMoney(amountCents),
      borne_by: borneBy,
    })),
  };
}

function toProposed(proposal: PaymentProposal | null) {
  if (proposal === null) return null;
  const { amountCents, evidence, proposedBy } = proposal;
  return { amount: toMoney(amountCents), evidence, proposed_by: proposedBy };
}

function toDebit(purchase: Purchase) {
  const { paymentId, merchantNumber, amountCents, stage } = purchase;
  const sent = purchase.stage === "in_flight" ? purchase.sent : undefined;
  return {
    payment: paymentId,
    merchant: merchantId(merchantNumber),
    amount: toMoney(amountCents),
    stage,
    attempt: sent?.attempt ?? null,
    file: sent?.fileId ?? null,
    retry_from: purchase.stage === "returned" ? purchase.returned.retryFrom : null,
  };
}

function toFee({ paymentId, amountCents, debitBy, sent, waiverProposedBy }: ReturnFee) {
  return {
    payment: paymentId,
    amount: toMoney(amountCents),
    stage: sent === null ? ("owed" as const) : ("in_flight" as const),
    file: sent?.fileId ?? null,
    debit_by: debitBy,
    waiver_proposed_by: waiverProposedBy ?? null,
  };
}

function toRefunds(collection: Collection) {
  const stuck = new Set(stuckRefunds(collection).map(({ refundId }) => refundId));
  const { refunds, unclaimed = [] } = collection;
  const owed = refunds.map(({ proposal, ...refund }) => ({
    ...toRefund(refund),
    stage: refund.stage,
    is_stuck: stuck.has(refund.refundId),
    wrong_receiver: isStrangers(refund.reverses),
    proposal:
      proposal === undefined ? null : { resolution: proposal.resolution, proposed_by: proposal.by },
  }));
  const kept = unclaimed.map((refund) => ({
    ...toRefund(refund),
    ...{ stage: "unclaimed" as const, is_stuck: true, wrong_receiver: refund.isStrangers },
    proposal: null,
  }));
  return [...owed, ...kept];
}

function toRefund(refund: Omit<UnclaimedRefund, "isStrangers">) {
  const { refundId, paymentId, amountCents, byHandProposedBy } = refund;
  return {
    ...{ refund: refundId, payment: paymentId, amount: toMoney(amountCents) },
    by_hand_proposed_by: byHandProposedBy ?? null,
  };
}

function toAttempt({ code, fileId, trace, atMs }: ReturnedAttempt) {
  return { ...toCode(code), file: fileId, trace, returned_at: toTime(atMs) };
}
