/**
 * The directory: one actor per phone number, named by the keyed hash of the number. It makes the
 * number unique, sends the activation code (FAQ: by SMS), and knows whose number it is. The number
 * and the code themselves never come here: only keyed hashes and the token of a sealed message.
 */
import type { AccountCommand } from "./account-messages.ts";
import { accountRef } from "./account-state.ts";
import {
  type ActorDefinition,
  answerOnly,
  cancelWake,
  type Decision,
  decided,
  type Meta,
  type StoredBody,
  send,
  wake,
} from "./actor.ts";
import { assert, unreachable } from "./assert.ts";
import type { AccountId, DeviceId, RegistrationId } from "./ids.ts";
import type { Policy } from "./policy.ts";
import type { Refusal } from "./refusals.ts";

interface Candidate {
  readonly registrationId: RegistrationId;
  readonly accountId: AccountId;
  readonly deviceId: DeviceId;
}

/** A code that is on its way to the number, or was read there. */
interface Invitation extends Candidate {
  readonly codeTag: string;
  readonly codeExpiresAtMs: number;
  readonly triesLeft: number;
}

export type DirectoryState =
  | { readonly kind: "free" }
  /**
   * Somebody wants it. Anyone may ask for a code to any number, so one who asks takes nothing away
   * from another: only a right code replaces who was activated before.
   */
  | {
      readonly kind: "claimed";
      /** Oldest first, one a registration; bounded by the codes that are sent. */
      readonly invitations: readonly Invitation[];
      /** Since the number was free or activated. */
      readonly codesSent: number;
      readonly activated: Candidate | undefined;
    }
  | { readonly kind: "bound"; readonly accountId: AccountId };

type Claimed = Extract<DirectoryState, { kind: "claimed" }>;

/** From the account, when it is opened. */
export interface BindPhone {
  readonly kind: "BindPhone";
  readonly accountId: AccountId;
}

/** To the SMS outlet, addressed by the token of a sealed message. */
export interface DeliverMessage {
  readonly kind: "DeliverMessage";
  /** Nobody has any use for it from then on, Unix milliseconds. */
  readonly untilMs: number;
}

/** From the account, when it is closed. */
export interface FreePhone {
  readonly kind: "FreePhone";
  readonly accountId: AccountId;
}

export type DirectoryCommand =
  | ({
      readonly kind: "SendCode";
      /** Keyed hash of number and code. */
      readonly codeTag: string;
      /** The sealed message with the code in it. */
      readonly messageToken: string;
    } & Candidate)
  | {
      readonly kind: "ActivatePhone";
      readonly registrationId: RegistrationId;
      readonly codeTag: string;
    }
  | BindPhone
  | FreePhone
  | { readonly kind: "DescribePhone" }
  /** May this account be opened under this number? */
  | { readonly kind: "CheckActivated"; readonly accountId: AccountId }
  /** Timer. */
  | { readonly kind: "ClaimOverdue" };

export type DirectoryEvent =
  | ({
      readonly kind: "CodeSent";
      readonly codeTag: string;
      readonly expiresAtMs: number;
      readonly codesSent: number;
      readonly triesLeft: number;
    } & Candidate)
  | {
      readonly kind: "WrongCodeEntered";
      /** Undefined in version 1: the newest. */
      readonly registrationId: RegistrationId | undefined;
      readonly triesLeft: number;
    }
  | ({ readonly kind: "PhoneActivated" } & Candidate)
  | { readonly kind: "PhoneBound"; readonly accountId: AccountId }
  | { readonly kind: "PhoneFreed" };

export type DirectoryReply =
  | Refusal
  | ({ readonly kind: "code_sent"; readonly expiresAtMs: number } & Candidate)
  | ({ readonly kind: "phone_activated" } & Candidate)
  | { readonly kind: "phone"; readonly accountId: AccountId | undefined }
  | { readonly kind: "noted" };

/** The timer that frees a number nobody registers. */
export const CLAIM_TIMER = "claim";

export function directoryActor(
  policy: Policy,
): ActorDefinition<DirectoryState, DirectoryCommand, DirectoryEvent, DirectoryReply> {
  return {
    kind: "directory",
    schemaVersion: 2,
    eventKinds: ["CodeSent", "WrongCodeEntered", "PhoneActivated", "PhoneBound", "PhoneFreed"],
    init: () => ({ kind: "free" }),
    decide: (state, command, meta) => decide(state, command, meta, policy),
    apply,
    upcast: upcastDirectory,
  };
}

type DirectoryDecision = Decision<DirectoryEvent, DirectoryReply>;
type Of<Kind extends DirectoryCommand["kind"]> = Extract<DirectoryCommand, { kind: Kind }>;

function decide(
  state: DirectoryState,
  command: DirectoryCommand,
  meta: Meta,
  policy: Policy,
): DirectoryDecision {
  switch (command.kind) {
    case "SendCode":
      return sendCode(state, command, meta, policy);
    case "ActivatePhone":
      return activate(state, command, meta, policy);
    case "BindPhone":
      return bind(state, command);
    case "FreePhone":
      // Never another account's, whose number it may have been.
      if (state.kind !== "bound" || state.accountId !== command.accountId) {
        return answerOnly({ kind: "noted" });
      }
      return decided([{ kind: "PhoneFreed" }], { kind: "noted" });
    case "DescribePhone":
      return answerOnly({
        kind: "phone",
        accountId: state.kind === "bound" ? state.accountId : undefined,
      });
    case "CheckActivated":
      return checkActivated(state, command.accountId);
    case "ClaimOverdue":
      if (state.kind !== "claimed") return answerOnly({ kind: "noted" });
      return decided([{ kind: "PhoneFreed" }], { kind: "noted" });
    default:
      return unreachable(command);
  }
}

function sendCode(
  state: DirectoryState,
  command: Of<"SendCode">,
  meta: Meta,
  policy: Policy,
): DirectoryDecision {
  if (state.kind === "bound") return answerOnly({ kind: "phone_taken" });
  const codesSent = (state.kind === "claimed" ? state.codesSent : 0) + 1;
  if (codesSent > policy.codesMax) return answerOnly({ kind: "too_many_codes" });
  const { registrationId, accountId, deviceId, codeTag } = command;
  const expiresAtMs = meta.nowMs + policy.codeMs;
  const candidate = { registrationId, accountId, deviceId };
  const triesLeft = policy.codeTriesMax;
  const deliver: DeliverMessage = { kind: "DeliverMessage", untilMs: expiresAtMs };
  return decided(
    [{ kind: "CodeSent", codeTag, expiresAtMs, codesSent, triesLeft, ...candidate }],
    { kind: "code_sent", expiresAtMs, ...candidate },
    [
      send({ kind: "sms", id: command.messageToken }, deliver),
      wake(CLAIM_TIMER, meta.nowMs + policy.claimMs, { kind: "ClaimOverdue" }),
    ],
  );
}

function activate(
  state: DirectoryState,
  command: Of<"ActivatePhone">,
  meta: Meta,
  policy: Policy,
): DirectoryDecision {
  const { registrationId } = command;
  if (state.kind !== "claimed") return answerOnly({ kind: "registration_not_found" });
  if (state.activated?.registrationId === registrationId) {
    return answerOnly({ kind: "phone_activated", ...state.activated });
  }
  const invitation = state.invitations.find((other) => other.registrationId === registrationId);
  if (invitation === undefined) return answerOnly({ kind: "registration_not_found" });
  const { accountId, deviceId } = invitation;
  const candidate = { registrationId, accountId, deviceId };
  if (invitation.triesLeft === 0 || meta.nowMs >= invitation.codeExpiresAtMs) {
    return answerOnly({ kind: "code_expired" });
  }
  if (invitation.codeTag !== command.codeTag) {
    const triesLeft = invitation.triesLeft - 1;
    const event: DirectoryEvent = { kind: "WrongCodeEntered", registrationId, triesLeft };
    return decided([event], { kind: "code_wrong", triesLeft });
  }
  return decided(
    [{ kind: "PhoneActivated", ...candidate }],
    { kind: "phone_activated", ...candidate },
    [wake(CLAIM_TIMER, meta.nowMs + policy.claimMs, { kind: "ClaimOverdue" })],
  );
}

/** Stands before the opening of an account. */
function checkActivated(state: DirectoryState, accountId: AccountId): DirectoryDecision {
  if (state.kind === "bound") {
    return answerOnly(state.accountId === accountId ? { kind: "noted" } : { kind: "phone_taken" });
  }
  const isActivated = state.kind === "claimed" && state.activated?.accountId === accountId;
  return answerOnly({ kind: isActivated ? "noted" : "registration_not_found" });
}

function bind(state: DirectoryState, { accountId }: BindPhone): DirectoryDecision {
  if (state.kind === "bound") {
    if (state.accountId === accountId) return answerOnly({ kind: "noted" });
    // Two were checked before either was opened: the number is one account's, the other never pays.
    const note = "its phone number is another account's";
    const block: AccountCommand = { kind: "BlockAccount", reason: "phone_taken", note };
    return decided([], { kind: "phone_taken" }, [send(accountRef(accountId), block)]);
  }
  return decided([{ kind: "PhoneBound", accountId }], { kind: "noted" }, [cancelWake(CLAIM_TIMER)]);
}

function apply(state: DirectoryState, event: DirectoryEvent): DirectoryState {
  switch (event.kind) {
    case "CodeSent":
      return invited(state, event);
    case "WrongCodeEntered": {
      assert(state.kind === "claimed", "a code was sent before one is wrong");
      const { invitations } = state;
      const registrationId = event.registrationId ?? invitations.at(-1)?.registrationId;
      const after = invitations.map((other) =>
        other.registrationId === registrationId ? { ...other, triesLeft: event.triesLeft } : other,
      );
      return { ...state, invitations: after };
    }
    case "PhoneActivated": {
      const { registrationId, accountId, deviceId } = event;
      const activated = { registrationId, accountId, deviceId };
      return { kind: "claimed", invitations: [], codesSent: 0, activated };
    }
    case "PhoneBound":
      return { kind: "bound", accountId: event.accountId };
    case "PhoneFreed":
      return { kind: "free" };
    default:
      return unreachable(event);
  }
}

/** A new code takes the place of an older one of its own registration, and of no other. */
function invited(
  state: DirectoryState,
  event: Extract<DirectoryEvent, { kind: "CodeSent" }>,
): Claimed {
  const { registrationId, accountId, deviceId, codeTag, codesSent, triesLeft } = event;
  const candidate = { registrationId, accountId, deviceId };
  const invitation = { ...candidate, codeTag, codeExpiresAtMs: event.expiresAtMs, triesLeft };
  const before = state.kind === "claimed" ? state : undefined;
  const others = (before?.invitations ?? []).filter(
    (other) => other.registrationId !== registrationId,
  );
  const invitations = [...others, invitation];
  return { kind: "claimed", invitations, codesSent, activated: before?.activated };
}

/** Version 1 gave every code five tries, and there was one code at a time. */
const TRIES_OF_VERSION_1 = 5;

function upcastDirectory({ version, body }: StoredBody): DirectoryEvent {
  const event = body as DirectoryEvent;
  if (version === 2) return event;
  assert(version === 1, "the directory's events are of version 1 or 2");
  if (event.kind !== "CodeSent") return event;
  return { ...event, triesLeft: TRIES_OF_VERSION_1 };
}
