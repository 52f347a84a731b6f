/** The vault's rows in a SQLite file of their own, with what is deleted overwritten. */
import type { Database } from "bun:sqlite";
import type { SealedKind, SealedRow, VaultRows } from "../../vault/vault.ts";
import vaultSchema from "./migrations/vault-1.sql" with { type: "text" };
import { openDatabase } from "./open.ts";

const VAULT_MIGRATIONS = [{ version: 1, sql: vaultSchema }];

interface Row {
  readonly token: string;
  readonly kind: string;
  readonly owner: string;
  readonly kek_id: string;
  readonly sealed: Uint8Array;
}

export class SqliteVaultRows implements VaultRows {
  readonly #database: Database;

  constructor(file: string) {
    this.#database = openDatabase(file, "FULL", VAULT_MIGRATIONS);
    this.#database.run("PRAGMA secure_delete = ON");
  }

  insert(rows: readonly SealedRow[]): void {
    const insert = this.#database.query(
      "INSERT INTO sealed (token, kind, owner, kek_id, sealed) VALUES (?, ?, ?, ?, ?)",
    );
    this.#database.transaction(() => {
      for (const { token, kind, owner, kekId, sealed } of rows) {
        insert.run(token, kind, owner, kekId, sealed);
      }
    })();
  }

  find(token: string): SealedRow | undefined {
    const query = this.#database.query<Row, [string]>(
      "SELECT token, kind, owner, kek_id, sealed FROM sealed WHERE token = ?",
    );
    const row = query.get(token);
    if (row === null) return undefined;
    const { kind, owner, kek_id: kekId, sealed } = row;
    return { token, kind: kind as SealedKind, owner, kekId, sealed };
  }

  remove(tokens: readonly string[]): void {
    const remove = this.#database.query("DELETE FROM sealed WHERE token = ?");
    this.#database.transaction(() => {
      for (const token of tokens) remove.run(token);
    })();
  }

  close(): void {
    this.#database.close();
  }
}
