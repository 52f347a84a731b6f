/**
 * Group commit. Units collect while the previous group is being written; then they go as one list.
 * A commit starts in the event loop's next turn, so that every request that has already arrived
 * rides along and one fsync serves them all.
 */
import { assert } from "../../actors/assert.ts";
import { hold, release } from "./cells.ts";
import type { Awaitable, CommitResult, EventLog } from "./event-log.ts";
import {
  type CommittedGroup,
  cellsOf,
  failedGroup,
  type Listed,
  listCommits,
  sortResults,
} from "./group-outcome.ts";
import { isWritten, type Unit } from "./turn.ts";
import { commitAgain, isUnknown, type RetryLimits } from "./unknown-outcome.ts";

export interface GroupLimits extends RetryLimits {
  /** Units in one commit. */
  readonly groupUnitsMax: number;
}

export class CommitGroup {
  readonly #isShared: boolean;
  #collecting: Unit[] = [];
  #inFlight = false;
  #scheduled = false;

  constructor(
    private readonly log: EventLog,
    private readonly limits: GroupLimits,
    private readonly settle: (group: CommittedGroup) => void,
  ) {
    assert(limits.groupUnitsMax >= 1, "a group has room for a unit");
    this.#isShared = log.isShared ?? false;
  }

  get units(): number {
    return this.#collecting.length;
  }

  get isFull(): boolean {
    return this.#collecting.length >= this.limits.groupUnitsMax;
  }

  get isBusy(): boolean {
    return this.#inFlight || this.#collecting.length > 0;
  }

  /** False for a unit that is true without the log: it writes nothing and rests on nothing. */
  needsCommit(unit: Unit): boolean {
    if (this.#isShared) return true;
    return unit.drafts.some((draft) => draft.cell.uncommitted > 0 || isWritten(draft));
  }

  add(unit: Unit): void {
    for (const draft of unit.drafts) hold(draft.cell);
    this.#collecting.push(unit);
    this.#schedule();
  }

  /** Takes back every waiting unit that rests on one of `lost`, directly or through another. */
  takeBack(lost: readonly Unit[]): readonly Unit[] {
    const cells = cellsOf(lost);
    const taken = new Set<Unit>();
    for (let before = -1; before < taken.size; ) {
      before = taken.size;
      for (const unit of this.#collecting) {
        if (taken.has(unit) || !unit.drafts.some(({ cell }) => cells.has(cell))) continue;
        taken.add(unit);
        for (const { cell } of unit.drafts) cells.add(cell);
      }
    }
    const units = this.#collecting.filter((unit) => taken.has(unit));
    this.#collecting = this.#collecting.filter((unit) => !taken.has(unit));
    releaseAll(units);
    return units;
  }

  takeAll(): readonly Unit[] {
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
    assert(!this.#inFlight, "one group is in flight");
    const units = this.#collecting;
    this.#collecting = [];
    this.#inFlight = true;
    let listed: readonly Listed[] = [];
    let results: Awaitable<readonly CommitResult[]>;
    try {
      listed = listCommits(units, this.#isShared);
      results = this.log.commit(listed.map(({ commit }) => commit));
    } catch (error) {
      this.#failed(units, listed, error);
      return;
    }
    if (results instanceof Promise) this.#later(units, listed, results);
    else this.#answered(units, listed, results);
  }

  #later(
    units: readonly Unit[],
    listed: readonly Listed[],
    results: Promise<readonly CommitResult[]>,
  ): void {
    results.then(
      (answer) => this.#answered(units, listed, answer),
      (error: unknown) => this.#failed(units, listed, error),
    );
  }

  #answered(
    units: readonly Unit[],
    listed: readonly Listed[],
    results: readonly CommitResult[],
  ): void {
    let group: CommittedGroup;
    try {
      group = sortResults(units, listed, results);
    } catch (error) {
      // A log that answers what cannot be is not to be believed.
      group = failedGroup(units, error);
    }
    this.#done(units, group);
  }

  #failed(units: readonly Unit[], listed: readonly Listed[], failure: unknown): void {
    if (!isUnknown(failure)) {
      this.#done(units, failedGroup(units, failure));
      return;
    }
    const list = listed.map(({ commit }) => commit);
    commitAgain(this.log, list, this.limits).then(
      (results) => this.#answered(units, listed, results),
      (error: unknown) => this.#done(units, failedGroup(units, error)),
    );
  }

  #done(units: readonly Unit[], group: CommittedGroup): void {
    assert(this.#inFlight, "a group in flight comes back");
    assert(
      group.accepted.length + group.rejected.length === units.length,
      "every unit is accepted or rejected",
    );
    this.#inFlight = false;
    releaseAll(units);
    this.settle(group);
    this.#schedule();
  }
}

function releaseAll(units: readonly Unit[]): void {
  for (const unit of units) for (const draft of unit.drafts) release(draft.cell);
}
