/**
 * Which commits of a list may be written: compare-and-set on each actor's sequence, one effect per
 * command id, and units that stand or fall together. Every event log decides by this one rule.
 */
import type { ActorRef } from "../../actors/actor.ts";
import { assert, present } from "../../actors/assert.ts";
import { type ActorCommit, type CommitResult, type Remembered, refKey } from "./event-log.ts";

/** What the log holds now, as the plan needs it. */
export interface LogState {
  seqOf(ref: ActorRef): number;
  recalled(commandId: string): Remembered | undefined;
  /** When the timer rings; undefined where it is not set. */
  timerAtMs(ref: ActorRef, id: string): number | undefined;
}

export type Verdict =
  | { readonly kind: "write" }
  | Extract<CommitResult, { kind: "conflict" | "duplicate" }>;

const WRITE: Verdict = { kind: "write" };
const CONFLICT: Verdict = { kind: "conflict" };

/** One verdict per commit, in the order of the list. A later unit sees what earlier ones write. */
export function planCommits(list: readonly ActorCommit[], log: LogState): readonly Verdict[] {
  const verdicts: Verdict[] = new Array(list.length).fill(CONFLICT);
  const written = new Ahead(log);
  /** Actors whose events in this list were lost: what was decided after them rests on nothing. */
  const lost = new Set<string>();
  for (const members of unitsOf(list)) {
    const unit = new Ahead(written);
    let writes = true;
    for (const at of members) {
      const commit = present(list[at], "a commit of the list");
      const known = firstKnown(commit, written);
      if (known !== undefined) verdicts[at] = { kind: "duplicate", remembered: known };
      writes &&= known === undefined && !lost.has(refKey(commit.ref)) && holds(commit, unit);
      unit.add(commit);
    }
    for (const at of members) {
      const commit = present(list[at], "a commit of the list");
      if (writes) {
        verdicts[at] = WRITE;
        written.add(commit);
      } else if (commit.events.length > 0) {
        lost.add(refKey(commit.ref));
      }
    }
  }
  assert(verdicts.length === list.length, "one verdict per commit");
  return verdicts;
}

/** True when the commit was decided on what is there: the sequence, and the timers that woke it. */
function holds({ ref, expectedSeq, timers }: ActorCommit, log: LogState): boolean {
  if (log.seqOf(ref) !== expectedSeq) return false;
  return timers.every(
    (timer) => timer.kind !== "fired" || log.timerAtMs(ref, timer.id) === timer.atMs,
  );
}

/** What a log will hold after some more commits. */
class Ahead implements LogState {
  readonly #seqs = new Map<string, number>();
  readonly #timers = new Map<string, number | undefined>();
  readonly #remembered = new Map<string, Remembered>();

  constructor(private readonly below: LogState) {}

  add({ ref, expectedSeq, events, timers, remember }: ActorCommit): void {
    const key = refKey(ref);
    this.#seqs.set(key, expectedSeq + events.length);
    for (const timer of timers) {
      this.#timers.set(`${key}\n${timer.id}`, timer.kind === "set" ? timer.atMs : undefined);
    }
    for (const row of remember) this.#remembered.set(row.commandId, row);
  }

  seqOf(ref: ActorRef): number {
    return this.#seqs.get(refKey(ref)) ?? this.below.seqOf(ref);
  }

  timerAtMs(ref: ActorRef, id: string): number | undefined {
    const key = `${refKey(ref)}\n${id}`;
    return this.#timers.has(key) ? this.#timers.get(key) : this.below.timerAtMs(ref, id);
  }

  recalled(commandId: string): Remembered | undefined {
    return this.#remembered.get(commandId) ?? this.below.recalled(commandId);
  }
}

/** Indices of the list by unit, units in order of first appearance. */
function unitsOf(list: readonly ActorCommit[]): Iterable<readonly number[]> {
  const units = new Map<number, number[]>();
  for (const [at, commit] of list.entries()) {
    const members = units.get(commit.unit);
    if (members === undefined) units.set(commit.unit, [at]);
    else members.push(at);
  }
  return units.values();
}

function firstKnown({ remember }: ActorCommit, log: LogState): Remembered | undefined {
  for (const { commandId } of remember) {
    const known = log.recalled(commandId);
    if (known !== undefined) return known;
  }
  return undefined;
}

/** What every commit must be before it reaches a log; a failure is a bug of the host. */
export function assertCommit(commit: ActorCommit): void {
  assertRef(commit.ref);
  assert(Number.isSafeInteger(commit.expectedSeq), "the expected sequence is whole");
  assert(commit.expectedSeq >= 0, "the expected sequence is not negative");
  assert(Number.isSafeInteger(commit.atMs), "the time of a commit is whole milliseconds");
  assert(!commit.principal.includes("\n"), "a principal is one line");
  assert(!commit.commandId.includes("\n"), "a command id is one line");
  assert(commit.state === undefined || commit.events.length > 0, "a state comes with an event");
  const isFiringFirst = commit.timers.every(({ kind }, at) => kind !== "fired" || at === 0);
  assert(isFiringFirst, "the timer that woke the actor comes before those it sets");
  for (const { kind } of commit.events) assert(!kind.includes("\n"), "an event's kind is one line");
}

/**
 * Keys and the hash chain rest on this: a kind ends at the first colon, a field at a line break.
 */
export function assertRef(ref: ActorRef): void {
  assert(ref.kind.length > 0, "an actor has a kind");
  assert(ref.id.length > 0, "an actor has an id");
  assert(!ref.kind.includes(":"), "a kind has no colon");
  assert(!ref.kind.includes("\n"), "a kind is one line");
  assert(!ref.id.includes("\n"), "an id is one line");
}
