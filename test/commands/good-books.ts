/** A data directory with some payments in it, and ways to look at it and to tamper with it. */
import { Database } from "bun:sqlite";
import { spyOn } from "bun:test";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { Caller } from "../../src/client/call.ts";
import { Registration } from "../../src/client/registration.ts";
import { doctor } from "../../src/commands/doctor.ts";
import { payOnce } from "../../src/commands/sandbox.ts";
import { loadConfig } from "../../src/config.ts";
import { addOperator, initialise, readKeys } from "../../src/data-directory.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { chainHash, GENESIS } from "../../src/runtime/hash-chain.ts";
import { SqliteLogReader } from "../../src/storage/sqlite/log-reader.ts";
import { startSwitch } from "../../src/switch.ts";
import { foundTown } from "../crash/town.ts";

/** Runs real payments through a switch: captured, refused and cancelled ones. */
export async function keepBooks(dataDir: string): Promise<void> {
  initialise(dataDir);
  const deskKey = addOperator(dataDir, readKeys(dataDir), "alice", "sandbox");
  const config = loadConfig(dataDir, {}, { port: 0 });
  const running = await startSwitch({ config, log: () => {} });
  const caller = new Caller(running.url);
  const town = await foundTown(caller, deskKey, { tills: 2, customers: 3 });
  const [first, second] = town.tills;
  if (first === undefined || second === undefined) throw new Error("the town has no tills");
  for (const customer of town.customers) {
    for (const amountCents of [499, 1250, 2075])
      await payOnce(first, customer, amountCents, "Bread");
    await payOnce(second, customer, 9_000, "Too much").catch(() => {});
    await second.cancel(await second.ask({ amountCents: 100 }));
  }
  // Something is left open: a request that nobody paid, and a number that nobody registered.
  await second.ask({ amountCents: 100 });
  await Registration.start(caller, "+12125550199");
  await running.stop();
}

export interface Verdict {
  readonly code: number;
  readonly fault: string;
}

/** What the command prints and how it ends, without a process of its own: there are many cases. */
async function run(dataDir: string, json: boolean): Promise<{ code: number; said: string }> {
  let said = "";
  const print = spyOn(process.stdout, "write").mockImplementation((text) => {
    said += String(text);
    return true;
  });
  try {
    return { code: await doctor.run({ data: dataDir, json }, []), said };
  } finally {
    print.mockRestore();
  }
}

/** What the doctor says, the same in both of its forms. */
export async function diagnose(dataDir: string): Promise<Verdict> {
  const plain = await run(dataDir, false);
  const json = await run(dataDir, true);
  const { fault } = JSON.parse(json.said) as { fault: string | null };
  const end = fault === null ? "all is well" : `FAULT     ${fault}`;
  if (plain.code !== json.code) throw new Error(`two codes: ${plain.code} and ${json.code}`);
  if (!plain.said.endsWith(`${end}\n`)) throw new Error(`two verdicts: ${plain.said} and ${end}`);
  return { code: plain.code, fault: fault ?? "" };
}

/** The log as it is, with nothing checked. */
export function eventsOf(dataDir: string): readonly StoredEvent[] {
  const reader = new SqliteLogReader(join(dataDir, "events.db"));
  try {
    return [...reader.events()].map(({ event }) => event);
  } finally {
    reader.close();
  }
}

/** A copy of `from` in which somebody who owns the file changes what the triggers protect. */
export function tamper(from: string, to: string, change: (database: Database) => void): void {
  cpSync(from, to, { recursive: true });
  const database = new Database(join(to, "events.db"), { strict: true });
  const triggers = database
    .query<{ name: string; sql: string }, []>(
      "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    )
    .all();
  for (const { name } of triggers) database.run(`DROP TRIGGER ${name}`);
  change(database);
  // Whoever owns the file puts them back.
  for (const { sql } of triggers) database.run(sql);
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
}

/** Makes every hash right again: what an owner of the file can always do. */
export function rechain(database: Database, dataDir: string): void {
  const events = eventsOf(dataDir);
  let hash = GENESIS;
  const update = database.query("UPDATE events SET hash = ? WHERE position = ?");
  database.transaction(() => {
    for (const event of events) {
      hash = chainHash(hash, event);
      update.run(hash, event.position);
    }
  })();
}
