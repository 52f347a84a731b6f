/**
 * The same transfer without actors and events: two balances and an entry, written straight into
 * SQLite by the runtime's own driver, as durable as the event log.
 */
import type { Database } from "bun:sqlite";
import { assert } from "../actors/assert.ts";
import { integer, openDatabase } from "../src/storage/sqlite/open.ts";
import schema from "./sql-transfers.sql" with { type: "text" };

const MIGRATIONS = [{ version: 1, sql: schema }];
const CAP_CENTS = 1e12;
const AMOUNT_CENTS = 100;

export class SqlTransfers {
  readonly #database: Database;
  readonly #rows: ReturnType<typeof prepare>;
  #transfers = 0;

  /** A new file with `accounts` payers and as many payees. */
  constructor(
    file: string,
    private readonly accounts: number,
  ) {
    this.#database = openDatabase(file, "FULL", MIGRATIONS);
    this.#rows = prepare(this.#database);
    this.#database.transaction(() => {
      for (let id = 1; id <= 2 * accounts; id++) this.#rows.addAccount.run(id, CAP_CENTS);
    })();
  }

  /** Makes `count` transfers, each between two accounts by chance, `group` to a transaction. */
  make(count: number, group: number): void {
    for (let done = 0; done < count; done += group) {
      this.#database.run("BEGIN IMMEDIATE");
      for (let at = done; at < Math.min(done + group, count); at++) this.#transfer();
      this.#database.run("COMMIT");
    }
    this.#transfers += count;
  }

  /** The limit is checked, then both balances and the entry are written. */
  #transfer(): void {
    const payer = 1 + Math.floor(Math.random() * this.accounts);
    const payee = 1 + this.accounts + Math.floor(Math.random() * this.accounts);
    const row = this.#rows.available.get(payer);
    assert(integer(row?.cents) >= AMOUNT_CENTS, "the payer has room within the limit");
    this.#rows.addEntry.run(crypto.randomUUID(), payer, payee, AMOUNT_CENTS, Date.now());
    this.#rows.move.run(-AMOUNT_CENTS, payer);
    this.#rows.move.run(AMOUNT_CENTS, payee);
  }

  /** What does not hold: a transfer that is not there, books out of balance. */
  faults(): readonly string[] {
    const sums = this.#rows.sums.get();
    const faults: string[] = [];
    const entries = integer(sums?.entries);
    if (entries !== this.#transfers) {
      faults.push(`SQLite: ${entries} entries of ${this.#transfers} transfers`);
    }
    const cents = integer(sums?.cents);
    if (cents !== 0) faults.push(`SQLite: all accounts together are ${cents} cents, not 0`);
    return faults;
  }

  close(): void {
    this.#database.close();
  }
}

function prepare(database: Database) {
  return {
    addAccount: database.query<null, [number, number]>("INSERT INTO accounts VALUES (?, ?, 0)"),
    available: database.query<{ cents: bigint }, [number]>(
      "SELECT cap_cents + balance_cents AS cents FROM accounts WHERE id = ?",
    ),
    addEntry: database.query<null, [string, number, number, number, number]>(
      "INSERT INTO entries VALUES (?, ?, ?, ?, ?)",
    ),
    move: database.query<null, [number, number]>(
      "UPDATE accounts SET balance_cents = balance_cents + ? WHERE id = ?",
    ),
    sums: database.query<{ entries: bigint; cents: bigint }, []>(
      `SELECT (SELECT count(*) FROM entries) AS entries,
       (SELECT sum(balance_cents) FROM accounts) AS cents`,
    ),
  };
}
