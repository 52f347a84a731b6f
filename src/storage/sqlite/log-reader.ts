/**
 * Reads an event log for checking, beside a running switch or of a stopped one: rows as they are,
 * nothing repaired and nothing believed.
 */
import type { Database } from "bun:sqlite";
import type { StoredEvent } from "../../runtime/event-log.ts";
import { type EventRow, prepareStatements, toEvent } from "./event-rows.ts";
import { integer, openReadOnly } from "./open.ts";

export interface StoredActor {
  readonly kind: string;
  readonly id: string;
  readonly seq: number;
  readonly lastPosition: number;
  readonly stateSeq: number;
  readonly state: string | undefined;
}

interface ActorRow {
  readonly kind: string;
  readonly name: string;
  readonly seq: bigint;
  readonly last_position: bigint;
  readonly state_seq: bigint;
  readonly state: string | null;
}

const PAGE = 1_000;

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

  /** Every event with its stored hash, in order of position. */
  *events(): Generator<{ readonly event: StoredEvent; readonly hash: Uint8Array }> {
    const { eventsAfter } = prepareStatements(this.#database);
    let after = 0;
    for (;;) {
      const rows: EventRow[] = eventsAfter.all(after, PAGE);
      for (const row of rows) yield { event: toEvent(row), hash: row.hash };
      const last = rows.at(-1);
      if (last === undefined) return;
      after = integer(last.position);
    }
  }

  /** How many events there are, counted without the look at their actors. */
  count(): number {
    const row = this.#database.query<{ n: bigint }, []>("SELECT count(*) AS n FROM events").get();
    return integer(row?.n ?? 0n);
  }

  *actors(): Generator<StoredActor> {
    const query = this.#database.query<ActorRow, []>(
      "SELECT kind, name, seq, last_position, state_seq, state FROM actors ORDER BY id",
    );
    for (const row of query.iterate()) {
      yield {
        kind: row.kind,
        id: row.name,
        seq: integer(row.seq),
        lastPosition: integer(row.last_position),
        stateSeq: integer(row.state_seq),
        state: row.state ?? undefined,
      };
    }
  }

  close(): void {
    this.#database.run("ROLLBACK");
    this.#database.close();
  }
}
