/** Growth and recovery, on a scale that proves their parts and measures nothing. */

import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AssertionFailed } from "../../actors/assert.ts";
import type { Told } from "../../bench/exactly-once.ts";
import {
  fileBytes,
  type GrownTown,
  growTown,
  readTown,
  writeTown,
} from "../../bench/grown-town.ts";
import { marksUpTo, measureGrowth } from "../../bench/growth.ts";
import { render } from "../../bench/growth-report.ts";
import { keptPayments, startSubject } from "../../bench/growth-towns.ts";
import { faultsSince, measureRecovery } from "../../bench/recovery.ts";
import { render as renderRecovery } from "../../bench/recovery-report.ts";
import { checkTown } from "../../bench/town-check.ts";
import { dataFiles } from "../../src/data-directory.ts";
import { settled } from "../failure.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "seqr-test-"));
  folders.push(folder);
  return folder;
}

const silent = (): void => {};

/** Events as they are, under new positions: what no switch does. */
function double(file: string, where: string): void {
  const database = new Database(file);
  database.run(
    `INSERT INTO events SELECT (SELECT max(position) FROM events) + 1, actor, seq, previous, kind,
     version, at_ms, principal, command_id, data, hash FROM events
     WHERE ${where} ORDER BY position DESC LIMIT 1`,
  );
  database.close();
}

const SCALE = {
  sizes: [60, 20, 60],
  payments: 60,
  rounds: 1,
  turnsBefore: 1,
  lanes: 10,
  fillingLanes: 40,
};

test("growth tells cost, memory and files, and is repeated in towns that are kept", async () => {
  const keepIn = newFolder();
  const scale = { ...SCALE, keepIn };
  const report = await measureGrowth(scale, silent);
  expect(
    report.bySize.map(({ customers, payments, payers, costBase }) => ({
      ...{ customers, payments, payers, costBase },
    })),
  ).toEqual([
    { customers: 20, payments: 30, payers: 20, costBase: 20 },
    { customers: 60, payments: 30, payers: 30, costBase: 20 },
  ]);
  expect(report.bySize[0]?.costRatio).toBe(1);
  // The town beside it has the three turns of ten alone, which the one that is filled has besides.
  expect(report.byPayments.map(({ payments, costBase }) => [payments, costBase])).toEqual([
    [60, 30],
  ]);
  for (const figures of [...report.bySize, ...report.byPayments]) {
    expect(figures.costRatio).toBeGreaterThan(0);
    expect(figures.fileBytes).toBeGreaterThan(0);
    expect(figures.liveBytes).toBeGreaterThan(1e6);
    expect(figures.liveBytes).toBeLessThan(figures.residentBytes);
    expect(figures.standing.cpuMicros).toBeGreaterThan(0);
  }
  for (const { idleBytes } of report.bySize) expect(idleBytes).toBeGreaterThan(10e6);
  expect([report.checked, report.faults]).toEqual([180, []]);
  const [filled, few] = [readTown(join(keepIn, "filled-60")), readTown(join(keepIn, "few-80"))];
  expect(few).toEqual({ ...filled, payments: 30 } as GrownTown);

  const text = render(report);
  expect(text).toContain("registered customers  CPU us/payment");
  expect(text).toContain("all 180 payments that were made are in the logs, once");
  expect(render({ ...report, faults: ["one is lost"] })).toContain("in the logs: one is lost");
  const unknown = report.byPayments.map((one) => ({ ...one, costRatio: undefined }));
  expect(render({ ...report, byPayments: unknown })).toContain("unknown");

  const again = await measureGrowth(scale, silent);
  expect(again.byPayments.map(({ payments, costBase }) => [payments, costBase])).toEqual([
    [90, 60],
  ]);
  expect([again.checked, again.faults]).toEqual([300, []]);
}, 120_000);

describe("recovery", () => {
  const scale = { payments: 50, rounds: 1, lanes: 40, fillingLanes: 40 };

  test("kills among payments, and finds every one that was told", async () => {
    const keepIn = newFolder();
    const recovery = await measureRecovery({ ...scale, keepIn }, silent);
    expect(recovery.payments).toBe(50);
    expect(recovery.faults).toEqual([]);
    // Four rounds of forty before each of two kills, and at least one payment of the killed order.
    expect(recovery.acknowledged).toBeGreaterThanOrEqual(2 * (4 * 40 + 1));
    expect(recovery.stopRatio).toBeGreaterThan(0);
    const text = renderRecovery(recovery);
    const { acknowledged } = recovery;
    expect(text).toContain(`all ${acknowledged} payments that were told are there, once`);
    expect(text).toMatch(/the switch, after a kill +50 /);
    const lost = { ...recovery, faults: ["pay_1: acknowledged and not in the log"] };
    expect(renderRecovery(lost)).toContain("in the log: pay_1: acknowledged and not in the log");

    // Who comes after the last kill makes what it left, and goes on.
    expect(keptPayments(keepIn, 50)).toBe(50);
    expect(keptPayments(keepIn, 51)).toBeUndefined();
    const dataDir = join(keepIn, "filled-50");
    const left = readTown(dataDir);
    expect(left?.paying).toBe(40);
    const subject = startSubject("afterwards");
    await subject.ask({ kind: "open", dataDir });
    await subject.ask({ kind: "pay", lanes: 40, inFlight: 10, times: 2 });
    await subject.end();
    expect(readTown(dataDir)).toEqual({
      customers: left?.customers ?? 0,
      lanes: left?.lanes ?? [],
      payments: (left?.payments ?? 0) + 120,
    });
    expect(checkTown(dataDir)).toEqual({ payments: (left?.payments ?? 0) + 120, faults: [] });
  }, 120_000);

  test("tells a payment that is lost, whatever else is there, and one doubled", async () => {
    const dataDir = join(newFolder(), "data");
    await growTown(dataDir, 20, 10, silent);
    const told: Told[] = [];
    const subject = startSubject("the one that pays", (said) => told.push(said as Told));
    await subject.ask({ kind: "open", dataDir });
    await subject.ask({ kind: "pay", lanes: 10, inFlight: 3, times: 2, isTold: true });
    await subject.end();
    expect(told).toHaveLength(20);
    const { events } = dataFiles(dataDir);
    expect(faultsSince(events, 0, told)).toEqual([]);
    // Nobody was told of half of them: a surplus, beside which a loss must be seen.
    const [first, ...others] = told.slice(10) as [Told, ...Told[]];
    expect(faultsSince(events, 0, others)).toEqual([]);
    const outcome = { ...first.outcome, paymentId: "pay_lost" } as Told["outcome"];
    const lost = "pay_lost: acknowledged and not in the log";
    expect(faultsSince(events, 0, [...others, { ...first, outcome }])).toEqual([lost]);
    expect(checkTown(dataDir)).toEqual({ payments: 20, faults: [] });

    double(events, "kind = 'PaymentCaptured'");
    expect(faultsSince(events, 0, told)).toHaveLength(1);
    expect(faultsSince(events, 0, told)[0]).toEndWith("captured 2, paid 1");
    expect(faultsSince(events, 0, told.slice(0, 1))[0]).toEndWith("captured 2, paid 1");
    const [twice, uneven, fold] = checkTown(dataDir).faults;
    expect(twice).toBe("1 payments are in the log twice");
    expect(uneven).toBe("21 payments at accounts, 20 at lanes");
    expect(fold).toContain("PaymentCaptured");
    const town = readTown(dataDir) as GrownTown;
    writeTown(dataDir, { ...town, payments: 21 });
    expect(checkTown(dataDir).faults).toContain("20 payments in the log, 21 were made");
  }, 60_000);
});

test("a disk without room for the full size is told before anything is written", async () => {
  const keepIn = newFolder();
  const scale = { ...SCALE, sizes: [1_000], payments: 1e15, keepIn };
  expect(await settled(measureGrowth(scale, silent))).toThrow("give fewer with --accounts");
  expect(readdirSync(keepIn)).toEqual([]);
});

test("the log is looked at from a hundred thousand payments on, at powers of ten", () => {
  expect(marksUpTo(500)).toEqual([500]);
  expect(marksUpTo(1_000_000)).toEqual([100_000, 1_000_000]);
  expect(marksUpTo(250_000)).toEqual([100_000, 250_000]);
});

describe("a town that is kept", () => {
  test("grows by who is missing, and is left as it is where nobody is", async () => {
    const dataDir = join(newFolder(), "data");
    const told: string[] = [];
    const small = await growTown(dataDir, 3, 2, (text) => told.push(text));
    expect([small.customers, small.payments]).toEqual([3, 0]);
    const grown = await growTown(dataDir, 5, 2, (text) => told.push(text));
    expect(grown).toEqual({ ...small, customers: 5 });
    expect(await growTown(dataDir, 4, 2, (text) => told.push(text))).toEqual(grown);
    expect(readTown(dataDir)).toEqual(grown);
    expect(told).toEqual(["customers: 3 of 3", "customers: 5 of 5"]);
  }, 30_000);

  test("begins anew where it was killed while it grew", async () => {
    const dataDir = join(newFolder(), "data");
    const small = await growTown(dataDir, 3, 2, silent);
    const growing = startSubject("the one that is killed");
    const killed = growing.ask({ kind: "grow", dataDir, customers: 100_000, lanes: 2 });
    const said = killed.catch((error: unknown) => error);
    const before = fileBytes(dataDir);
    while (fileBytes(dataDir) < before + 2e6) await Bun.sleep(5);
    await growing.kill();
    expect(await said).toBeInstanceOf(Error);
    expect(readTown(dataDir)).toBeUndefined();
    const { customers, lanes, payments } = await growTown(dataDir, 5, 2, silent);
    expect([customers, lanes.length, payments]).toEqual([5, small.lanes.length, 0]);
  }, 30_000);

  test("does not grow once it has paid: the order of payments would be another", async () => {
    const dataDir = join(newFolder(), "data");
    const town = await growTown(dataDir, 3, 2, silent);
    await Bun.write(join(dataDir, "bench.json"), JSON.stringify({ ...town, payments: 1 }));
    const refused = await growTown(dataDir, 5, 2, silent).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AssertionFailed);
  }, 30_000);
});
