/**
 * An event log in memory, with the contract of every other one. Unit tests, property tests and
 * simulations run on it; it is also the shortest description of what an event log does.
 */
import type { ActorRef } from "../../actors/actor.ts";
import { present } from "../../actors/assert.ts";
import { assertCommit, planCommits } from "./commit-plan.ts";
import {
  type ActorCommit,
  type CommitResult,
  DAY_MS,
  type DueTimer,
  type EventLog,
  type LoadedActor,
  type LogHead,
  type OutboxItem,
  type Remembered,
  refKey,
  type StoredEvent,
  type StoredState,
  type TimerChange,
} from "./event-log.ts";
import { chainHash, GENESIS } from "./hash-chain.ts";

interface ActorRow {
  seq: number;
  positions: number[];
  state: StoredState | undefined;
}

export class MemoryEventLog implements EventLog {
  readonly #events: StoredEvent[] = [];
  readonly #actors = new Map<string, ActorRow>();
  readonly #outbox = new Map<string, OutboxItem>();
  readonly #timers = new Map<string, DueTimer>();
  readonly #remembered = new Map<string, { readonly row: Remembered; readonly atMs: number }>();
  #hash = GENESIS;

  load(refs: readonly ActorRef[]): readonly LoadedActor[] {
    return refs.map((ref) => {
      const row = this.#actors.get(refKey(ref));
      if (row === undefined) return { seq: 0, lastPosition: 0, state: undefined, events: [] };
      const after = row.state?.seq ?? 0;
      return {
        seq: row.seq,
        lastPosition: row.positions.at(-1) ?? 0,
        state: row.state,
        events: row.positions.slice(after).map((position) => this.#at(position)),
      };
    });
  }

  commit(list: readonly ActorCommit[]): readonly CommitResult[] {
    for (const commit of list) assertCommit(commit);
    const verdicts = planCommits(list, {
      seqOf: (ref) => this.#actors.get(refKey(ref))?.seq ?? 0,
      recalled: (commandId) => this.recall(commandId),
      timerAtMs: (ref, id) => this.#timers.get(`${refKey(ref)}\n${id}`)?.atMs,
    });
    return list.map((commit, at) => {
      const verdict = present(verdicts[at], "a verdict per commit");
      if (verdict.kind !== "write") return verdict;
      const position = this.#events.length + (commit.events.length > 0 ? 1 : 0);
      this.#write(commit);
      return { kind: "ok", position };
    });
  }

  #write(commit: ActorCommit): void {
    const key = refKey(commit.ref);
    const row = this.#actors.get(key) ?? { seq: 0, positions: [], state: undefined };
    this.#actors.set(key, row);
    for (const event of commit.events) {
      const stored: StoredEvent = {
        ...event,
        position: this.#events.length + 1,
        ref: { kind: commit.ref.kind, id: commit.ref.id },
        seq: row.seq + 1,
        previous: row.positions.at(-1) ?? 0,
        atMs: commit.atMs,
        principal: commit.principal,
        commandId: commit.commandId,
      };
      this.#hash = chainHash(this.#hash, stored);
      this.#events.push(stored);
      row.seq = stored.seq;
      row.positions.push(stored.position);
    }
    const { state: json, stateVersion: version } = commit;
    if (json !== undefined) row.state = { seq: row.seq, json, version };
    for (const item of commit.outbox) {
      if (!this.#outbox.has(item.id)) this.#outbox.set(item.id, item);
    }
    for (const id of commit.delivered) this.#outbox.delete(id);
    for (const timer of commit.timers) {
      // Ids of actors and timers may hold a slash; none of an actor holds a line break.
      const timerKey = `${key}\n${timer.id}`;
      this.#timers.delete(timerKey);
      if (timer.kind === "set") this.#timers.set(timerKey, dueTimer(commit.ref, timer));
    }
    for (const row of commit.remember) {
      this.#remembered.set(row.commandId, { row, atMs: commit.atMs });
    }
  }

  recall(commandId: string): Remembered | undefined {
    return this.#remembered.get(commandId)?.row;
  }

  outboxNext(max: number, after?: string): readonly OutboxItem[] {
    const items = [...this.#outbox.values()];
    const from = items.findIndex(({ id }) => id === after) + 1;
    return items.slice(from, from + max);
  }

  outboxDone(ids: readonly string[]): void {
    for (const id of ids) this.#outbox.delete(id);
  }

  timersDue(nowMs: number, max: number): readonly DueTimer[] {
    return [...this.#timers.values()]
      .filter((timer) => timer.atMs <= nowMs)
      .sort((a, b) => a.atMs - b.atMs)
      .slice(0, max);
  }

  timersNextAtMs(): number | undefined {
    let nextMs: number | undefined;
    for (const { atMs } of this.#timers.values()) {
      if (nextMs === undefined || atMs < nextMs) nextMs = atMs;
    }
    return nextMs;
  }

  read(after: number, max: number): readonly StoredEvent[] {
    return this.#events.slice(after, after + max);
  }

  history(ref: ActorRef, before: number, max: number): readonly StoredEvent[] {
    const positions = this.#actors.get(refKey(ref))?.positions ?? [];
    return positions
      .filter((position) => position < before)
      .reverse()
      .slice(0, max)
      .map((position) => this.#at(position));
  }

  head(): LogHead {
    return { position: this.#events.length, hash: this.#hash.toHex() };
  }

  prune(beforeMs: number, max: number): number {
    const dayStartMs = Math.floor(beforeMs / DAY_MS) * DAY_MS;
    let gone = 0;
    for (const [id, { atMs }] of this.#remembered) {
      if (gone === max || atMs >= dayStartMs) break;
      this.#remembered.delete(id);
      gone++;
    }
    return gone;
  }

  close(): void {}

  #at(position: number): StoredEvent {
    return present(this.#events[position - 1], "an event at a known position");
  }
}

function dueTimer(ref: ActorRef, timer: Extract<TimerChange, { kind: "set" }>): DueTimer {
  const { id, atMs, command } = timer;
  return { ref, id, atMs, command };
}
