/** What a lane is: vacant, or active with its terms and its payment requests. */
import type { Meta } from "./actor.ts";
import type { LaneId, PaymentId, PaymentRequestId } from "./ids.ts";
import type { LaneReply, LaneTerms, PaymentRequest, PaymentRequestView } from "./lane-messages.ts";

export interface VacantLane {
  readonly kind: "vacant";
}
export interface ActiveLane {
  readonly kind: "active";
  readonly terms: LaneTerms;
  /** Payment requests ever opened here. */
  readonly requestsCount: number;
  readonly open: readonly PaymentRequest[];
  /** Newest first, bounded by policy. */
  readonly closed: readonly PaymentRequest[];
  /** Payments that can never pay an open request: `request/payment`. */
  readonly barred: readonly string[];
}
export type LaneState = VacantLane | ActiveLane;

export function viewOf(state: ActiveLane, requestId: PaymentRequestId, meta: Meta): LaneReply {
  const request = findOpen(state, requestId) ?? findClosed(state, requestId);
  return request === undefined ? { kind: "request_not_found" } : view(state, request, meta);
}

export function view(
  { terms }: ActiveLane,
  request: PaymentRequest,
  meta: Meta,
): PaymentRequestView {
  return { kind: "payment_request", laneId: laneOf(meta), payee: terms.payee, request };
}

export function describe({ terms, open, closed }: ActiveLane, meta: Meta): LaneReply {
  return { kind: "lane", laneId: laneOf(meta), terms, open, closed };
}

export function laneOf(meta: Meta): LaneId {
  return meta.actor.id as LaneId;
}

export function findOpen(
  state: ActiveLane,
  requestId: PaymentRequestId,
): PaymentRequest | undefined {
  return state.open.find((request) => request.requestId === requestId);
}

export function findClosed(
  state: ActiveLane,
  requestId: PaymentRequestId,
): PaymentRequest | undefined {
  return state.closed.find((request) => request.requestId === requestId);
}

export function isBarred(
  { barred }: ActiveLane,
  requestId: PaymentRequestId,
  paymentId: PaymentId,
): boolean {
  return barred.includes(`${requestId}/${paymentId}`);
}
