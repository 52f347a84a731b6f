/** Views that a worker follows: what is read here is of one moment, and a death loses nothing. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Feed } from "../../src/runtime/feed.ts";
import { SqliteEventLog } from "../../src/storage/sqlite/event-log.ts";
import { OpenFailed } from "../../src/storage/sqlite/open.ts";
import { SqliteViewStore } from "../../src/storage/sqlite/view-store.ts";
import { VIEW_THREAD_DEFAULTS, ViewThread } from "../../src/view-thread.ts";
import { complianceQueue, frozenAccounts } from "../../src/views/compliance-queue.ts";
import { openBeside } from "../beside.ts";
import { commitOf, refOf } from "../conformance/commits.ts";
import { failureOf, settled } from "../failure.ts";

/** Told from every other time that a timer is set to. */
const REST_MS = 7;
const FROZEN = JSON.stringify({ kind: "AccountBlocked", reason: "compliance", note: null });

let folder: string;
let files: { readonly events: string; readonly views: string };
let log: SqliteEventLog;
let feed: Feed;
let thread: ViewThread | undefined;
let faults: unknown[];
let workers: Worker[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "seqr-views-"));
  files = { events: join(folder, "events.db"), views: join(folder, "views.db") };
  log = new SqliteEventLog(files.events);
  feed = new Feed(log);
  faults = [];
  workers = [];
});
afterEach(async () => {
  await thread?.stop();
  thread = undefined;
  log.close();
  rmSync(folder, { recursive: true, force: true });
});

async function follow(pauseMs = 0, next = VIEW_THREAD_DEFAULTS.spawn): Promise<ViewThread> {
  const spawn = (): Worker => {
    const worker = workers.length === 0 ? VIEW_THREAD_DEFAULTS.spawn() : next();
    workers.push(worker);
    return worker;
  };
  const report = (error: unknown): void => void faults.push(error);
  thread = await ViewThread.start(files, feed, report, { spawn, pauseMs, restMs: REST_MS });
  return thread;
}

/** Another account whose bank account is frozen: one more row of the compliance queue. */
async function freeze(account: number): Promise<void> {
  const ref = refOf(`acc_${account}`, "account");
  const event = { kind: "AccountBlocked", version: 3, data: FROZEN };
  await log.commit([commitOf({ ref, commandId: `freeze/${account}`, events: [event] })]);
  const position = log.head().position;
  feed.publish(log.read(position - 1, 1));
}

const frozen = (views: ViewThread): number =>
  frozenAccounts(views.table(complianceQueue.name), 10_000)?.length ?? 0;

test("who asks to catch up reads what was committed before, with no end in sight", async () => {
  const views = await follow();
  let isOver = false;
  let account = 0;
  const others = (async () => {
    while (!isOver) {
      await freeze(account + 1);
      account++;
      await Bun.sleep(0);
    }
  })();
  const seen: [number, number][] = [];
  for (let round = 0; round < 20; round++) {
    const before = account;
    await views.catchUp();
    seen.push([before, frozen(views)]);
  }
  isOver = true;
  await others;
  for (const [before, found] of seen) expect(found).toBeGreaterThanOrEqual(before);
  await views.demandCaughtUp();
  expect([frozen(views) > 0, views.position]).toEqual([true, log.head().position]);
  expect(faults).toEqual([]);
});

test("what is read in one step is of one moment; a later step sees what came since", async () => {
  const views = await follow();
  await freeze(1);
  await views.catchUp();
  const rows = frozen(views);
  // The worker writes beside this step, which does not end meanwhile.
  const other = openBeside(files.views);
  other.run("INSERT INTO rows VALUES (?, 'queue/z', '{}')", [complianceQueue.name]);
  other.close();
  expect(frozen(views)).toBe(rows);
  await new Promise(setImmediate);
  expect(frozen(views)).toBe(rows + 1);
});

test("a worker that dies is told of, and started anew by what comes next", async () => {
  const views = await follow();
  await freeze(1);
  await views.catchUp();
  workers[0]?.terminate();
  await Bun.sleep(50);
  await freeze(2);
  await views.demandCaughtUp();
  expect([frozen(views), workers.length]).toEqual([2, 2]);
  // It died while it had nothing to do, or at the question that it was asked then.
  expect(faults.length).toBeLessThan(2);
});

test("after a death nobody waits: the views are behind until the pause is over", async () => {
  const views = await follow(300);
  workers[0]?.terminate();
  await Bun.sleep(50);
  await freeze(1);
  expect(((await failureOf(views.demandCaughtUp())) as Error).name).toBe("ViewsBehind");
  expect(workers).toHaveLength(1);
  await Bun.sleep(300);
  await views.demandCaughtUp();
  expect([frozen(views), workers.length]).toEqual([1, 2]);
});

test("after a death what was committed is followed, though nothing more comes", async () => {
  const views = await follow(100);
  workers[0]?.terminate();
  await Bun.sleep(50);
  await freeze(1);
  for (let tries = 0; views.position < 1 && tries < 200; tries++) await Bun.sleep(10);
  expect([views.position, frozen(views), workers.length]).toEqual([1, 1, 2]);
});

test("a thread that cannot be had is tried for again, though nothing more comes", async () => {
  let tries = 0;
  const views = await follow(50, () => {
    if (++tries === 1) throw new Error("no thread to be had");
    return VIEW_THREAD_DEFAULTS.spawn();
  });
  workers[0]?.terminate();
  await Bun.sleep(100);
  await freeze(1);
  for (let waits = 0; views.position < 1 && waits < 200; waits++) await Bun.sleep(10);
  expect([tries, views.position, frozen(views)]).toEqual([2, 1, 1]);
  expect(String(faults)).toContain("no thread to be had");
});

test("a stop does not wait for views that are being built anew", async () => {
  const silent = URL.createObjectURL(new Blob(["postMessage('ready'); onmessage = () => {};"]));
  const views = await follow(0, () => new Worker(silent));
  workers[0]?.terminate();
  await Bun.sleep(50);
  await freeze(1);
  const behind = settled(views.demandCaughtUp());
  await Bun.sleep(50);
  await views.stop();
  expect(await behind).toThrow("the views are behind the event log");
  expect([workers.length, faults.length]).toEqual([2, 0]);
});

test("a file that was taken away is made anew by the next worker, and read", async () => {
  const views = await follow();
  await freeze(1);
  await views.demandCaughtUp();
  expect(frozen(views)).toBe(1);
  for (const end of ["", "-wal", "-shm"]) rmSync(files.views + end, { force: true });
  workers[0]?.terminate();
  await Bun.sleep(50);
  await freeze(2);
  await views.demandCaughtUp();
  expect(frozen(views)).toBe(2);
});

test("a step that cannot be written is told, and made up for later", async () => {
  const views = await follow();
  await freeze(1);
  await views.demandCaughtUp();
  const other = openBeside(files.views);
  // The table is gone for a while, as if the file had been spoilt.
  other.run("ALTER TABLE rows RENAME TO elsewhere");
  await freeze(2);
  expect(views.isBehind).toBe(false);
  expect(await settled(views.demandCaughtUp())).toThrow("the views are behind the event log");
  expect([faults.length > 0, views.isBehind]).toEqual([true, true]);
  other.run("ALTER TABLE elsewhere RENAME TO rows");
  other.close();
  await views.demandCaughtUp();
  expect([frozen(views), views.isBehind]).toEqual([2, false]);
});

test("a file that is no database ends the start, with its name", async () => {
  writeFileSync(files.views, "no database at all ".repeat(300));
  const refused = await failureOf(follow());
  expect(refused).toBeInstanceOf(OpenFailed);
  expect((refused as Error).message).toStartWith(`${files.views}: `);
  expect(faults).toEqual([]);
});

test("a file of its own position goes on where it was", async () => {
  await freeze(1);
  await (await follow()).stop();
  await freeze(2);
  const again = await follow();
  expect([frozen(again), again.position]).toEqual([2, 2]);
  await again.stop();
  const store = new SqliteViewStore(files.views);
  expect(store.position()).toBe(2);
  store.close();
});

test("views that could not be written at the start are behind from the start", async () => {
  await (await follow()).stop();
  const other = openBeside(files.views);
  other.run("CREATE TRIGGER full BEFORE INSERT ON rows BEGIN SELECT RAISE(ABORT, 'full'); END");
  await freeze(1);
  const views = await follow();
  expect(views.isBehind).toBe(true);
  expect(await settled(views.demandCaughtUp())).toThrow("the views are behind the event log");
  other.run("DROP TRIGGER full");
  other.close();
  await views.demandCaughtUp();
  expect(frozen(views)).toBe(1);
});

test("what is committed while they come to rest is followed, at whatever moment", async () => {
  const set = globalThis.setTimeout;
  let account = 0;
  const views = await follow();
  for (let moment = 0; moment < 12; moment++) {
    const resting = Promise.withResolvers<() => void>();
    const caught = (call: () => void, ms: number) => {
      if (ms !== REST_MS) return set(call, ms);
      resting.resolve(call);
      return set(() => {}, 0);
    };
    globalThis.setTimeout = caught as unknown as typeof setTimeout;
    await freeze(++account);
    const rested = await resting.promise;
    globalThis.setTimeout = set;
    const later = commitOf({
      ref: refOf(`acc_${++account}`, "account"),
      commandId: `freeze/${account}`,
      events: [{ kind: "AccountBlocked", version: 3, data: FROZEN }],
    });
    log.commit([later]);
    const { position } = log.head();
    rested();
    for (let step = 0; step < moment; step++) await undefined;
    feed.publish(log.read(position - 1, 1));
    for (let tries = 0; views.position < position && tries < 200; tries++) await Bun.sleep(5);
    expect([moment, views.position]).toEqual([moment, position]);
    await Bun.sleep(2 * REST_MS);
  }
});
