/** Money from purchase to collection through the real switch: files as bytes, a bank by hand. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { cents } from "../../actors/money.ts";
import type { InboundItem } from "../../src/collection/bank-gateway.ts";
import { cutOff } from "../../src/collection/cut-off.ts";
import { takeItem } from "../../src/collection/inbound.ts";
import { takeReturns } from "../../src/collection/return-file.ts";
import { endFiles } from "../../src/collection/window.ts";
import { readForward } from "../../src/rails/ach/reader.ts";
import { checkAch } from "../../src/rails/ach-check/check.ts";
import type { ViewStore } from "../../src/runtime/view.ts";
import { SqliteEventLog } from "../../src/storage/sqlite/event-log.ts";
import { date } from "../actors/collecting.ts";
import { settled } from "../failure.ts";
import { type Customer, SwitchRig } from "../switch-rig.ts";
import { goTo, HandBank, partsOf, settle, stateOf } from "./rig.ts";

let rig: SwitchRig;
let bank: HandBank;
let customer: Customer;

beforeEach(async () => {
  rig = await SwitchRig.start();
  bank = new HandBank();
  customer = await rig.customer();
});
afterEach(() => rig[Symbol.asyncDispose]());

const parts = () => partsOf(rig, bank);
const available = async () => (await customer.phone.account()).limit?.available.amount;

async function entries(at: number) {
  const { bytes } = bank.handed[at] ?? { bytes: new Uint8Array() };
  const read = await readForward([bytes]);
  if (read.kind !== "whole") throw new Error(`the file is whole: ${JSON.stringify(read.faults)}`);
  return read.file.batches.flatMap(({ header, entries: list }) =>
    list.map((entry) => ({ header, entry })),
  );
}

function fullDisk(): never {
  throw new Error("the disk is full");
}

describe("a purchase", () => {
  test("is collected by ACH, and the limit grows back after the return window", async () => {
    // Monday, 23 November 2026: the prenote.
    const first = await cutOff(parts());
    expect(first).toMatchObject({ stage: "acknowledged", totals: { entries: 1, debitCents: 0 } });
    await rig.pay(customer, 1_299);
    expect(await available()).toBe(8_701);
    goTo(rig, "2026-11-25");
    expect(await cutOff(parts())).toMatchObject({ stage: "empty" });
    // Its effective date was the 24th; Thanksgiving is closed: three banking days are the 30th.
    goTo(rig, "2026-11-27");
    const file = await cutOff(parts());
    expect(file).toMatchObject({ stage: "acknowledged", totals: { debitCents: 1_299 } });
    const [line] = await entries(1);
    expect(line?.header).toMatchObject({
      sec: "POS",
      companyName: "CORNER GROCERY",
      entryDescription: "SEQR PAY",
      effectiveEntryDate: "261130",
    });
    expect(line?.entry).toMatchObject({ transactionCode: "27", routingNumber: "021000021" });
    expect(line?.entry.accountNumber.expose()).toBe("9990000000");
    expect(line?.entry.individualId).toMatch(/^[0-9]{15}$/);
    expect(checkAch(bank.handed[1]?.bytes ?? new Uint8Array()).findings).toEqual([]);
    goTo(rig, "2026-11-30");
    await settle(parts(), file.fileId, 1_299);
    goTo(rig, "2026-12-02", 9);
    await endFiles(parts(), date("2026-12-01"));
    expect(await available()).toBe(8_701);
    await endFiles(parts(), date("2026-12-02"));
    expect(await available()).toBe(10_000);
    expect((await stateOf(rig, file.fileId)).kind).toBe("closed");
  });

  test("is in its file although the views could not follow when it was filed", async () => {
    // The views follow in this thread, where they can be made to fail.
    await rig[Symbol.asyncDispose]();
    rig = await SwitchRig.start({ openLog: (file) => new SqliteEventLog(file) });
    customer = await rig.customer();
    await cutOff(parts());
    await rig.pay(customer, 800);
    goTo(rig, "2026-11-30");
    const { host } = rig.running.services;
    const views = rig.running.services.views as ViewStore;
    const { write } = views;
    const ask = host.ask.bind(host);
    host.ask = ((...given: Parameters<typeof ask>) => {
      if (given[1].kind === "FileEntries") views.write = fullDisk;
      return ask(...given);
    }) as typeof host.ask;
    // Rows that lack what has been filed would make a file without it.
    expect(await settled(cutOff(parts()))).toThrow("the views are behind the event log");
    expect(bank.handed).toHaveLength(1);
    host.ask = ask;
    views.write = write;
    expect(await cutOff(parts())).toMatchObject({ totals: { debitCents: 800 } });
    expect(await entries(1)).toHaveLength(1);
  });

  test("of a file that the bank rejects waits for the next one", async () => {
    await cutOff(parts());
    await rig.pay(customer, 500);
    goTo(rig, "2026-11-30");
    bank.outcome = "rejected";
    const rejected = await cutOff(parts());
    expect(rejected.stage).toBe("rejected");
    await endFiles(parts(), undefined);
    bank.outcome = "accepted";
    const next = await cutOff(parts());
    expect(next.fileId).not.toBe(rejected.fileId);
    expect(next.totals).toMatchObject({ debitCents: 500 });
    expect(await available()).toBe(9_500);
  });
});

describe("after a crash", () => {
  test("between handing over and the bank's word nothing is sent again", async () => {
    await cutOff(parts());
    await rig.pay(customer, 700);
    goTo(rig, "2026-11-30");
    bank.outcome = "crash";
    expect(await settled(cutOff(parts()))).toThrow("the line broke");
    await rig.restart();
    bank.outcome = "accepted";
    const handed = bank.handed.length;
    expect(await cutOff(parts())).toMatchObject({ stage: "empty" });
    expect(bank.handed.length).toBe(handed);
    const [, file] = bank.handed;
    if (file === undefined) throw new Error("it was handed over");
    expect((await stateOf(rig, file.fileId)).kind).toBe("handing_over");
  });
});

describe("a file of returns", () => {
  test("that matches nothing is kept for a person, once", async () => {
    const junk = new TextEncoder().encode("this is no file of a bank\n".repeat(3));
    await takeReturns(parts(), junk);
    await takeReturns(parts(), junk);
    const hash = new Bun.CryptoHasher("sha256").update(junk).digest("hex");
    const ref = { kind: "ach-inbound", id: hash };
    const { host } = rig.running.services;
    const reply = await host.ask(ref, { kind: "DescribeInbound" }, { principal: "test" });
    expect(reply).toMatchObject({ state: { kind: "finished" } });
    expect(JSON.stringify(reply)).not.toContain("no file of a bank");
  });
});

describe("a statement", () => {
  test("is on record as the bank said it, whatever the files make of it", async () => {
    const { fileId } = await cutOff(parts());
    const day = date("2026-11-24");
    const line = (fileName: string, debitCents: number) => {
      return { fileName, debitCents: cents(debitCents), creditCents: cents(0) };
    };
    const lines = [line(fileId, 5), line("ach_20200101_A", 700)];
    const item: InboundItem = { id: "s1", kind: "statement", date: day, lines };
    for (let times = 0; times < 2; times++) await takeItem(parts(), item);
    expect((await stateOf(rig, fileId)).kind).toBe("acknowledged");
    const ref = { kind: "bank-statement", id: day };
    const { host } = rig.running.services;
    const reply = await host.ask(ref, { kind: "DescribeStatement" }, { principal: "test" });
    expect(reply).toMatchObject({ state: { pieces: [{ itemId: "s1" }], lines } });
  });

  test("that tells debits and credits of a file apart settles it", async () => {
    await cutOff(parts());
    await rig.pay(customer, 500);
    goTo(rig, "2026-11-30");
    const { vault, host } = rig.running.services;
    const opened = { routing_number: "021000021", account_number: "9990000000", kind: "checking" };
    const bytes = Buffer.from(JSON.stringify(opened));
    const [token] = vault.put([{ kind: "bank-account", owner: "1", bytes }]);
    const named = {
      kind: "SetBankAccount",
      token,
      ending: token,
      note: null,
      persons: "one",
      sameAs: [],
    };
    await host.ask({ kind: "merchant", id: "1" }, named, { principal: "merchant:1" });
    const { fileId, totals } = await cutOff(parts());
    const { creditCents = cents(0) } = totals ?? {};
    expect(creditCents).toBeGreaterThan(0);
    const lines = [
      { fileName: fileId, debitCents: cents(500), creditCents: cents(0) },
      { fileName: fileId, debitCents: cents(0), creditCents },
    ];
    await takeItem(parts(), { id: "s1", kind: "statement", date: date("2026-12-01"), lines });
    expect(await stateOf(rig, fileId)).toMatchObject({ kind: "settled" });
  });

  test("that is given again does not take the place of a newer one", async () => {
    await cutOff(parts());
    await rig.pay(customer, 500);
    goTo(rig, "2026-11-30");
    const { fileId } = await cutOff(parts());
    const say = async (id: string, debitCents: number) => {
      const lines = [{ fileName: fileId, debitCents: cents(debitCents), creditCents: cents(0) }];
      await takeItem(parts(), { id, kind: "statement", date: date("2026-12-01"), lines });
    };
    await say("s1", 500);
    await say("s2", 400);
    const byHand = { debitCents: cents(400), creditCents: cents(0), note: "a call" };
    const settled = { kind: "SettleByHand", ...byHand };
    const ref = { kind: "ach-file", id: fileId };
    await rig.running.services.host.ask(ref, settled, { principal: "desk:alice" });
    // The bank did not hear that it was taken.
    await say("s1", 500);
    const { file } = (await stateOf(rig, fileId)) as { file: object };
    expect(file).toMatchObject({ stated: { debitCents: 400 }, unexplainedCents: -100 });
  });
});
