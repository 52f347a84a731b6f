/**
 * A payment at its lane: paid or not, decided here alone, and told to the payer's account. The
 * account's hold and the lane's verdict together are one payment (ARCHITECTURE.md).
 */
import type { CapturePayment, ReleasePayment } from "./account-messages.ts";
import { accountRef } from "./account-state.ts";
import {
  answerOnly,
  cancelWake,
  type Decision,
  decided,
  type Effect,
  type Meta,
  send,
} from "./actor.ts";
import { assert } from "./assert.ts";
import type {
  LaneEvent,
  LaneReply,
  PaymentRequest,
  ResolvePayment,
  SettlePaymentRequest,
} from "./lane-messages.ts";
import { type ActiveLane, findClosed, findOpen, isBarred } from "./lane-state.ts";
import { floorBasisPoints } from "./money.ts";
import { closedRequest, refusalOfClosed } from "./payment-request.ts";
import type { Refusal } from "./refusals.ts";

type LaneDecision = Decision<LaneEvent, LaneReply>;
type Payment = SettlePaymentRequest | ResolvePayment;

/** The ladder of a payment at the lane (docs/protocol.md section 5). */
export function settlePaymentRequest(
  state: ActiveLane,
  command: SettlePaymentRequest,
  meta: Meta,
): LaneDecision {
  const { paymentId, requestId } = command;
  const request = findOpen(state, requestId);
  if (request === undefined) {
    const closed = findClosed(state, requestId);
    if (closed?.paymentId === paymentId) return answerOnlySending(capture(state, closed, command));
    return release(command, refusalOfClosed(closed));
  }
  if (isBarred(state, requestId, paymentId)) return release(command, { kind: "payment_barred" });
  if (request.version !== command.version) return release(command, { kind: "request_changed" });
  if (request.amountCents !== command.amountCents) {
    return release(command, { kind: "request_changed" });
  }
  if (meta.nowMs >= request.expiresAtMs) return release(command, { kind: "request_expired" });
  // From here the payment succeeds.
  const { amountCents } = request;
  const paid = {
    kind: "PaymentRequestPaid" as const,
    requestId,
    paymentId,
    amountCents,
    atMs: meta.nowMs,
  };
  const closed = closedRequest(request, paid);
  return decided([paid], { kind: "noted" }, [
    cancelWake(requestId),
    capture(state, closed, command),
  ]);
}

/** The account asks because its hold is overdue. "Not paid" must stay true, so it is recorded. */
export function resolvePayment(state: ActiveLane, command: ResolvePayment): LaneDecision {
  const { paymentId, requestId } = command;
  const request = findOpen(state, requestId);
  if (request === undefined) {
    const closed = findClosed(state, requestId);
    if (closed === undefined) return answerOnly({ kind: "noted" });
    if (closed.paymentId === paymentId) return answerOnlySending(capture(state, closed, command));
    return release(command, refusalOfClosed(closed));
  }
  const refusal: Refusal = { kind: "payment_barred" };
  if (isBarred(state, requestId, paymentId)) return release(command, refusal);
  const barred: LaneEvent = { kind: "PaymentBarred", requestId, paymentId };
  return decided([barred], { kind: "noted" }, release(command, refusal).effects);
}

/** A lane that was never set up has opened nothing, so nothing of it was or will be paid. */
export function releaseUnknown(command: Payment): LaneDecision {
  return release(command, { kind: "request_not_found" });
}

function capture(
  { terms }: ActiveLane,
  request: PaymentRequest,
  { paymentId, accountId }: Payment,
): Effect {
  assert(request.status === "paid", "only a paid request captures");
  assert(request.closedAtMs !== undefined, "a paid request has its time");
  const { requestId, requestNumber, version, amountCents, title, closedAtMs } = request;
  const feeCents = floorBasisPoints(amountCents, terms.feeBasisPoints);
  const { payee } = terms;
  const receipt = {
    paymentId,
    requestId,
    requestNumber,
    version,
    amountCents,
    title,
    payee,
    paidAtMs: closedAtMs,
  };
  const terminal = { laneKind: terms.laneKind, code: terms.terminalCode };
  const command: CapturePayment = {
    ...{ kind: "CapturePayment", paymentId, receipt, feeCents, terminal },
  };
  return send(accountRef(accountId), command);
}

function release({ paymentId, accountId }: Payment, refusal: Refusal): LaneDecision {
  const command: ReleasePayment = { kind: "ReleasePayment", paymentId, refusal };
  return answerOnlySending(send(accountRef(accountId), command));
}

function answerOnlySending(effect: Effect): LaneDecision {
  return decided([], { kind: "noted" }, [effect]);
}
