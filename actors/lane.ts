/**
 * The lane: the place at a checkout that asks for money. It alone decides what happens to its
 * payment requests, so a cancel and a payment meet here and exactly one of them wins. A till holds
 * one open request, and a new one supersedes it.
 */
import {
  type ActorDefinition,
  answerOnly,
  cancelWake,
  type Decision,
  decided,
  type Effect,
  type Meta,
  type StoredBody,
  wake,
} from "./actor.ts";
import { assert, unreachable } from "./assert.ts";
import type { PaymentRequestId } from "./ids.ts";
import {
  LANE_EVENT_KINDS,
  type LaneCommand,
  type LaneEvent,
  type LaneReply,
  type PaymentRequest,
} from "./lane-messages.ts";
import { releaseUnknown, resolvePayment, settlePaymentRequest } from "./lane-payment.ts";
import {
  type ActiveLane,
  describe,
  findClosed,
  findOpen,
  type LaneState,
  laneOf,
  view,
  viewOf,
} from "./lane-state.ts";
import { assertBasisPoints } from "./money.ts";
import {
  changedRequest,
  closeRequest,
  openedRequest,
  refusalOfClosed,
  scannedUntil,
} from "./payment-request.ts";
import type { Policy } from "./policy.ts";

/** The version has two bytes in the QR payload (docs/protocol.md section 2). */
const VERSION_MAX = 0xffff;

type LaneDecision = Decision<LaneEvent, LaneReply>;
type Of<Kind extends LaneCommand["kind"]> = Extract<LaneCommand, { kind: Kind }>;

/**
 * How many closed requests a lane remembers itself. The fold rests on it: another number wants
 * another schemaVersion.
 */
export const CLOSED_REQUESTS_MAX = 8;

export function laneActor(
  policy: Policy,
  closedMax = CLOSED_REQUESTS_MAX,
): ActorDefinition<LaneState, LaneCommand, LaneEvent, LaneReply> {
  return {
    kind: "lane",
    schemaVersion: 1,
    eventKinds: LANE_EVENT_KINDS,
    init: () => ({ kind: "vacant" }),
    decide: (state, command, meta) => decide(state, command, meta, policy),
    apply: (state, event) => apply(state, event, closedMax),
    upcast: (stored) => upcastLane(stored),
  };
}

function decide(state: LaneState, command: LaneCommand, meta: Meta, policy: Policy): LaneDecision {
  if (command.kind === "SetUpLane") return setUp(state, command, meta);
  if (state.kind === "vacant") return vacant(command);
  switch (command.kind) {
    case "DescribeLane":
      return answerOnly(describe(state, meta));
    case "OpenPaymentRequest":
      return open(state, command, meta, policy);
    case "UpdatePaymentRequest":
      return update(state, command, meta);
    case "CancelPaymentRequest":
      return cancel(state, command, meta);
    case "DescribePaymentRequest":
      return answerOnly(viewOf(state, command.requestId, meta));
    case "ScanPaymentRequest":
      return scan(state, command, meta, policy);
    case "SettlePaymentRequest":
      return settlePaymentRequest(state, command, meta);
    case "ResolvePayment":
      return resolvePayment(state, command);
    case "ExpirePaymentRequest":
      return expire(state, command, meta);
    default:
      return unreachable(command);
  }
}

/** Money that is held for a lane that does not exist is given back. */
function vacant(command: LaneCommand): LaneDecision {
  if (command.kind === "SettlePaymentRequest") return releaseUnknown(command);
  if (command.kind === "ResolvePayment") return releaseUnknown(command);
  return answerOnly({ kind: "lane_not_found" });
}

function setUp(state: LaneState, { terms }: Of<"SetUpLane">, meta: Meta): LaneDecision {
  const laneId = laneOf(meta);
  if (state.kind === "active") return answerOnly({ kind: "lane_already_exists" });
  assert(terms.payee.laneId === laneId, "the terms are this lane's");
  assertBasisPoints(terms.feeBasisPoints);
  return decided([{ kind: "LaneSetUp", terms, atMs: meta.nowMs }], { kind: "lane_set_up", laneId });
}

function open(
  state: ActiveLane,
  command: Of<"OpenPaymentRequest">,
  meta: Meta,
  policy: Policy,
): LaneDecision {
  const { requestId, amountCents, title, clientInvoiceId, cashierId } = command;
  assert(amountCents > 0, "a payment request has an amount");
  // A request is opened once: asked for again it is shown as it is, closed ones too.
  const known = findOpen(state, requestId) ?? findClosed(state, requestId);
  if (known !== undefined) return answerOnly(view(state, known, meta));
  // A till holds exactly one open request: the older one can no longer be paid.
  const older = state.terms.laneKind === "till" ? state.open : [];
  if (state.open.length - older.length >= policy.openRequestsMax) {
    return answerOnly({ kind: "too_many_requests" });
  }
  const superseded = older.map(
    (request): LaneEvent => ({
      kind: "PaymentRequestSuperseded",
      requestId: request.requestId,
      atMs: meta.nowMs,
    }),
  );
  const opened: Extract<LaneEvent, { kind: "PaymentRequestOpened" }> = {
    kind: "PaymentRequestOpened",
    requestId,
    requestNumber: state.requestsCount + 1,
    merchantNumber: state.terms.payee.merchantNumber,
    amountCents,
    title,
    clientInvoiceId,
    cashierId,
    expiresAtMs: meta.nowMs + policy.requestMs,
    atMs: meta.nowMs,
  };
  const request = openedRequest(opened);
  return decided([...superseded, opened], view(state, request, meta), [
    ...older.map((request) => cancelWake(request.requestId)),
    expiryTimer(requestId, opened.expiresAtMs),
  ]);
}

function update(state: ActiveLane, command: Of<"UpdatePaymentRequest">, meta: Meta): LaneDecision {
  const { requestId, amountCents, title, clientInvoiceId, cashierId, revision } = command;
  assert(amountCents > 0, "a payment request has an amount");
  const request = findOpen(state, requestId);
  if (request === undefined) return answerOnly(refusalOfClosed(findClosed(state, requestId)));
  if (revision !== undefined && revision !== request.revision) {
    return answerOnly({ kind: "version_mismatch", revision: request.revision });
  }
  if (meta.nowMs >= request.expiresAtMs) return answerOnly({ kind: "request_expired" });
  const version = request.version + 1;
  if (version > VERSION_MAX) return answerOnly({ kind: "too_many_updates" });
  const fields = { amountCents, title, clientInvoiceId, cashierId };
  const event: LaneEvent = {
    kind: "PaymentRequestUpdated",
    requestId,
    version,
    ...fields,
    atMs: meta.nowMs,
  };
  return decidedView(state, event, requestId, meta);
}

/** Whoever comes first wins; the other is told the truth. */
function cancel(
  state: ActiveLane,
  { requestId, revision }: Of<"CancelPaymentRequest">,
  meta: Meta,
): LaneDecision {
  const request = findOpen(state, requestId);
  if (request === undefined) return answerOnly(refusalOfClosed(findClosed(state, requestId)));
  if (revision !== undefined && revision !== request.revision) {
    return answerOnly({ kind: "version_mismatch", revision: request.revision });
  }
  const event: LaneEvent = { kind: "PaymentRequestCancelled", requestId, atMs: meta.nowMs };
  return decidedView(state, event, requestId, meta, [cancelWake(requestId)]);
}

/**
 * A scan gives the payer time: two minutes from now at least, within the longest that a request may
 * live.
 */
function scan(
  state: ActiveLane,
  command: Of<"ScanPaymentRequest">,
  meta: Meta,
  policy: Policy,
): LaneDecision {
  const { requestNumber } = command;
  const isAsked = (request: PaymentRequest): boolean =>
    requestNumber === undefined || request.requestNumber === requestNumber;
  const isOpen = (request: PaymentRequest): boolean => meta.nowMs < request.expiresAtMs;
  const asked = state.open.filter(isAsked);
  // A timer may come late: what can still be paid comes before what is about to end.
  const request = asked.find(isOpen) ?? asked[0];
  if (request === undefined) {
    if (requestNumber === undefined) return answerOnly({ kind: "nothing_to_pay" });
    return answerOnly(refusalOfClosed(state.closed.find(isAsked)));
  }
  const { requestId } = request;
  if (!isOpen(request)) return answerOnly({ kind: "request_expired" });
  const expiresAtMs = scannedUntil(request, meta.nowMs, policy);
  if (request.scanned && expiresAtMs === request.expiresAtMs) {
    return answerOnly(viewOf(state, requestId, meta));
  }
  const event: LaneEvent = {
    kind: "PaymentRequestScanned",
    requestId,
    expiresAtMs,
    atMs: meta.nowMs,
  };
  return decidedView(state, event, requestId, meta, [expiryTimer(requestId, expiresAtMs)]);
}

function expire(
  state: ActiveLane,
  { requestId }: Of<"ExpirePaymentRequest">,
  meta: Meta,
): LaneDecision {
  const request = findOpen(state, requestId);
  if (request === undefined) return answerOnly({ kind: "noted" });
  if (meta.nowMs < request.expiresAtMs) {
    // The clock was set back since the timer fell due: its row is gone, so it is set anew.
    return decided([], { kind: "noted" }, [expiryTimer(requestId, request.expiresAtMs)]);
  }
  return decided([{ kind: "PaymentRequestExpired", requestId, atMs: meta.nowMs }], {
    kind: "noted",
  });
}

function apply(state: LaneState, event: LaneEvent, closedMax: number): LaneState {
  if (event.kind === "LaneSetUp") {
    assert(state.kind === "vacant", "a lane is set up once");
    const { terms } = event;
    return { kind: "active", terms, requestsCount: 0, open: [], closed: [], barred: [] };
  }
  assert(state.kind === "active", "a lane is set up before anything else happens to it");
  switch (event.kind) {
    case "PaymentRequestOpened":
      return {
        ...state,
        requestsCount: event.requestNumber,
        open: [...state.open, openedRequest(event)],
      };
    case "PaymentRequestUpdated":
    case "PaymentRequestScanned":
      return {
        ...state,
        open: state.open.map((request) =>
          request.requestId === event.requestId ? changedRequest(request, event) : request,
        ),
      };
    case "PaymentBarred":
      return { ...state, barred: [...state.barred, `${event.requestId}/${event.paymentId}`] };
    case "PaymentRequestPaid":
    case "PaymentRequestCancelled":
    case "PaymentRequestSuperseded":
    case "PaymentRequestExpired": {
      const { open, closed } = closeRequest(state, event, closedMax);
      const barred = state.barred.filter((bar) => !bar.startsWith(`${event.requestId}/`));
      return { ...state, open, closed, barred };
    }
    default:
      return unreachable(event);
  }
}

function upcastLane(stored: StoredBody): LaneEvent {
  assert(stored.version === 1, "the lane's events are of version 1");
  return stored.body as LaneEvent;
}

function decidedView(
  state: ActiveLane,
  event: LaneEvent,
  requestId: PaymentRequestId,
  meta: Meta,
  effects: readonly Effect[] = [],
): LaneDecision {
  const next = apply(state, event, CLOSED_REQUESTS_MAX);
  assert(next.kind === "active", "an active lane stays one");
  return decided([event], viewOf(next, requestId, meta), effects);
}

function expiryTimer(requestId: PaymentRequestId, atMs: number): Effect {
  return wake(requestId, atMs, { kind: "ExpirePaymentRequest", requestId });
}
