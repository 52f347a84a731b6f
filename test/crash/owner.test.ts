/** One process owns a data directory: who comes second is told so, who comes after it starts. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Caller } from "../../src/client/call.ts";
import type { Till } from "../../src/client/till.ts";
import { loadConfig } from "../../src/config.ts";
import { takeOwnerLock } from "../../src/storage/sqlite/owner-lock.ts";
import { startSwitch } from "../../src/switch.ts";
import { type Folder, hasStackTrace, makeDataDir, seqr, temporaryFolder } from "../commands/cli.ts";
import { auditLog } from "./audit.ts";
import { freePort, ServeFailed, SwitchProcess } from "./process.ts";
import { seededRandom } from "./random.ts";
import { Recorder } from "./recorder.ts";
import { foundTown } from "./town.ts";

setDefaultTimeout(90_000);
let folder: Folder;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

async function freshDir(name: string) {
  const dataDir = join(folder.path, name);
  return { dataDir, deskKey: await makeDataDir(dataDir) };
}

/** The process, or why it does not serve. */
async function started(dataDir: string): Promise<SwitchProcess | ServeFailed> {
  try {
    return await SwitchProcess.start({ dataDir, port: 0 });
  } catch (error) {
    if (error instanceof ServeFailed) return error;
    throw error;
  }
}

test("starts at the same moment: one serves, the others are told why they do not", async () => {
  const { dataDir } = await freshDir("moment");
  for (let round = 0; round < 5; round++) {
    const all = await Promise.all([1, 2, 3].map(() => started(dataDir)));
    const serving = all.filter((one) => one instanceof SwitchProcess);
    const refused = all.filter((one) => one instanceof ServeFailed);
    expect({ round, serving: serving.length }).toEqual({ round, serving: 1 });
    for (const { code, stderr } of refused) {
      expect(code).toBe(1);
      expect(stderr).toContain("another process owns this data directory");
      expect(hasStackTrace(stderr)).toBe(false);
    }
    for (const process of serving) process.kill();
    await Promise.all(serving.map((process) => process.ended()));
  }
});

test("after SIGKILL of the owner the next start works at once, on the same port", async () => {
  const { dataDir } = await freshDir("at-once");
  const port = freePort();
  for (let round = 0; round < 4; round++) {
    const process = await SwitchProcess.start({ dataDir, port });
    expect((await fetch(`${process.url}/readyz`)).status).toBe(200);
    process.kill();
    expect(await process.ended()).toBe(137);
  }
});

test("a signal in the middle of a start ends it, and the next start works", async () => {
  const { dataDir } = await freshDir("early-signal");
  const random = seededRandom(1);
  for (let round = 0; round < 6; round++) {
    const process = new SwitchProcess({ dataDir, port: 0 });
    process.untilServing().catch(() => {});
    await Bun.sleep(random.between(0, 250));
    process.terminate();
    // 143 before the program hears signals, 0 from then on; and nothing else.
    expect([0, 143]).toContain(await process.ended());
  }
  const process = await SwitchProcess.start({ dataDir, port: 0 });
  process.terminate();
  expect(await process.ended()).toBe(0);
  expect((await seqr(["doctor", "--data", dataDir])).code).toBe(0);
});

test("a directory that is let go of a moment later is taken", async () => {
  const { dataDir } = await freshDir("moment-later");
  const lock = takeOwnerLock(join(dataDir, "owner.lock"));
  setTimeout(() => lock.release(), 30);
  const running = await startSwitch({ config: loadConfig(dataDir, {}, { port: 0 }) });
  await running.stop();
});

test("a lock file that somebody removed makes two owners, and still no wrong log", async () => {
  const { dataDir, deskKey } = await freshDir("lock-removed");
  const first = await SwitchProcess.start({ dataDir, port: 0 });
  const recorder = new Recorder();
  const caller = new Caller(first.url, recorder.fetcher);
  const { tills } = await foundTown(caller, deskKey, { tills: 2, customers: 2 });
  rmSync(join(dataDir, "owner.lock"));
  const second = await SwitchProcess.start({ dataDir, port: 0 });
  const statuses = new Set<number>();
  const asks = tills.flatMap((till) =>
    [first.url, second.url].map(async (url) => {
      for (let turn = 0; turn < 20; turn++) statuses.add(await ask(recorder, url, till));
    }),
  );
  await Promise.all(asks);
  // Who was second to write has stopped acknowledging; nobody was told what is not so.
  for (const status of statuses) expect([201, 503]).toContain(status);
  for (const process of [first, second]) process.terminate();
  for (const process of [first, second]) expect(await process.ended()).toBe(0);
  const audit = auditLog(join(dataDir, "events.db"), recorder.answers);
  expect(audit).toMatchObject({ lost: [], doubled: [], faults: [] });
  expect((await seqr(["doctor", "--data", dataDir])).stdout).toContain("all is well");
});

/** Asks for money once, without trying again; gives the status. */
async function ask(recorder: Recorder, url: string, { lane, key }: Till): Promise<number> {
  const request = new Request(`${url}/v1/lanes/${lane.id}/payment-requests`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${key}`,
      "idempotency-key": crypto.randomUUID(),
      "content-type": "application/json",
    },
    body: JSON.stringify({ amount: { amount: 100, currency: "USD" } }),
  });
  return (await recorder.fetcher(request)).status;
}
