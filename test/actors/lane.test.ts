import { expect, test } from "bun:test";
import { AssertionFailed } from "../../actors/assert.ts";
import { laneId } from "../../actors/ids.ts";
import type { LaneCommand, PaymentRequestView } from "../../actors/lane-messages.ts";
import {
  activeLane,
  fields,
  LANE,
  MINUTE_MS,
  NOON_MS,
  openRequest,
  requestId,
  SECOND_MS,
  settle,
  TERMS,
  vacantLane,
} from "./samples.ts";

const update = (number: number, amount: number, revision?: number): LaneCommand => ({
  kind: "UpdatePaymentRequest",
  requestId: requestId(number),
  revision,
  ...fields(amount),
});
const cancel = (number: number, revision?: number): LaneCommand => ({
  kind: "CancelPaymentRequest",
  requestId: requestId(number),
  revision,
});
const scan = (requestNumber?: number): LaneCommand => ({
  kind: "ScanPaymentRequest",
  requestNumber,
});
const expire = (number: number): LaneCommand => ({
  kind: "ExpirePaymentRequest",
  requestId: requestId(number),
});
const describe = (number: number): LaneCommand => ({
  kind: "DescribePaymentRequest",
  requestId: requestId(number),
});
const request = (fields: object) => ({ kind: "payment_request", request: fields });
const expiryAt = (number: number, atMs: number) => ({
  kind: "timer",
  id: requestId(number),
  atMs,
  command: expire(number),
});
const stop = (number: number) => ({ kind: "cancel", id: requestId(number) });

test("a vacant lane has nothing to open, change, pay or describe", () => {
  vacantLane().table([
    [{ kind: "DescribeLane" }, "lane_not_found"],
    [openRequest(1, 100), "lane_not_found"],
    [update(1, 100), "lane_not_found"],
    [cancel(1), "lane_not_found"],
    [describe(1), "lane_not_found"],
    [scan(), "lane_not_found"],
    [scan(1), "lane_not_found"],
    [expire(1), "lane_not_found"],
  ]);
});

test("a lane is set up once, with terms that are its own", () => {
  const lane = vacantLane().table([
    [
      { kind: "SetUpLane", terms: TERMS },
      { kind: "lane_set_up", laneId: LANE },
    ],
    [{ kind: "SetUpLane", terms: { ...TERMS, feeBasisPoints: 1 } }, "lane_already_exists"],
    [{ kind: "DescribeLane" }, { kind: "lane", laneId: LANE, terms: TERMS, open: [], closed: [] }],
  ]);
  const payee = { ...TERMS.payee, laneId: laneId(8) };
  const setUp = (terms: typeof TERMS): LaneCommand => ({ kind: "SetUpLane", terms });
  const vacant = vacantLane();
  expect(() => vacant.tell(setUp({ ...TERMS, payee }))).toThrow("the terms are this lane's");
  for (const feeBasisPoints of [-1, 0.5, 10_001]) {
    expect(() => vacant.tell(setUp({ ...TERMS, feeBasisPoints }))).toThrow(AssertionFailed);
  }
  const [first] = lane.events;
  if (first === undefined) throw new Error("the lane was set up");
  expect(() => lane.actor.apply(lane.state, first)).toThrow("a lane is set up once");
});

test("an opened request has version 1 and five minutes, then wakes its lane", () => {
  const lane = activeLane().table([
    [
      openRequest(1, 1_299),
      request({
        requestId: requestId(1),
        requestNumber: 1,
        status: "open",
        version: 1,
        revision: 1,
        amountCents: 1_299,
        scanned: false,
        openedAtMs: NOON_MS,
        expiresAtMs: NOON_MS + 5 * MINUTE_MS,
      }),
    ],
  ]);
  expect(lane.effects).toEqual([expiryAt(1, NOON_MS + 5 * MINUTE_MS)]);
  expect(() => lane.tell(openRequest(2, 0))).toThrow(AssertionFailed);
});

test("a till holds one open request: a new one supersedes the old one", () => {
  const lane = activeLane().table([
    [openRequest(1, 100), request({ requestNumber: 1 })],
    [openRequest(2, 200), request({ requestNumber: 2, status: "open" })],
    [describe(1), request({ status: "superseded", revision: 2, closedAtMs: NOON_MS })],
    [cancel(1), "request_superseded"],
    [update(1, 300), "request_superseded"],
    [scan(1), "request_superseded"],
    [scan(), request({ requestId: requestId(2) })],
    [{ kind: "DescribeLane" }, { open: [{ requestNumber: 2 }], closed: [{ requestNumber: 1 }] }],
    [openRequest(3, 300), request({ requestNumber: 3 })],
  ]);
  expect(lane.effects).toEqual([stop(2), expiryAt(3, NOON_MS + 5 * MINUTE_MS)]);
});

test("a web lane holds many open requests, and a sticker shows the oldest", () => {
  activeLane("web").table([
    [openRequest(1, 100), request({ status: "open" })],
    [openRequest(2, 200), request({ status: "open" })],
    [{ kind: "DescribeLane" }, { open: [{ requestNumber: 1 }, { requestNumber: 2 }], closed: [] }],
    [scan(), request({ requestNumber: 1 })],
    [cancel(1), request({ status: "cancelled" })],
    [scan(), request({ requestNumber: 2, status: "open" })],
  ]);
});

test("a sticker shows what can still be paid, though an older request is about to end", () => {
  activeLane("web").table([
    [openRequest(1, 100), request({ status: "open" })],
    MINUTE_MS,
    [openRequest(2, 200), request({ status: "open" })],
    4 * MINUTE_MS,
    [scan(1), "request_expired"],
    [scan(), request({ requestNumber: 2, status: "open" })],
    4 * MINUTE_MS,
    [scan(), "request_expired"],
  ]);
});

test("a request that is opened again is the same request, open or closed", () => {
  const lane = activeLane().table([
    [openRequest(1, 100), request({ status: "open" })],
    [openRequest(1, 100), request({ status: "open", requestNumber: 1, revision: 1 })],
    [settle(1, 1, 100), "noted"],
    [openRequest(1, 100), request({ status: "paid", requestNumber: 1 })],
    [openRequest(2, 100), request({ status: "open", requestNumber: 2 })],
    [cancel(2), request({ status: "cancelled" })],
    [openRequest(2, 100), request({ status: "cancelled", requestNumber: 2 })],
    [{ kind: "DescribeLane" }, { open: [] }],
  ]);
  expect(lane.eventKinds.filter((kind) => kind === "PaymentRequestOpened")).toHaveLength(2);
});

test("an update raises version and revision, and If-Match refuses a stale one", () => {
  const lane = activeLane().table([
    [openRequest(1, 100), request({ version: 1, revision: 1 })],
    [update(1, 150, 1), request({ version: 2, revision: 2, amountCents: 150 })],
    [update(1, 160, 1), { kind: "version_mismatch", revision: 2 }],
    [update(1, 160), request({ version: 3, revision: 3, amountCents: 160 })],
    [scan(1), request({ version: 3, revision: 4 })],
    [update(1, 170, 3), { kind: "version_mismatch", revision: 4 }],
    [update(1, 170, 4), request({ version: 4, revision: 5, scanned: true })],
  ]);
  expect(lane.effects).toEqual([]);
  expect(() => lane.tell(update(1, 0))).toThrow(AssertionFailed);
});

test("changing a request is refused in this order: not open, revision, expired", () => {
  activeLane().table([
    [openRequest(1, 100), request({ status: "open" })],
    [update(2, 100, 9), "request_not_found"],
    5 * MINUTE_MS,
    [update(1, 150, 9), "version_mismatch"],
    [update(1, 150, 1), "request_expired"],
    [scan(1), "request_expired"],
    [expire(1), "noted"],
    [update(1, 150, 9), "request_expired"],
    [scan(1), "request_expired"],
    [describe(1), request({ status: "expired" })],
  ]);
});

test("If-Match refuses the cancelling of what has changed, and lets that of what is known", () => {
  activeLane().table([
    [openRequest(1, 100), request({ revision: 1 })],
    [update(1, 150), request({ revision: 2 })],
    [cancel(1, 1), { kind: "version_mismatch", revision: 2 }],
    [cancel(1, 2), request({ status: "cancelled", revision: 3 })],
  ]);
});

test("a cancelled request is closed for good and says so", () => {
  const lane = activeLane().table([
    [openRequest(1, 100), request({ status: "open" })],
    [cancel(1), request({ status: "cancelled", closedAtMs: NOON_MS, revision: 2 })],
  ]);
  expect(lane.effects).toEqual([stop(1)]);
  lane.table([
    [cancel(1), "request_cancelled"],
    [update(1, 100), "request_cancelled"],
    [scan(1), "request_cancelled"],
    [scan(), "nothing_to_pay"],
    [cancel(2), "request_not_found"],
    [scan(2), "request_not_found"],
    [describe(2), "request_not_found"],
  ]);
});

test("a scan gives two minutes from now at least, never less than was left", () => {
  const lane = activeLane().table([
    [openRequest(1, 100), request({ status: "open" })],
    [scan(1), request({ scanned: true, revision: 2, expiresAtMs: NOON_MS + 5 * MINUTE_MS })],
    [scan(1), request({ revision: 2 })],
    4 * MINUTE_MS,
    [scan(), request({ revision: 3, expiresAtMs: NOON_MS + 6.25 * MINUTE_MS })],
  ]);
  expect(lane.effects).toEqual([expiryAt(1, NOON_MS + 6.25 * MINUTE_MS)]);
});

test("whoever scans again and again changes a request four times a minute at most", () => {
  const lane = activeLane().table([[openRequest(1, 100), "payment_request"], 4 * MINUTE_MS]);
  const written = lane.events.length;
  for (let scans = 0; scans < 1_200; scans++) {
    const { request: seen } = lane.tell(scan(1)) as PaymentRequestView;
    expect(seen.expiresAtMs - lane.nowMs).toBeGreaterThanOrEqual(2 * MINUTE_MS);
    lane.nowMs += 50;
  }
  expect(lane.events.length - written).toBeLessThanOrEqual(4);
});

test("scans extend a request up to thirty minutes and no further", () => {
  const lane = activeLane().table([[openRequest(1, 100), request({ status: "open" })]]);
  lane.table([4 * MINUTE_MS, [scan(1), request({ expiresAtMs: NOON_MS + 6.25 * MINUTE_MS })]]);
  for (let minutes = 5; minutes <= 27; minutes++) {
    const expiresAtMs = NOON_MS + (minutes + 2.25) * MINUTE_MS;
    lane.table([MINUTE_MS, [scan(1), request({ expiresAtMs })]]);
  }
  const latest = request({ expiresAtMs: NOON_MS + 30 * MINUTE_MS });
  lane.table([MINUTE_MS, [scan(1), latest], MINUTE_MS, [scan(1), latest]]);
  const written = lane.events.length;
  lane.table([30 * SECOND_MS, [scan(1), latest]]);
  expect(lane.events.length).toBe(written);
  lane.table([
    30 * SECOND_MS - 1,
    [scan(1), latest],
    1,
    [scan(1), "request_expired"],
    [expire(1), "noted"],
    [describe(1), request({ status: "expired" })],
  ]);
});

test("the expiry timer closes a request at its time, not earlier, and only once", () => {
  const lane = activeLane().table([
    [expire(1), "noted"],
    [openRequest(1, 100), request({ status: "open" })],
    5 * MINUTE_MS - 1,
    [expire(1), "noted"],
  ]);
  // A clock that was set back between the wake-up and its turn: the request wakes its lane again.
  expect(lane.effects).toEqual([expiryAt(1, NOON_MS + 5 * MINUTE_MS)]);
  lane.table([
    [describe(1), request({ status: "open" })],
    1,
    [expire(1), "noted"],
    [describe(1), request({ status: "expired", closedAtMs: NOON_MS + 5 * MINUTE_MS })],
  ]);
  const written = lane.events.length;
  lane.table([
    [expire(1), "noted"],
    [cancel(1), "request_expired"],
  ]);
  expect(lane.events.length).toBe(written);
});

test("an old wake-up does not close a request that a scan has extended", () => {
  activeLane().table([
    [openRequest(1, 100), request({ status: "open" })],
    4 * MINUTE_MS,
    [scan(1), request({ expiresAtMs: NOON_MS + 6.25 * MINUTE_MS })],
    MINUTE_MS,
    [expire(1), "noted"],
    [describe(1), request({ status: "open" })],
    1.25 * MINUTE_MS,
    [expire(1), "noted"],
    [describe(1), request({ status: "expired" })],
  ]);
});

test("a lane remembers its newest closed requests, newest first", () => {
  const lane = activeLane("till", {}, 2).table([
    [openRequest(1, 100), "payment_request"],
    [openRequest(2, 100), "payment_request"],
    [openRequest(3, 100), "payment_request"],
    [openRequest(4, 100), "payment_request"],
    [cancel(1), "request_not_found"],
    [cancel(2), "request_superseded"],
    [cancel(4), "payment_request"],
    [{ kind: "DescribeLane" }, { closed: [{ requestNumber: 4 }, { requestNumber: 3 }] }],
  ]);
  expect(lane.tell(openRequest(5, 100))).toMatchObject(request({ requestNumber: 5 }));
});

test("a lane knows its own events of version 1 only, and refuses them out of order", () => {
  const { actor } = vacantLane();
  const event = {
    kind: "PaymentRequestCancelled",
    requestId: requestId(1),
    atMs: NOON_MS,
  } as const;
  expect(() => actor.upcast({ kind: event.kind, version: 2, body: event })).toThrow(
    AssertionFailed,
  );
  expect(() => actor.apply(actor.init(LANE), event)).toThrow(AssertionFailed);
  expect(() => actor.apply(activeLane().state, event)).toThrow("only an open request is closed");
});

test("a web lane holds many open requests, up to its maximum; a till supersedes instead", () => {
  activeLane("web", { openRequestsMax: 2 }).table([
    [openRequest(1, 100), "payment_request"],
    [openRequest(2, 100), "payment_request"],
    [openRequest(3, 100), "too_many_requests"],
    [openRequest(2, 100), request({ requestNumber: 2 })],
    [cancel(1), "payment_request"],
    [openRequest(3, 100), "payment_request"],
  ]);
  activeLane("till", { openRequestsMax: 1 }).table([
    [openRequest(1, 100), "payment_request"],
    [openRequest(2, 100), "payment_request"],
  ]);
});

test("a payment request is updated as often as its version fits two bytes", () => {
  const lane = activeLane();
  lane.tell(openRequest(1, 100));
  for (let version = 2; version <= 0xffff; version++) lane.tell(update(1, version));
  expect(lane.tell(describe(1))).toMatchObject(request({ version: 0xffff }));
  expect(lane.tell(update(1, 100))).toMatchObject({ kind: "too_many_updates" });
});
