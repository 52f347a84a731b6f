/**
 * Payments as merchants and the desk see them, and refunds of them. A merchant learns nothing of
 * the payer: neither who it is, nor that a refund lowered a debt instead of being sent. What the
 * desk refunds needs a second person (actors/purchase.ts).
 */
import { createRoute, z } from "@hono/zod-openapi";
import { encodeId, ID_BYTES, merchantId, type RefundId } from "../../actors/ids.ts";
import { cents, subtractCents } from "../../actors/money.ts";
import {
  type PurchaseCommand,
  type PurchaseReply,
  type PurchaseState,
  REFUND_REASONS,
} from "../../actors/purchase.ts";
import { sha256 } from "../../wasm/core.ts";
import { findRefund, type RefundRow, refunds, refundsOf } from "../views/refunds.ts";
import { creditedCents, settlements } from "../views/settlements.ts";
import { type Api, answers, body, type ContextOf, KeyHeader, on, refusals } from "./api.ts";
import { AuditPage, AuditTrail, auditTrail } from "./audit.ts";
import { operatorCaller, payeeCaller } from "./auth.ts";
import { type Captured, factsOf, findCaptured } from "./captured.ts";
import type { Codes } from "./codes.ts";
import { Note } from "./fields.ts";
import { AskedMoney, MoneyShape, toMoney } from "./money.ts";
import { ask, edgeProblem, once } from "./once.ts";
import { Problem } from "./problem.ts";
import type { Services } from "./services.ts";
import { orNull, RefundShape, toRefund, toTime } from "./shapes.ts";

const PaymentParam = z.object({ payment: z.string() });
const REFUSED = ["payment_not_found", "refund_too_high", "too_many_refunds"] as const;

const PaymentFields = {
  object: z.literal("payment"),
  id: z.string(),
  lane: z.string(),
  payment_request: z.string(),
  reference: z.string(),
  title: z.string(),
  amount: MoneyShape,
  fee: MoneyShape,
  paid_at: z.iso.datetime(),
  refunded: MoneyShape,
  // What is left to refund.
  refundable: MoneyShape,
  refunds: z.array(RefundShape).openapi({ description: "Oldest first" }),
};

const MerchantPayment = z.object(PaymentFields).openapi("MerchantPayment");

const Proposal = z
  .object({
    object: z.literal("refund_proposal"),
    payment: z.string(),
    amount: MoneyShape,
    reason: z.enum(REFUND_REASONS),
    note: z.string().nullable().openapi({ description: "What the one who proposed it says" }),
    proposed_by: z.string().openapi({ example: "desk:alice" }),
  })
  .openapi("RefundProposal");

const DeskPayment = z
  .object({
    ...PaymentFields,
    account: z.string(),
    merchant: z.string(),
    proposal: orNull(Proposal, "A refund that waits for a second person"),
  })
  .openapi("DeskPayment");

const RefundAsked = { amount: AskedMoney, reason: z.enum(REFUND_REASONS) };

const paymentRoute = createRoute({
  method: "get",
  path: "/v1/payments/{payment}",
  tags: ["lanes"],
  summary: "A payment to this merchant, with its refunds",
  description: "The key of a lane opens payments that were made there.",
  security: [{ key: [] }],
  request: { params: PaymentParam },
  responses: { 200: answers("The payment", MerchantPayment), ...refusals("payment_not_found") },
});

const refundRoute = createRoute({
  method: "post",
  path: "/v1/payments/{payment}/refunds",
  tags: ["lanes"],
  summary: "Give a payment back, whole or in part",
  description: "The sum of all refunds is never above the amount. The fee goes back with its part.",
  security: [{ key: [] }],
  request: { params: PaymentParam, headers: KeyHeader, body: body(z.strictObject(RefundAsked)) },
  responses: { 201: answers("The refund", RefundShape), ...refusals(...REFUSED) },
});

const deskPaymentRoute = createRoute({
  method: "get",
  path: "/v1/desk/payments/{payment}",
  tags: ["desk"],
  summary: "A payment, with its refunds",
  security: [{ key: [] }],
  request: { params: PaymentParam },
  responses: { 200: answers("The payment", DeskPayment), ...refusals("payment_not_found") },
});

const deskRefundRoute = createRoute({
  method: "post",
  path: "/v1/desk/payments/{payment}/refunds",
  tags: ["desk"],
  summary: "Refund for the merchant: one operator proposes, another one asks for the same",
  description:
    "Another amount or reason is another proposal, and takes the place of the one that waits. " +
    "The notes of both stand in the audit trail of the payment.",
  security: [{ key: [] }],
  request: {
    params: PaymentParam,
    headers: KeyHeader,
    body: body(z.strictObject({ ...RefundAsked, note: Note })),
  },
  responses: {
    201: answers("The refund", RefundShape),
    202: answers("Proposed: nothing has happened yet", Proposal),
    ...refusals(...REFUSED, "second_person_needed"),
  },
});

const deskAuditRoute = createRoute({
  method: "get",
  path: "/v1/desk/payments/{payment}/audit",
  tags: ["desk"],
  summary: "Who refunded, proposed to, and why",
  security: [{ key: [] }],
  request: { params: PaymentParam, query: AuditPage },
  responses: { 200: answers("Newest first", AuditTrail), ...refusals("payment_not_found") },
});

export function addRefunds(api: Api, services: Services, codes: Codes): void {
  on(api, paymentRoute, async (c) => {
    const { merchantNumber, laneId } = await payeeCaller(services, c);
    const payment = await findCaptured(services, c.req.valid("param").payment);
    if (!isPayees(payment, merchantNumber, laneId)) throw new Problem("payment_not_found");
    return c.json(toPayment(services, codes, payment, toMerchant));
  });
  on(api, refundRoute, async (c) => {
    const { principal, merchantNumber, laneId } = await payeeCaller(services, c);
    const reply = await refund(services, c, principal, { note: null, persons: "one" }, (payment) =>
      isPayees(payment, merchantNumber, laneId),
    );
    if (reply.kind !== "purchase_refunded") throw new Problem("internal_error");
    return c.json(toRefund(toMerchant(await grantedRefund(services, reply.refundId))), 201);
  });
  on(api, deskPaymentRoute, (c) => deskPayment(services, codes, c));
  on(api, deskAuditRoute, async (c) => {
    operatorCaller(services, c);
    const captured = await findCaptured(services, c.req.valid("param").payment);
    if (captured === undefined) throw new Problem("payment_not_found");
    const ref = { kind: "purchase", id: captured.receipt.paymentId };
    return c.json(await auditTrail(services, ref, c.req.valid("query"), undefined));
  });
  on(api, deskRefundRoute, async (c) => {
    const principal = operatorCaller(services, c);
    const { note } = c.req.valid("json");
    const reply = await refund(services, c, principal, { note, persons: "two" }, () => true);
    if (reply.kind === "refund_proposed") {
      return c.json(toProposal(c.req.valid("param").payment, reply.proposal), 202);
    }
    return c.json(toRefund(await grantedRefund(services, reply.refundId)), 201);
  });
}

function isPayees(
  payment: Captured | undefined,
  merchantNumber: number,
  laneId: string | undefined,
): payment is Captured {
  const payee = payment?.receipt.payee;
  if (payee?.merchantNumber !== merchantNumber) return false;
  return laneId === undefined || payee.laneId === laneId;
}

type Refunded = Extract<PurchaseReply, { kind: "purchase_refunded" | "refund_proposed" }>;

/** Once per key; a payment that is not the caller's is like one that is not there. */
async function refund(
  services: Services,
  c: ContextOf<typeof refundRoute> | ContextOf<typeof deskRefundRoute>,
  principal: string,
  how: Pick<Extract<PurchaseCommand, { kind: "RefundPurchase" }>, "note" | "persons">,
  mayBe: (payment: Captured) => boolean,
): Promise<Refunded> {
  const { payment } = c.req.valid("param");
  const { amount, reason } = c.req.valid("json");
  const { views } = services;
  const { reply } = await once<Refunded>(services, c, { principal }, async (askFirst, ...key) => {
    const captured = await findCaptured(services, payment);
    if (captured === undefined || !mayBe(captured)) return edgeProblem("payment_not_found");
    const facts = factsOf(captured);
    const command: PurchaseCommand = {
      kind: "RefundPurchase",
      refundId: refundIdOf(key),
      facts,
      amountCents: cents(amount.amount),
      reason,
      ...how,
      creditedCents: creditedCents(views.table(settlements.name), facts.merchantNumber),
    };
    return await askFirst({ kind: "purchase", id: facts.paymentId }, command);
  });
  return reply;
}

/**
 * The same call is the same refund for ever: its purchase knows it long after the key is forgotten.
 * RFC 9562 section 5.8, a UUID of our own making.
 */
function refundIdOf(key: readonly string[]): RefundId {
  const bytes = sha256(new TextEncoder().encode(key.join("\n"))).slice(0, ID_BYTES);
  bytes[6] = 0x80 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return encodeId("refund", bytes);
}

async function grantedRefund({ views, viewRunner }: Services, id: RefundId): Promise<RefundRow> {
  await viewRunner.catchUp();
  const row = findRefund(views.table(refunds.name), id);
  if (row === undefined) throw new Problem("internal_error");
  return row;
}

/** That the payer owed something for the purchase is the payer's affair. */
function toMerchant(refund: RefundRow): RefundRow {
  return refund.status === "set_off" ? { ...refund, status: "paid" } : refund;
}

function toPayment(
  { views }: Services,
  codes: Codes,
  { receipt, feeCents }: Captured,
  shown: (refund: RefundRow) => RefundRow,
) {
  const { paymentId, requestId, requestNumber, payee, title, amountCents, paidAtMs } = receipt;
  const given = refundsOf(views.table(refunds.name), paymentId);
  const refundedCents = cents(given.reduce((sum, refund) => sum + refund.amountCents, 0));
  return {
    object: "payment" as const,
    id: paymentId,
    lane: payee.laneId,
    payment_request: requestId,
    reference: codes.reference(payee.laneId, requestNumber),
    title,
    amount: toMoney(amountCents),
    fee: toMoney(feeCents),
    paid_at: toTime(paidAtMs),
    refunded: toMoney(refundedCents),
    refundable: toMoney(subtractCents(amountCents, refundedCents)),
    refunds: given.map((refund) => toRefund(shown(refund))),
  };
}

type RefundProposal = NonNullable<PurchaseState["proposal"]>;

function toProposal(payment: string, { amountCents, reason, note, by }: RefundProposal) {
  return {
    object: "refund_proposal" as const,
    payment,
    amount: toMoney(amountCents),
    reason,
    note,
    proposed_by: by,
  };
}

async function deskPayment(
  services: Services,
  codes: Codes,
  c: ContextOf<typeof deskPaymentRoute>,
): Promise<Response> {
  const principal = operatorCaller(services, c);
  const { payment } = c.req.valid("param");
  const captured = await findCaptured(services, payment);
  if (captured === undefined) throw new Problem("payment_not_found");
  const ref = { kind: "purchase", id: captured.receipt.paymentId };
  const command = { kind: "DescribePurchase" } as const;
  type Described = Extract<PurchaseReply, { kind: "purchase" }>;
  const { state } = await ask<Described>(services, c, principal, ref, command);
  return c.json({
    ...toPayment(services, codes, captured, (refund) => refund),
    account: captured.accountId,
    merchant: merchantId(captured.receipt.payee.merchantNumber),
    proposal: state.proposal === null ? null : toProposal(payment, state.proposal),
  });
}
