/**
 * The life of a payment on the payer's account: authorised (a hold on the limit), then captured or
 * released by the lane's answer. Every payment ends in exactly one of the two; when the lane's
 * answer is late the account asks, and never decides alone (ARCHITECTURE.md).
 */
import type {
  AccountEvent,
  AccountReply,
  ApprovePayment,
  CapturePayment,
  PaymentCaptured,
  ReleasePayment,
} from "./account-messages.ts";
import {
  type AccountState,
  type BlockedAccount,
  type Customer,
  type Hold,
  holdsCents,
  limitOf,
  type OpenAccount,
} from "./account-state.ts";
import {
  answerOnly,
  cancelWake,
  type Decision,
  decided,
  type Effect,
  later,
  type Meta,
  send,
  wake,
} from "./actor.ts";
import { assert, unreachable } from "./assert.ts";
import { exposureOf, findPurchase, isDebitOver, withPurchase } from "./collection-state.ts";
import type { LaneId, PaymentId } from "./ids.ts";
import type { ResolvePayment, SettlePaymentRequest } from "./lane-messages.ts";
import { exposureTotal, roomCents } from "./limit.ts";
import { subtractCents } from "./money.ts";
import type { Policy } from "./policy.ts";
import { purchaseCaptured } from "./postings.ts";
import type { Refusal } from "./refusals.ts";

type AccountDecision = Decision<AccountEvent, AccountReply>;

/**
 * Outcomes that an account remembers in order to know a repeated approval. The fold rests on it:
 * another number wants another schemaVersion.
 */
export const OUTCOMES_MAX = 16;

/** The ladder of refusals of an approval. The order is part of the API (docs/protocol.md 5). */
export function approvePayment(
  state: AccountState,
  command: ApprovePayment,
  meta: Meta,
  policy: Policy,
): AccountDecision {
  assert(command.amountCents > 0, "a payment has an amount");
  if (state.kind === "vacant") return answerOnly({ kind: "account_not_open" });
  const { customer } = state;
  const repeat = repeatOf(customer, command.paymentId);
  if (repeat !== undefined) return answerOnly(repeat);
  if (state.kind === "closed") return answerOnly({ kind: "account_not_open" });
  if (customer.closing !== null) return answerOnly({ kind: "account_closing" });
  if (state.kind === "blocked") return answerOnly(blocked(state));
  const { device } = customer;
  if (command.deviceId !== device.deviceId) return answerOnly({ kind: "device_not_active" });
  if (command.pinVersion !== device.pinVersion) return answerOnly({ kind: "verdict_stale" });
  const expected = device.counter + 1;
  if (command.counter < expected) return cloned(meta);
  if (command.counter > expected) return answerOnly({ kind: "counter_out_of_step", expected });
  if (!command.pinProofValid) return wrongPin(customer, command, meta, policy);
  const refusal = refusalOf(customer, command, policy);
  if (refusal !== undefined) return rightPin(customer, refusal);
  // From here the payment is authorised; the lane has the last word.
  return authorise(customer, command, meta, policy);
}

/** An approval that was decided before gets its first answer again. */
function repeatOf(customer: Customer, paymentId: PaymentId) {
  if (findHold(customer, paymentId) !== undefined) return later(paymentId);
  const purchase = findPurchase(customer.collection, paymentId);
  if (purchase !== undefined) return captured(customer, paymentId, undefined);
  return customer.outcomes.find((other) => other.paymentId === paymentId)?.refusal;
}

function blocked(state: BlockedAccount): Refusal {
  return { kind: "account_blocked", reasons: state.blocks.map(({ reason }) => reason) };
}

/** A used counter under another approval: somebody else has this phone's key. */
function cloned({ nowMs }: Meta): AccountDecision {
  const note = "a device counter was used twice";
  return decided([{ kind: "AccountBlocked", reason: "device_cloned", note, atMs: nowMs }], {
    kind: "device_cloned",
  });
}

/** A wrong PIN uses the counter up; the last one blocks (FAQ). */
function wrongPin(
  customer: Customer,
  { paymentId, counter }: ApprovePayment,
  { nowMs }: Meta,
  policy: Policy,
): AccountDecision {
  const attemptsLeft = Math.max(policy.pinFailuresMax - customer.pinFailures - 1, 0);
  const event: AccountEvent = { kind: "WrongPinEntered", paymentId, counter, attemptsLeft };
  if (attemptsLeft > 0) return decided([event], { kind: "pin_wrong", attemptsLeft });
  const note = `${policy.pinFailuresMax} wrong PINs in a row`;
  return decided([event, { kind: "AccountBlocked", reason: "pin_failures", note, atMs: nowMs }], {
    kind: "pin_wrong",
    attemptsLeft,
  });
}

function refusalOf(
  customer: Customer,
  { amountCents }: ApprovePayment,
  policy: Policy,
): Refusal | undefined {
  if (customer.identity.kind !== "verified") return { kind: "identity_not_verified" };
  if (isDebitOver(customer.collection)) return { kind: "bank_account_needed" };
  if (customer.holds.length >= policy.holdsMax) return { kind: "too_many_holds" };
  if (customer.collection.purchases.length >= policy.purchasesMax)
    return { kind: "too_many_purchases" };
  const exposureCents = exposureTotal(exposureOf(customer.collection));
  const room = roomCents(customer.capCents, exposureCents, holdsCents(customer));
  if (amountCents > room) {
    const { availableCents } = limitOf(customer);
    const missingCents = subtractCents(amountCents, room);
    return { kind: "limit_exceeded", missingCents, availableCents };
  }
  return undefined;
}

/** Refused, yet the PIN was right: wrong ones before it no longer count. */
function rightPin(customer: Customer, refusal: Refusal): AccountDecision {
  if (customer.pinFailures === 0) return answerOnly(refusal);
  return decided([{ kind: "PinFailuresCleared" }], refusal);
}

function authorise(
  customer: Customer,
  command: ApprovePayment,
  meta: Meta,
  policy: Policy,
): AccountDecision {
  const { paymentId, requestId, laneId, version, amountCents, counter, signed } = command;
  const settle: SettlePaymentRequest = {
    kind: "SettlePaymentRequest",
    paymentId,
    accountId: meta.actor.id as SettlePaymentRequest["accountId"],
    requestId,
    version,
    amountCents,
  };
  const authorised: AccountEvent = {
    kind: "PaymentAuthorised",
    paymentId,
    requestId,
    laneId,
    version,
    amountCents,
    counter,
    availableBeforeCents: limitOf(customer).availableCents,
    atMs: meta.nowMs,
    signed,
  };
  return decided<AccountEvent, AccountReply>([authorised], later(paymentId), [
    holdTimer(paymentId, meta.nowMs + policy.holdMs),
    send(laneOf(laneId), settle),
  ]);
}

/** The lane was paid. Nothing can refuse this any more, a block least of all. */
export function capturePayment(
  state: OpenAccount | BlockedAccount,
  { paymentId, receipt, feeCents, terminal }: CapturePayment,
): AccountDecision {
  const { customer } = state;
  const hold = findHold(customer, paymentId);
  if (hold === undefined) {
    const released = customer.outcomes.some((other) => other.paymentId === paymentId);
    assert(!released, "a released payment is never captured");
    return answerOnly({ kind: "noted" });
  }
  assert(receipt.amountCents === hold.amountCents, "what is captured is what was held");
  const { merchantNumber } = receipt.payee;
  const entry = purchaseCaptured(customer.personId, merchantNumber, hold.amountCents, feeCents);
  const event: AccountEvent = { kind: "PaymentCaptured", receipt, feeCents, terminal, entry };
  const reply: PaymentCaptured = {
    ...captured(customer, paymentId, hold),
    receipt,
    // The hold becomes exposure: what is available does not change by the capture.
    limitAfterCents: limitOf(customer).availableCents,
  };
  return decided([event], { kind: "noted" }, endOfHold(paymentId, reply));
}

export function releasePayment(
  state: OpenAccount | BlockedAccount,
  { paymentId, refusal }: ReleasePayment,
): AccountDecision {
  const { customer } = state;
  if (findHold(customer, paymentId) === undefined) return answerOnly({ kind: "noted" });
  const event: AccountEvent = { kind: "PaymentReleased", paymentId, refusal };
  return decided([event], { kind: "noted" }, endOfHold(paymentId, refusal));
}

/** Asks the lane what became of the payment, and will ask again. */
export function holdOverdue(
  customer: Customer,
  paymentId: PaymentId,
  meta: Meta,
  policy: Policy,
): AccountDecision {
  const hold = findHold(customer, paymentId);
  if (hold === undefined) return answerOnly({ kind: "noted" });
  const resolve: ResolvePayment = {
    kind: "ResolvePayment",
    paymentId,
    accountId: meta.actor.id as ResolvePayment["accountId"],
    requestId: hold.requestId,
  };
  return decided([{ kind: "HoldQueried", paymentId }], { kind: "noted" }, [
    holdTimer(paymentId, meta.nowMs + policy.holdMs),
    send(laneOf(hold.laneId), resolve),
  ]);
}

function findHold(customer: Customer, paymentId: PaymentId): Hold | undefined {
  return customer.holds.find((hold) => hold.paymentId === paymentId);
}

function captured(
  customer: Customer,
  paymentId: PaymentId,
  hold: Hold | undefined,
): PaymentCaptured {
  const { availableCents } = limitOf(customer);
  return {
    kind: "payment_captured",
    paymentId,
    receipt: undefined,
    limitBeforeCents: hold?.availableBeforeCents ?? availableCents,
    limitAfterCents: availableCents,
    counter: customer.device.counter,
  };
}

/** What is told of a payment that the account may have forgotten; the limit is that of today. */
export function repeatedPayment(customer: Customer, paymentId: PaymentId): PaymentCaptured {
  return captured(customer, paymentId, undefined);
}

function laneOf(id: LaneId): { readonly kind: "lane"; readonly id: LaneId } {
  return { kind: "lane", id };
}

function holdTimer(paymentId: PaymentId, atMs: number): Effect {
  return wake(paymentId, atMs, { kind: "HoldOverdue", paymentId });
}

function endOfHold(paymentId: PaymentId, reply: AccountReply): readonly Effect[] {
  return [cancelWake(paymentId), { kind: "answer", key: paymentId, reply }];
}

type PaymentEvent = Extract<
  AccountEvent,
  { kind: "WrongPinEntered" | "PaymentAuthorised" | "PaymentCaptured" | "PaymentReleased" }
>;

export function applyPayment(customer: Customer, event: PaymentEvent): Customer {
  const { device, outcomes } = customer;
  switch (event.kind) {
    case "WrongPinEntered": {
      const { paymentId, counter, attemptsLeft } = event;
      const outcome = { paymentId, refusal: { kind: "pin_wrong", attemptsLeft } } as const;
      return {
        ...customer,
        device: { ...device, counter },
        pinFailures: customer.pinFailures + 1,
        outcomes: [...outcomes, outcome].slice(-OUTCOMES_MAX),
      };
    }
    case "PaymentAuthorised": {
      const { paymentId, requestId, laneId, version, amountCents, availableBeforeCents } = event;
      const terms = { paymentId, requestId, laneId, version, amountCents, availableBeforeCents };
      return {
        ...customer,
        device: { ...device, counter: event.counter },
        pinFailures: 0,
        holds: [...customer.holds, { ...terms, authorisedAtMs: event.atMs }],
      };
    }
    case "PaymentCaptured": {
      const { paymentId, amountCents, payee } = event.receipt;
      const { merchantNumber } = payee;
      const purchase = { paymentId, merchantNumber, amountCents, stage: "due" } as const;
      const collection = withPurchase(customer.collection, purchase);
      return { ...withoutHold(customer, paymentId), collection };
    }
    case "PaymentReleased": {
      const { paymentId, refusal } = event;
      return {
        ...withoutHold(customer, paymentId),
        outcomes: [...outcomes, { paymentId, refusal }].slice(-OUTCOMES_MAX),
      };
    }
    default:
      return unreachable(event);
  }
}

/** The hold ends; the customer keeps what `apply` needs of it. */
function withoutHold(customer: Customer, paymentId: PaymentId): Customer {
  const holds = customer.holds.filter((hold) => hold.paymentId !== paymentId);
  assert(holds.length === customer.holds.length - 1, "a hold ends once");
  return { ...customer, holds };
}
