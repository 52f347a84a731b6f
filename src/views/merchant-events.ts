/**
 * What a merchant is told, numbered 1, 2, 3 ... per merchant without a gap: the same numbers in the
 * list of events, in server-sent events and in webhooks.
 */
import type { LaneEvent } from "../../actors/lane-messages.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { View, ViewTable } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";

export type MerchantEventType =
  | "payment_request.opened"
  | "payment_request.updated"
  | "payment_request.scanned"
  | "payment_request.superseded"
  | "payment_request.cancelled"
  | "payment_request.expired"
  | "payment.paid";

export interface MerchantEvent {
  readonly number: number;
  readonly type: MerchantEventType;
  readonly atMs: number;
  readonly laneId: string;
  readonly requestId: string;
  /** The payment, once there is one. */
  readonly paymentId: string | undefined;
}

const TYPES: Readonly<Partial<Record<LaneEvent["kind"], MerchantEventType>>> = {
  PaymentRequestOpened: "payment_request.opened",
  PaymentRequestUpdated: "payment_request.updated",
  PaymentRequestScanned: "payment_request.scanned",
  PaymentRequestSuperseded: "payment_request.superseded",
  PaymentRequestCancelled: "payment_request.cancelled",
  PaymentRequestExpired: "payment_request.expired",
  PaymentRequestPaid: "payment.paid",
};

const LANE = "lane/";
const LAST = "last/";
const EVENT = "event/";

export const merchantEvents: View = {
  name: "merchant-events",
  version: 1,
  apply(events, table) {
    for (const event of events) if (event.ref.kind === "lane") applyOne(event, table);
  },
};

function applyOne(stored: StoredEvent, table: ViewTable): void {
  const { id: laneId } = stored.ref;
  if (stored.kind === "LaneSetUp") {
    const { terms } = bodyOf<Extract<LaneEvent, { kind: "LaneSetUp" }>>(stored);
    table.put(LANE + laneId, String(terms.payee.merchantNumber));
    return;
  }
  const type = TYPES[stored.kind as LaneEvent["kind"]];
  const merchant = table.get(LANE + laneId);
  if (type === undefined || merchant === undefined) return;
  const { requestId, paymentId } = bodyOf<{
    kind: string;
    requestId: string;
    paymentId?: string;
  }>(stored);
  const number = lastNumber(table, Number(merchant)) + 1;
  const event: MerchantEvent = { number, type, atMs: stored.atMs, laneId, requestId, paymentId };
  table.put(`${EVENT}${merchant}/${sortable(number)}`, JSON.stringify(event));
  table.put(LAST + merchant, String(number));
}

export function lastNumber(table: ViewTable, merchantNumber: number): number {
  return Number(table.get(LAST + merchantNumber) ?? "0");
}

/** Events of one merchant with a number above `since`, in order. */
export function eventsSince(
  table: ViewTable,
  merchantNumber: number,
  since: number,
  max: number,
): readonly MerchantEvent[] {
  const prefix = `${EVENT}${merchantNumber}/`;
  const rows = table.range({ prefix, after: prefix + sortable(since), max });
  return rows.map(({ value }) => JSON.parse(value) as MerchantEvent);
}
