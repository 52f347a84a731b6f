/**
 * One inbound file of the bank, known by the hash of its bytes: the same bytes again change
 * nothing. It keeps what nobody could act on, for a person to look at. Money that the bank moved
 * for an entry or a file that we know nothing of waits in suspense until it is understood.
 */
import {
  type ActorDefinition,
  answerOnly,
  type Decision,
  decided,
  type Meta,
  type StoredBody,
} from "./actor.ts";
import { assert, unreachable } from "./assert.ts";
import type { JournalEntry } from "./ledger.ts";
import type { Cents } from "./money.ts";
import { suspenseCleared, unmatched } from "./postings.ts";
import type { Refusal } from "./refusals.ts";

/** What is wrong with a piece of the file, and where. */
export interface InboundException {
  /** From 1, in the order of the file. */
  readonly number: number;
  readonly line: number;
  /** A word of a closed list: of the reader, of the entry's actor, or `unknown_file`. */
  readonly reason: string;
  /** Token of the sealed bytes; null where there are none. */
  readonly sealed: string | null;
  /** Money that the bank moved for it; null where it moved none, or where that is booked. */
  readonly money: MovedMoney | null;
}

export interface MovedMoney {
  /** Entries that came back, or a file that was settled: money goes the opposite ways. */
  readonly of: "return" | "settlement";
  /** Of the entries. */
  readonly direction: "debit" | "credit";
  readonly amountCents: Cents;
}

export type AchInboundCommand =
  | { readonly kind: "ReceiveInbound"; readonly bytes: number }
  | { readonly kind: "KeepException"; readonly exception: InboundException }
  | { readonly kind: "FinishInbound"; readonly applied: number; readonly known: number }
  | { readonly kind: "ResolveException"; readonly number: number; readonly note: string }
  | { readonly kind: "DescribeInbound" };

export type AchInboundEvent =
  | { readonly kind: "InboundReceived"; readonly bytes: number; readonly atMs: number }
  | {
      readonly kind: "ExceptionKept";
      readonly exception: InboundException;
      readonly entry: JournalEntry | null;
    }
  | { readonly kind: "InboundFinished"; readonly applied: number; readonly known: number }
  | {
      readonly kind: "ExceptionResolved";
      readonly number: number;
      readonly note: string;
      readonly entry: JournalEntry | null;
    };

export type AchInboundState =
  | { readonly kind: "vacant" }
  | {
      readonly kind: "reading" | "finished";
      readonly open: readonly InboundException[];
      /** The highest number given. */
      readonly exceptions: number;
    };

export type AchInboundReply =
  | Refusal
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
  schemaVersion: 2,
  eventKinds: ["InboundReceived", "ExceptionKept", "InboundFinished", "ExceptionResolved"],
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
      return resolve(state, command.number, command.note);
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

function resolve(state: AchInboundState, number: number, note: string): InboundDecision {
  const open = state.kind === "vacant" ? [] : state.open;
  const found = open.find((exception) => exception.number === number);
  if (found === undefined) return answerOnly({ kind: "exception_not_open" });
  const { money } = found;
  const entry = money === null ? null : cleared(money);
  return decided([{ kind: "ExceptionResolved", number, note, entry }], NOTED);
}

function cleared({ of, direction, amountCents }: MovedMoney): JournalEntry {
  return suspenseCleared(of, direction, amountCents);
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
      return { ...state, open: [...state.open, exception], exceptions: exception.number };
    }
    case "InboundFinished":
      return { ...state, kind: "finished" };
    case "ExceptionResolved": {
      const open = state.open.filter(({ number }) => number !== event.number);
      return { ...state, open };
    }
    default:
      return unreachable(event);
  }
}

/** Version 1 knew money of returns only. */
function upcastInbound({ version, body }: StoredBody): AchInboundEvent {
  assert(version === 1 || version === 2, "inbound events have versions 1 and 2");
  const event = body as AchInboundEvent;
  if (version === 2 || event.kind !== "ExceptionKept") return event;
  const { exception } = event;
  const money = exception.money === null ? null : { ...exception.money, of: "return" as const };
  return { ...event, exception: { ...exception, money } };
}
