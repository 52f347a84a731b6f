/** Every payment request ever, by lane and by id: lanes themselves remember only the latest. */
import type { LaneEvent, PaymentRequest } from "../../actors/lane-messages.ts";
import { changedRequest, closedRequest, openedRequest } from "../../actors/payment-request.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { View, ViewRows, ViewTable } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";

const BY_ID = "id/";
const BY_LANE = "lane/";

export const paymentRequests: View = {
  name: "payment-requests",
  version: 1,
  apply(events, table) {
    const changed = new Map<string, PaymentRequest>();
    for (const event of events) {
      if (event.ref.kind === "lane") applyOne(event, table, changed);
    }
    for (const [id, request] of changed) table.put(BY_ID + id, JSON.stringify(request));
  },
};

function applyOne(
  stored: StoredEvent,
  table: ViewTable,
  changed: Map<string, PaymentRequest>,
): void {
  if (stored.kind === "LaneSetUp" || stored.kind === "PaymentBarred") return;
  const event = bodyOf<Exclude<LaneEvent, { kind: "LaneSetUp" | "PaymentBarred" }>>(stored);
  const id = event.requestId;
  if (event.kind === "PaymentRequestOpened") {
    changed.set(id, openedRequest(event));
    table.put(`${BY_LANE}${stored.ref.id}/${sortable(event.requestNumber)}`, JSON.stringify(id));
    return;
  }
  const request = changed.get(id) ?? findRequest(table, id);
  if (request === undefined) return;
  const next =
    event.kind === "PaymentRequestUpdated" || event.kind === "PaymentRequestScanned"
      ? changedRequest(request, event)
      : closedRequest(request, event);
  changed.set(id, next);
}

export function findRequest(table: ViewRows, id: string): PaymentRequest | undefined {
  const value = table.get(BY_ID + id);
  return value === undefined ? undefined : (JSON.parse(value) as PaymentRequest);
}

/** Newest first; `before` is the number of the request to continue after. */
export function requestsOfLane(
  table: ViewRows,
  laneId: string,
  before: number | undefined,
  max: number,
): readonly PaymentRequest[] {
  const prefix = `${BY_LANE}${laneId}/`;
  const after = before === undefined ? {} : { after: prefix + sortable(before) };
  const rows = table.range({ prefix, max, newestFirst: true, ...after });
  return rows.flatMap(({ value }) => findRequest(table, JSON.parse(value) as string) ?? []);
}
