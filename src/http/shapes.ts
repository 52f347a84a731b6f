/** The objects of the API: their schemas, and how they are made from what the actors say. */
import { z } from "@hono/zod-openapi";
import type { AccountView } from "../../actors/account-messages.ts";
import { merchantId } from "../../actors/ids.ts";
import type { LaneTerms, PaymentRequest } from "../../actors/lane-messages.ts";
import type { LimitView } from "../../actors/limit.ts";
import { REFUND_REASONS } from "../../actors/purchase.ts";
import { type Payee, payeeLine, type Receipt } from "../../actors/receipt.ts";
import { REVERSAL_REASONS } from "../../actors/reversal-messages.ts";
import { REFUND_STATUSES, type RefundRow } from "../views/refunds.ts";
import { REVERSAL_STATUSES, type ReversalRow } from "../views/reversals.ts";
import type { Codes } from "./codes.ts";
import { MoneyShape, toMoney } from "./money.ts";

const Time = z.iso.datetime().openapi({ example: "2026-11-22T16:00:00.000Z" });

/** A named object, or null: an `allOf` with null, as `.nullable()` makes of it, fits nothing. */
export function orNull<Shape extends z.ZodType>(shape: Shape, description: string) {
  return z.union([shape, z.null()]).openapi({ description });
}

export function toTime(atMs: number): string {
  return new Date(atMs).toISOString();
}

export const PayeeShape = z
  .object({
    merchant: z.string().openapi({ example: "mer_1" }),
    merchant_name: z.string(),
    lane: z.string().openapi({ example: "lane_1" }),
    lane_name: z.string(),
    street: z.string(),
    city: z.string(),
    state: z.string(),
    line: z.string().openapi({ description: "What the approval signs, docs/protocol.md 5" }),
  })
  .openapi("Payee");

export function toPayee(payee: Payee) {
  return {
    merchant: merchantId(payee.merchantNumber),
    merchant_name: payee.merchantName,
    lane: payee.laneId,
    lane_name: payee.laneName,
    street: payee.street,
    city: payee.city,
    state: payee.state,
    line: payeeLine(payee),
  };
}

export const LimitShape = z
  .object({
    cap: MoneyShape,
    available: MoneyShape,
    exposure: MoneyShape,
    holds: MoneyShape,
  })
  .openapi("Limit");

export function toLimit(limit: LimitView) {
  return {
    cap: toMoney(limit.capCents),
    available: toMoney(limit.availableCents),
    exposure: toMoney(limit.exposureCents),
    holds: toMoney(limit.holdsCents),
  };
}

export const PaymentRequestShape = z
  .object({
    object: z.literal("payment_request"),
    id: z.string(),
    lane: z.string(),
    reference: z.string().openapi({ example: "482910375562817" }),
    status: z.enum(["open", "paid", "cancelled", "superseded", "expired"]),
    version: z.int(),
    revision: z.int(),
    amount: MoneyShape,
    title: z.string(),
    client_invoice_id: z.string(),
    cashier_id: z.string(),
    scanned: z.boolean(),
    qr_text: z.string(),
    payment: z.string().nullable(),
    opened_at: Time,
    expires_at: Time,
    closed_at: Time.nullable(),
  })
  .openapi("PaymentRequest");

export function toPaymentRequest(codes: Codes, payee: Payee, request: PaymentRequest) {
  return {
    object: "payment_request" as const,
    id: request.requestId,
    lane: payee.laneId,
    reference: codes.reference(payee.laneId, request.requestNumber),
    status: request.status,
    version: request.version,
    revision: request.revision,
    amount: toMoney(request.amountCents),
    title: request.title,
    client_invoice_id: request.clientInvoiceId,
    cashier_id: request.cashierId,
    scanned: request.scanned,
    qr_text: codes.requestText(payee, request),
    payment: request.paymentId ?? null,
    opened_at: toTime(request.openedAtMs),
    expires_at: toTime(request.expiresAtMs),
    closed_at: request.closedAtMs === undefined ? null : toTime(request.closedAtMs),
  };
}

export const LaneShape = z
  .object({
    object: z.literal("lane"),
    id: z.string(),
    kind: z.enum(["till", "web"]),
    payee: PayeeShape,
    terminal_code: z.string(),
    sticker_text: z.string(),
    sticker_short_text: z.string(),
    lane_key: z.string().optional().openapi({ description: "Shown once, on registration" }),
  })
  .openapi("Lane");

export function toLane(codes: Codes, terms: LaneTerms, laneKey?: string) {
  return {
    object: "lane" as const,
    id: terms.payee.laneId,
    kind: terms.laneKind,
    payee: toPayee(terms.payee),
    terminal_code: terms.terminalCode,
    sticker_text: codes.stickerText(terms.payee),
    sticker_short_text: codes.stickerShortText(terms.payee),
    ...(laneKey === undefined ? {} : { lane_key: laneKey }),
  };
}

export const RefundShape = z
  .object({
    object: z.literal("refund"),
    id: z.string(),
    payment: z.string(),
    amount: MoneyShape,
    reason: z.enum(REFUND_REASONS),
    status: z.enum(REFUND_STATUSES).openapi({ description: "docs/api.md says what each means" }),
    created_at: Time,
  })
  .openapi("Refund");

export function toRefund({ refundId, paymentId, amountCents, reason, status, atMs }: RefundRow) {
  return {
    object: "refund" as const,
    id: refundId,
    payment: paymentId,
    amount: toMoney(amountCents),
    reason,
    status,
    created_at: toTime(atMs),
  };
}

const ReversalShape = z
  .object({
    amount: MoneyShape,
    reason: z.enum(REVERSAL_REASONS),
    note: z.string(),
    status: z.enum(REVERSAL_STATUSES),
    created_at: Time,
  })
  .openapi("Reversal");

function toReversal({ amountCents, reason, note, status, atMs }: ReversalRow) {
  return { amount: toMoney(amountCents), reason, note, status, created_at: toTime(atMs) };
}

export const ReceiptShape = z
  .object({
    object: z.literal("receipt"),
    payment: z.string(),
    payment_request: z.string(),
    reference: z.string(),
    amount: MoneyShape,
    title: z.string(),
    payee: PayeeShape,
    paid_at: Time,
    refunds: z.array(RefundShape).openapi({ description: "What was given back since" }),
    reversals: z.array(ReversalShape).openapi({
      description: "Debits of it that were our mistake, what was wrong, and how far the money is",
    }),
    outcome_text: z.string().openapi({ description: "Signed: a till checks it without a line" }),
  })
  .openapi("Receipt");

/** What became of a receipt's money since. */
export interface GivenBack {
  readonly refunds: readonly RefundRow[];
  readonly reversals: readonly ReversalRow[];
}

export function toReceipt(codes: Codes, receipt: Receipt, { refunds, reversals }: GivenBack) {
  return {
    object: "receipt" as const,
    payment: receipt.paymentId,
    payment_request: receipt.requestId,
    reference: codes.reference(receipt.payee.laneId, receipt.requestNumber),
    amount: toMoney(receipt.amountCents),
    title: receipt.title,
    payee: toPayee(receipt.payee),
    paid_at: toTime(receipt.paidAtMs),
    refunds: refunds.map(toRefund),
    reversals: reversals.map(toReversal),
    outcome_text: codes.outcomeText(receipt, receipt.version),
  };
}

export const AccountShape = z
  .object({
    object: z.literal("account"),
    id: z.string(),
    status: z.enum(["open", "blocked", "closed"]),
    closing_since: Time.nullable().openapi({ description: "De-registered, and not yet closed" }),
    block_reasons: z.array(z.string()),
    identity: z.enum(["none", "pending", "verified", "rejected"]),
    identity_rejection: z.string().nullable(),
    limit: orNull(LimitShape, "Null until the identity is verified"),
    device: z.object({
      id: z.string(),
      next_counter: z.int(),
      pin_version: z.int(),
    }),
    bank_account: z.object({
      number: z.int().openapi({ description: "Of those that the account has had, from 1" }),
      status: z.enum(["not_asked_about", "prenote_sent", "rejected"]).openapi({
        description: "`rejected`: nothing can be debited before another one is named",
      }),
    }),
    opened_at: Time,
  })
  .openapi("Account");

/** "Checking" is a kind of bank account, too. */
export const BANK_ACCOUNT_STATUS = {
  unchecked: "not_asked_about",
  checking: "prenote_sent",
  invalid: "rejected",
} as const;

/** FAQ: the available limit is visible when the account is active, that is verified. */
export function toAccount(accountId: string, view: AccountView) {
  const { identity, device } = view;
  return {
    object: "account" as const,
    id: accountId,
    status: view.status,
    closing_since: view.closing === null ? null : toTime(view.closing.sinceMs),
    block_reasons: view.blocks.map(({ reason }) => reason),
    identity: identity.kind,
    identity_rejection: identity.kind === "rejected" ? identity.reason : null,
    limit: identity.kind === "verified" ? toLimit(view.limit) : null,
    device: {
      id: device.deviceId,
      next_counter: device.counter + 1,
      pin_version: device.pinVersion,
    },
    bank_account: {
      number: view.collection.bankAccountNumber,
      status: BANK_ACCOUNT_STATUS[view.collection.bankAccount.kind],
    },
    opened_at: toTime(view.openedAtMs),
  };
}

export function listOf<Shape extends z.ZodType>(item: Shape) {
  return z.object({ object: z.literal("list"), data: z.array(item), has_more: z.boolean() });
}

export function toList<Item>(data: readonly Item[], hasMore: boolean) {
  return { object: "list" as const, data, has_more: hasMore };
}
