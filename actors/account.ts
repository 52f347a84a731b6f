/**
 * The account: one customer, one phone, one spending limit. It alone changes its state, so a limit
 * cannot be spent twice. How it pays is in approval.ts, how it is closed in closing.ts; this file
 * opens it, blocks it, and applies its events.
 */
import {
  applyCollection,
  decideCollection,
  isCollectionCommand,
  isCollectionEvent,
} from "./account-collection.ts";
import {
  ACCOUNT_EVENT_KINDS,
  type AccountCommand,
  type AccountEvent,
  type AccountReply,
  type AccountView,
  type OpenAccountCommand,
} from "./account-messages.ts";
import {
  type AccountState,
  type BlockedAccount,
  blocksOf,
  type ClosedAccount,
  type Customer,
  type HeldAccount,
  limitOf,
  type OpenAccount,
  withBlocks,
  withCustomer,
} from "./account-state.ts";
import {
  type ActorDefinition,
  answerOnly,
  type Decision,
  decided,
  type Meta,
  type StoredBody,
  send,
} from "./actor.ts";
import {
  applyPayment,
  approvePayment,
  capturePayment,
  holdOverdue,
  releasePayment,
  repeatedPayment,
} from "./approval.ts";
import { assert, unreachable } from "./assert.ts";
import { type BlockReason, operatorMayLift } from "./block.ts";
import { ageOn, localDate } from "./calendar.ts";
import { closeAccount, endClosing } from "./closing.ts";
import { NO_COLLECTION } from "./collection-state.ts";
import type { BindPhone } from "./directory.ts";
import { forgetPerson, refuseToForget } from "./forgetting.ts";
import { documentTokens, NO_IDENTITY } from "./identity.ts";
import {
  decideIdentity,
  expireDocuments,
  identityAfter,
  submitDocument,
} from "./identity-check.ts";
import { limitView, NO_EXPOSURE } from "./limit.ts";
import { AMOUNT_RULE } from "./mandate.ts";
import { ZERO_CENTS } from "./money.ts";
import type { Policy } from "./policy.ts";
import { applyShared, reviewShared, sharedEvents } from "./shared-bank-account.ts";

type AccountDecision = Decision<AccountEvent, AccountReply>;
type Of<Kind extends AccountCommand["kind"]> = Extract<AccountCommand, { kind: Kind }>;

export function accountActor(
  policy: Policy,
): ActorDefinition<AccountState, AccountCommand, AccountEvent, AccountReply> {
  return {
    kind: "account",
    schemaVersion: 7,
    eventKinds: ACCOUNT_EVENT_KINDS,
    init: () => ({ kind: "vacant" }),
    decide: (state, command, meta) => decide(state, command, meta, policy),
    apply,
    upcast: (stored) => upcastAccount(stored),
  };
}

function decide(
  state: AccountState,
  command: AccountCommand,
  meta: Meta,
  policy: Policy,
): AccountDecision {
  if (command.kind === "OpenAccount") return openAccount(state, command, meta, policy);
  if (command.kind === "ApprovePayment") return approvePayment(state, command, meta, policy);
  if (state.kind === "vacant") return answerOnly({ kind: "account_not_open" });
  if (state.kind === "closed") return decideClosed(state, command, meta, policy);
  const decision = decideActive(state, command, meta, policy);
  if (state.customer.closing === null) return decision;
  const after = decision.events.reduce<AccountState>(apply, state);
  assert(after.kind !== "vacant", "an account never becomes vacant again");
  return after.kind === "closed" ? decision : endClosing(decision, after, meta);
}

type CustomerCommand = Exclude<AccountCommand, { kind: "OpenAccount" | "ApprovePayment" }>;

/** Money that comes back, debts and refunds find a closed account; everything else is over. */
function decideClosed(
  state: ClosedAccount,
  command: CustomerCommand,
  meta: Meta,
  policy: Policy,
): AccountDecision {
  if (command.kind === "DescribeAccount") return answerOnly(describe(state));
  if (command.kind === "CloseAccount") {
    return answerOnly({ kind: "closing", isClosed: true, waitsFor: [] });
  }
  if (isCollectionCommand(command)) return decideCollection(state, command, meta, policy);
  switch (command.kind) {
    case "LiftBlock":
      return lift(state, command);
    case "ForgetPerson":
      return forgetPerson(state, command, meta);
    case "RepeatPayment":
      return answerOnly(repeatedPayment(state.customer, command.paymentId));
    default:
      return answerOnly({ kind: "account_not_open" });
  }
}

function decideActive(
  state: OpenAccount | BlockedAccount,
  command: CustomerCommand,
  meta: Meta,
  policy: Policy,
): AccountDecision {
  switch (command.kind) {
    case "DescribeAccount":
      return answerOnly(describe(state));
    case "CloseAccount":
      return closeAccount(state, command, meta);
    case "ReviewSharedBankAccount":
      return reviewShared(state, command);
    case "ExpireDocuments":
      return expireDocuments(state);
    case "ForgetPerson":
      return refuseToForget(command, meta);
    case "DescribeDevice": {
      const { device, vault } = state.customer;
      return answerOnly({ kind: "device", device, pinKey: vault.pinKey });
    }
    case "RepeatPayment":
      return answerOnly(repeatedPayment(state.customer, command.paymentId));
    case "SubmitIdentityDocument":
      return submitDocument(state, command, meta);
    case "VerifyIdentity":
    case "RejectIdentity":
      return decideIdentity(state, command, meta);
    case "BlockAccount":
      return block(state, command, meta);
    case "LiftBlock":
      return lift(state, command);
    case "SetCap":
      return setCap(state, command, policy);
    case "CapturePayment":
      return capturePayment(state, command);
    case "ReleasePayment":
      return releasePayment(state, command);
    case "HoldOverdue":
      return holdOverdue(state.customer, command.paymentId, meta, policy);
    default:
      return decideCollection(state, command, meta, policy);
  }
}

/** FAQ: 18 or older, one bank account, one phone, a mandate; the limit of $100 comes with it. */
function openAccount(
  state: AccountState,
  command: OpenAccountCommand,
  meta: Meta,
  policy: Policy,
): AccountDecision {
  if (state.kind !== "vacant") return answerOnly({ kind: "account_already_open" });
  const age = ageOn(command.birthDate, localDate(meta.nowMs, policy.timeZone));
  if (age < 0) return answerOnly({ kind: "birth_date_in_future" });
  if (age < policy.ageYearsMin) return answerOnly({ kind: "under_age" });
  const { deviceId, algorithm, publicKey, pinVersion, sharedWith = [] } = command;
  const { mandateTextVersion: textVersion, mandateTextHash: textHash } = command;
  const opened: AccountEvent = {
    kind: "AccountOpened",
    personId: command.personId,
    phoneTag: command.phoneTag,
    device: { deviceId, algorithm, publicKey, pinVersion, counter: 0 },
    mandate: {
      ...{ textVersion, textHash, acceptedAtMs: meta.nowMs, amountRule: AMOUNT_RULE },
      ...{ signature: command.mandateSignature, address: command.addressToken },
    },
    vault: command.vault,
    capCents: policy.capCents,
    atMs: meta.nowMs,
  };
  const bind: BindPhone = {
    kind: "BindPhone",
    accountId: meta.actor.id as BindPhone["accountId"],
  };
  const limit = limitView(policy.capCents, NO_EXPOSURE, ZERO_CENTS);
  const events = [opened, ...sharedEvents(sharedWith, meta)];
  return decided(events, { kind: "account_opened", limit }, [
    send({ kind: "directory", id: command.phoneTag }, bind),
  ]);
}

function block(
  state: OpenAccount | BlockedAccount,
  { reason, note }: Of<"BlockAccount">,
  meta: Meta,
): AccountDecision {
  if (hasBlock(state, reason)) return answerOnly({ kind: "block_already_open" });
  const blocks = [...blocksOf(state), { reason, sinceMs: meta.nowMs }];
  return decided([{ kind: "AccountBlocked", reason, note, atMs: meta.nowMs }], {
    kind: "blocks_changed",
    blocks,
  });
}

function lift(state: HeldAccount, { reason, note }: Of<"LiftBlock">): AccountDecision {
  if (!hasBlock(state, reason) || !operatorMayLift(reason)) {
    return answerOnly({ kind: "block_not_open" });
  }
  const blocks = blocksOf(state).filter((other) => other.reason !== reason);
  return decided([{ kind: "BlockLifted", reason, note }], { kind: "blocks_changed", blocks });
}

function hasBlock(state: AccountState, reason: BlockReason): boolean {
  return blocksOf(state).some((other) => other.reason === reason);
}

/** FAQ: users cannot adjust the limit; customer service may, with a reason. */
function setCap(
  { customer }: OpenAccount | BlockedAccount,
  { capCents, note }: Of<"SetCap">,
  policy: Policy,
): AccountDecision {
  assert(capCents >= 0, "a cap is not negative");
  assert(capCents <= policy.capCentsMax, "a cap is within what may be given");
  const limit = limitOf({ ...customer, capCents });
  return decided([{ kind: "CapSet", capCents, note }], { kind: "cap_set", limit });
}

function describe(state: HeldAccount): AccountView {
  const { customer } = state;
  const { personId, phoneTag, identity, device, mandate, vault } = customer;
  const { collection, closing, sharedWith, openedAtMs } = customer;
  return {
    ...{ kind: "account", status: state.kind, personId, phoneTag, closing, sharedWith },
    ...{ blocks: blocksOf(state), identity, device, mandate, vault },
    ...{ limit: limitOf(customer), collection, openedAtMs },
    forgottenAtMs: state.kind === "closed" ? state.forgottenAtMs : null,
  };
}

function apply(state: AccountState, event: AccountEvent): AccountState {
  if (event.kind === "AccountOpened") {
    assert(state.kind === "vacant", "an account is opened once");
    return { kind: "open", customer: newCustomer(event) };
  }
  assert(state.kind !== "vacant", "an account is opened before anything else happens to it");
  const { customer } = state;
  if (isCollectionEvent(event)) return withCustomer(state, applyCollection(customer, event));
  switch (event.kind) {
    case "ClosingBegun": {
      const { by, atMs } = event;
      const ended = customer.mandate.ended ?? { by, code: null, atMs };
      const mandate = { ...customer.mandate, ended };
      return withCustomer(state, { ...customer, mandate, closing: { by, sinceMs: atMs } });
    }
    case "AccountClosed":
      return closed(state, event.atMs);
    case "PersonForgotten":
      assert(state.kind === "closed", "nobody is forgotten who is a customer");
      return { ...state, forgottenAtMs: event.atMs };
    case "BankAccountShared":
    case "SharedBankAccountReviewed":
      return withCustomer(state, applyShared(customer, event));
    case "IdentityDocumentSubmitted":
    case "IdentityVerified":
    case "IdentityRejected":
    case "IdentityDocumentsExpired":
      return withCustomer(state, {
        ...customer,
        identity: identityAfter(customer.identity, event),
      });
    case "AccountBlocked": {
      if (hasBlock(state, event.reason)) return state;
      const block = { reason: event.reason, sinceMs: event.atMs };
      return withBlocks(state, customer, [...blocksOf(state), block]);
    }
    case "BlockLifted":
      return lifted(state, event.reason);
    case "CapSet":
      return withCustomer(state, { ...customer, capCents: event.capCents });
    case "PinFailuresCleared":
      return withCustomer(state, { ...customer, pinFailures: 0 });
    case "HoldQueried":
      return state;
    case "WrongPinEntered":
    case "PaymentAuthorised":
    case "PaymentCaptured":
    case "PaymentReleased":
      return withCustomer(state, applyPayment(customer, event));
    default:
      return unreachable(event);
  }
}

/** No debit is sent any more; pictures that nobody decided on are gone. */
function closed(state: HeldAccount, closedAtMs: number): AccountState {
  const { customer } = state;
  const isDecided = documentTokens(customer.identity).length === 0;
  const identity = isDecided ? customer.identity : NO_IDENTITY;
  const collection = { ...customer.collection, isMandateEnded: true };
  const after = { ...customer, identity, collection };
  const blocks = blocksOf(state);
  return { kind: "closed", blocks, customer: after, closedAtMs, forgottenAtMs: null };
}

function newCustomer(event: Extract<AccountEvent, { kind: "AccountOpened" }>): Customer {
  const { person, bankAccount } = event.vault;
  const { deviceId } = event.device;
  return {
    personId: event.personId,
    phoneTag: event.phoneTag,
    device: event.device,
    mandate: { ...event.mandate, person, bankAccount, deviceId, ended: null },
    vault: event.vault,
    identity: NO_IDENTITY,
    capCents: event.capCents,
    holds: [],
    collection: NO_COLLECTION,
    outcomes: [],
    pinFailures: 0,
    openedAtMs: event.atMs,
    closing: null,
    sharedWith: [],
  };
}

/** Customer service lifting the block of wrong PINs gives the customer all tries again. */
function lifted(state: HeldAccount, reason: BlockReason): AccountState {
  const blocks = blocksOf(state).filter((other) => other.reason !== reason);
  const { customer } = state;
  const pinFailures = reason === "pin_failures" ? 0 : customer.pinFailures;
  return withBlocks(state, { ...customer, pinFailures }, blocks);
}

/**
 * Version 3 knows more of a mandate, and when a bank ended it; before version 4 only what had come
 * back was written off; before version 5 another bank account had the mandate of the one before,
 * and before version 6 every return fee was paid by hand. Events of version 7 are the same: states
 * know from which bank account a debit came back.
 */
function upcastAccount({ version, body }: StoredBody): AccountEvent {
  assert(version >= 1 && version <= 7, "account events have versions 1 to 7");
  const event = body as AccountEvent;
  if (version >= 6) return event;
  if (event.kind === "ReturnFeeCharged") return { ...event, merchantNumber: 0, debitBy: null };
  if (version === 5) return event;
  if (event.kind === "BankAccountReplaced") return { ...event, person: null, mandate: null };
  if (version === 4) return event;
  if (event.kind === "DebtWrittenOff") return { ...event, from: "returned" };
  if (version === 3) return event;
  if (event.kind === "MandateEnded") return { ...event, atMs: null };
  if (event.kind !== "AccountOpened") return event;
  const { textVersion, textHash, acceptedAtMs } = event.mandate;
  const unknown = { amountRule: AMOUNT_RULE, signature: null, address: null };
  return { ...event, mandate: { textVersion, textHash, acceptedAtMs, ...unknown } };
}
