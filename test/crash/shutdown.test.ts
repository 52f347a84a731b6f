/** The end of a process: asked for politely, asked twice, and cut short in the middle of it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Caller } from "../../src/client/call.ts";
import { Registration } from "../../src/client/registration.ts";
import { type Folder, makeDataDir, seqr, temporaryFolder } from "../commands/cli.ts";
import { auditLog } from "./audit.ts";
import { startDrivers } from "./drivers.ts";
import { eventually, freePort, SwitchProcess } from "./process.ts";
import { seededRandom } from "./random.ts";
import { Recorder } from "./recorder.ts";
import { foundTown } from "./town.ts";

const TEST_MS_MAX = 90_000;
const SEED = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);

let folder: Folder;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

/** A town under load, before anything happens to its switch. */
async function underLoad(name: string) {
  const dataDir = join(folder.path, name);
  const deskKey = await makeDataDir(dataDir);
  const options = { dataDir, port: freePort() };
  const process = await SwitchProcess.start(options);
  const recorder = new Recorder();
  const caller = new Caller(process.url, recorder.fetcher);
  const town = await foundTown(caller, deskKey, { tills: 8, customers: 24 });
  const drivers = startDrivers(town, recorder, seededRandom(SEED));
  return { options, process, recorder, drivers, eventsFile: join(dataDir, "events.db") };
}

test(
  "SIGTERM under load answers what runs, loses nothing and ends with 0",
  async () => {
    const { options, process, recorder, drivers, eventsFile } = await underLoad("terminated");
    await eventually(() => recorder.answers.length > 300);
    const askedAtMs = performance.now();
    process.terminate();
    expect(await process.ended()).toBe(0);
    const cutShort = recorder.broken.filter(({ sentAtMs }) => sentAtMs < askedAtMs);
    expect(cutShort).toEqual([]);
    expect(auditLog(eventsFile, recorder.answers)).toMatchObject(NOTHING);
    const next = await SwitchProcess.start(options);
    await drivers.finish();
    next.terminate();
    expect(await next.ended()).toBe(0);
    expect(recorder.unanswered()).toEqual([]);
    expect(drivers.faults).toEqual([]);
    expect(auditLog(eventsFile, recorder.answers)).toMatchObject(NOTHING);
    expect((await seqr(["doctor", "--data", options.dataDir])).code).toBe(0);
  },
  TEST_MS_MAX,
);

test(
  "SIGKILL in the middle of a graceful stop loses nothing",
  async () => {
    const { options, process: first, recorder, drivers, eventsFile } = await underLoad("cut-short");
    const random = seededRandom(SEED);
    let process = first;
    for (let round = 0; round < 5; round++) {
      await Bun.sleep(random.between(200, 500));
      process.terminate();
      await Bun.sleep(random.between(0, 60));
      process.kill();
      await process.ended();
      process = await SwitchProcess.start(options);
      expect(auditLog(eventsFile, recorder.answers)).toMatchObject(NOTHING);
    }
    await drivers.finish();
    process.terminate();
    expect(await process.ended()).toBe(0);
    expect(recorder.unanswered()).toEqual([]);
    expect(auditLog(eventsFile, recorder.answers)).toMatchObject(NOTHING);
  },
  TEST_MS_MAX,
);

const NOTHING = { lost: [], doubled: [], faults: [] };

test(
  "a switch that nobody asks anything stops without waiting",
  async () => {
    const dataDir = join(folder.path, "idle");
    await makeDataDir(dataDir);
    const process = await SwitchProcess.start({ dataDir, port: 0 });
    process.terminate();
    // Five seconds are what running requests would be given.
    expect(await eventually(() => !process.isRunning, 4_000)).toBe(true);
    expect(await process.ended()).toBe(0);
  },
  TEST_MS_MAX,
);

test(
  "held requests and streams are ended by a stop, with what is",
  async () => {
    const dataDir = join(folder.path, "held");
    const deskKey = await makeDataDir(dataDir);
    const process = await SwitchProcess.start({ dataDir, port: 0 });
    const recorder = new Recorder();
    const caller = new Caller(process.url, recorder.fetcher);
    const { tills } = await foundTown(caller, deskKey, { tills: 1, customers: 0 });
    const [till] = tills;
    if (till === undefined) throw new Error("the town has no till");
    const request = await till.ask({ amountCents: 100 });
    const authorization = `Bearer ${till.key}`;
    const held = fetch(
      `${process.url}/v1/lanes/${till.lane.id}/payment-requests/${request.id}?wait=20000`,
      { headers: { authorization, "if-none-match": `"${request.revision}"` } },
    );
    const stream = await fetch(`${process.url}/v1/lanes/${till.lane.id}/events`, {
      headers: { authorization },
    });
    const streamed = stream.text();
    await Bun.sleep(100);
    process.terminate();
    expect((await held).status).toBe(304);
    expect(await streamed).toContain("retry: ");
    expect(await process.ended()).toBe(0);
  },
  TEST_MS_MAX,
);

/** A live switch whose SMS gateway answers when the test says so. */
async function withSlowGateway(name: string) {
  const dataDir = join(folder.path, name);
  await makeDataDir(dataDir);
  const gate = Promise.withResolvers<void>();
  const keys: string[] = [];
  const gateway = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      keys.push(request.headers.get("idempotency-key") ?? "");
      await gate.promise;
      return new Response();
    },
  });
  const config = {
    mode: "live",
    tls: "proxy",
    publicHost: "pay.example",
    originatorName: "Example Payments Inc.",
    smsGatewayUrl: gateway.url.href,
    termsUrl: "https://pay.example/terms",
    privacyUrl: "https://pay.example/privacy",
  };
  writeFileSync(join(dataDir, "config.json"), JSON.stringify(config));
  const options = { dataDir, port: freePort() };
  const process = await SwitchProcess.start(options);
  await Registration.start(new Caller(process.url), "+12025550123");
  await eventually(() => keys.length > 0);
  return { options, process, keys, open: gate.resolve, close: () => gateway.stop(true) };
}

test(
  "while it drains, readyz says so, new requests are told to come again, and it ends with 0",
  async () => {
    const { process, keys, open, close } = await withSlowGateway("draining");
    expect(keys.length).toBe(1);
    expect((await fetch(`${process.url}/readyz`)).status).toBe(200);
    process.terminate();
    const isDraining = async (): Promise<boolean> => {
      const answer = await fetch(`${process.url}/readyz`);
      const { status } = (await answer.json()) as { status: string };
      return answer.status === 503 && status === "draining";
    };
    expect(await eventually(isDraining)).toBe(true);
    expect((await fetch(`${process.url}/healthz`)).status).toBe(200);
    const refused = await fetch(`${process.url}/v1/mandate`);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await refused.json()).toMatchObject({
      code: "fault_draining",
      retryable: true,
      money_taken: "unknown",
    });
    open();
    expect(await process.ended()).toBe(0);
    close();
  },
  TEST_MS_MAX,
);

test(
  "a second signal ends at once with code 1, and what was not delivered is delivered later",
  async () => {
    const { options, process, keys, open, close } = await withSlowGateway("twice");
    process.terminate();
    await eventually(async () => (await fetch(`${process.url}/readyz`)).status === 503);
    process.terminate();
    expect(await process.ended()).toBe(1);
    open();
    const next = await SwitchProcess.start(options);
    expect(await eventually(() => keys.length === 2)).toBe(true);
    // The same message under the same key: the gateway can tell a repeat.
    expect(keys[1]).toBe(keys[0] ?? "");
    next.terminate();
    expect(await next.ended()).toBe(0);
    expect((await seqr(["doctor", "--data", options.dataDir])).code).toBe(0);
    close();
  },
  TEST_MS_MAX,
);
