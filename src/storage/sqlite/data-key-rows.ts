/** Wrapped data keys in a SQLite file of their own, with what is deleted overwritten. */
import type { Database, Statement } from "bun:sqlite";
import { assert } from "../../../actors/assert.ts";
import type { DataKeyRow, DataKeyRows } from "../../vault/data-keys.ts";
import type { WrappedKey } from "../../vault/key-provider.ts";
import dataKeysSchema from "./migrations/data-keys-1.sql" with { type: "text" };
import { integer, openDatabase } from "./open.ts";

export const DATA_KEY_MIGRATIONS = [{ version: 1, sql: dataKeysSchema }];

interface Row {
  readonly subject: string;
  readonly kek_id: string;
  readonly wrapped: Uint8Array;
}

export class SqliteDataKeyRows implements DataKeyRows {
  readonly #database: Database;
  /** Prepared once: every approval of a payer who is not in the cache asks it. */
  readonly #find: Statement<Omit<Row, "subject">, [string]>;

  constructor(file: string) {
    this.#database = openDatabase(file, "FULL", DATA_KEY_MIGRATIONS);
    this.#database.run("PRAGMA secure_delete = ON");
    this.#find = this.#database.query("SELECT kek_id, wrapped FROM data_keys WHERE subject = ?");
  }

  find(subject: string): WrappedKey | undefined {
    const row = this.#find.get(subject);
    return row === null ? undefined : { kekId: row.kek_id, wrapped: row.wrapped };
  }

  insert(rows: readonly DataKeyRow[]): void {
    const insert = this.#database.query(
      "INSERT INTO data_keys (subject, kek_id, wrapped) VALUES (?, ?, ?)",
    );
    this.#database.transaction(() => {
      for (const { subject, kekId, wrapped } of rows) insert.run(subject, kekId, wrapped);
    })();
  }

  remove(subjects: readonly string[]): void {
    const remove = this.#database.query("DELETE FROM data_keys WHERE subject = ?");
    this.#database.transaction(() => {
      for (const subject of subjects) remove.run(subject);
    })();
    // Also where nothing was there any more: a crash may have come in between.
    this.#forgetPages();
  }

  wrappedByOthers(kekId: string, max: number): readonly DataKeyRow[] {
    const query = this.#database.query<Row, [string, string, number]>(
      `SELECT subject, kek_id, wrapped FROM data_keys WHERE kek_id < ? OR kek_id > ? LIMIT ?`,
    );
    return query.all(kekId, kekId, max).map(({ subject, kek_id, wrapped }) => {
      return { subject, kekId: kek_id, wrapped };
    });
  }

  replace(rows: readonly (DataKeyRow & { readonly from: string })[]): void {
    const replace = this.#database.query(
      "UPDATE data_keys SET kek_id = ?, wrapped = ? WHERE subject = ? AND kek_id = ?",
    );
    this.#database.transaction(() => {
      for (const { subject, kekId, wrapped, from } of rows) {
        const { changes } = replace.run(kekId, wrapped, subject, from);
        assert(Number(changes) === 1, "a key that is rewrapped is there");
      }
    })();
  }

  counts(): ReadonlyMap<string, number> {
    const query = this.#database.query<{ kek_id: string; n: bigint }, []>(
      "SELECT kek_id, count(*) AS n FROM data_keys GROUP BY kek_id ORDER BY kek_id",
    );
    return new Map(query.all().map(({ kek_id, n }) => [kek_id, integer(n)]));
  }

  close(): void {
    this.#forgetPages();
    this.#database.close();
  }

  /** Older versions of the pages lie in the write-ahead log until it is cut. */
  #forgetPages(): void {
    this.#database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  }
}
