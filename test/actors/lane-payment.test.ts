import { expect, test } from "bun:test";
import { laneActor } from "../../actors/lane.ts";
import type { ClosedStatus, LaneCommand, PaymentRequest } from "../../actors/lane-messages.ts";
import type { LaneState } from "../../actors/lane-state.ts";
import { cents } from "../../actors/money.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import {
  accountId,
  activeLane,
  fields,
  LANE,
  MINUTE_MS,
  NOON_MS,
  openRequest,
  paymentId,
  receipt,
  requestId,
  resolve,
  settle,
  TERMS,
  vacantLane,
} from "./samples.ts";

const cancel: LaneCommand = { kind: "CancelPaymentRequest", requestId: requestId(1) };
const update = (amount: number): LaneCommand => ({
  kind: "UpdatePaymentRequest",
  requestId: requestId(1),
  revision: undefined,
  ...fields(amount),
});
/** The account's command that frees the hold of payment `number`. */
const release = (number: number, refusal: string) => ({
  to: `account:${accountId(1)}`,
  kind: "ReleasePayment",
  paymentId: paymentId(number),
  refusal: { kind: refusal },
});
const capture = (number: number, amount: number, fee: number) => ({
  to: `account:${accountId(1)}`,
  kind: "CapturePayment",
  paymentId: paymentId(number),
  receipt: { ...receipt(number, amount), requestId: requestId(1), requestNumber: 1 },
  feeCents: fee,
  terminal: { laneKind: "till", code: "000007" },
});

/** A lane where everything stands against payment 2 for request 1; each rung takes one away. */
interface Situation {
  readonly active: boolean;
  /** `forgotten`: the lane does not know the request. */
  readonly status: ClosedStatus | "forgotten" | "open";
  readonly barred: boolean;
  readonly version: number;
  readonly amount: number;
  readonly nowMs: number;
}

const HOPELESS: Situation = {
  active: false,
  status: "forgotten",
  barred: true,
  version: 2,
  amount: 101,
  nowMs: NOON_MS + 5 * MINUTE_MS,
};

/** A closed request has one of four ends: each of them comes before all that follows. */
const LADDER: readonly (readonly [string, Partial<Situation>])[] = [
  ["request_not_found", { active: true }],
  ["request_not_found", { status: "cancelled" }],
  ["request_cancelled", { status: "superseded" }],
  ["request_superseded", { status: "expired" }],
  ["request_expired", { status: "paid" }],
  ["request_paid", { status: "open" }],
  ["payment_barred", { barred: false }],
  ["request_changed", { version: 1 }],
  ["request_changed", { amount: 100, version: 2 }],
  ["request_changed", { version: 1 }],
  ["request_expired", { nowMs: NOON_MS + 5 * MINUTE_MS - 1 }],
];

function stateOf({ active, status, barred }: Situation): LaneState {
  if (!active) return { kind: "vacant" };
  const { state } = activeLane().table([[openRequest(1, 100), "payment_request"]]);
  if (state.kind !== "active") throw new Error("the sample lane is active");
  const bars = barred ? [`${requestId(1)}/${paymentId(2)}`] : [];
  if (status === "open") return { ...state, barred: bars };
  const closed = state.open.map(
    (request): PaymentRequest => ({
      ...request,
      status: status === "forgotten" ? "cancelled" : status,
      paymentId: status === "paid" ? paymentId(1) : undefined,
      closedAtMs: NOON_MS,
    }),
  );
  return { ...state, barred: bars, open: [], closed: status === "forgotten" ? [] : closed };
}

function sentIn(situation: Situation): { kind: string; refusal: string } {
  const { version, amount, nowMs } = situation;
  const meta = { actor: { kind: "lane", id: LANE }, commandId: "c", nowMs, principal: "switch" };
  const command = settle(2, 1, amount, version);
  const { effects } = laneActor(DEFAULT_POLICY).decide(stateOf(situation), command, meta);
  const sends = effects.filter(({ kind }) => kind === "send");
  expect(sends).toHaveLength(1);
  const [sent] = sends;
  if (sent?.kind !== "send") throw new Error("one answer is sent");
  const { refusal } = sent.command as { refusal?: { kind: string } };
  return { kind: sent.command.kind, refusal: refusal?.kind ?? "none" };
}

test("refusals at the lane come in ladder order, each before all later ones", () => {
  let situation = HOPELESS;
  for (const [refusal, cure] of LADDER) {
    const expected = { situation, kind: "ReleasePayment", refusal };
    expect({ situation, ...sentIn(situation) }).toEqual(expected);
    situation = { ...situation, ...cure };
  }
  expect(sentIn(situation)).toEqual({ kind: "CapturePayment", refusal: "none" });
});

test("a payment of the open request is captured with the fee rounded down and a receipt", () => {
  const lane = activeLane().table([
    [openRequest(1, 1_299), "payment_request"],
    [settle(1, 1, 1_299), "noted"],
  ]);
  expect(lane.effects[0]).toEqual({ kind: "cancel", id: requestId(1) });
  expect(lane.sent).toEqual([capture(1, 1_299, 19)]);
  lane.table([
    [
      { kind: "DescribePaymentRequest", requestId: requestId(1) },
      { request: { status: "paid", paymentId: paymentId(1), closedAtMs: NOON_MS } },
    ],
    [cancel, "request_paid"],
    [update(5), "request_paid"],
    [{ kind: "ScanPaymentRequest", requestNumber: 1 }, "request_paid"],
  ]);
});

test("of a cancel and a payment the first wins, and the other is told the truth", () => {
  const paid = activeLane().table([
    [openRequest(1, 100), "payment_request"],
    [settle(1, 1, 100), "noted"],
  ]);
  expect(paid.sent).toEqual([capture(1, 100, 1)]);
  paid.table([[cancel, "request_paid"]]);
  expect(paid.sent).toEqual([]);
  const cancelled = activeLane().table([
    [openRequest(1, 100), "payment_request"],
    [cancel, { request: { status: "cancelled" } }],
    [settle(1, 1, 100), "noted"],
  ]);
  expect(cancelled.sent).toEqual([release(1, "request_cancelled")]);
});

test("one request is paid by one payment; the same payment hears it as often as it asks", () => {
  const lane = activeLane().table([
    [openRequest(1, 100), "payment_request"],
    [settle(1, 1, 100), "noted"],
  ]);
  const written = lane.events.length;
  const answers = ([command, answer]: readonly [LaneCommand, object]): void => {
    lane.table([[command, "noted"]]);
    expect(lane.sent).toEqual([answer]);
  };
  answers([settle(1, 1, 100), capture(1, 100, 1)]);
  answers([settle(2, 1, 100), release(2, "request_paid")]);
  answers([resolve(1, 1), capture(1, 100, 1)]);
  answers([resolve(2, 1), release(2, "request_paid")]);
  expect(lane.events.length).toBe(written);
});

test("the payment of a version that the till has changed is released", () => {
  const lane = activeLane().table([
    [openRequest(1, 100), "payment_request"],
    [update(90), { request: { version: 2 } }],
    [settle(1, 1, 100, 1), "noted"],
  ]);
  expect(lane.sent).toEqual([release(1, "request_changed")]);
  lane.table([[settle(2, 1, 90, 2), "noted"]]);
  expect(lane.sent).toEqual([{ ...capture(1, 90, 1), ...paymentOf(2, 90) }]);
});

function paymentOf(payment: number, amount: number) {
  const paid = { ...receipt(payment, amount), requestId: requestId(1), requestNumber: 1 };
  return { paymentId: paymentId(payment), receipt: { ...paid, version: 2 } };
}

test("a payment is taken up to the last millisecond before the request expires", () => {
  const lane = activeLane("web").table([
    [openRequest(1, 100), "payment_request"],
    [openRequest(2, 100), "payment_request"],
    5 * MINUTE_MS - 1,
    [settle(1, 1, 100), "noted"],
  ]);
  expect(lane.sent).toMatchObject([{ kind: "CapturePayment" }]);
  lane.table([1, [settle(2, 2, 100), "noted"]]);
  expect(lane.sent).toEqual([release(2, "request_expired")]);
  lane.table([
    [{ kind: "ExpirePaymentRequest", requestId: requestId(2) }, "noted"],
    [settle(3, 2, 100), "noted"],
  ]);
  expect(lane.sent).toEqual([release(3, "request_expired")]);
});

test("a payment asked about before it arrived is barred for good; another may still pay", () => {
  const lane = activeLane().table([
    [openRequest(1, 100), "payment_request"],
    [resolve(1, 1), "noted"],
  ]);
  expect(lane.eventKinds.at(-1)).toBe("PaymentBarred");
  expect(lane.sent).toEqual([release(1, "payment_barred")]);
  const written = lane.events.length;
  lane.table([[resolve(1, 1), "noted"]]);
  expect(lane.sent).toEqual([release(1, "payment_barred")]);
  lane.table([[settle(1, 1, 100), "noted"]]);
  expect(lane.sent).toEqual([release(1, "payment_barred")]);
  expect(lane.events.length).toBe(written);
  lane.table([[settle(2, 1, 100), "noted"]]);
  expect(lane.sent).toMatchObject([{ kind: "CapturePayment", paymentId: paymentId(2) }]);
  lane.table([[settle(1, 1, 100), "noted"]]);
  expect(lane.sent).toEqual([release(1, "request_paid")]);
});

test("what was barred is forgotten with its request, and only with its own", () => {
  const lane = activeLane("web").table([
    [openRequest(1, 100), "payment_request"],
    [openRequest(2, 100), "payment_request"],
    [resolve(1, 1), "noted"],
    [resolve(2, 2), "noted"],
  ]);
  const bars = () => (lane.state.kind === "active" ? lane.state.barred : []);
  expect(bars()).toHaveLength(2);
  lane.table([[settle(3, 1, 100), "noted"]]);
  expect(bars()).toEqual([`${requestId(2)}/${paymentId(2)}`]);
});

test("a question about a request that ended is answered with how it ended", () => {
  const lane = activeLane().table([
    [openRequest(1, 100), "payment_request"],
    [openRequest(2, 100), "payment_request"],
    [resolve(1, 1), "noted"],
  ]);
  expect(lane.sent).toEqual([release(1, "request_superseded")]);
});

test("a lane that has forgotten a request says nothing about who paid it", () => {
  const lane = activeLane("till", {}, 1).table([
    [openRequest(1, 100), "payment_request"],
    [settle(1, 1, 100), "noted"],
    [openRequest(2, 100), "payment_request"],
    [openRequest(3, 100), "payment_request"],
    [resolve(1, 1), "noted"],
  ]);
  expect(lane.sent).toEqual([]);
  // The capture is on its way by then; a payment that the lane never heard of is released.
  lane.table([[settle(2, 9, 100), "noted"]]);
  expect(lane.sent).toEqual([release(2, "request_not_found")]);
});

test("a payment for a lane that does not exist is released, not held for ever", () => {
  const lane = vacantLane().table([[settle(1, 1, 100), "noted"]]);
  expect(lane.sent).toEqual([release(1, "request_not_found")]);
  lane.table([[resolve(1, 1), "noted"]]);
  expect(lane.sent).toEqual([release(1, "request_not_found")]);
});

test("a fee is the merchant's rate of the amount, rounded down, from none to all of it", () => {
  for (const [feeBasisPoints, amount, fee] of [
    [0, 100, 0],
    [1, 9_999, 0],
    [1, 10_000, 1],
    [150, 66, 0],
    [150, 67, 1],
    [10_000, 100, 100],
  ] as const) {
    const terms = { ...TERMS, feeBasisPoints };
    const lane = vacantLane().table([
      [{ kind: "SetUpLane", terms }, "lane_set_up"],
      [openRequest(1, amount), "payment_request"],
      [settle(1, 1, amount), "noted"],
    ]);
    expect(lane.sent).toMatchObject([{ feeCents: cents(fee) }]);
  }
});
