/** Growth and recovery, on a scale that proves their parts and measures nothing. */

import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AssertionFailed } from "../../actors/assert.ts";
import { growTown, readTown } from "../../bench/grown-town.ts";
import { keptPayments, marksUpTo, measureGrowth } from "../../bench/growth.ts";
import { render } from "../../bench/growth-report.ts";
import { faultsSince, measureRecovery } from "../../bench/recovery.ts";
import { render as renderRecovery } from "../../bench/recovery-report.ts";
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

test("growth tells cost, memory and files, and recovery starts from its town", async () => {
  const keepIn = newFolder();
  const scale = { sizes: [20, 60], payments: 60, rounds: 1, lanes: 10, keepIn };
  const report = await measureGrowth(scale, silent);
  expect(report.bySize.map(({ customers, payments }) => [customers, payments])).toEqual([
    [20, 20],
    [60, 20],
  ]);
  expect(report.bySize[0]?.costRatio).toBe(1);
  // Sixty, and two turns of ten.
  expect(report.byPayments.map(({ payments }) => payments)).toEqual([80]);
  for (const figures of [...report.bySize, ...report.byPayments]) {
    expect(figures.costRatio).toBeGreaterThan(0);
    expect(figures.fileBytes).toBeGreaterThan(0);
    expect(figures.idleBytes).toBeGreaterThan(10e6);
    expect(figures.liveBytes).toBeGreaterThan(1e6);
    expect(figures.liveBytes).toBeLessThan(figures.residentBytes);
    expect(figures.standing.cpuMicros).toBeGreaterThan(0);
  }
  expect(render(report)).toContain("registered customers  CPU us/payment");
  expect(keptPayments(keepIn, 50)).toBe(60);
  expect(keptPayments(keepIn, 61)).toBeUndefined();

  const recovery = await measureRecovery({ payments: 50, rounds: 1, lanes: 10, keepIn }, silent);
  expect(recovery.payments).toBe(80);
  expect(recovery.faults).toEqual([]);
  // Four orders of ten in each of two rounds, the first of which warms up.
  expect(recovery.acknowledged).toBe(80);
  expect(recovery.stopRatio).toBeGreaterThan(0);
  const text = renderRecovery(recovery);
  expect(text).toContain("after every kill: all 80 acknowledged payments are in the log, once");
  const lost = { ...recovery, faults: ["1 acknowledged payments are not in the log"] };
  expect(renderRecovery(lost)).toContain("after a kill: 1 acknowledged payments are not");
  const file = dataFiles(join(keepIn, "filled-60")).events;
  const captured = 80 + recovery.acknowledged;
  expect(faultsSince(file, 0, captured)).toEqual([]);
  expect(faultsSince(file, 0, 1_000_000)[0]).toEndWith("acknowledged payments are not in the log");
  const database = new Database(file);
  database.run(
    `INSERT INTO events SELECT (SELECT max(position) FROM events) + 1, actor, seq, previous, kind,
     version, at_ms, principal, command_id, data, hash FROM events
     WHERE kind = 'PaymentCaptured' LIMIT 1`,
  );
  database.close();
  expect(faultsSince(file, 0, captured)).toEqual(["a payment is in the log twice"]);
}, 120_000);

test("a disk without room for the full size is told before anything is written", async () => {
  const keepIn = newFolder();
  const scale = { sizes: [1_000], payments: 1e15, rounds: 1, lanes: 10, keepIn };
  expect(await settled(measureGrowth(scale, silent))).toThrow("give fewer with --accounts");
});

test("the log is looked at from a thousand payments on, at every power of ten", () => {
  expect(marksUpTo(500)).toEqual([500]);
  expect(marksUpTo(10_000)).toEqual([1_000, 10_000]);
  expect(marksUpTo(25_000)).toEqual([1_000, 10_000, 25_000]);
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

  test("does not grow once it has paid: the order of payments would be another", async () => {
    const dataDir = join(newFolder(), "data");
    const town = await growTown(dataDir, 3, 2, silent);
    await Bun.write(join(dataDir, "bench.json"), JSON.stringify({ ...town, payments: 1 }));
    const refused = await growTown(dataDir, 5, 2, silent).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AssertionFailed);
  }, 30_000);
});
