/** What only the SQLite log can show: its rows, its rollbacks, and a file that may not grow. */
import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { LogFailure } from "../../src/runtime/event-log.ts";
import { chainHash, GENESIS } from "../../src/runtime/hash-chain.ts";
import { add, faultOf, totalAt } from "./asks.ts";
import { chainOf } from "./cases/chain.ts";
import {
  ALL,
  commitOf,
  contentsOf,
  eventOf,
  fullCommitOf,
  itemOf,
  loadOne,
  refOf,
} from "./commits.ts";
import { Rig } from "./rig.ts";
import type { Subject } from "./subject.ts";
import { SqliteStore } from "./subjects.ts";
import { counterOf } from "./toy-counter.ts";

let store: SqliteStore;
beforeEach(() => {
  store = new SqliteStore();
});
afterEach(() => store.dispose());

/** Another connection to the same file, as a curious operator has it. */
function beside<T>(run: (database: Database) => T): T {
  const database = new Database(store.file, { strict: true });
  try {
    return run(database);
  } finally {
    database.close();
  }
}

describe("the rows of the events", () => {
  test("are neither updated nor deleted, by anybody", async () => {
    const log = await store.open();
    log.commit([commitOf({ events: [1, 2, 3].map(eventOf) })]);
    const before = log.read(0, ALL);
    const attempts = [
      "UPDATE events SET data = '{}' WHERE position = 2",
      "UPDATE events SET hash = zeroblob(32)",
      "UPDATE OR REPLACE events SET position = 1 WHERE position = 2",
      "DELETE FROM events WHERE position = 3",
      "DELETE FROM events",
    ];
    for (const sql of attempts) {
      expect(() => beside((database) => database.run(sql))).toThrow("events are only inserted");
    }
    expect(log.read(0, ALL)).toEqual(before);
  });

  test("carry the chain: each hash covers its event and the hash before it", async () => {
    const log = await store.open();
    for (let n = 0; n < 5; n++) log.commit([commitOf({ expectedSeq: n, commandId: `c${n}` })]);
    const hashes = beside((database) =>
      database.query<{ hash: Uint8Array }, []>("SELECT hash FROM events ORDER BY position").all(),
    );
    let hash = GENESIS;
    for (const [at, event] of log.read(0, ALL).entries()) {
      hash = chainHash(hash, event);
      expect(hashes[at]?.hash.toHex()).toBe(hash.toHex());
    }
    expect(log.head().hash).toBe(hash.toHex());
  });
});

describe("a past that was rewritten in spite of it", () => {
  test("does not have the hash of the head any more", async () => {
    const log = await store.open();
    for (let n = 0; n < 5; n++) log.commit([commitOf({ expectedSeq: n, commandId: `c${n}` })]);
    expect(chainOf(log.read(0, ALL))).toBe(log.head().hash);
    // SQLite calls no trigger for the row that it replaces.
    const columns = "actor, seq, previous, kind, version, at_ms, principal, command_id";
    beside((database) =>
      database.run(`INSERT OR REPLACE INTO events (position, ${columns}, data, hash)
        SELECT position, ${columns}, replace(data, '1', '9'), hash FROM events
        WHERE position = 2`),
    );
    expect(chainOf(log.read(0, ALL))).not.toBe(log.head().hash);
  });
});

describe("a transaction that fails half way", () => {
  /** Sends to `poison` fail, after events and other rows of the list have been inserted. */
  function poison(): void {
    beside((database) =>
      database.run(`CREATE TRIGGER poison BEFORE INSERT ON outbox WHEN NEW.to_kind = 'poison'
        BEGIN SELECT RAISE(ABORT, 'planted'); END`),
    );
  }
  const poisoned = { ...itemOf("x>0"), to: { kind: "poison", id: "x" } };

  test("leaves nothing, and the log goes on where it was", async () => {
    const log = await store.open();
    log.commit([fullCommitOf("sound")]);
    poison();
    const refs = [refOf("a"), refOf("b"), refOf("new")];
    const before = await contentsOf(log, refs, ["sound", "b", "new"]);
    const list = [
      fullCommitOf("b", { ref: refOf("b"), unit: 0 }),
      fullCommitOf("new", { ref: refOf("new"), unit: 1, outbox: [poisoned] }),
    ];
    expect(() => log.commit(list)).toThrow(LogFailure);
    expect(await contentsOf(log, refs, ["sound", "b", "new"])).toEqual(before);
    expect(log.commit(list.slice(0, 1))).toEqual([{ kind: "ok", position: 2 }]);
    expect(log.commit([commitOf({ ref: refOf("new") })])).toEqual([{ kind: "ok", position: 3 }]);
    expect(log.head().hash).toBe(chainOf(log.read(0, ALL)));
  });
});

describe("a file that may not grow any more", () => {
  /** SQLite answers as it does on a full disk. */
  const small: Subject = {
    name: "SQLite in a small file",
    capabilities: { embedded: true },
    create: async () => store,
  };
  const long = "x".repeat(3_000);
  const longEvent = { kind: "added", version: 1, data: JSON.stringify({ long }) };

  test("fails whole lists, and takes them when there is room again", async () => {
    store.limits = { pagesMax: 40 };
    const log = await store.open();
    const grow = (): number => {
      for (let n = 0; n < 100; n++) {
        const { seq } = log.load([refOf("a")])[0] ?? { seq: 0 };
        log.commit([commitOf({ expectedSeq: seq, events: [longEvent] })]);
      }
      return 0;
    };
    expect(grow).toThrow(expect.objectContaining({ name: "LogFailure", kind: "full" }));
    const held = await contentsOf(log, [refOf("a")], []);
    expect(held.feed.length).toBeGreaterThan(3);
    expect(held.head.hash).toBe(chainOf(held.feed));
    const list = [commitOf({ ref: refOf("b"), events: Array(30).fill(longEvent) })];
    expect(() => log.commit(list)).toThrow(expect.objectContaining({ kind: "full" }));
    expect(await contentsOf(log, [refOf("a")], [])).toEqual(held);
    store.limits = {};
    const roomy = await store.open();
    expect(roomy.commit(list)).toEqual([{ kind: "ok", position: held.head.position + 1 }]);
    expect((await loadOne(roomy, refOf("b"))).seq).toBe(30);
    expect(roomy.head().hash).toBe(chainOf(roomy.read(0, ALL)));
  });

  test("is given what the write-ahead log holds, as soon as it can take it", async () => {
    store.limits = { pagesMax: 40 };
    const log = await store.open();
    const list = [commitOf({ ref: refOf("b"), events: Array(60).fill(longEvent) })];
    log.commit([commitOf({ events: Array(10).fill(longEvent) })]);
    const before = statSync(store.file).size;
    expect(() => log.commit(list)).toThrow(expect.objectContaining({ kind: "full" }));
    expect(statSync(store.file).size).toBe(before);
    log.commit([commitOf({ expectedSeq: 10 })]);
    expect(statSync(store.file).size).toBeGreaterThan(before + 10 * long.length);
  });

  test("fails the commands, not the host, and nothing acknowledged is lost", () => {
    store.limits = { pagesMax: 300 };
    return Rig.with(
      small,
      async (rig) => {
        let acknowledged = 0;
        const results = Array.from({ length: 600 }, async (_, n) => {
          const fault = await faultOf(rig.once(counterOf(`c${n}`), add(1), `${n} ${long}`));
          if (fault === undefined) acknowledged++;
          return fault;
        });
        const faults = new Set(await Promise.all(results));
        expect([...faults].sort()).toEqual(["storage_full", undefined]);
        expect(rig.host.failure).toBeUndefined();
        expect((await rig.log.read(0, ALL)).length).toBe(acknowledged);
        await rig.restart();
        const totals = Array.from({ length: 600 }, (_, n) => totalAt(rig, `c${n}`));
        const sum = (await Promise.all(totals)).reduce((a, b) => a + b, 0);
        expect(sum).toBe(acknowledged);
      },
      { limits: { groupUnitsMax: 8 } },
    );
  });
});
