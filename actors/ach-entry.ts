/**
 * One entry of an ACH file for which something came back; entries that nobody speaks of have no
 * actor. It lets each return through once, for as long as the log is kept: the same return again
 * changes nothing, a second one with a trace of its own is for a person to look at.
 */

import type { CountReturn } from "./ach-file-messages.ts";
import {
  type ActorDefinition,
  type ActorRef,
  answerOnly,
  type Decision,
  decided,
  type Effect,
  type StoredBody,
  send,
} from "./actor.ts";
import { assert, unreachable } from "./assert.ts";
import type { BankDate } from "./banking-calendar.ts";
import type { CollectionCommand } from "./collection-messages.ts";
import type { Cents } from "./money.ts";
import type { Refusal } from "./refusals.ts";
import { isReturnCode, meaningOf } from "./return-codes.ts";
import {
  afterReversal,
  type EntryReversal,
  type EntryReversalEvent,
  NOT_REVERSED,
  type ReverseEntry,
  reverseEntry,
} from "./reversed-entry.ts";
import type { SentEntry } from "./sent-entry.ts";

/** The same, with what its file says. */
export interface SentInFile extends SentEntry {
  /** The last banking day on which an ordinary return of a debit may be booked. */
  readonly windowOn: BankDate;
}

/** What came back, as it was read. */
export interface ReceivedReturn {
  readonly code: string;
  /** The trace of the return itself, 15 digits. */
  readonly ownTrace: string;
  readonly amountCents: Cents;
  readonly direction: "debit" | "credit";
  /** When the bank booked it: it may have been read much later. */
  readonly bookedOn: BankDate;
}

export type AchEntryCommand =
  | {
      readonly kind: "ReceiveReturn";
      /** Null for a trace that we never sent: then the actor is of the trace alone. */
      readonly sent: SentInFile | null;
      readonly received: ReceivedReturn;
      /** The inbound file, by the hash of its bytes: read again, it gets the same answers. */
      readonly inbound: string;
    }
  | AcceptReturn
  | ReverseEntry
  | { readonly kind: "DescribeEntry" };

/** A person says that it is a return of this entry. */
export interface AcceptReturn {
  readonly kind: "AcceptReturn";
  readonly sent: SentInFile;
  /** Of the entry's own direction and amount. */
  readonly received: ReceivedReturn;
  /** Where it was kept, and hears whether the entry takes it. */
  readonly exception: { readonly inbound: string; readonly number: number };
}

/** To where it was kept: whether it takes the return. */
export interface AnswerException {
  readonly kind: "AnswerException";
  readonly number: number;
  readonly isAccepted: boolean;
  readonly amountCents: Cents;
}

/** Why a person must look at a return. */
export type ReturnDoubt =
  | "unmatched"
  | "unknown_code"
  | "amount_differs"
  | "direction_differs"
  | "too_late"
  | "possible_duplicate"
  /** Its money went back before it came. */
  | "entry_reversed";

export type AchEntryEvent =
  | EntryReversalEvent
  | {
      readonly kind: "ReturnReceived";
      readonly code: string;
      readonly ownTrace: string;
      readonly amountCents: Cents;
    }
  | {
      readonly kind: "ReturnDoubted";
      readonly doubt: ReturnDoubt;
      readonly code: string;
      readonly ownTrace: string;
      readonly amountCents: Cents;
      readonly inbound: string;
    };

export interface AchEntryState {
  /** The return that was acted on. */
  readonly returned: { readonly code: string; readonly ownTrace: string } | null;
  readonly doubted: readonly DoubtedReturn[];
  readonly reversal: EntryReversal;
}

interface DoubtedReturn {
  readonly code: string;
  readonly ownTrace: string;
  readonly doubt: ReturnDoubt;
  readonly inbound: string;
}

export type AchEntryReply =
  | Refusal
  | { readonly kind: "reversal_proposed" }
  | { readonly kind: "reversal_recorded" }
  | { readonly kind: "return_applied" }
  | { readonly kind: "return_known" }
  | { readonly kind: "return_doubted"; readonly doubt: ReturnDoubt }
  | { readonly kind: "entry"; readonly state: AchEntryState };

type EntryDecision = Decision<AchEntryEvent, AchEntryReply>;

export function achEntryRef({ fileId, trace }: SentEntry): ActorRef {
  assert(Number.isInteger(trace) && trace >= 0, "a trace has a sequence number");
  return { kind: "ach-entry", id: `${fileId}/${trace}` };
}

/** Of a trace that we never sent: 15 digits, or what stands in their place. */
export function unknownEntryRef(originalTrace: string): ActorRef {
  return { kind: "ach-entry", id: `unknown/${originalTrace}` };
}

export const achEntryActor: ActorDefinition<
  AchEntryState,
  AchEntryCommand,
  AchEntryEvent,
  AchEntryReply
> = {
  kind: "ach-entry",
  schemaVersion: 2,
  eventKinds: ["ReturnReceived", "ReturnDoubted", "ReversalProposed", "EntryReversed"],
  init: () => ({ returned: null, doubted: [], reversal: NOT_REVERSED }),
  decide(state, command, meta) {
    switch (command.kind) {
      case "DescribeEntry":
        return answerOnly({ kind: "entry", state });
      case "ReceiveReturn":
        return receive(state, command);
      case "AcceptReturn":
        return accept(state, command);
      case "ReverseEntry":
        return reverseEntry(state, command, meta);
      default:
        return unreachable(command);
    }
  },
  apply(state, event) {
    switch (event.kind) {
      case "ReturnReceived": {
        assert(state.returned === null, "an entry comes back once");
        const { code, ownTrace } = event;
        return { ...state, returned: { code, ownTrace } };
      }
      case "ReturnDoubted": {
        const { code, ownTrace, doubt, inbound } = event;
        return { ...state, doubted: [...state.doubted, { code, ownTrace, doubt, inbound }] };
      }
      case "ReversalProposed":
      case "EntryReversed":
        assert(state.reversal.kind !== "reversed", "an entry is reversed once");
        return { ...state, reversal: afterReversal(event) };
      default:
        return unreachable(event);
    }
  },
  upcast(stored: StoredBody) {
    assert(stored.version <= 2, "the entry's events are of versions 1 and 2");
    return stored.body as AchEntryEvent;
  },
};

function receive(
  state: AchEntryState,
  { sent, received, inbound }: Extract<AchEntryCommand, { kind: "ReceiveReturn" }>,
): EntryDecision {
  const { code, ownTrace, amountCents } = received;
  const isSame = (other: { readonly code: string; readonly ownTrace: string }): boolean =>
    other.code === code && other.ownTrace === ownTrace;
  if (state.returned !== null && isSame(state.returned))
    return answerOnly({ kind: "return_known" });
  const before = state.doubted.find(isSame);
  if (before !== undefined) {
    if (before.inbound !== inbound) return answerOnly({ kind: "return_known" });
    return answerOnly({ kind: "return_doubted", doubt: before.doubt });
  }
  const doubt = doubtOf(state, sent, received);
  if (doubt !== undefined) {
    const event: AchEntryEvent = {
      ...{ kind: "ReturnDoubted", doubt, code, ownTrace, amountCents, inbound },
    };
    return decided([event], { kind: "return_doubted", doubt });
  }
  assert(sent !== null, "what we never sent is doubted");
  return decided([returnReceived(received)], { kind: "return_applied" }, [count(sent, received)]);
}

/** A person has looked: only an entry that came back already, or went back, says no. */
function accept(
  { returned, reversal }: AchEntryState,
  { sent, received, exception }: AcceptReturn,
): EntryDecision {
  const { amountCents, direction } = received;
  assert(amountCents === sent.amountCents, "what a person applies is of the entry's amount");
  assert(direction === sent.direction, "what a person applies goes the entry's way");
  const isAccepted = returned === null && reversal.kind !== "reversed";
  const answer: AnswerException = {
    ...{ kind: "AnswerException", number: exception.number, isAccepted, amountCents },
  };
  const told = send({ kind: "ach-inbound", id: exception.inbound }, answer);
  if (!isAccepted) return decided([], { kind: "return_known" }, [told]);
  const effects = [count(sent, received), told];
  return decided([returnReceived(received)], { kind: "return_applied" }, effects);
}

function returnReceived({ code, ownTrace, amountCents }: ReceivedReturn): AchEntryEvent {
  return { kind: "ReturnReceived", code, ownTrace, amountCents };
}

/** To its file first, which tells the owner whether the bank had settled. */
function count(
  { fileId, trace, owner, subject, direction, merchantNumber }: SentInFile,
  { code, amountCents, bookedOn }: ReceivedReturn,
): Effect {
  assert(isReturnCode(code), "an unknown code is doubted");
  const command = {
    ...{ kind: "ReturnEntry", subject, fileId, trace, code, merchantNumber, amountCents },
    ...{ isSettled: false, bookedOn },
  } satisfies Omit<Extract<CollectionCommand, { kind: "ReturnEntry" }>, "subject"> & object;
  const counted: CountReturn = {
    ...{ kind: "CountReturn", direction, amountCents, bookedOn, owner, command },
  };
  return send({ kind: "ach-file", id: fileId }, counted);
}

function doubtOf(
  state: AchEntryState,
  sent: SentInFile | null,
  { code, amountCents, direction, bookedOn }: ReceivedReturn,
): ReturnDoubt | undefined {
  if (sent === null) return "unmatched";
  if (state.returned !== null) return "possible_duplicate";
  if (state.reversal.kind === "reversed") return "entry_reversed";
  if (!isReturnCode(code)) return "unknown_code";
  if (direction !== sent.direction) return "direction_differs";
  if (amountCents !== sent.amountCents) return "amount_differs";
  // Ordinary returns are booked within two banking days; later ones we may refuse (R68).
  const isLate = bookedOn > sent.windowOn && sent.direction === "debit";
  return isLate && !meaningOf(code).isLate ? "too_late" : undefined;
}
