/**
 * The event-log port. One atomic commit of a list is the whole durability story: events, state,
 * outbox, timers and dedupe rows stand or fall together, and everything else only reads what a
 * commit wrote. The conformance suite (test/conformance) says what every event log must do.
 */
import type { ActorRef } from "../../actors/actor.ts";

/** An embedded log answers at once; one behind a network answers later. */
export type Awaitable<T> = T | Promise<T>;

export interface NewEvent {
  readonly kind: string;
  /** schemaVersion of the actor that wrote it. */
  readonly version: number;
  /** The event as JSON. */
  readonly data: string;
}

export interface StoredEvent extends NewEvent {
  /** Place in the log: 1, 2, 3 ... without a gap. */
  readonly position: number;
  readonly ref: ActorRef;
  /** Number of the event within its actor: 1, 2, 3 ... without a gap. */
  readonly seq: number;
  /** Position of the same actor's event before this one; 0 for its first. */
  readonly previous: number;
  readonly atMs: number;
  readonly principal: string;
  readonly commandId: string;
}

/** A command to another actor, or to an outlet; kept until it has been delivered. */
export interface OutboxItem {
  /**
   * The command id of the cause, `>` and a number: also the command id at the receiver. A cause
   * that is decided again sends under the same ids; an id that waits already is not added again.
   */
  readonly id: string;
  readonly to: ActorRef;
  /** The command as JSON. */
  readonly command: string;
}

export type TimerChange =
  | {
      readonly kind: "set";
      readonly id: string;
      readonly atMs: number;
      /** The command as JSON. */
      readonly command: string;
    }
  | { readonly kind: "cancel"; readonly id: string }
  /**
   * Takes the timer that woke the actor. Gone, or set for another time: the commit is a conflict.
   */
  | { readonly kind: "fired"; readonly id: string; readonly atMs: number };

export interface DueTimer {
  readonly ref: ActorRef;
  readonly id: string;
  readonly atMs: number;
  readonly command: string;
}

/** What a repeat of the same command is answered with. */
export interface Remembered {
  readonly commandId: string;
  /** Tells a repeat from another command under the same id; empty where nothing is compared. */
  readonly fingerprint: string;
  /** The reply as JSON. */
  readonly reply: string;
  /** The request that produced the reply. */
  readonly requestId: string;
}

export interface ActorCommit {
  readonly ref: ActorRef;
  /** Sequence the decision was made on; another one in the log is a conflict. */
  readonly expectedSeq: number;
  /** Commits of one list with the same unit stand or fall together. */
  readonly unit: number;
  readonly commandId: string;
  readonly principal: string;
  readonly atMs: number;
  /** Zero events: a confirmation that `expectedSeq` still holds. */
  readonly events: readonly NewEvent[];
  /** The state after the last event, as JSON; a cache that may be left out. */
  readonly state: string | undefined;
  /** schemaVersion of the actor that made the state. */
  readonly stateVersion: number;
  readonly outbox: readonly OutboxItem[];
  /** Outbox rows that this commit's command came from; they are removed with it. */
  readonly delivered: readonly string[];
  readonly timers: readonly TimerChange[];
  readonly remember: readonly Remembered[];
}

export type CommitResult =
  /**
   * Written; `position` is that of the commit's first event, or the log's end where it had none.
   */
  | { readonly kind: "ok"; readonly position: number }
  | { readonly kind: "conflict" }
  /** A command id to be remembered is already in the log, with this reply. */
  | { readonly kind: "duplicate"; readonly remembered: Remembered };

export interface StoredState {
  /** The sequence it was taken at. */
  readonly seq: number;
  readonly json: string;
  /** schemaVersion of the actor that made it; another version does not believe it. */
  readonly version: number;
}

export interface LoadedActor {
  readonly seq: number;
  /** Position of the actor's newest event; 0 where it has none. */
  readonly lastPosition: number;
  /** The newest stored state; undefined where there is none. */
  readonly state: StoredState | undefined;
  /** The events after the stored state, oldest first. */
  readonly events: readonly StoredEvent[];
}

export interface LogHead {
  readonly position: number;
  /** Hex SHA-256 of the newest event, which covers all before it; 64 zeros for an empty log. */
  readonly hash: string;
}

export interface EventLog {
  /** Others write to it too: a decision that writes nothing must be confirmed. Default: false. */
  readonly isShared?: boolean | undefined;
  /** Answers in the order of `refs`. */
  load(refs: readonly ActorRef[]): Awaitable<readonly LoadedActor[]>;
  /** Answers per commit, in the order of the list. Throws LogFailure when nothing was written. */
  commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]>;
  recall(commandId: string): Awaitable<Remembered | undefined>;
  /** Undelivered items, oldest first; with `after`, those behind that item while it is there. */
  outboxNext(max: number, after?: string): Awaitable<readonly OutboxItem[]>;
  outboxDone(ids: readonly string[]): Awaitable<void>;
  timersDue(nowMs: number, max: number): Awaitable<readonly DueTimer[]>;
  timersNextAtMs(): Awaitable<number | undefined>;
  /** The feed: events with a position above `after`, in order. */
  read(after: number, max: number): Awaitable<readonly StoredEvent[]>;
  /** One actor's events before position `before`, newest first. */
  history(ref: ActorRef, before: number, max: number): Awaitable<readonly StoredEvent[]>;
  head(): Awaitable<LogHead>;
  /**
   * Forgets remembered replies of days that ended before `beforeMs`, at most `max` of them, in the
   * order in which they were given: one that is too young keeps those behind it. Answers how many:
   * as many as `max` means that there may be more.
   */
  prune(beforeMs: number, max: number): Awaitable<number>;
  close(): Awaitable<void>;
}

/**
 * Thrown by `commit` when the whole list failed. `full`: nothing was written, room may come back.
 */
export class LogFailure extends Error {
  override readonly name = "LogFailure";
  constructor(
    readonly kind: "full" | "failed" | "unknown_outcome",
    message: string,
  ) {
    super(message);
  }
}

/** One key per actor, used in maps, in ids derived from the actor, and in the log. */
export function refKey(ref: ActorRef): string {
  return `${ref.kind}:${ref.id}`;
}

/** Days are the unit in which remembered replies are forgotten. */
export const DAY_MS = 86_400_000;
