/** Collection by the clock, over weekends and a holiday, with a bank that answers in time. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { addBankingDays, bankDateAt, instantOf } from "../../actors/banking-calendar.ts";
import type { AchFileId } from "../../actors/ids.ts";
import type { InboundItem } from "../../src/collection/bank-gateway.ts";
import { Collections } from "../../src/collection/collections.ts";
import { date } from "../actors/collecting.ts";
import { settled } from "../failure.ts";
import { SwitchRig } from "../switch-rig.ts";
import { HandBank, partsOf, stateOf } from "./rig.ts";

let rig: SwitchRig;
let bank: HandBank;
let collections: Collections;
const faults: string[] = [];

beforeEach(async () => {
  rig = await SwitchRig.start();
  bank = new HandBank();
  faults.length = 0;
  collections = new Collections(partsOf(rig, bank), (error, where) => {
    faults.push(`${where}: ${(error as Error).message}`);
  });
});
afterEach(async () => {
  await collections.stop();
  await rig[Symbol.asyncDispose]();
  expect(faults).toEqual([]);
});

/** Lets the clock run to the next time, and the run be done. */
async function step(): Promise<void> {
  rig.clock.advanceTo(collections.nextAtMs);
  await collections.caughtUp();
}

/** The bank settles each file on its effective date, whole. */
async function settleDue(): Promise<void> {
  const today = bankDateAt(rig.clock.nowMs());
  for (const { fileId } of bank.handed) {
    const state = await stateOf(rig, fileId as AchFileId);
    if (state.kind !== "acknowledged" || state.file.effectiveOn > today) continue;
    const { debitCents, creditCents } = state.file.totals;
    const lines = [{ fileName: fileId, debitCents, creditCents }];
    const item: InboundItem = { id: `s/${fileId}`, kind: "statement", date: today, lines };
    bank.items.push(item);
  }
}

test("a purchase is collected without a hand, and the limit is whole again", async () => {
  const customer = await rig.customer();
  await collections.start();
  await rig.pay(customer, 2_500);
  const limits: number[] = [];
  for (let times = 0; times < 20; times++) {
    await settleDue();
    await step();
    const account = await customer.phone.account();
    limits.push(account.limit?.available.amount ?? 0);
  }
  expect(new Set(limits)).toEqual(new Set([7_500, 10_000]));
  expect([...limits].sort((a, b) => a - b)).toEqual(limits);
  expect(bank.items).toEqual([]);
  const today = bankDateAt(rig.clock.nowMs());
  expect(addBankingDays(today, 0)).toBe(today);
  for (const { fileId } of bank.handed) {
    expect((await stateOf(rig, fileId)).kind).toBe("closed");
  }
});

test("a run that takes until after the cut-off does not take its file away", async () => {
  await rig.customer();
  await collections.start();
  const opensAtMs = instantOf(date("2026-11-24"), 8, 45);
  while (collections.nextAtMs < opensAtMs) await step();
  await rig.customer();
  const { inbound } = bank;
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  bank.inbound = async (skip) => {
    asked.resolve();
    await answered.promise;
    return await inbound(skip);
  };
  // The bank's line hangs at the opening, and comes back at one minute past three.
  rig.clock.advanceTo(opensAtMs);
  await asked.promise;
  rig.clock.advanceTo(instantOf(date("2026-11-24"), 15, 1));
  answered.resolve();
  await collections.caughtUp();
  expect(bank.handed.at(-1)?.fileId).toBe("ach_20261124_A" as AchFileId);
  expect(collections.nextAtMs).toBe(instantOf(date("2026-11-25"), 8, 45));
});

test("a stop lets the run finish and begins no other", async () => {
  await collections.start();
  const cut = collections.cutOffNow();
  await new Promise(setImmediate);
  await collections.stop();
  expect((await cut).stage).toBe("empty");
  const handed = bank.handed.length;
  rig.clock.advance(3 * 86_400_000);
  await collections.caughtUp();
  expect(bank.handed.length).toBe(handed);
  expect(await settled(collections.cutOffNow())).toThrow("stopped");
});

test("a run tells how far it has come, and no run tells nothing", async () => {
  for (let count = 0; count < 3; count++) await rig.customer();
  let handing: unknown;
  const { handOver } = bank;
  bank.handOver = (fileId, bytes) => {
    handing = collections.progress;
    return handOver.call(bank, fileId, bytes);
  };
  const { fileId } = await collections.cutOffNow();
  // Three prenotes: header, batch, three entries, two controls, and a block of ten lines.
  expect(handing).toEqual({
    ...{ run: "cut_off", step: "handing_over", fileId, sinceMs: rig.clock.nowMs() },
    ...{ ownersTotal: 3, ownersAsked: 3, entriesWritten: 3, bytes: 10 * 95 },
  });
  expect(collections.progress).toBeUndefined();
});

test("what was handed over, or is only open, is not handed over by hand", async () => {
  await rig.customer();
  const { fileId } = await collections.cutOffNow();
  expect(await collections.handOverNow(fileId)).toBe(false);
  expect(bank.handed).toHaveLength(1);
});
