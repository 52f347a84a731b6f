/** What the event log holds, as rows: every question that changes nothing. */
import type { Database } from "bun:sqlite";
import type { ActorRef } from "../../../actors/actor.ts";
import { assert, present } from "../../../actors/assert.ts";
import type {
  DueTimer,
  LoadedActor,
  LogHead,
  OutboxItem,
  Remembered,
  StoredEvent,
} from "../../runtime/event-log.ts";
import { GENESIS } from "../../runtime/hash-chain.ts";
import {
  eventOf,
  type NumberedEventRow,
  prepareReads,
  type ReadStatements,
  toOutboxItem,
  toRemembered,
  toState,
  toTimer,
} from "./event-rows.ts";
import { integer } from "./open.ts";

/** Names of actors that are kept by the number of their row. */
const NAMES_MAX = 65_536;

export class EventReader {
  readonly rows: ReadStatements;
  readonly #names = new Map<bigint, ActorRef>();

  constructor(database: Database) {
    this.rows = prepareReads(database);
  }

  load(refs: readonly ActorRef[]): readonly LoadedActor[] {
    return refs.map((ref) => {
      const row = this.rows.head.get(ref.kind, ref.id);
      if (row === null) return { seq: 0, lastPosition: 0, state: undefined, events: [] };
      const [seq, lastPosition] = [integer(row.seq), integer(row.last_position)];
      const stored = this.rows.state.get(row.id);
      const state = stored === null ? undefined : toState(stored);
      const events = this.#back(lastPosition, seq - (state?.seq ?? 0)).reverse();
      return { seq, lastPosition, state, events };
    });
  }

  recall(commandId: string): Remembered | undefined {
    const row = this.rows.recall.get(commandId);
    return row === null ? undefined : toRemembered(row);
  }

  outboxNext(max: number, after = ""): readonly OutboxItem[] {
    return this.rows.outbox.all(after, max).map(toOutboxItem);
  }

  timersDue(nowMs: number, max: number): readonly DueTimer[] {
    return this.rows.dueTimers.all(nowMs, max).map(toTimer);
  }

  timersNextAtMs(): number | undefined {
    const atMs = this.rows.nextTimer.get()?.at_ms ?? null;
    return atMs === null ? undefined : integer(atMs);
  }

  read(after: number, max: number): readonly StoredEvent[] {
    // Positions have no gap: one event is one look-up by its key, and no range.
    if (max === 1) {
      const row = this.rows.eventAt.get(after + 1);
      return row === null ? [] : [this.#event(row)];
    }
    return this.rows.eventsAfter.all(after, max).map((row) => this.#event(row));
  }

  /** An actor is never renamed: who it was is who it is. */
  #event(row: NumberedEventRow): StoredEvent {
    const known = this.#names.get(row.actor);
    if (known !== undefined) return eventOf(row, known);
    const actor = this.rows.actorOfNumber.get(row.actor);
    assert(actor !== null, "an event belongs to an actor");
    const ref: ActorRef = { kind: actor.kind, id: actor.name };
    if (this.#names.size >= NAMES_MAX) this.#names.clear();
    this.#names.set(row.actor, ref);
    return eventOf(row, ref);
  }

  history(ref: ActorRef, before: number, max: number): readonly StoredEvent[] {
    const row = this.rows.head.get(ref.kind, ref.id);
    if (row === null) return [];
    let position = integer(row.last_position);
    // Steps over what is newer: each step is one look-up by primary key.
    while (position >= before && position > 0) {
      position = present(this.#back(position, 1)[0], "the event at a known position").previous;
    }
    return this.#back(position, max);
  }

  /** At most `max` events from `position` backwards along the actor's chain. */
  #back(position: number, max: number): StoredEvent[] {
    const events: StoredEvent[] = [];
    for (let at = position; at > 0 && events.length < max; ) {
      const row = this.rows.eventAt.get(at);
      assert(row !== null, "the chain of an actor leads to its events");
      const event = this.#event(row);
      events.push(event);
      at = event.previous;
    }
    return events;
  }

  head(): LogHead {
    const last = this.rows.lastEvent.get();
    const hash = last === null ? GENESIS : last.hash;
    return { position: last === null ? 0 : integer(last.position), hash: hash.toHex() };
  }

  seqOf(ref: ActorRef): number {
    return integer(this.rows.head.get(ref.kind, ref.id)?.seq ?? 0);
  }

  timerAtMs(ref: ActorRef, id: string): number | undefined {
    const row = this.rows.timer.get(ref.kind, ref.id, id);
    return row === null ? undefined : integer(row.at_ms);
  }
}
