/**
 * Units as a list of commits, and what became of them: which units are durable, which lost, and
 * what the rest of the host has to hear of the durable ones.
 */
import { assert, present } from "../../actors/assert.ts";
import type { Cell } from "./cells.ts";
import type { ActorCommit, CommitResult, StoredEvent } from "./event-log.ts";
import { type Draft, isWritten, toCommit, type Unit } from "./turn.ts";

/** What became of a group. */
export interface CommittedGroup {
  readonly accepted: readonly Unit[];
  /** Lost to another writer or to a repeat; all of the group when `failure` is given. */
  readonly rejected: readonly Unit[];
  /** Durable events in order of position. */
  readonly events: readonly StoredEvent[];
  readonly hasOutbox: boolean;
  /** The earliest timer that was set. */
  readonly nextTimerMs: number | undefined;
  readonly failure: unknown;
}

export interface Listed {
  readonly commit: ActorCommit;
  readonly draft: Draft;
}

/**
 * Events of an actor between two states that are kept: what is folded when it is read anew. A young
 * actor is kept sooner: its first events lie far apart in the log, each on a page of its own.
 */
const STATE_EVERY_MIN = 2;
const STATE_EVERY_MAX = 8;

/**
 * The commits of all units. Now and then an actor's state goes with its last commit of the list: it
 * is a cache, and writing it costs more than folding a few events. A decision that changes nothing
 * is confirmed by a commit without events where others write to the log too, and where its unit
 * writes to another actor because of what may yet be lost.
 */
export function listCommits(units: readonly Unit[], isShared: boolean): readonly Listed[] {
  const last = new Map<Cell, Draft>();
  for (const unit of units) {
    for (const draft of unit.drafts) if (draft.events.length > 0) last.set(draft.cell, draft);
  }
  const listed: Listed[] = [];
  for (const [number, unit] of units.entries()) {
    const isWriting = unit.drafts.some(isWritten);
    for (const draft of unit.drafts) {
      const { cell } = draft;
      const isConfirmed = isShared || (isWriting && cell.uncommitted > 1);
      if (!isConfirmed && !isWritten(draft)) continue;
      const state = last.get(cell) === draft ? stateToKeep(cell) : undefined;
      listed.push({ commit: toCommit(draft, number, unit.nowMs, state), draft });
    }
  }
  return listed;
}

/** As JSON, where enough has happened since the one that is kept: at 2, 4, 8, 16, 24 events ... */
function stateToKeep({ seq, storedSeq, state }: Cell): string | undefined {
  const every = Math.min(Math.max(storedSeq, STATE_EVERY_MIN), STATE_EVERY_MAX);
  return seq - storedSeq >= every ? JSON.stringify(state) : undefined;
}

export function failedGroup(units: readonly Unit[], failure: unknown): CommittedGroup {
  const nothing = { accepted: [], events: [], hasOutbox: false, nextTimerMs: undefined };
  return { ...nothing, rejected: units, failure: failure ?? new Error("the log failed") };
}

/** Throws AssertionFailed when the log's answer cannot be. */
export function sortResults(
  units: readonly Unit[],
  listed: readonly Listed[],
  results: readonly CommitResult[],
): CommittedGroup {
  assert(results.length === listed.length, "one result per commit");
  const lost = new Set<Unit>();
  const events: StoredEvent[] = [];
  let hasOutbox = false;
  let nextTimerMs: number | undefined;
  for (const [at, { commit, draft }] of listed.entries()) {
    const result = present(results[at], "a result per commit");
    if (result.kind !== "ok") {
      lost.add(present(units[commit.unit], "the unit of a commit"));
      continue;
    }
    pushStored(events, commit, draft.cell, result.position);
    if (commit.state !== undefined) draft.cell.storedSeq = draft.cell.seq;
    hasOutbox ||= commit.outbox.length > 0;
    for (const timer of commit.timers) {
      if (timer.kind === "set") nextTimerMs = Math.min(nextTimerMs ?? timer.atMs, timer.atMs);
    }
  }
  const outcome = { events: events.sort(byPosition), hasOutbox, nextTimerMs, failure: undefined };
  if (lost.size === 0) return { accepted: units, rejected: [], ...outcome };
  addThoseThatRest(units, lost);
  return {
    accepted: units.filter((unit) => !lost.has(unit)),
    rejected: units.filter((unit) => lost.has(unit)),
    ...outcome,
  };
}

/** A unit that wrote nothing rests on the others: it is lost where an actor of it is. */
function addThoseThatRest(units: readonly Unit[], lost: Set<Unit>): void {
  const cells = cellsOf(lost);
  for (const unit of units) {
    if (unit.drafts.some(isWritten)) continue;
    if (unit.drafts.some(({ cell }) => cells.has(cell))) lost.add(unit);
  }
}

export function cellsOf(units: Iterable<Unit>): Set<Cell> {
  const cells = new Set<Cell>();
  for (const { drafts } of units) for (const { cell } of drafts) cells.add(cell);
  return cells;
}

function byPosition(a: StoredEvent, b: StoredEvent): number {
  return a.position - b.position;
}

function pushStored(
  events: StoredEvent[],
  commit: ActorCommit,
  cell: Cell,
  firstPosition: number,
): void {
  for (const [at, { kind, version, data }] of commit.events.entries()) {
    const position = firstPosition + at;
    assert(position > cell.lastPosition, "positions rise");
    events.push({
      kind,
      version,
      data,
      position,
      ref: commit.ref,
      seq: commit.expectedSeq + at + 1,
      previous: cell.lastPosition,
      atMs: commit.atMs,
      principal: commit.principal,
      commandId: commit.commandId,
    });
    cell.lastPosition = position;
  }
}
