/** The vault's rows in a SQLite file of their own, with what is deleted overwritten. */
import type { Database, Statement } from "bun:sqlite";
import { assert } from "../../../actors/assert.ts";
import type { RowStore, SealedKind, SealedRow, UnnamedRow } from "../../vault/sealed-rows.ts";
import vaultSchema from "./migrations/vault-1.sql" with { type: "text" };
import dataKeys from "./migrations/vault-2.sql" with { type: "text" };
import blindIndex from "./migrations/vault-3.sql" with { type: "text" };
import unnamedRows from "./migrations/vault-4.sql" with { type: "text" };
import { integer, openDatabase } from "./open.ts";

export const VAULT_MIGRATIONS = [
  { version: 1, sql: vaultSchema },
  { version: 2, sql: dataKeys },
  { version: 3, sql: blindIndex },
  { version: 4, sql: unnamedRows },
];

type RowOf<Version extends 1 | 2> = Extract<SealedRow, { version: Version }>;

interface Row {
  readonly token: string;
  readonly kind: string;
  readonly owner: string;
  readonly kek_id: string;
  readonly sealed: Uint8Array;
  readonly version: bigint;
  readonly person: string;
}

/** Owners of one bank account that are told. */
const SHARING_MAX = 100;
const COLUMNS = "token, kind, owner, kek_id, sealed, version, person";

export class SqliteVaultRows implements RowStore {
  readonly #database: Database;
  /** Prepared once: every approval asks it. */
  readonly #find: Statement<Row, [string]>;

  constructor(file: string) {
    this.#database = openDatabase(file, "FULL", VAULT_MIGRATIONS);
    this.#database.run("PRAGMA secure_delete = ON");
    this.#find = this.#database.query(`SELECT ${COLUMNS} FROM sealed WHERE token = ?`);
  }

  insert(rows: readonly SealedRow[]): void {
    const insert = this.#database.query(
      `INSERT INTO sealed (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    const unnamed = this.#database.query("INSERT INTO unnamed (token, owner) VALUES (?, ?)");
    this.#database.transaction(() => {
      for (const row of rows) {
        const { token, kind, owner, sealed, version } = row;
        const kekId = version === 1 ? row.kekId : "";
        insert.run(token, kind, owner, kekId, sealed, version, version === 2 ? row.person : "");
        unnamed.run(token, owner);
        if (version === 2) this.#index(row);
      }
    })();
  }

  find(token: string): SealedRow | undefined {
    const row = this.#find.get(token);
    return row === null ? undefined : toSealed(row);
  }

  remove(tokens: readonly string[]): void {
    const remove = this.#database.query("DELETE FROM sealed WHERE token = ?");
    const untag = this.#database.query("DELETE FROM bank_account_tags WHERE token = ?");
    this.#database.transaction(() => {
      for (const token of tokens) {
        remove.run(token);
        untag.run(token);
      }
      this.named(tokens);
    })();
  }

  unnamed(after: string, max: number): readonly UnnamedRow[] {
    const query = this.#database.query<
      { token: string; owner: string; noted_at_ms: bigint },
      [string, number]
    >("SELECT token, owner, noted_at_ms FROM unnamed WHERE token > ? ORDER BY token LIMIT ?");
    return query.all(after, max).map(({ token, owner, noted_at_ms }) => {
      const notedAtMs = integer(noted_at_ms);
      return { token, owner, notedAtMs: notedAtMs === 0 ? undefined : notedAtMs };
    });
  }

  named(tokens: readonly string[]): void {
    const name = this.#database.query("DELETE FROM unnamed WHERE token = ?");
    this.#database.transaction(() => {
      for (const token of tokens) name.run(token);
    })();
  }

  noteUnnamed(rows: readonly Omit<UnnamedRow, "notedAtMs">[], nowMs: number): void {
    const note = this.#database.query(
      `INSERT INTO unnamed (token, owner, noted_at_ms) VALUES (?, ?, ?)
       ON CONFLICT (token) DO UPDATE SET noted_at_ms = excluded.noted_at_ms WHERE noted_at_ms = 0`,
    );
    this.#database.transaction(() => {
      for (const { token, owner } of rows) note.run(token, owner, nowMs);
    })();
  }

  removeOf(person: string): void {
    this.remove(this.#tokensOf(person));
  }

  #tokensOf(person: string): readonly string[] {
    const query = this.#database.query<{ token: string }, [string]>(
      "SELECT token FROM sealed WHERE person = ?",
    );
    return query.all(person).map(({ token }) => token);
  }

  tidy(): void {
    this.#database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  ownersSharing(token: string): readonly string[] {
    const query = this.#database.query<{ owner: string }, [string, number]>(
      `SELECT DISTINCT others.owner FROM bank_account_tags AS own
       JOIN bank_account_tags AS others ON others.tag = own.tag
       WHERE own.token = ? ORDER BY others.owner LIMIT ?`,
    );
    return query.all(token, SHARING_MAX).map(({ owner }) => owner);
  }

  isSameBankAccount(token: string, other: string): boolean {
    const query = this.#database.query(
      `SELECT 1 FROM bank_account_tags AS one
       JOIN bank_account_tags AS other ON other.tag = one.tag
       WHERE one.token = ? AND other.token = ?`,
    );
    return query.get(token, other) !== null;
  }

  hasRowOf(person: string, besides: readonly string[] = []): boolean {
    return this.#tokensOf(person).some((token) => !besides.includes(token));
  }

  ofVersion1(max: number): readonly RowOf<1>[] {
    const query = this.#database.query<Row, [number]>(
      `SELECT ${COLUMNS} FROM sealed WHERE version = 1 ORDER BY token LIMIT ?`,
    );
    return query
      .all(max)
      .map(toSealed)
      .filter((row) => row.version === 1);
  }

  renew(rows: readonly RowOf<2>[]): void {
    const renew = this.#database.query(
      `UPDATE sealed SET version = 2, kek_id = '', person = ?, sealed = ?
       WHERE token = ? AND version = 1`,
    );
    this.#database.transaction(() => {
      for (const row of rows) {
        const { changes } = renew.run(row.person, row.sealed, row.token);
        assert(Number(changes) === 1, "a row that is moved is there");
        this.#index(row);
      }
    })();
  }

  countsOfVersion1(): ReadonlyMap<string, number> {
    const query = this.#database.query<{ kek_id: string; n: bigint }, []>(
      "SELECT kek_id, count(*) AS n FROM sealed WHERE version = 1 GROUP BY kek_id ORDER BY kek_id",
    );
    return new Map(query.all().map(({ kek_id, n }) => [kek_id, integer(n)]));
  }

  #index({ tag, token, owner }: RowOf<2>): void {
    if (tag === undefined) return;
    const index = this.#database.query(
      "INSERT INTO bank_account_tags (tag, token, owner) VALUES (?, ?, ?)",
    );
    index.run(tag, token, owner);
  }

  close(): void {
    this.#database.close();
  }
}

function toSealed({ token, kind, owner, sealed, version, ...row }: Row): SealedRow {
  const place = { token, kind: kind as SealedKind, owner, sealed };
  if (integer(version) === 2) return { ...place, version: 2, person: row.person };
  assert(integer(version) === 1, "sealed rows have versions 1 and 2");
  return { ...place, version: 1, kekId: row.kek_id };
}
