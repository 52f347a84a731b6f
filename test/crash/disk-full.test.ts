/**
 * A full disk, a real one: a small file system in memory, which only root may mount.
 * Nothing that was acknowledged is lost, every answer says what happened, and when there is room
 * again the switch goes on by itself.
 */
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Caller } from "../../src/client/call.ts";
import { type Folder, makeDataDir, seqr, temporaryFolder } from "../commands/cli.ts";
import { auditLog } from "./audit.ts";
import { startDrivers } from "./drivers.ts";
import { eventually, freePort, SwitchProcess } from "./process.ts";
import { seededRandom } from "./random.ts";
import { Recorder } from "./recorder.ts";
import { foundTown } from "./town.ts";

setDefaultTimeout(90_000);
const DISK_BYTES = 40 * 1024 * 1024;
/** Taken away at first, given back when the switch has hit the wall: more than the load uses. */
const BALLAST_BYTES = 36 * 1024 * 1024;
const NOTHING = { lost: [], doubled: [], faults: [] };

let folder: Folder;
let disk: string;
beforeAll(() => {
  folder = temporaryFolder();
  disk = join(folder.path, "disk");
  mkdirSync(disk);
});
beforeEach(() => {
  if (!canMount) return;
  const size = `size=${DISK_BYTES}`;
  expect(Bun.spawnSync(["mount", "-t", "tmpfs", "-o", size, "tmpfs", disk]).exitCode).toBe(0);
});
afterEach(() => {
  if (canMount) Bun.spawnSync(["umount", "-l", disk]);
});
afterAll(() => folder.remove());

/** Empty where a disk can be mounted, else why not. */
function whyNot(): string {
  if (process.platform !== "linux") return "mounting a small disk is done on Linux only";
  if (process.getuid?.() !== 0) return "mounting a small disk needs root";
  const probe = temporaryFolder();
  const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", probe.path]);
  if (mounted.exitCode === 0) Bun.spawnSync(["umount", probe.path]);
  probe.remove();
  return mounted.exitCode === 0 ? "" : "mounting a small disk is not allowed here";
}
const reason = whyNot();
const canMount = reason === "";
/** Skipped, with its reason in the name, where no small disk can be had. */
const onSmallDisk = (name: string, run: () => Promise<void>): void =>
  test.skipIf(!canMount)(canMount ? name : `${name} (${reason})`, run);

/** A switch under load on the small disk, and what the outside sees of it. */
async function underLoad() {
  const dataDir = join(disk, "data");
  const deskKey = await makeDataDir(dataDir);
  writeFileSync(join(disk, "ballast"), new Uint8Array(BALLAST_BYTES));
  const options = { dataDir, port: freePort() };
  const running = await SwitchProcess.start(options);
  const recorder = new Recorder();
  const problems = new Set<string>();
  const caller = new Caller(running.url, async (request) => {
    const answer = await recorder.fetcher(request);
    if (answer.status >= 500) problems.add(`${answer.status} ${await codeOf(answer)}`);
    return answer;
  });
  const town = await foundTown(caller, deskKey, { tills: 8, customers: 24 });
  const drivers = startDrivers(town, recorder, seededRandom(1));
  expect(await eventually(() => recorder.postponed > 20, 60_000)).toBe(true);
  expect(room()).toBeLessThan(64 * 1024);
  const audit = () => auditLog(join(dataDir, "events.db"), recorder.answers);
  const makeRoom = (): void => rmSync(join(disk, "ballast"));
  return { options, running, recorder, drivers, problems, audit, makeRoom };
}

onSmallDisk(
  "a full disk refuses writes with 503, loses nothing, and goes on when there is room",
  async () => {
    const { options, running, recorder, drivers, problems, audit, makeRoom } = await underLoad();
    expect(audit()).toMatchObject(NOTHING);
    const before = recorder.answers.length;
    makeRoom();
    expect(await eventually(() => recorder.answers.length > before + 100)).toBe(true);
    await drivers.finish();
    running.terminate();
    expect(await running.ended()).toBe(0);
    expect([...problems]).toEqual(["503 fault_storage_full"]);
    expect(recorder.unanswered()).toEqual([]);
    expect(drivers.faults).toEqual([]);
    expect(audit()).toMatchObject(NOTHING);
    expect((await seqr(["doctor", "--data", options.dataDir])).code).toBe(0);
  },
);

onSmallDisk("SIGKILL and SIGTERM on a full disk lose nothing either", async () => {
  const { options, running, recorder, drivers, audit, makeRoom } = await underLoad();
  running.kill();
  await running.ended();
  // A start may have room or not; what it may not do is lose anything, or stay without a word.
  const next = new SwitchProcess(options);
  const failed = await next.untilServing().then(
    () => "",
    (error: unknown) => String(error),
  );
  if (failed === "") next.terminate();
  else expect(failed).toContain("disk");
  expect(await next.ended()).toBe(failed === "" ? 0 : 1);
  makeRoom();
  const last = await SwitchProcess.start(options);
  expect(audit()).toMatchObject(NOTHING);
  await drivers.finish();
  last.terminate();
  expect(await last.ended()).toBe(0);
  expect(recorder.unanswered()).toEqual([]);
  expect(audit()).toMatchObject(NOTHING);
  expect((await seqr(["doctor", "--data", options.dataDir])).code).toBe(0);
});

async function codeOf(answer: Response): Promise<string> {
  const body = (await answer.clone().json()) as { code?: string };
  return body.code ?? "without a code";
}

/** Bytes that are still free. */
function room(): number {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
}
