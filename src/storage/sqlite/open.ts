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

/**
 * Pages that are kept in memory, in KiB: SQLite's own 2,000 are fewer than the rows that one batch
 * of payments touches in a large file, and each of them would be fetched from the system again.
 */
const CACHE_KIB = 32_768;

/** A database that could not be opened: whose file it is, and why. */
export class OpenFailed extends Error {
  override readonly name = "OpenFailed";
  constructor(file: string, cause: unknown) {
    super(`${file}: ${cause instanceof Error ? cause.message : "cannot be opened"}`, { cause });
  }
}

/** Creates the file where absent and brings its schema up to date. Throws OpenFailed. */
export function openDatabase(
  file: string,
  durability: Durability,
  migrations: readonly Migration[],
): Database {
  return opened(file, { create: true }, (database) => {
    database.run("PRAGMA busy_timeout = 5000");
    database.run("PRAGMA journal_mode = WAL");
    database.run(`PRAGMA synchronous = ${durability}`);
    database.run(`PRAGMA wal_autocheckpoint = ${WAL_PAGES}`);
    database.run(`PRAGMA cache_size = -${CACHE_KIB}`);
    migrate(database, migrations);
  });
}

/**
 * For readers beside the running switch: writes nothing, not even the schema. Throws OpenFailed.
 */
export function openReadOnly(file: string): Database {
  return opened(file, { readonly: true }, (database) => {
    database.run("PRAGMA busy_timeout = 5000");
    database.run(`PRAGMA cache_size = -${CACHE_KIB}`);
  });
}

/** A database that cannot be set up is closed again. */
function opened(
  file: string,
  how: { readonly create: true } | { readonly readonly: true },
  setUp: (database: Database) => void,
): Database {
  let database: Database | undefined;
  try {
    database = new Database(file, { ...how, strict: true, safeIntegers: true });
    setUp(database);
    return database;
  } catch (error) {
    database?.close();
    throw new OpenFailed(file, error);
  }
}

/** An INTEGER column as a number. Throws AssertionFailed when it is not a safe integer. */
export function integer(value: unknown): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  assert(Number.isSafeInteger(number), "an INTEGER column holds a safe integer");
  return number as number;
}
