/** A town written in bulk is one that the switch would have written, and its people can pay. */

import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseId } from "../../actors/ids.ts";
import { type Asked, CorePayments } from "../../bench/core-payments.ts";
import type { Told } from "../../bench/exactly-once.ts";
import { customerId, Town } from "../../bench/town.ts";
import { verdictOn } from "../../bench/verdict.ts";
import { dataFiles } from "../../src/data-directory.ts";
import { settled } from "../failure.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newDirectory(): string {
  const folder = mkdtempSync(join(tmpdir(), "seqr-test-"));
  folders.push(folder);
  return join(folder, "data");
}

describe("customers by number", () => {
  test("have ids that are well formed, their own, and in the order of registration", () => {
    const ids = Array.from({ length: 1_000 }, (_, at) => customerId("account", at));
    expect(ids.every((id) => parseId("account", id) === id)).toBe(true);
    expect(new Set(ids).size).toBe(1_000);
    expect(ids.toSorted()).toEqual(ids);
    expect(customerId("account", 7)).toBe(customerId("account", 7));
    expect(customerId("device", 7)).not.toContain(customerId("account", 7).slice(4));
  });
});

const CUSTOMERS = 6;
const LANES = 4;

test("a town that is closed has delivered its messages", async () => {
  const dataDir = newDirectory();
  const town = await Town.open(dataDir);
  await town.register(0, 400);
  await town.close();
  const log = new Database(dataFiles(dataDir).events, { readonly: true });
  expect(log.query("SELECT count(*) AS n FROM outbox").get()).toEqual({ n: 0 });
  log.close();
}, 30_000);

/** Three rounds of four payments: six customers have paid twice. */
async function payAll(dataDir: string): Promise<readonly Told[]> {
  const town = await Town.open(dataDir);
  const lanes = (await town.openMerchant(LANES)).map(({ id }) => id);
  await town.register(0, CUSTOMERS);
  const payments = new CorePayments(town.host, town.clock, CUSTOMERS);
  const told: Told[] = [];
  for (let round = 0; round < 3; round++) {
    const asked = await payments.open(lanes);
    const paid = await payments.pay(asked, 3);
    expect(paid.latenciesMs).toHaveLength(LANES);
    expect(Math.max(...paid.latenciesMs)).toBeLessThanOrEqual(paid.elapsedMs);
    told.push(...paid.told);
  }
  expect(payments.made).toBe(12);
  await town.close();
  return told;
}

describe("payments of a town", () => {
  test("stand in the log once each, and the doctor finds the log whole", async () => {
    const dataDir = newDirectory();
    const told = await payAll(dataDir);
    const counts = { acknowledged: 12, refused: 0, captured: 12, ledgerSum: 0, faults: [] };
    expect(verdictOn(told, dataFiles(dataDir).events)).toEqual(counts);
  }, 30_000);

  test("that are lost or doubled in the log are found", async () => {
    const dataDir = newDirectory();
    const told = await payAll(dataDir);
    const { events } = dataFiles(dataDir);
    const [first] = told;
    const paymentId = first?.outcome.kind === "acknowledged" ? first.outcome.paymentId : "";
    const lost = { ...first, requestId: "preq_lost" } as Told;
    expect(verdictOn([...told, lost], events).faults).not.toEqual([]);
    const database = new Database(events);
    database.run(
      `INSERT INTO events SELECT (SELECT max(position) FROM events) + 1, actor, seq, previous, kind,
       version, at_ms, principal, command_id, data, hash FROM events
       WHERE kind = 'PaymentCaptured' AND data LIKE ? LIMIT 1`,
      [`%${paymentId}%`],
    );
    database.close();
    const { faults } = verdictOn(told, events);
    expect(faults).toContain(`${paymentId}: captured 2, paid 1`);
    // The doctor sees it, too: the chain of hashes ends before.
    expect(faults.length).toBeGreaterThan(1);
  }, 30_000);

  test("go on in a directory that was closed meanwhile", async () => {
    const dataDir = newDirectory();
    await payAll(dataDir);
    const town = await Town.open(dataDir);
    const lanes = (await town.openMerchant(2)).map(({ id }) => id);
    const payments = new CorePayments(town.host, town.clock, CUSTOMERS, 12);
    const asked = await payments.open(lanes);
    expect((await payments.pay(asked, 1)).told).toHaveLength(2);
    await town.close();
  }, 30_000);

  test("that are refused end the run", async () => {
    const town = await Town.open(newDirectory());
    const [lane] = await town.openMerchant(1);
    await town.register(0, CUSTOMERS);
    const payments = new CorePayments(town.host, town.clock, CUSTOMERS);
    const [asked] = await payments.open(lane === undefined ? [] : [lane.id]);
    const early = { ...asked, payment: CUSTOMERS } as Asked;
    expect(await settled(payments.pay([early], 1))).toThrow("counter_out_of_step");
    await town.close();
  }, 30_000);

  test("end where the limits of the customers do", async () => {
    const town = await Town.open(newDirectory());
    const [lane] = await town.openMerchant(1);
    const lanes = lane === undefined ? [] : [lane.id];
    const payments = new CorePayments(town.host, town.clock, 1, 20);
    expect(() => payments.open(lanes)).toThrow("have made 20 payments and have no room for 1 more");
    await town.close();
  }, 30_000);
});
