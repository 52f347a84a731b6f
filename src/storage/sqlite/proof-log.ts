/** The event log's file with its hashes, read beside a running switch. */
import type { Database } from "bun:sqlite";
import type { ActorRef } from "../../../actors/actor.ts";
import { assert } from "../../../actors/assert.ts";
import type { LogHead } from "../../runtime/event-log.ts";
import { GENESIS } from "../../runtime/hash-chain.ts";
import type { HashedEvent, ProofLog } from "../../runtime/proof-log.ts";
import { type EventRow, toEvent } from "./event-rows.ts";
import { integer, openReadOnly } from "./open.ts";

const EVENT_AT = `SELECT position, actors.kind AS actor_kind, actors.name AS actor_name,
  events.seq, previous, events.kind, version, at_ms, principal, command_id, data, hash
  FROM events JOIN actors ON actors.id = events.actor WHERE position = ?`;

interface HashRow {
  readonly hash: Uint8Array;
}

export class SqliteProofLog implements ProofLog {
  readonly #database: Database;

  /** Throws OpenFailed. */
  constructor(file: string) {
    this.#database = openReadOnly(file);
  }

  head(): LogHead {
    const query = this.#database.query<{ position: bigint; hash: Uint8Array }, []>(
      "SELECT position, hash FROM events ORDER BY position DESC LIMIT 1",
    );
    const row = query.get();
    if (row === null) return { position: 0, hash: GENESIS.toHex() };
    return { position: integer(row.position), hash: row.hash.toHex() };
  }

  at(position: number): HashedEvent | undefined {
    const row = this.#database.query<EventRow, [number]>(EVENT_AT).get(position);
    if (row === null) return undefined;
    return { event: toEvent(row), hash: row.hash, previousHash: this.#hashAt(position - 1) };
  }

  *history({ kind, id }: ActorRef): Generator<HashedEvent> {
    const query = this.#database.query<{ last_position: bigint }, [string, string]>(
      "SELECT last_position FROM actors WHERE kind = ? AND name = ?",
    );
    const row = query.get(kind, id);
    for (let at = row === null ? 0 : integer(row.last_position); at > 0; ) {
      const found = this.at(at);
      assert(found !== undefined, "the chain of an actor leads to its events");
      yield found;
      at = found.event.previous;
    }
  }

  hashes(from: number, to: number): readonly Uint8Array[] {
    const query = this.#database.query<HashRow, [number, number]>(
      "SELECT hash FROM events WHERE position BETWEEN ? AND ? ORDER BY position",
    );
    const hashes = query.all(from, to).map(({ hash }) => hash);
    assert(hashes.length === to - from + 1, "the log has no gap");
    return hashes;
  }

  /** Where a payment was captured, for those who have no view at hand: looks through the log. */
  captureOf(paymentId: string): number | undefined {
    const query = this.#database.query<{ position: bigint }, [string]>(
      `SELECT position FROM events WHERE kind = 'PaymentCaptured'
       AND json_extract(data, '$.receipt.paymentId') = ?`,
    );
    const row = query.get(paymentId);
    return row === null ? undefined : integer(row.position);
  }

  close(): void {
    this.#database.close();
  }

  #hashAt(position: number): Uint8Array {
    if (position === 0) return GENESIS;
    const query = this.#database.query<HashRow, [number]>(
      "SELECT hash FROM events WHERE position = ?",
    );
    const row = query.get(position);
    assert(row !== null, "the log has no gap");
    return row.hash;
  }
}
