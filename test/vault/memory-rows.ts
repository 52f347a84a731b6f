/** Rows of a vault in memory, open to the test: it may move and change what is stored. */
import type { SealedRow, VaultRows } from "../../src/vault/vault.ts";

export class MemoryRows implements VaultRows {
  readonly rows = new Map<string, SealedRow>();
  /** Thrown by the next insert, before anything is stored. */
  failure: Error | undefined;

  insert(rows: readonly SealedRow[]): void {
    if (this.failure !== undefined) throw this.failure;
    for (const row of rows) this.rows.set(row.token, row);
  }

  find(token: string): SealedRow | undefined {
    return this.rows.get(token);
  }

  remove(tokens: readonly string[]): void {
    for (const token of tokens) this.rows.delete(token);
  }

  close(): void {}

  /** The row of a token, which must be there. */
  at(token: string): SealedRow {
    const row = this.rows.get(token);
    if (row === undefined) throw new Error("no such row");
    return row;
  }
}
