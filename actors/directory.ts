/**
 * The directory: one actor per phone number, named by the keyed hash of the number. It makes the
 * number unique, sends the activation code (FAQ: by SMS), and knows whose number it is. The number
 * and the code themselves never come here: only keyed hashes and the token of a sealed message.
 */
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

export type DirectoryState =
  | { readonly kind: "free" }
  | ({
      readonly kind: "invited";
      readonly codeTag: string;
      readonly codeExpiresAtMs: number;
      readonly triesLeft: number;
      readonly codesSent: number;
    } & Candidate)
  | ({ readonly kind: "activated" } & Candidate)
  | { readonly kind: "bound"; readonly accountId: AccountId };

/** From the account, when it is opened. */
export interface BindPhone {
  readonly kind: "BindPhone";
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
    } & Candidate)
  | { readonly kind: "WrongCodeEntered"; readonly triesLeft: number }
  | ({ readonly kind: "PhoneActivated" } & Candidate)
  | { readonly kind: "PhoneBound"; readonly accountId: AccountId }
  | { readonly kind: "PhoneFreed" };

export type DirectoryReply =
  | Refusal
  | ({ readonly kind: "code_sent"; readonly expiresAtMs: number } & Candidate)
  | ({ readonly kind: "phone_activated" } & Candidate)
  | { readonly kind: "phone"; readonly accountId: AccountId | undefined }
  | { readonly kind: "noted" };

const CLAIM_TIMER = "claim";

export function directoryActor(
  policy: Policy,
): ActorDefinition<DirectoryState, DirectoryCommand, DirectoryEvent, DirectoryReply> {
  return {
    kind: "directory",
    schemaVersion: 1,
    eventKinds: ["CodeSent", "WrongCodeEntered", "PhoneActivated", "PhoneBound", "PhoneFreed"],
    init: () => ({ kind: "free" }),
    decide: (state, command, meta) => decide(state, command, meta, policy),
    apply: (_state, event) => apply(_state, event, policy),
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
    case "DescribePhone":
      return answerOnly({
        kind: "phone",
        accountId: state.kind === "bound" ? state.accountId : undefined,
      });
    case "CheckActivated":
      if (state.kind === "bound" && state.accountId !== command.accountId) {
        return answerOnly({ kind: "phone_taken" });
      }
      if (state.kind !== "bound" && state.kind !== "activated") {
        return answerOnly({ kind: "registration_not_found" });
      }
      if (state.accountId !== command.accountId) {
        return answerOnly({ kind: "registration_not_found" });
      }
      return answerOnly({ kind: "noted" });
    case "ClaimOverdue":
      if (state.kind === "free" || state.kind === "bound") return answerOnly({ kind: "noted" });
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
  const invited = state.kind === "invited" ? state : undefined;
  const codesSent = (invited?.codesSent ?? 0) + 1;
  if (codesSent > policy.codesMax) return answerOnly({ kind: "too_many_codes" });
  const { registrationId, accountId, deviceId, codeTag } = command;
  const expiresAtMs = meta.nowMs + policy.codeMs;
  const candidate = { registrationId, accountId, deviceId };
  return decided(
    [{ kind: "CodeSent", codeTag, expiresAtMs, codesSent, ...candidate }],
    { kind: "code_sent", expiresAtMs, ...candidate },
    [
      send({ kind: "sms", id: command.messageToken }, { kind: "DeliverMessage" }),
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
  if (state.kind === "free" || state.kind === "bound") {
    return answerOnly({ kind: "registration_not_found" });
  }
  if (state.registrationId !== command.registrationId) {
    return answerOnly({ kind: "registration_not_found" });
  }
  const { registrationId, accountId, deviceId } = state;
  const candidate = { registrationId, accountId, deviceId };
  if (state.kind === "activated") return answerOnly({ kind: "phone_activated", ...candidate });
  if (state.triesLeft === 0 || meta.nowMs >= state.codeExpiresAtMs) {
    return answerOnly({ kind: "code_expired" });
  }
  if (state.codeTag !== command.codeTag) {
    const triesLeft = state.triesLeft - 1;
    assert(triesLeft < policy.codeTriesMax, "a wrong code costs a try");
    return decided([{ kind: "WrongCodeEntered", triesLeft }], { kind: "code_wrong", triesLeft });
  }
  return decided(
    [{ kind: "PhoneActivated", ...candidate }],
    { kind: "phone_activated", ...candidate },
    [wake(CLAIM_TIMER, meta.nowMs + policy.claimMs, { kind: "ClaimOverdue" })],
  );
}

function bind(state: DirectoryState, { accountId }: BindPhone): DirectoryDecision {
  if (state.kind === "bound") {
    // CheckActivated stands before every opening, so this is the same account again.
    return answerOnly(state.accountId === accountId ? { kind: "noted" } : { kind: "phone_taken" });
  }
  return decided([{ kind: "PhoneBound", accountId }], { kind: "noted" }, [cancelWake(CLAIM_TIMER)]);
}

function apply(state: DirectoryState, event: DirectoryEvent, policy: Policy): DirectoryState {
  switch (event.kind) {
    case "CodeSent": {
      const { registrationId, accountId, deviceId, codeTag, codesSent } = event;
      return {
        kind: "invited",
        registrationId,
        accountId,
        deviceId,
        codeTag,
        codesSent,
        codeExpiresAtMs: event.expiresAtMs,
        triesLeft: policy.codeTriesMax,
      };
    }
    case "WrongCodeEntered":
      assert(state.kind === "invited", "a code was sent before one is wrong");
      return { ...state, triesLeft: event.triesLeft };
    case "PhoneActivated": {
      const { registrationId, accountId, deviceId } = event;
      return { kind: "activated", registrationId, accountId, deviceId };
    }
    case "PhoneBound":
      return { kind: "bound", accountId: event.accountId };
    case "PhoneFreed":
      return { kind: "free" };
    default:
      return unreachable(event);
  }
}

function upcastDirectory(stored: StoredBody): DirectoryEvent {
  assert(stored.version === 1, "the directory's events are of version 1");
  return stored.body as DirectoryEvent;
}
