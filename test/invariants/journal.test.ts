/** I15: journal rows are only inserted. They travel inside events, and so does their proof. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { chainHash, GENESIS } from "../../src/runtime/hash-chain.ts";
import { SqliteEventLog } from "../../src/storage/sqlite/event-log.ts";
import { HostEngine, type Storage } from "./host-engine.ts";
import { Rare } from "./rare.ts";
import { plantedParameters } from "./seeds.ts";
import { runOnce, VARIANTS } from "./suites.ts";
import { actorsOf, REAL } from "./town.ts";

/** A file with some payments in it. */
async function fileOfPayments(file: string): Promise<void> {
  const storage: Storage = {
    open: () => new SqliteEventLog(file),
    reopen: (log) => log,
    close: (log) => void log.close(),
  };
  const [variant] = VARIANTS;
  if (variant === undefined) throw new Error("there is a variant");
  const engine = new HostEngine(actorsOf(REAL), { ...variant, storage });
  const suite = { definitions: REAL, rare: new Rare() };
  const buys = [0, 1, 2].map(
    (account) => ({ kind: "buy", account, lane: 0, amount: 199 }) as const,
  );
  await runOnce(engine, suite, buys, { accounts: 4, answersAtOnce: true });
}

async function inFile(use: (file: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "seqr-journal-"));
  try {
    const file = join(folder, "events.db");
    await fileOfPayments(file);
    use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readAll(file: string): { events: readonly StoredEvent[]; hash: string } {
  const log = new SqliteEventLog(file);
  const read = { events: log.read(0, 10_000), hash: log.head().hash };
  log.close();
  return read;
}

/** The hash that the events themselves lead to. */
function hashOf(events: readonly StoredEvent[]): string {
  return events.reduce<Uint8Array>(chainHash, GENESIS).toHex();
}

test("no journal entry can be changed or removed in the file", async () => {
  await inFile((file) => {
    const database = new Database(file);
    const captured = "kind = 'PaymentCaptured'";
    const { count } = database
      .query<{ count: number }, []>(`SELECT count(*) AS count FROM events WHERE ${captured}`)
      .get() ?? { count: 0 };
    expect(count).toBe(3);
    for (const statement of [
      `UPDATE events SET data = replace(data, '199', '1') WHERE ${captured}`,
      `UPDATE events SET hash = x'00' WHERE ${captured}`,
      `DELETE FROM events WHERE ${captured}`,
      "DELETE FROM events",
    ]) {
      expect(() => database.run(statement)).toThrow("events are only inserted");
    }
    database.close();
  });
});

test("whoever takes the triggers away cannot change one letter unseen", async () => {
  await inFile((file) => {
    const before = readAll(file);
    expect(hashOf(before.events)).toBe(before.hash);
    const change = fc.record({
      event: fc.nat(),
      letter: fc.nat(),
      by: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(change, ({ event, letter, by }) => {
        const at = event % before.events.length;
        const events = before.events.map((stored, place) =>
          place === at ? { ...stored, data: withOtherLetter(stored.data, letter, by) } : stored,
        );
        expect(hashOf(events)).not.toBe(before.hash);
      }),
      plantedParameters(100),
    );
    const database = new Database(file);
    database.run("DROP TRIGGER events_are_not_updated");
    database.run("UPDATE events SET data = replace(data, '199', '1')");
    database.close();
    const after = readAll(file);
    expect(hashOf(after.events)).not.toBe(after.hash);
  });
});

function withOtherLetter(data: string, letter: number, by: number): string {
  const at = letter % data.length;
  const other = String.fromCharCode(data.charCodeAt(at) + by);
  return `${data.slice(0, at)}${other}${data.slice(at + 1)}`;
}
