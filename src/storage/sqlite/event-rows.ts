/** The statements of the event log and the shapes of its rows. */
import type { Database } from "bun:sqlite";
import type { ActorRef } from "../../../actors/actor.ts";
import type {
  DueTimer,
  OutboxItem,
  Remembered,
  StoredEvent,
  StoredState,
} from "../../runtime/event-log.ts";
import { integer } from "./open.ts";

export interface HeadRow {
  readonly id: bigint;
  readonly seq: bigint;
  readonly last_position: bigint;
}

export interface StateRow {
  readonly seq: bigint;
  readonly version: bigint;
  readonly state: string;
}

interface EventBody {
  readonly position: bigint;
  readonly seq: bigint;
  readonly previous: bigint;
  readonly kind: string;
  readonly version: bigint;
  readonly at_ms: bigint;
  readonly principal: string;
  readonly command_id: string;
  readonly data: string;
}

/** With the row number of its actor. */
export interface NumberedEventRow extends EventBody {
  readonly actor: bigint;
}

/** With its actor, and its place in the chain of hashes. */
export interface EventRow extends EventBody {
  readonly actor_kind: string;
  readonly actor_name: string;
  readonly hash: Uint8Array;
}

export interface OutboxRow {
  readonly id: string;
  readonly to_kind: string;
  readonly to_name: string;
  readonly command: string;
}

export interface TimerRow {
  readonly actor_kind: string;
  readonly actor_name: string;
  readonly id: string;
  readonly at_ms: bigint;
  readonly command: string;
}

export interface RememberedRow {
  readonly command_id: string;
  readonly fingerprint: string;
  readonly reply: string;
  readonly request_id: string;
}

/** Without the look at the actor: its row holds its state, and that costs more than the event. */
const EVENT_COLUMNS = `position, actor, seq, previous, kind, version, at_ms, principal, command_id,
  data FROM events`;

export type ReadStatements = ReturnType<typeof prepareReads>;
export type WriteStatements = ReturnType<typeof prepareWrites>;

/** Prepares every question once; the names say what they ask. */
export function prepareReads(database: Database) {
  return {
    head: database.query<HeadRow, [string, string]>(
      "SELECT id, seq, last_position FROM actors WHERE kind = ? AND name = ?",
    ),
    // A question of its own: a join of the two takes twice as long as both.
    state: database.query<StateRow, [bigint]>(
      "SELECT seq, version, state FROM states WHERE actor = ?",
    ),
    actorOfNumber: database.query<{ kind: string; name: string }, [bigint]>(
      "SELECT kind, name FROM actors WHERE id = ?",
    ),
    eventAt: database.query<NumberedEventRow, [number]>(
      `SELECT ${EVENT_COLUMNS} WHERE position = ?`,
    ),
    eventsAfter: database.query<NumberedEventRow, [number, number]>(
      `SELECT ${EVENT_COLUMNS} WHERE position > ? ORDER BY position LIMIT ?`,
    ),
    lastEvent: database.query<{ position: bigint; hash: Uint8Array }, []>(
      "SELECT position, hash FROM events ORDER BY position DESC LIMIT 1",
    ),
    outbox: database.query<OutboxRow, [string, number]>(
      `SELECT id, to_kind, to_name, command FROM outbox
       WHERE number > coalesce((SELECT number FROM outbox WHERE id = ?), 0)
       ORDER BY number LIMIT ?`,
    ),
    timer: database.query<{ at_ms: bigint }, [string, string, string]>(
      `SELECT at_ms FROM timers JOIN actors ON actors.id = timers.actor
       WHERE actors.kind = ? AND actors.name = ? AND timers.id = ?`,
    ),
    dueTimers: database.query<TimerRow, [number, number]>(
      `SELECT actors.kind AS actor_kind, actors.name AS actor_name, timers.id, at_ms, command
       FROM timers JOIN actors ON actors.id = timers.actor
       WHERE at_ms <= ? ORDER BY at_ms LIMIT ?`,
    ),
    nextTimer: database.query<{ at_ms: bigint | null }, []>(
      "SELECT min(at_ms) AS at_ms FROM timers",
    ),
    recall: database.query<RememberedRow, [string]>(
      "SELECT command_id, fingerprint, reply, request_id FROM replies WHERE command_id = ?",
    ),
    oldestReplies: database.query<{ number: bigint; day: bigint }, [number]>(
      "SELECT number, day FROM replies ORDER BY number LIMIT ?",
    ),
  };
}

/** Prepares every change once; the names say what they do. */
export function prepareWrites(database: Database) {
  return {
    checkpoint: database.query<{ log: bigint; checkpointed: bigint }, []>(
      "PRAGMA wal_checkpoint(PASSIVE)",
    ),
    addActor: database.query<HeadRow, [string, string]>(
      `INSERT INTO actors (kind, name, seq, last_position) VALUES (?, ?, 0, 0)
       ON CONFLICT (kind, name) DO NOTHING RETURNING id, seq, last_position`,
    ),
    moveActor: database.query<null, [number, number, number, number]>(
      "UPDATE actors SET seq = ?, last_position = ? WHERE id = ? AND seq = ?",
    ),
    storeState: database.query<null, [number, number, number, string]>(
      "INSERT OR REPLACE INTO states (actor, seq, version, state) VALUES (?, ?, ?, ?)",
    ),
    addEvent: database.query<null, EventValues>(
      `INSERT INTO events (position, actor, seq, previous, kind, version, at_ms, principal,
       command_id, data, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    addOutbox: database.query<null, [string, string, string, string]>(
      `INSERT INTO outbox (id, to_kind, to_name, command) VALUES (?, ?, ?, ?)
       ON CONFLICT (id) DO NOTHING`,
    ),
    removeOutbox: database.query<null, [string]>("DELETE FROM outbox WHERE id = ?"),
    setTimer: database.query<null, [number, string, number, string]>(
      "INSERT OR REPLACE INTO timers (actor, id, at_ms, command) VALUES (?, ?, ?, ?)",
    ),
    cancelTimer: database.query<null, [number, string]>(
      "DELETE FROM timers WHERE actor = ? AND id = ?",
    ),
    takeTimer: database.query<null, [number, string, number]>(
      "DELETE FROM timers WHERE actor = ? AND id = ? AND at_ms = ?",
    ),
    remember: database.query<null, [number, string, string, string, string]>(
      `INSERT INTO replies (day, command_id, fingerprint, reply, request_id)
       VALUES (?, ?, ?, ?, ?)`,
    ),
    forget: database.query<null, [number]>("DELETE FROM replies WHERE number <= ?"),
  };
}

export type EventValues = [
  number,
  number,
  number,
  number,
  string,
  number,
  number,
  string,
  string,
  string,
  Uint8Array,
];

export function toEvent(row: EventRow): StoredEvent {
  return eventOf(row, { kind: row.actor_kind, id: row.actor_name });
}

export function eventOf(row: EventBody, ref: ActorRef): StoredEvent {
  return {
    position: integer(row.position),
    ref,
    seq: integer(row.seq),
    previous: integer(row.previous),
    kind: row.kind,
    version: integer(row.version),
    atMs: integer(row.at_ms),
    principal: row.principal,
    commandId: row.command_id,
    data: row.data,
  };
}

export function toState({ seq, version, state }: StateRow): StoredState {
  return { seq: integer(seq), json: state, version: integer(version) };
}

export function toOutboxItem(row: OutboxRow): OutboxItem {
  return { id: row.id, to: { kind: row.to_kind, id: row.to_name }, command: row.command };
}

export function toTimer(row: TimerRow): DueTimer {
  return {
    ref: { kind: row.actor_kind, id: row.actor_name },
    id: row.id,
    atMs: integer(row.at_ms),
    command: row.command,
  };
}

export function toRemembered(row: RememberedRow): Remembered {
  return {
    commandId: row.command_id,
    fingerprint: row.fingerprint,
    reply: row.reply,
    requestId: row.request_id,
  };
}
