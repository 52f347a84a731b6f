/**
 * One process owns a data directory. The lock is an exclusive SQLite transaction that is never
 * ended: the operating system lets go of it when the process dies, however it dies.
 */
import { Database } from "bun:sqlite";

export class DirectoryOwned extends Error {
  override readonly name = "DirectoryOwned";
  constructor() {
    super("another process owns this data directory");
  }
}

export interface OwnerLock {
  release(): void;
}

/** Throws DirectoryOwned when another process, or another lock of this one, holds it. */
export function takeOwnerLock(file: string): OwnerLock {
  const database = new Database(file, { create: true });
  try {
    database.run("PRAGMA busy_timeout = 0");
    database.run("PRAGMA journal_mode = DELETE");
    database.run("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    const code = (error as { code?: unknown }).code;
    if (typeof code === "string" && code.startsWith("SQLITE_BUSY")) throw new DirectoryOwned();
    throw error;
  }
  return {
    release() {
      database.run("ROLLBACK");
      database.close();
    },
  };
}
