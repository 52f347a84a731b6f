/**
 * Group commit. Units collect while the previous group is being written; then they go as one list.
 * A commit starts in the event loop's next turn, so that every request that has already arrived
 * rides along and one fsync serves them all.
 */
import { assert, present } from "../../actors/assert.ts";
import { type Cell, hold, release } from "./cells.ts";
import type { ActorCommit, CommitResult, EventLog, StoredEvent } from "./event-log.ts";
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

interface Listed {
  readonly commit: ActorCommit;
  readonly draft: Draft;
}

export class CommitGroup {
  #collecting: Unit[] = [];
  #inFlight = false;
  #scheduled = false;

  constructor(
    private readonly log: EventLog,
    private readonly unitsMax: number,
    private readonly settle: (group: CommittedGroup) => void,
  ) {
    assert(unitsMax >= 1, "a group has room for a unit");
  }

  get units(): number {
    return this.#collecting.length;
  }

  get isFull(): boolean {
    return this.#collecting.length >= this.unitsMax;
  }

  get isBusy(): boolean {
    return this.#inFlight || this.#collecting.length > 0;
  }

  /** True for a unit with nothing to write. */
  isEmptyUnit(unit: Unit): boolean {
    return !unit.drafts.some(isWritten);
  }

  add(unit: Unit): void {
    for (const draft of unit.drafts) hold(draft.cell);
    this.#collecting.push(unit);
    this.#schedule();
  }

  /** Takes back what was decided on state that proved wrong. */
  takeWaiting(): readonly Unit[] {
    const units = this.#collecting;
    this.#collecting = [];
    releaseAll(units);
    return units;
  }

  #schedule(): void {
    if (this.#scheduled || this.#inFlight || this.#collecting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#commit();
    });
  }

  #commit(): void {
    if (this.#collecting.length === 0) return;
    const units = this.#collecting;
    this.#collecting = [];
    this.#inFlight = true;
    const listed = listCommits(units);
    const fail = (failure: unknown): void => this.#done(units, failedGroup(units, failure));
    const done = (results: readonly CommitResult[]): void =>
      this.#done(units, sortResults(units, listed, results));
    try {
      const results = this.log.commit(listed.map(({ commit }) => commit));
      if (results instanceof Promise) results.then(done, fail);
      else done(results);
    } catch (error) {
      fail(error);
    }
  }

  #done(units: readonly Unit[], group: CommittedGroup): void {
    this.#inFlight = false;
    releaseAll(units);
    this.settle(group);
    this.#schedule();
  }
}

function releaseAll(units: readonly Unit[]): void {
  for (const unit of units) for (const draft of unit.drafts) release(draft.cell);
}

/** The commits of all units; an actor's state goes with its last commit of the list. */
function listCommits(units: readonly Unit[]): readonly Listed[] {
  const last = new Map<Cell, Draft>();
  for (const unit of units) {
    for (const draft of unit.drafts) if (draft.events.length > 0) last.set(draft.cell, draft);
  }
  const listed: Listed[] = [];
  for (const [number, unit] of units.entries()) {
    for (const draft of unit.drafts) {
      if (!isWritten(draft)) continue;
      const isLast = last.get(draft.cell) === draft;
      const state = isLast ? JSON.stringify(draft.cell.state) : undefined;
      listed.push({ commit: toCommit(draft, number, unit.nowMs, state), draft });
    }
  }
  return listed;
}

function failedGroup(units: readonly Unit[], failure: unknown): CommittedGroup {
  const nothing = { accepted: [], events: [], hasOutbox: false, nextTimerMs: undefined };
  return { ...nothing, rejected: units, failure: failure ?? new Error("the log failed") };
}

function sortResults(
  units: readonly Unit[],
  listed: readonly Listed[],
  results: readonly CommitResult[],
): CommittedGroup {
  assert(results.length === listed.length, "one result per commit");
  const lost = new Set<number>();
  const events: StoredEvent[] = [];
  let hasOutbox = false;
  let nextTimerMs: number | undefined;
  for (const [at, { commit, draft }] of listed.entries()) {
    const result = present(results[at], "a result per commit");
    if (result.kind !== "ok") {
      lost.add(commit.unit);
      continue;
    }
    pushStored(events, commit, draft.cell, result.position);
    hasOutbox ||= commit.outbox.length > 0;
    for (const timer of commit.timers) {
      if (timer.kind === "set") nextTimerMs = Math.min(nextTimerMs ?? timer.atMs, timer.atMs);
    }
  }
  // A unit that wrote nothing rests on the others; where any was lost it is decided again.
  const written = new Set(listed.map(({ commit }) => commit.unit));
  const isLost = (number: number): boolean =>
    lost.has(number) || (lost.size > 0 && !written.has(number));
  return {
    accepted: units.filter((_, number) => !isLost(number)),
    rejected: units.filter((_, number) => isLost(number)),
    events,
    hasOutbox,
    nextTimerMs,
    failure: undefined,
  };
}

function pushStored(
  events: StoredEvent[],
  commit: ActorCommit,
  cell: Cell,
  firstPosition: number,
): void {
  for (const [at, event] of commit.events.entries()) {
    const position = firstPosition + at;
    assert(position > cell.lastPosition, "positions rise");
    events.push({
      ...event,
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
