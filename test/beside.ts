import { Database } from "bun:sqlite";

const WAIT_MS_MAX = 5_000;

/** Opens a file that the switch has open too, and waits its turn where the switch is writing. */
export function openBeside(file: string): Database {
  const database = new Database(file);
  database.run(`PRAGMA busy_timeout = ${WAIT_MS_MAX}`);
  return database;
}
