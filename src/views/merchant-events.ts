/**
 * What a merchant is told, numbered 1, 2, 3 ... per merchant without a gap: the same numbers in the
 * list of events, in server-sent events and in webhooks.
 */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { LaneId, PaymentId, PaymentRequestId, RefundId } from "../../actors/ids.ts";
import type { LaneEvent } from "../../actors/lane-messages.ts";
import type { MerchantEvent as ActorEvent } from "../../actors/merchant.ts";
import { type Cents, subtractCents } from "../../actors/money.ts";
import type { PurchaseEvent } from "../../actors/purchase.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { View, ViewRows, ViewTable } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";

export type MerchantEventType =
  | "payment_request.opened"
  | "payment_request.updated"
  | "payment_request.scanned"
  | "payment_request.superseded"
  | "payment_request.cancelled"
  | "payment_request.expired"
  | "payment.paid"
  | "refund.created"
  | "refund.paid_out"
  | "refund.failed"
  | "settlement.sent"
  | "settlement.paid"
  | "settlement.returned"
  | "bank_account.changed";

/** What happened, and to what: the fields that the type has. */
export interface MerchantEvent {
  readonly number: number;
  readonly type: MerchantEventType;
  readonly atMs: number;
  readonly laneId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly paymentId?: string | undefined;
  readonly refundId?: string | undefined;
  /** Of a settlement. */
  readonly payoutId?: string | undefined;
}

const OF_LANES: Readonly<Partial<Record<LaneEvent["kind"], MerchantEventType>>> = {
  PaymentRequestOpened: "payment_request.opened",
  PaymentRequestUpdated: "payment_request.updated",
  PaymentRequestScanned: "payment_request.scanned",
  PaymentRequestSuperseded: "payment_request.superseded",
  PaymentRequestCancelled: "payment_request.cancelled",
  PaymentRequestExpired: "payment_request.expired",
  PaymentRequestPaid: "payment.paid",
};

const OF_MERCHANTS: Readonly<Partial<Record<ActorEvent["kind"], MerchantEventType>>> = {
  PayoutFiled: "settlement.sent",
  PayoutArrived: "settlement.paid",
  PayoutReturned: "settlement.returned",
  // Which one it is, only the merchant's own route tells.
  BankAccountSet: "bank_account.changed",
};

const LANE = "lane/";
const REFUND = "refund/";
const LAST = "last/";
const EVENT = "event/";

export const merchantEvents: View = {
  name: "merchant-events",
  version: 3,
  apply(events, table) {
    for (const event of events) {
      switch (event.ref.kind) {
        case "lane":
          applyLane(event, table);
          break;
        case "purchase":
          applyPurchase(event, table);
          break;
        case "account":
          applyAccount(event, table);
          break;
        case "merchant":
          applyMerchant(event, table);
          break;
        default:
      }
    }
  },
};

type Subject = Omit<MerchantEvent, "number" | "type" | "atMs">;

function tell(
  table: ViewTable,
  merchant: string,
  type: MerchantEventType,
  atMs: number,
  subject: Subject,
): void {
  const number = lastNumber(table, Number(merchant)) + 1;
  const event: MerchantEvent = { number, type, atMs, ...subject };
  table.put(`${EVENT}${merchant}/${sortable(number)}`, JSON.stringify(event));
  table.put(LAST + merchant, String(number));
}

function applyLane(stored: StoredEvent, table: ViewTable): void {
  const { id: laneId } = stored.ref;
  if (stored.kind === "LaneSetUp") {
    const { terms } = bodyOf<Extract<LaneEvent, { kind: "LaneSetUp" }>>(stored);
    table.put(LANE + laneId, String(terms.payee.merchantNumber));
    return;
  }
  const type = OF_LANES[stored.kind as LaneEvent["kind"]];
  const merchant = table.get(LANE + laneId);
  if (type === undefined || merchant === undefined) return;
  const { requestId, paymentId } = bodyOf<{
    kind: string;
    requestId: string;
    paymentId?: string;
  }>(stored);
  tell(table, merchant, type, stored.atMs, { laneId, requestId, paymentId });
}

/** A refund that is not at its end, as the events of the payer's account do not tell it. */
interface OpenRefund {
  readonly merchantNumber: number;
  readonly laneId: LaneId;
  readonly requestId: PaymentRequestId;
  readonly paymentId: PaymentId;
  /** What of it is not set off. */
  readonly leftCents: Cents;
}

function applyPurchase(stored: StoredEvent, table: ViewTable): void {
  if (stored.kind !== "PurchaseRefunded") return;
  const { refundId, facts, amountCents } =
    bodyOf<Extract<PurchaseEvent, { kind: "PurchaseRefunded" }>>(stored);
  const { merchantNumber, laneId, requestId, paymentId } = facts;
  const refund: OpenRefund = {
    ...{ merchantNumber, laneId, requestId, paymentId, leftCents: amountCents },
  };
  table.put(REFUND + refundId, JSON.stringify(refund));
  tellOfRefund(table, "refund.created", stored.atMs, refundId);
}

function tellOfRefund(
  table: ViewTable,
  type: MerchantEventType,
  atMs: number,
  refundId: RefundId,
): void {
  const refund = openRefund(table, refundId);
  if (refund === undefined) return;
  const { merchantNumber, laneId, requestId, paymentId } = refund;
  tell(table, String(merchantNumber), type, atMs, { laneId, requestId, paymentId, refundId });
}

function openRefund(table: ViewRows, refundId: RefundId): OpenRefund | undefined {
  const value = table.get(REFUND + refundId);
  return value === undefined ? undefined : (JSON.parse(value) as OpenRefund);
}

/** How a refund ends is the payer's account's to say; of the payer the merchant hears nothing. */
function applyAccount(stored: StoredEvent, table: ViewTable): void {
  const { atMs } = stored;
  switch (stored.kind as AccountEvent["kind"]) {
    case "RefundGranted": {
      const { refundId, owedCents } =
        bodyOf<Extract<AccountEvent, { kind: "RefundGranted" }>>(stored);
      if (owedCents === 0) tellOfRefund(table, "refund.paid_out", atMs, refundId);
      return;
    }
    case "RefundSetOff": {
      const { refundId, amountCents } =
        bodyOf<Extract<AccountEvent, { kind: "RefundSetOff" }>>(stored);
      const refund = openRefund(table, refundId);
      if (refund === undefined) return;
      const leftCents = subtractCents(refund.leftCents, amountCents);
      table.put(REFUND + refundId, JSON.stringify({ ...refund, leftCents }));
      if (leftCents === 0) tellOfRefund(table, "refund.paid_out", atMs, refundId);
      return;
    }
    case "RefundsPaid": {
      const { refundIds } = bodyOf<Extract<AccountEvent, { kind: "RefundsPaid" }>>(stored);
      for (const refundId of refundIds) tellOfRefund(table, "refund.paid_out", atMs, refundId);
      return;
    }
    case "RefundPaidByHand": {
      const { refundId } = bodyOf<Extract<AccountEvent, { kind: "RefundPaidByHand" }>>(stored);
      tellOfRefund(table, "refund.paid_out", atMs, refundId);
      return;
    }
    case "RefundReturned": {
      const { refundId } = bodyOf<Extract<AccountEvent, { kind: "RefundReturned" }>>(stored);
      tellOfRefund(table, "refund.failed", atMs, refundId);
      return;
    }
    default:
  }
}

function applyMerchant(stored: StoredEvent, table: ViewTable): void {
  const type = OF_MERCHANTS[stored.kind as ActorEvent["kind"]];
  if (type === undefined) return;
  const { payoutId } = bodyOf<{ kind: string; payoutId?: string }>(stored);
  tell(table, stored.ref.id, type, stored.atMs, { payoutId });
}

export function lastNumber(table: ViewRows, merchantNumber: number): number {
  return Number(table.get(LAST + merchantNumber) ?? "0");
}

/** Events of one merchant with a number above `since`, in order. */
export function eventsSince(
  table: ViewRows,
  merchantNumber: number,
  since: number,
  max: number,
): readonly MerchantEvent[] {
  const prefix = `${EVENT}${merchantNumber}/`;
  const rows = table.range({ prefix, after: prefix + sortable(since), max });
  return rows.map(({ value }) => JSON.parse(value) as MerchantEvent);
}
