import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqlTransfers } from "../../bench/sql-transfers.ts";

test("plain transfers are all there and balance, and it shows where they do not", () => {
  const folder = mkdtempSync(join(tmpdir(), "seqr-test-"));
  try {
    const file = join(folder, "transfers.db");
    const transfers = new SqlTransfers(file, 10);
    transfers.make(25, 10);
    transfers.make(3, 1);
    expect(transfers.faults()).toEqual([]);
    const other = new Database(file);
    other.run("DELETE FROM entries WHERE payment = (SELECT min(payment) FROM entries)");
    other.run("UPDATE accounts SET balance_cents = balance_cents + 5 WHERE id = 3");
    other.close();
    expect(transfers.faults()).toEqual([
      "SQLite: 27 entries of 28 transfers",
      "SQLite: all accounts together are 5 cents, not 0",
    ]);
    transfers.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
