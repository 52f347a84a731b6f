import { expect, test } from "bun:test";
import type { PaymentRequest, PaymentRequestStatus } from "../../actors/lane-messages.ts";
import { cents } from "../../actors/money.ts";
import {
  changedRequest,
  closedRequest,
  closeRequest,
  openedRequest,
  refusalOfClosed,
  scannedUntil,
} from "../../actors/payment-request.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { fields, MINUTE_MS, NOON_MS, paymentId, requestId } from "./samples.ts";

const opened = (number: number): PaymentRequest =>
  openedRequest({
    kind: "PaymentRequestOpened",
    requestId: requestId(number),
    requestNumber: number,
    merchantNumber: 3,
    ...fields(100),
    expiresAtMs: NOON_MS + 5 * MINUTE_MS,
    atMs: NOON_MS,
  });
const REQUEST = opened(1);
const closing = { requestId: requestId(1), atMs: NOON_MS + 1 };

test("each end of a request has its status, its time and one more revision", () => {
  const paid = { paymentId: paymentId(1), amountCents: cents(100) };
  for (const [event, status] of [
    [{ kind: "PaymentRequestPaid", ...paid, ...closing }, "paid"],
    [{ kind: "PaymentRequestCancelled", ...closing }, "cancelled"],
    [{ kind: "PaymentRequestSuperseded", ...closing }, "superseded"],
    [{ kind: "PaymentRequestExpired", ...closing }, "expired"],
  ] as const) {
    const closed = closedRequest(REQUEST, event);
    expect(closed).toMatchObject({ status, revision: 2, version: 1, closedAtMs: NOON_MS + 1 });
    expect(closed.paymentId).toBe(status === "paid" ? paymentId(1) : undefined);
    expect(() => closedRequest(closed, event)).toThrow("a request is closed once");
  }
});

test("a request that is not open says why it cannot be paid, updated or cancelled", () => {
  const refusals: Record<PaymentRequestStatus, string> = {
    open: "request_changed",
    paid: "request_paid",
    cancelled: "request_cancelled",
    superseded: "request_superseded",
    expired: "request_expired",
  };
  for (const [status, kind] of Object.entries(refusals)) {
    const request = { ...REQUEST, status: status as PaymentRequestStatus };
    expect(refusalOfClosed(request)).toEqual({ kind } as object as { kind: "request_paid" });
  }
  expect(refusalOfClosed(undefined)).toEqual({ kind: "request_not_found" });
});

test("an update raises the version by exactly one; a scan leaves it", () => {
  const at = { requestId: requestId(1), atMs: NOON_MS };
  const updated = { kind: "PaymentRequestUpdated", ...fields(90), ...at } as const;
  expect(changedRequest(REQUEST, { ...updated, version: 2 })).toMatchObject({
    version: 2,
    revision: 2,
    amountCents: 90,
  });
  for (const version of [1, 3]) {
    expect(() => changedRequest(REQUEST, { ...updated, version })).toThrow("versions rise by one");
  }
  const scanned = { kind: "PaymentRequestScanned", expiresAtMs: NOON_MS + 1, ...at } as const;
  expect(changedRequest(REQUEST, scanned)).toMatchObject({
    version: 1,
    revision: 2,
    scanned: true,
    expiresAtMs: NOON_MS + 1,
  });
});

test("a closed request moves to the front of those the lane still knows", () => {
  const [first, second, third] = [opened(1), opened(2), opened(3)];
  const event = {
    kind: "PaymentRequestCancelled",
    requestId: requestId(2),
    atMs: NOON_MS,
  } as const;
  const lists = closeRequest({ open: [first, second], closed: [third] }, event, 2);
  expect(lists.open).toEqual([first]);
  expect(lists.closed.map(({ requestNumber }) => requestNumber)).toEqual([2, 3]);
  expect(closeRequest({ open: [second], closed: [third] }, event, 1).closed).toHaveLength(1);
  expect(() => closeRequest({ open: [first], closed: [second] }, event, 2)).toThrow(
    "only an open request is closed",
  );
});

test("a scan never shortens a request and never passes the longest time", () => {
  for (const [minute, until] of [
    [0, 5],
    [3, 5],
    [4, 6.25],
    [27, 29.25],
    [27.5, 29.75],
    [27.8, 30],
    [28, 30],
    [29, 30],
  ] as const) {
    const nowMs = NOON_MS + minute * MINUTE_MS;
    expect([minute, scannedUntil(REQUEST, nowMs, DEFAULT_POLICY)]).toEqual([
      minute,
      NOON_MS + until * MINUTE_MS,
    ]);
  }
});
