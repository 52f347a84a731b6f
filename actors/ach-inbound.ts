/**
 * One inbound file of the bank, known by the hash of its bytes: the same bytes again change
 * nothing. It keeps what nobody could act on, for a person to look at. Money that the bank moved
 * for an entry or a file that we know nothing of waits in suspense until it is understood.
 */
import type { AnswerException } from "./ach-entry.ts";
import {
  type ActorDefinition,
  answerOnly,
  type Decision,
  decided,
  type Meta,
  type StoredBody,
} from "./actor.ts";
import { assert, unreachable } from "./assert.ts";
import {
  answerException,
  applyResolution,
  type InboundException,
  type OpenException,
  type ResolutionEvent,
  type ResolutionReply,
  type ResolveException,
  resolveException,
} from "./inbound-exception.ts";
import type { JournalEntry } from "./ledger.ts";
import { unmatched } from "./suspense-postings.ts";

export type AchInboundCommand =
  | { readonly kind: "ReceiveInbound"; readonly bytes: number }
  | { readonly kind: "KeepException"; readonly exception: InboundException }
  | { readonly kind: "FinishInbound"; readonly applied: number; readonly known: number }
  | ResolveException
  | AnswerException
  | { readonly kind: "DescribeInbound" };

export type AchInboundEvent =
  | { readonly kind: "InboundReceived"; readonly bytes: number; readonly atMs: number }
  | {
      readonly kind: "ExceptionKept";
      readonly exception: InboundException;
      readonly entry: JournalEntry | null;
    }
  | { readonly kind: "InboundFinished"; readonly applied: number; readonly known: number }
  | ResolutionEvent;

export type AchInboundState =
  | { readonly kind: "vacant" }
  | {
      readonly kind: "reading" | "finished";
      readonly open: readonly OpenException[];
      /** The highest number given. */
      readonly exceptions: number;
    };

export type AchInboundReply =
  | ResolutionReply
  | { readonly kind: "inbound"; readonly state: AchInboundState }
  | { readonly kind: "noted" };

type InboundDecision = Decision<AchInboundEvent, AchInboundReply>;

/** Beyond it a file is junk: the rest is counted by the reader and not kept one by one. */
export const EXCEPTIONS_MAX = 1_000;
const NOTED = { kind: "noted" } as const;

export const achInboundActor: ActorDefinition<
  AchInboundState,
  AchInboundCommand,
  AchInboundEvent,
  AchInboundReply
> = {
  kind: "ach-inbound",
  schemaVersion: 3,
  eventKinds: [
    "InboundReceived",
    "ExceptionKept",
    "InboundFinished",
    "ExceptionResolved",
    "ExceptionGiveUpProposed",
    "ExceptionMatchProposed",
    "ExceptionMatched",
    "ExceptionApplied",
    "ExceptionNotApplied",
  ],
  init: () => ({ kind: "vacant" }),
  decide,
  apply,
  upcast: upcastInbound,
};

function decide(state: AchInboundState, command: AchInboundCommand, meta: Meta): InboundDecision {
  switch (command.kind) {
    case "DescribeInbound":
      return answerOnly({ kind: "inbound", state });
    case "ReceiveInbound": {
      if (state.kind !== "vacant") return answerOnly({ kind: "inbound", state });
      const event: AchInboundEvent = {
        ...{ kind: "InboundReceived", bytes: command.bytes, atMs: meta.nowMs },
      };
      const fresh = { kind: "reading", open: [], exceptions: 0 } as const;
      return decided([event], { kind: "inbound", state: fresh });
    }
    case "KeepException":
      return keep(state, command.exception);
    case "FinishInbound": {
      if (state.kind === "finished") return answerOnly(NOTED);
      assert(state.kind === "reading", "a file is received before it is finished");
      const { applied, known } = command;
      return decided([{ kind: "InboundFinished", applied, known }], NOTED);
    }
    case "ResolveException":
      return resolveException(openIn(state), command, meta);
    case "AnswerException":
      return answerException(openIn(state), command);
    default:
      return unreachable(command);
  }
}

/** Read again after a crash, a file has the same exceptions under the same numbers. */
function keep(state: AchInboundState, exception: InboundException): InboundDecision {
  assert(state.kind !== "vacant", "a file is received before anything is kept of it");
  assert(exception.number <= EXCEPTIONS_MAX, "a file keeps so many exceptions and no more");
  if (exception.number <= state.exceptions) return answerOnly(NOTED);
  assert(exception.number === state.exceptions + 1, "exceptions are numbered in order");
  const { money } = exception;
  const entry = money === null ? null : unmatched(money.of, money.direction, money.amountCents);
  return decided([{ kind: "ExceptionKept", exception, entry }], NOTED);
}

function openIn(state: AchInboundState): readonly OpenException[] {
  return state.kind === "vacant" ? [] : state.open;
}

function apply(state: AchInboundState, event: AchInboundEvent): AchInboundState {
  if (event.kind === "InboundReceived") {
    assert(state.kind === "vacant", "a file is received once");
    return { kind: "reading", open: [], exceptions: 0 };
  }
  assert(state.kind !== "vacant", "a file is received first");
  switch (event.kind) {
    case "ExceptionKept": {
      const { exception } = event;
      assert(exception.number === state.exceptions + 1, "exceptions are numbered in order");
      const kept: OpenException = { ...exception, proposedBy: null, isAsked: false };
      return { ...state, open: [...state.open, kept], exceptions: exception.number };
    }
    case "InboundFinished":
      return { ...state, kind: "finished" };
    default:
      return { ...state, open: applyResolution(state.open, event) };
  }
}

/** Version 1 knew money of returns only; before 3, nobody said how an exception was cleared up. */
function upcastInbound({ version, body }: StoredBody): AchInboundEvent {
  assert(version >= 1 && version <= 3, "inbound events have versions 1 to 3");
  const event = body as AchInboundEvent;
  if (version === 3) return event;
  if (event.kind === "ExceptionResolved") {
    return { ...event, how: event.entry === null ? "noted" : "back_to_bank" };
  }
  if (event.kind !== "ExceptionKept") return event;
  const { money } = event.exception;
  const moved =
    money === null ? null : { ...money, of: version === 1 ? ("return" as const) : money.of };
  return { ...event, exception: { ...event.exception, received: null, money: moved } };
}
