/** Views are a fold of the log: thrown away and built anew they are the same, in any batches. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { AccountView } from "../../actors/account-messages.ts";
import { assert } from "../../actors/assert.ts";
import { cutOff } from "../../src/collection/cut-off.ts";
import { takeReturns } from "../../src/collection/return-file.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { Feed } from "../../src/runtime/feed.ts";
import { type View, ViewRunner } from "../../src/runtime/view.ts";
import { SqliteViewStore } from "../../src/storage/sqlite/view-store.ts";
import { VIEWS } from "../../src/views/all.ts";
import { refundId } from "../actors/collecting.ts";
import { paymentId } from "../actors/samples.ts";
import { HandBank, partsOf } from "../collection/rig.ts";
import { type Customer, SwitchRig } from "../switch-rig.ts";
import { eventsOf, live, rowsOf, viewOf } from "./history.ts";

let rig: SwitchRig;
let events: readonly StoredEvent[];

beforeAll(async () => {
  rig = await SwitchRig.start();
  await live(rig);
  const payment = await rig.pay(await rig.customer(), 700);
  for (const amount of [100, 200]) {
    await rig.send("POST", `/v1/payments/${payment.id}/refunds`, {
      ...{ token: rig.merchantKey, key: `refund/${amount}` },
      json: { amount: { amount, currency: "USD" }, reason: "goods_returned" },
    });
  }
  // Two files: one with the prenotes, and one that finds nothing to do yet.
  const parts = partsOf(rig, new HandBank());
  for (let files = 0; files < 2; files++) await cutOff(parts);
  await prenoteReturned(await rig.customer(), () => cutOff(parts));
  await takeReturns(parts, new TextEncoder().encode("no file of a bank\n".repeat(3)));
  events = await eventsOf(rig);
});
afterAll(() => rig[Symbol.asyncDispose]());

/** A bank account that is frozen: nothing is collected from it, and it is looked at (R16). */
async function prenoteReturned({ phone }: Customer, makeFile: () => Promise<unknown>) {
  await makeFile();
  const { host } = rig.running.services;
  const ref = { kind: "account", id: phone.keys.account };
  const asked = { principal: "test" };
  const account = (await host.ask(ref, { kind: "DescribeAccount" }, asked)) as AccountView;
  const { bankAccount } = account.collection;
  assert(bankAccount.kind === "checking", "a prenote is under way");
  const { fileId, trace } = bankAccount;
  const returned = {
    ...{ kind: "ReturnEntry", subject: { kind: "prenote" }, fileId, trace, code: "R16" },
    ...{ merchantNumber: 0, amountCents: 0, isSettled: false },
  };
  await host.ask(ref, returned, asked);
  // And a debit of long ago is said to have been wrong.
  const reversed = {
    ...{ kind: "ReverseDebit", refundId: refundId(1), paymentId: paymentId(1), merchantNumber: 1 },
    ...{ amountCents: 100, note: "twice" },
    reverses: { fileId, trace, bankAccount: "old", lastOn: "2026-12-31", reason: "duplicate" },
  };
  await host.ask(ref, reversed, asked);
}

/** The rows of every view, as the running switch has them. */
function running(): Readonly<Record<string, unknown>> {
  const { views } = rig.running.services;
  return Object.fromEntries(VIEWS.map(({ name }) => [name, rowsOf(views.table(name))]));
}

describe("each view", () => {
  for (const view of VIEWS) {
    test(`${view.name} is the same whatever the batches`, () => {
      const whole = rowsOf(viewOf(view, events, events.length));
      expect(Object.keys(whole).length).toBeGreaterThan(1);
      for (const batch of [1, 2, 3, 7, 64]) {
        expect(rowsOf(viewOf(view, events, batch))).toEqual(whole);
      }
      expect(rowsOf(rig.running.services.views.table(view.name))).toEqual(whole);
    });
  }
});

test("a view store that was deleted is built anew and is the same", async () => {
  const before = running();
  await rig.halt();
  for (const end of ["", "-wal", "-shm"]) {
    rmSync(join(rig.dataDir, `views.db${end}`), { force: true });
  }
  await rig.restart();
  expect(await rig.position()).toBe(events.length);
  expect(running()).toEqual(before);
});

test("a view of another version is built anew, and so are the others", async () => {
  const store = new SqliteViewStore(":memory:");
  const feed = new Feed({
    read: (after: number, max: number) => events.slice(after, after + max),
  } as never);
  const faults: unknown[] = [];
  const report = (error: unknown): void => void faults.push(error);
  const counting = (version: number): View => ({
    name: "counting",
    version,
    apply(seen, table) {
      table.put("events", String(Number(table.get("events") ?? "0") + seen.length));
    },
  });
  const first = new ViewRunner(feed, store, [counting(1)], report);
  await first.start();
  await first.stop();
  expect(store.table("counting").get("events")).toBe(String(events.length));
  const again = new ViewRunner(feed, store, [counting(1)], report);
  await again.start();
  await again.stop();
  expect(store.table("counting").get("events")).toBe(String(events.length));
  const raised = new ViewRunner(feed, store, [counting(2)], report);
  await raised.start();
  await raised.stop();
  expect(store.table("counting").get("events")).toBe(String(events.length));
  expect(faults).toEqual([]);
  store.close();
});

test("views that have seen another log than this one are built anew", async () => {
  const names: View = {
    name: "names",
    version: 1,
    apply(seen, table) {
      for (const event of seen) table.put(String(event.position), event.kind);
    },
  };
  const store = new SqliteViewStore(":memory:");
  const runOn = async (log: readonly StoredEvent[]): Promise<void> => {
    const read = (after: number, max: number) => log.slice(after, after + max);
    const runner = new ViewRunner(new Feed({ read } as never), store, [names], () => {});
    await runner.start();
    await runner.stop();
    expect(store.position()).toBe(log.length);
    const rows = log.map(({ position, kind }) => [String(position), kind]);
    expect(rowsOf(store.table("names"))).toEqual(Object.fromEntries(rows));
  };
  const older = events.slice(0, 5);
  const wentOn = older.map((event, at) => (at < 3 ? event : { ...event, kind: "SomethingElse" }));
  await runOn(events);
  // A log that was restored from a copy, and one that has gone another way since.
  await runOn(older);
  await runOn(wentOn);
  await runOn([]);
  store.close();
});

test("whoever asks to catch up, at whatever moment, is told when it has been done", async () => {
  for (let moment = 0; moment < 16; moment++) {
    const store = new SqliteViewStore(":memory:");
    const log = events.slice(0, 2);
    let late: Promise<number> | undefined;
    const read = (after: number, max: number) => {
      const found = log.slice(after, after + max);
      late ??= hear();
      return found;
    };
    const runner = new ViewRunner(new Feed({ read } as never), store, [], () => {});
    // The third event is committed so many steps after the log was read to its end.
    async function hear(): Promise<number> {
      for (let step = 0; step < moment; step++) await undefined;
      log.push(...events.slice(2, 3));
      await runner.catchUp();
      return store.position();
    }
    await runner.start();
    expect({ moment, position: await late }).toEqual({ moment, position: 3 });
    await runner.stop();
    store.close();
  }
});

test("a step that fails leaves rows and position as they were, and is told", async () => {
  const store = new SqliteViewStore(":memory:");
  const feed = new Feed({
    read: (after: number, max: number) => events.slice(after, after + max),
  } as never);
  const faults: unknown[] = [];
  let isBroken = true;
  const view: View = {
    name: "fragile",
    version: 1,
    apply(seen, table) {
      for (const event of seen) table.put(String(event.position), event.kind);
      if (isBroken) throw new Error("half way");
    },
  };
  const runner = new ViewRunner(feed, store, [view], (error) => void faults.push(error));
  await runner.start();
  expect([store.position(), Object.keys(rowsOf(store.table("fragile"))).length]).toEqual([0, 0]);
  expect(faults).toHaveLength(1);
  isBroken = false;
  await runner.catchUp();
  expect(store.position()).toBe(events.length);
  expect(Object.keys(rowsOf(store.table("fragile")))).toHaveLength(events.length);
  await runner.stop();
  store.close();
});
