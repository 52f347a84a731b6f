/**
 * `seqr doctor` finds whatever is changed in the event log by somebody who owns the file, and names
 * the place. Each row is one change, made with SQL past the triggers.
 */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { refKey, type StoredEvent } from "../../src/runtime/event-log.ts";
import { chainHash } from "../../src/runtime/hash-chain.ts";
import { type Folder, temporaryFolder } from "./cli.ts";
import { diagnose, eventsOf, keepBooks, rechain, tamper } from "./good-books.ts";

setDefaultTimeout(40_000);
let folder: Folder;
let good: string;
let bad: string;
let events: readonly StoredEvent[];
/** A payment in the middle of the log. */
let victim: StoredEvent;
let account: string;

beforeAll(async () => {
  folder = temporaryFolder();
  good = join(folder.path, "good");
  bad = join(folder.path, "bad");
  await keepBooks(good);
  events = eventsOf(good);
  const captured = events.filter(({ kind }) => kind === "PaymentCaptured");
  victim = captured[4] ?? captured[0] ?? at(1);
  account = refKey(victim.ref);
});
afterAll(() => folder.remove());

function at(position: number): StoredEvent {
  const event = events[position - 1];
  if (event === undefined) throw new Error(`no event ${position}`);
  return event;
}

/** What the doctor says after the change; the good directory stays good. */
async function faultAfter(change: (database: Database) => void): Promise<string> {
  rmSync(bad, { recursive: true, force: true });
  tamper(good, bad, change);
  const { code, fault } = await diagnose(bad);
  expect(code).toBe(1);
  return fault;
}

function setEvent(column: string, value: string | number | Uint8Array, position: number) {
  return (database: Database): void => {
    database.query(`UPDATE events SET ${column} = ? WHERE position = ?`).run(value, position);
  };
}

test("a good directory is well, and what tampering takes for itself changes nothing", async () => {
  expect(await diagnose(good)).toEqual({ code: 0, fault: "" });
  rmSync(bad, { recursive: true, force: true });
  tamper(good, bad, () => {});
  expect(await diagnose(bad)).toEqual({ code: 0, fault: "" });
});

test.each([
  ["DROP INDEX timers_by_time", "index timers_by_time"],
  ["ALTER TABLE timers RENAME COLUMN at_ms TO at", "index timers_by_time"],
  ["CREATE INDEX more ON outbox (to_kind)", "index more"],
  ["CREATE TRIGGER thief AFTER INSERT ON timers BEGIN DELETE FROM timers; END", "trigger thief"],
])("a schema that is not the program's is found: %s", async (sql, part) => {
  const fault = await faultAfter((database) => void database.run(sql));
  expect(fault).toBe(`the file: its ${part} is not as it must be`);
});

test("events that may be changed unseen are a fault, though none was", async () => {
  rmSync(bad, { recursive: true, force: true });
  tamper(good, bad, () => {});
  const database = new Database(join(bad, "events.db"));
  database.run("DROP TRIGGER events_are_not_updated");
  database.close();
  const { fault } = await diagnose(bad);
  expect(fault).toBe("the file: its trigger events_are_not_updated is not as it must be");
});

test.each([
  ["PaymentRequestOpened", "an open payment request"],
  ["CodeSent", "a claim on a number"],
])("what waits for a timer that is gone is found: %s", async (kind, what) => {
  const last = events.findLast((event) => event.kind === kind);
  const fault = await faultAfter((database) => {
    database
      .query("DELETE FROM timers WHERE actor = (SELECT id FROM actors WHERE kind = ? AND name = ?)")
      .run(last?.ref.kind ?? "", last?.ref.id ?? "");
  });
  expect(fault).toBe(`${refKey(last?.ref ?? victim.ref)}: ${what} has no timer to end it`);
});

describe("a changed event is found and named:", () => {
  const WRONG_HASH = "its hash does not match its content and the event before it";

  test.each([
    ["data", () => victim.data.replace(/"amountCents":(\d)/, '"amountCents":9$1')],
    ["data", () => `${victim.data} `],
    ["data", () => "not json"],
    ["kind", () => "PaymentReleased"],
    ["version", () => victim.version + 1],
    ["at_ms", () => victim.atMs + 1],
    ["principal", () => `${victim.principal}x`],
    ["command_id", () => `${victim.commandId.slice(0, -1)}~`],
    ["seq", () => victim.seq + 1],
    ["previous", () => victim.previous - 1],
    ["actor", () => 1],
    ["hash", () => new Uint8Array(32)],
    ["hash", () => new Uint8Array(31)],
  ])("its %s", async (column, value) => {
    const fault = await faultAfter(setEvent(column, value(), victim.position));
    expect(fault).toStartWith(`event ${victim.position} (`);
    expect(fault).toContain(`, number `);
    expect(fault).toEndWith(WRONG_HASH);
  });

  test("its actor is one that does not exist", async () => {
    const fault = await faultAfter(setEvent("actor", 999_999, victim.position));
    expect(fault).toStartWith(`event ${victim.position + 1} (`);
    expect(fault).toEndWith(`expected event ${victim.position} here`);
    const last = events.length;
    expect(await faultAfter(setEvent("actor", 999_999, last))).toContain("belong to no actor");
  });

  test("its place in the order", async () => {
    const { position } = victim;
    const fault = await faultAfter((database) => {
      const move = database.query("UPDATE events SET position = ? WHERE position = ?");
      move.run(0, position);
      move.run(position, position + 1);
      move.run(position + 1, 0);
    });
    expect(fault).toStartWith(`event ${position} (`);
    expect(fault).toEndWith(WRONG_HASH);
  });

  test("it was removed, in the middle or at the end", async () => {
    const remove = (position: number) => (database: Database) =>
      void database.query("DELETE FROM events WHERE position = ?").run(position);
    const middle = await faultAfter(remove(victim.position));
    expect(middle).toStartWith(`event ${victim.position + 1} (`);
    expect(middle).toEndWith(`expected event ${victim.position} here`);
    const last = at(events.length);
    const fault = await faultAfter(remove(last.position));
    expect(fault).toStartWith(`${refKey(last.ref)}: its row says ${last.seq} events, the log has`);
  });

  test("its own hash is right and the next one's is not", async () => {
    const fault = await faultAfter((database) => {
      const changed = { ...victim, principal: "desk:mallory" };
      const before = database
        .query<{ hash: Uint8Array }, [number]>("SELECT hash FROM events WHERE position = ?")
        .get(victim.position - 1);
      const hash = chainHash(before?.hash ?? new Uint8Array(32), changed);
      setEvent("principal", "desk:mallory", victim.position)(database);
      setEvent("hash", hash, victim.position)(database);
    });
    expect(fault).toStartWith(`event ${victim.position + 1} (`);
    expect(fault).toEndWith(WRONG_HASH);
  });
});

/** Puts a copy of the victim behind `after`, with its own hash right. */
function insertBehind(database: Database, after: number): void {
  const move = database.query("UPDATE events SET position = position + 1 WHERE position = ?");
  for (let position = events.length; position > after; position--) move.run(position);
  const before = database
    .query<{ hash: Uint8Array }, [number]>("SELECT hash FROM events WHERE position = ?")
    .get(after);
  const inserted: StoredEvent = { ...victim, position: after + 1, seq: victim.seq + 1 };
  const hash = chainHash(before?.hash ?? new Uint8Array(32), inserted);
  database
    .query(
      `INSERT INTO events SELECT ?, actor, ?, previous, kind, version, at_ms, principal,
       command_id, data, ? FROM events WHERE position = ?`,
    )
    .run(inserted.position, inserted.seq, hash, victim.position);
}

describe("an inserted event is found:", () => {
  test("in the middle, with its own hash right", async () => {
    const { position } = victim;
    const fault = await faultAfter((database) => insertBehind(database, position));
    // The copy names the wrong event as its actor's last; the chain up to it is whole.
    expect(fault).toStartWith(`event ${position + 1} (`);
  });

  test("at the end, with the chain whole", async () => {
    const fault = await faultAfter((database) => insertBehind(database, events.length));
    expect(fault).toStartWith(`event ${events.length + 1} (PaymentCaptured`);
  });
});

describe("a changed row of an actor is found and named:", () => {
  const inRow = (set: string) => (database: Database) =>
    void database
      .query(`UPDATE actors SET ${set} WHERE kind = ? AND name = ?`)
      .run(victim.ref.kind, victim.ref.id);
  const inState = (set: string) => (database: Database) =>
    void database
      .query(
        `UPDATE states SET ${set}
         WHERE actor = (SELECT id FROM actors WHERE kind = ? AND name = ?)`,
      )
      .run(victim.ref.kind, victim.ref.id);
  const richer = `state = replace(state, '"capCents":10000', '"capCents":90000')`;

  test.each([
    ["its state", richer, "its stored state is not the fold of its events"],
    // The switch believes an older state and folds the events after it.
    ["an older state", `${richer}, seq = seq - 1`, "its stored state is not the fold"],
    ["a state of no events", "seq = 0", "its stored state is not the fold"],
    ["a state ahead of it", "seq = 1000", "its stored state is ahead of its events"],
    ["a state that is no JSON", "state = 'not json'", "JSON"],
  ])("%s", async (_, set, says) => {
    const fault = await faultAfter(inState(set));
    expect(fault).toStartWith(`${account}: `);
    expect(fault).toContain(says);
  });

  test.each([
    ["its sequence", "seq = seq + 1"],
    ["its last position", "last_position = last_position - 1"],
  ])("%s", async (_, set) => {
    const fault = await faultAfter(inRow(set));
    expect(fault).toStartWith(`${account}: its row says`);
  });

  test("a state that the switch would not believe either is no fault", async () => {
    rmSync(bad, { recursive: true, force: true });
    tamper(good, bad, inState(`${richer}, version = 0`));
    expect(await diagnose(bad)).toEqual({ code: 0, fault: "" });
  });

  test("its name, or that there is one at all", async () => {
    expect(await faultAfter(inRow("name = 'acc_00000000000000000000000001'"))).toStartWith(
      "event ",
    );
    const removed = await faultAfter((database) => {
      database.query("DELETE FROM actors WHERE name = ?").run(victim.ref.id);
    });
    expect(removed).toContain("expected event");
  });

  test("a row of an actor that has no events", async () => {
    const add = (state: string | null, seq: number) => (database: Database) => {
      const { lastInsertRowid } = database
        .query(
          `INSERT INTO actors (kind, name, seq, last_position)
           VALUES ('account', 'acc_00000000000000000000000001', ?, 0)`,
        )
        .run(seq);
      const store = "INSERT INTO states (actor, seq, version, state) VALUES (?, 0, 1, ?)";
      if (state !== null) database.query(store).run(lastInsertRowid, state);
    };
    const named = "account:acc_00000000000000000000000001: ";
    expect(await faultAfter(add("{}", 0))).toBe(`${named}has a stored state and no events`);
    expect(await faultAfter(add(null, 3))).toBe(`${named}its row says 3 events, the log has 0`);
  });
});

describe("a log rewritten from some event on, all hashes right, is found by its books:", () => {
  const rewrite = (change: (data: string) => string) => (database: Database) => {
    setEvent("data", change(victim.data), victim.position)(database);
    rechain(database, bad);
  };
  const amount = /("side":"(?:debit|credit)","amountCents":)(\d+)/;

  test("an entry that does not balance", async () => {
    const fault = await faultAfter(rewrite((data) => data.replace(amount, "$11")));
    expect(fault).toStartWith(`event ${victim.position} (PaymentCaptured`);
    expect(fault).toEndWith("its journal entry is unbalanced");
  });

  test("an entry that balances and is not what the account owes", async () => {
    const nothing = (data: string): string =>
      data.replace(/"postings":\[.*?\]/, (all) => all.replace(/:\d+/g, ":0"));
    const fault = await faultAfter(rewrite(nothing));
    const [due, booked] = /: due (\d+), in the ledger (\d+)$/.exec(fault)?.slice(1) ?? [];
    expect(fault).toStartWith(`${account}: due `);
    expect(Number(due)).toBeGreaterThan(Number(booked));
  });

  test("an event that its actor cannot have had", async () => {
    const other = (data: string): string =>
      data.replace(/pay_[0-9a-z]{26}/g, `pay_${"0".repeat(26)}`);
    const fault = await faultAfter(rewrite(other));
    expect(fault).toStartWith(`event ${victim.position} (PaymentCaptured`);
  });
});
