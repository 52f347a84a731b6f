/**
 * Opening a database file: WAL, strict parameters, and integers that are never rounded in silence
 * (without `safeIntegers` a large INTEGER comes back as the nearest double).
 */
import { Database } from "bun:sqlite";
import { assert } from "../../../actors/assert.ts";
import { type Migration, migrate } from "./migrate.ts";

export type Durability =
  /** An acknowledged commit survives power loss. */
  | "FULL"
  /** The last commits may be lost with the power: for what can be rebuilt. */
  | "NORMAL";

/** Pages (4 KiB) in the write-ahead log before SQLite copies them back into the file. */
const WAL_PAGES = 4_000;

/** Creates the file where absent and brings its schema up to date. */
export function openDatabase(
  file: string,
  durability: Durability,
  migrations: readonly Migration[],
): Database {
  const database = new Database(file, { create: true, strict: true, safeIntegers: true });
  database.run("PRAGMA journal_mode = WAL");
  database.run(`PRAGMA synchronous = ${durability}`);
  database.run(`PRAGMA wal_autocheckpoint = ${WAL_PAGES}`);
  database.run("PRAGMA busy_timeout = 5000");
  migrate(database, migrations);
  return database;
}

/** For readers beside the running switch: writes nothing, not even the schema. */
export function openReadOnly(file: string): Database {
  return new Database(file, { readonly: true, strict: true, safeIntegers: true });
}

/** An INTEGER column as a number. Throws AssertionFailed when it is not a safe integer. */
export function integer(value: unknown): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  assert(Number.isSafeInteger(number), "an INTEGER column holds a safe integer");
  return number as number;
}
