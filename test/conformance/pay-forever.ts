/**
 * A process to be killed: it owns a data directory and pays without end, from many purses at once,
 * and prints the id of each payment that was acknowledged. With `careless` it has a planted fault:
 * it acknowledges before it writes. Run as: bun pay-forever.ts DIRECTORY LIFE [careless]
 */
import { join } from "node:path";
import { assert } from "../../actors/assert.ts";
import { RealClock } from "../../src/runtime/clock.ts";
import { Host } from "../../src/runtime/host.ts";
import { SqliteEventLog } from "../../src/storage/sqlite/event-log.ts";
import { takeOwnerLock } from "../../src/storage/sqlite/owner-lock.ts";
import { WritesLater } from "./faulty-logs.ts";
import { type PurseCommand, purse, purseOf, type TillCommand, till, tillOf } from "./toy-saga.ts";

const [, , directory, life, fault] = process.argv;
assert(directory !== undefined, "a directory is given");
assert(life !== undefined, "a life is given");

const WORKERS = 16;
const principal = "desk:test";
takeOwnerLock(join(directory, "lock"));
const sound = new SqliteEventLog(join(directory, "events.db"));
const log = fault === "careless" ? new WritesLater(sound) : sound;
// Few actors stay in memory, so that they are loaded again and again.
const limits = { cellsMax: fault === "careless" ? 1_000 : 20, groupUnitsMax: 8 };
const host = new Host({ actors: [purse, till], log, clock: new RealClock(), limits });
await host.start();
process.stdout.write("started\n");

/** One cent each, so that no purse reaches its cap while it lives. */
async function pay(id: string): Promise<void> {
  const open: TillCommand = { kind: "open", request: id };
  await host.ask(tillOf("t"), open, { principal });
  const command: PurseCommand = { kind: "pay", payment: id, till: "t", request: id, cents: 1 };
  const options = { principal, commandId: `pay/${id}`, fingerprint: id };
  const answer = await host.askOnce(purseOf(id.slice(0, -1)), command, options);
  assert(answer.kind === "answered", "the id is its own");
  process.stdout.write(`${answer.reply.kind} ${id}\n`);
}

await Promise.all(
  Array.from({ length: WORKERS }, async (_, worker) => {
    for (let n = 0; ; n++) await pay(`${life}-${worker}-${n}`);
  }),
);
