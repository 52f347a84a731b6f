/** One payment request (SEQR wire name: invoice) and how events change it. */
import { assert, unreachable } from "./assert.ts";
import type { LaneEvent, PaymentRequest } from "./lane-messages.ts";
import type { Policy } from "./policy.ts";
import type { Refusal } from "./refusals.ts";

type Opened = Extract<LaneEvent, { kind: "PaymentRequestOpened" }>;
type Closing = Extract<
  LaneEvent,
  {
    kind:
      | "PaymentRequestPaid"
      | "PaymentRequestCancelled"
      | "PaymentRequestSuperseded"
      | "PaymentRequestExpired";
  }
>;
type Changing = Extract<LaneEvent, { kind: "PaymentRequestUpdated" | "PaymentRequestScanned" }>;

export function openedRequest(event: Opened): PaymentRequest {
  const { requestId, requestNumber, amountCents, title, clientInvoiceId, cashierId } = event;
  return {
    requestId,
    requestNumber,
    amountCents,
    title,
    clientInvoiceId,
    cashierId,
    status: "open",
    version: 1,
    revision: 1,
    scanned: false,
    paymentId: undefined,
    openedAtMs: event.atMs,
    expiresAtMs: event.expiresAtMs,
    closedAtMs: undefined,
  };
}

/** The open request after an update or a scan. */
export function changedRequest(request: PaymentRequest, event: Changing): PaymentRequest {
  const revision = request.revision + 1;
  if (event.kind === "PaymentRequestScanned") {
    return { ...request, revision, scanned: true, expiresAtMs: event.expiresAtMs };
  }
  const { version, amountCents, title, clientInvoiceId, cashierId } = event;
  assert(version === request.version + 1, "versions rise by one");
  return { ...request, revision, version, amountCents, title, clientInvoiceId, cashierId };
}

/** The request as it ended. */
export function closedRequest(request: PaymentRequest, event: Closing): PaymentRequest {
  assert(request.status === "open", "a request is closed once");
  const revision = request.revision + 1;
  const closed = { ...request, revision, closedAtMs: event.atMs };
  switch (event.kind) {
    case "PaymentRequestPaid":
      return { ...closed, status: "paid", paymentId: event.paymentId };
    case "PaymentRequestCancelled":
      return { ...closed, status: "cancelled" };
    case "PaymentRequestSuperseded":
      return { ...closed, status: "superseded" };
    case "PaymentRequestExpired":
      return { ...closed, status: "expired" };
    default:
      return unreachable(event);
  }
}

/** Moves a request from the open ones to the front of the closed ones. */
export function closeRequest(
  lists: { readonly open: readonly PaymentRequest[]; readonly closed: readonly PaymentRequest[] },
  event: Closing,
  closedMax: number,
): { readonly open: readonly PaymentRequest[]; readonly closed: readonly PaymentRequest[] } {
  const request = lists.open.find(({ requestId }) => requestId === event.requestId);
  assert(request !== undefined, "only an open request is closed");
  return {
    open: lists.open.filter((other) => other !== request),
    closed: [closedRequest(request, event), ...lists.closed].slice(0, closedMax),
  };
}

/** Why a request that is not open cannot be paid, updated or cancelled. */
export function refusalOfClosed(request: PaymentRequest | undefined): Refusal {
  if (request === undefined) return { kind: "request_not_found" };
  switch (request.status) {
    case "paid":
      return { kind: "request_paid" };
    case "cancelled":
      return { kind: "request_cancelled" };
    case "superseded":
      return { kind: "request_superseded" };
    case "expired":
      return { kind: "request_expired" };
    case "open":
      return { kind: "request_changed" };
    default:
      return unreachable(request.status);
  }
}

/**
 * When a request that is scanned now expires. A scan that has to add time adds a little more, so
 * that whoever scans again and again changes the request a few times a minute at most.
 */
export function scannedUntil(request: PaymentRequest, nowMs: number, policy: Policy): number {
  const wantedMs = nowMs + policy.scanMs;
  if (wantedMs <= request.expiresAtMs) return request.expiresAtMs;
  const latestMs = request.openedAtMs + policy.requestMsMax;
  return Math.min(wantedMs + policy.scanStepMs, latestMs);
}
