/**
 * Reads an event log for checking, beside a running switch or of a stopped one: rows as they are,
 * nothing repaired and nothing believed.
 */
import { Database } from "bun:sqlite";
import type { ActorRef } from "../../../actors/actor.ts";
import type { StoredEvent } from "../../runtime/event-log.ts";
import { type EventRow, toEvent } from "./event-rows.ts";
import { migrate } from "./migrate.ts";
import { EVENT_MIGRATIONS } from "./migrations.ts";
import { integer, openReadOnly } from "./open.ts";

export interface StoredActor {
  readonly kind: string;
  readonly id: string;
  readonly seq: number;
  readonly lastPosition: number;
  readonly stateSeq: number;
  readonly state: string | undefined;
  /** Version of the definition that made the state; 0 where the file is older than versions. */
  readonly stateVersion: number;
}

interface ActorRow {
  readonly kind: string;
  readonly name: string;
  readonly seq: bigint;
  readonly last_position: bigint;
  readonly state_seq: bigint | null;
  readonly state: string | null;
  readonly state_version: bigint | null;
}

interface LastRow {
  readonly last: bigint | null;
}

const PAGE = 1_000;
const EVENTS_AFTER = `SELECT position, actors.kind AS actor_kind, actors.name AS actor_name,
  events.seq, previous, events.kind, version, at_ms, principal, command_id, data, hash
  FROM events JOIN actors ON actors.id = events.actor
  WHERE position > ? AND position <= ? ORDER BY position LIMIT ?`;

export class SqliteLogReader {
  readonly #database: Database;

  constructor(file: string) {
    this.#database = openReadOnly(file);
    // One snapshot for the whole reading, whatever is written meanwhile.
    this.#database.run("BEGIN");
  }

  /** What SQLite itself says of the file: `ok`, or its first complaint. */
  integrity(): string {
    const row = this.#database
      .query<{ integrity_check: string }, []>("PRAGMA integrity_check(1)")
      .get();
    return row?.integrity_check ?? "no answer";
  }

  /** The first table, index or trigger that is not as this program makes it; or undefined. */
  strangePart(): string | undefined {
    const steps = this.#database.query<{ n: bigint }, []>("SELECT count(*) AS n FROM schema_steps");
    const model = new Database(":memory:", { strict: true, safeIntegers: true });
    try {
      migrate(model, EVENT_MIGRATIONS.slice(0, integer(steps.get()?.n ?? 0n)));
      const expected = partsOf(model);
      const found = partsOf(this.#database);
      const names = [...expected.keys(), ...found.keys()];
      return names.find((name) => expected.get(name) !== found.get(name));
    } finally {
      model.close();
    }
  }

  /** Every event up to `upto`, with its stored hash, in order of position. */
  *events(
    upto: number = Number.MAX_SAFE_INTEGER,
  ): Generator<{ readonly event: StoredEvent; readonly hash: Uint8Array }> {
    const eventsAfter = this.#database.query<EventRow, [number, number, number]>(EVENTS_AFTER);
    let after = 0;
    for (;;) {
      const rows = eventsAfter.all(after, upto, PAGE);
      for (const row of rows) yield { event: toEvent(row), hash: row.hash };
      const last = rows.at(-1);
      if (last === undefined) return;
      after = integer(last.position);
    }
  }

  /** Position of the newest event; with `beforeMs`, of the newest written before it. 0: none. */
  lastPosition(beforeMs?: number): number {
    const select = "SELECT max(position) AS last FROM events";
    const row =
      beforeMs === undefined
        ? this.#database.query<LastRow, []>(select).get()
        : this.#database.query<LastRow, [number]>(`${select} WHERE at_ms < ?`).get(beforeMs);
    return integer(row?.last ?? 0n);
  }

  /** How many events there are, counted without the look at their actors. */
  count(): number {
    const row = this.#database.query<{ n: bigint }, []>("SELECT count(*) AS n FROM events").get();
    return integer(row?.n ?? 0n);
  }

  *actors(): Generator<StoredActor> {
    const query = this.#database.query<ActorRow, []>(this.#selectActors());
    for (const row of query.iterate()) {
      yield {
        kind: row.kind,
        id: row.name,
        seq: integer(row.seq),
        lastPosition: integer(row.last_position),
        stateSeq: integer(row.state_seq ?? 0n),
        state: row.state ?? undefined,
        stateVersion: integer(row.state_version ?? 0n),
      };
    }
  }

  /** Commands that wait to be delivered, as JSON, oldest first. */
  *outbox(): Generator<string> {
    const query = this.#database.query<{ command: string }, []>(
      "SELECT command FROM outbox ORDER BY number",
    );
    for (const { command } of query.iterate()) yield command;
  }

  hasTimer(ref: ActorRef, id: string): boolean {
    const query = this.#database.query<object, [string, string, string]>(
      `SELECT 1 FROM timers JOIN actors ON actors.id = timers.actor
       WHERE actors.kind = ? AND actors.name = ? AND timers.id = ?`,
    );
    return query.get(ref.kind, ref.id, id) !== null;
  }

  /** A file that an older program wrote is read as it is: nothing here migrates it. */
  #selectActors(): string {
    if (!this.#has("sqlite_master", "states")) {
      const hasVersions = this.#has("pragma_table_info('actors')", "state_version");
      return `SELECT kind, name, seq, last_position, state_seq, state,
        ${hasVersions ? "state_version" : "0 AS state_version"} FROM actors ORDER BY id`;
    }
    return `SELECT kind, name, actors.seq, last_position, states.seq AS state_seq, state,
      states.version AS state_version
      FROM actors LEFT JOIN states ON states.actor = actors.id ORDER BY id`;
  }

  #has(parts: string, name: string): boolean {
    const query = this.#database.query<object, [string]>(`SELECT 1 FROM ${parts} WHERE name = ?`);
    return query.get(name) !== null;
  }

  close(): void {
    // SQLite ends it by itself when it meets a broken page.
    if (this.#database.inTransaction) this.#database.run("ROLLBACK");
    this.#database.close();
  }
}

/** What a database consists of: the text that made each part, by kind and name. */
function partsOf(database: Database): ReadonlyMap<string, string> {
  const query = database.query<{ name: string; sql: string }, []>(
    `SELECT type || ' ' || name AS name, sql FROM sqlite_master
     WHERE name NOT GLOB 'sqlite_*' ORDER BY type, name`,
  );
  return new Map(query.all().map(({ name, sql }) => [name, sql]));
}
