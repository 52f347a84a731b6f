/**
 * What the answer to a single command must be, told from the events so far and the design alone:
 * the second opinion on every reply.
 */
import type { AccountCommand, ApprovePayment } from "../../actors/account-messages.ts";
import type { Message } from "../../actors/actor.ts";
import type { LaneCommand } from "../../actors/lane-messages.ts";
import type { Auditor } from "./auditor.ts";
import type { Call } from "./engine.ts";
import type { RequestAudit } from "./lane-audit.ts";

/** The kind of the reply, and fields of it; undefined: this oracle does not know. */
export type Expected = (Message & Readonly<Record<string, unknown>>) | undefined;

export function expected(auditor: Auditor, { ref, command }: Call, nowMs: number): Expected {
  if (ref.kind === "lane") return ofLane(auditor, ref.id, command as LaneCommand, nowMs);
  if (command.kind === "ApprovePayment") {
    return ofApproval(auditor, ref.id, command as ApprovePayment, nowMs);
  }
  return ref.kind === "account" ? ofAccount(auditor, ref.id, command as AccountCommand) : undefined;
}

function ofApproval(
  auditor: Auditor,
  accountId: string,
  approval: ApprovePayment,
  nowMs: number,
): Expected {
  const { paymentId, laneId, amountCents } = approval;
  const account = auditor.account(accountId);
  if (account.knows(paymentId)) return ofKnown(auditor, paymentId);
  const refusal = account.refusalOf(approval);
  if (refusal === "limit_exceeded") {
    const missingCents = amountCents - account.room;
    return { kind: refusal, missingCents, availableCents: account.available };
  }
  if (refusal !== undefined) return { kind: refusal };
  const lane = auditor.lane(laneId);
  const late = lane.refusalOf(approval, nowMs);
  return late === undefined ? { kind: "payment_captured", paymentId } : { kind: late };
}

/** An approval that comes again under another command id. */
function ofKnown(auditor: Auditor, paymentId: string): Expected {
  const payment = auditor.payments.get(paymentId);
  if (payment === undefined) return { kind: "pin_wrong" };
  if (payment.status === "captured") return { kind: "payment_captured", paymentId };
  return payment.status === "released" ? { kind: payment.refusal ?? "" } : undefined;
}

function ofLane(auditor: Auditor, laneId: string, command: LaneCommand, nowMs: number): Expected {
  const lane = auditor.lane(laneId);
  switch (command.kind) {
    case "OpenPaymentRequest":
      return { kind: "payment_request" };
    case "CancelPaymentRequest": {
      const request = lane.find(command.requestId);
      return closedReply(lane.knows(command.requestId), request) ?? { kind: "payment_request" };
    }
    case "UpdatePaymentRequest": {
      const request = lane.find(command.requestId);
      const closed = closedReply(lane.knows(command.requestId), request);
      if (closed !== undefined || request === undefined) return closed;
      const { revision } = request;
      if (command.revision !== undefined && command.revision !== revision) {
        return { kind: "version_mismatch", revision };
      }
      return { kind: nowMs >= request.expiresAtMs ? "request_expired" : "payment_request" };
    }
    case "ScanPaymentRequest": {
      const { requestNumber } = command;
      if (requestNumber === undefined && lane.open.length === 0) return { kind: "nothing_to_pay" };
      const payable = lane.open.find(({ expiresAtMs }) => nowMs < expiresAtMs) ?? lane.open[0];
      const request = requestNumber === undefined ? payable : lane.requests[requestNumber - 1];
      if (request === undefined) return { kind: "request_not_found" };
      const closed = closedReply(lane.knows(request.requestId), request);
      if (closed !== undefined) return closed;
      return { kind: nowMs >= request.expiresAtMs ? "request_expired" : "payment_request" };
    }
    default:
      return undefined;
  }
}

/** Undefined for a request that is open. */
function closedReply(isKnown: boolean, request: RequestAudit | undefined): Expected {
  if (request === undefined || !isKnown) return { kind: "request_not_found" };
  return request.status === "open" ? undefined : { kind: `request_${request.status}` };
}

function ofAccount(auditor: Auditor, accountId: string, command: AccountCommand): Expected {
  const account = auditor.account(accountId);
  switch (command.kind) {
    case "BlockAccount":
      return { kind: account.blocks.has(command.reason) ? "block_already_open" : "blocks_changed" };
    case "LiftBlock": {
      const isOpen = account.blocks.has(command.reason);
      const mayLift = isOpen && command.reason !== "collection_failed";
      return { kind: mayLift ? "blocks_changed" : "block_not_open" };
    }
    case "SetCap":
      return { kind: "cap_set" };
    default:
      return undefined;
  }
}
