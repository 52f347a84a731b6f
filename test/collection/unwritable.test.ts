/** An entry that cannot be written, a file that is too late, and the names of a day. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { AccountView } from "../../actors/account-messages.ts";
import { accountRef } from "../../actors/account-state.ts";
import { achFileId } from "../../actors/ach-file.ts";
import type { Message } from "../../actors/actor.ts";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { Reconciliation } from "../../src/books/reconciliation.ts";
import { reportOf } from "../../src/books/report.ts";
import { abandon, cutOff, handOver } from "../../src/collection/cut-off.ts";
import { endFiles } from "../../src/collection/window.ts";
import { readForward } from "../../src/rails/ach/reader.ts";
import { actorsOf } from "../../src/switch.ts";
import { date } from "../actors/collecting.ts";
import { settled } from "../failure.ts";
import { type Customer, SwitchRig } from "../switch-rig.ts";
import { eventsOf } from "../views/history.ts";
import { breakBefore, goTo, HandBank, partsOf, settle, stateOf } from "./rig.ts";

const PRENOTES = achFileId(date("2026-11-23"), "A");

let rig: SwitchRig;
let bank: HandBank;
let good: Customer;
let bad: Customer;

beforeEach(async () => {
  rig = await SwitchRig.start();
  bank = new HandBank();
  [good, bad] = [await rig.customer(), await rig.customer()];
  await cutOff(partsOf(rig, bank));
  await rig.pay(good, 1_200);
  await rig.pay(bad, 700);
  await rig.pay(bad, 300);
});
afterEach(() => rig[Symbol.asyncDispose]());

const parts = () => partsOf(rig, bank);
const ask = <Reply>(kind: string, id: string, command: object): Promise<Reply> =>
  rig.running.services.host.ask({ kind, id }, command as Message, {
    principal: "test",
  }) as Promise<Reply>;

/** As a bank corrects a bank account, with a number that no file may hold. */
async function spoil(customer: Customer, accountNumber = "lower case"): Promise<void> {
  const owner = accountRef(customer.phone.keys.account);
  const { vault } = await ask<AccountView>(owner.kind, owner.id, { kind: "DescribeAccount" });
  const of = vault.bankAccount;
  const next = {
    ...{ routing_number: "021000021", account_number: accountNumber },
    kind: "checking" as const,
  };
  const { token, others } = rig.running.bankAccounts.replace(of, owner.id, next);
  await ask(owner.kind, owner.id, { kind: "CorrectBankAccount", of, token, code: "C01", others });
}
/** Files, bank and books agree, whoever was left out. */
async function differences(): Promise<unknown[]> {
  const books = new Reconciliation(actorsOf(DEFAULT_POLICY));
  for (const event of await eventsOf(rig)) books.hear(event);
  const moment = { nowMs: rig.clock.nowMs(), open: undefined, underWay: new Set<never>() };
  const { differences: found } = reportOf(books, moment);
  // Nobody tells here what the bank moved for prenotes.
  return found.filter(({ kind, file }) => kind !== "file_too_old" || file !== PRENOTES);
}

async function debitsIn(at: number): Promise<number[]> {
  const read = await readForward([bank.handed[at]?.bytes ?? new Uint8Array()]);
  if (read.kind !== "whole") throw new Error("the file is whole");
  return read.file.batches
    .flatMap(({ entries }) => entries.map(({ amountCents }) => Number(amountCents)))
    .toSorted((one, other) => one - other);
}

const due = async (customer: Customer) => (await customer.phone.account()).limit?.available.amount;
const alarms = () => rig.running.services.alarms.list().map(({ kind }) => kind as string);

describe("an entry that cannot be written", () => {
  beforeEach(async () => {
    goTo(rig, "2026-11-30");
    await spoil(bad);
  });

  test("keeps its owner out of the file, and nobody else", async () => {
    const file = await cutOff(parts());
    expect(file).toMatchObject({
      stage: "acknowledged",
      totals: { entries: 1, debitCents: 1_200 },
    });
    expect(await debitsIn(1)).toEqual([1_200]);
    expect(await due(bad)).toBe(9_000);
    expect(alarms()).toContain("entries_left_out");
    const { data } = await rig.moneyDesk().exceptions();
    const owner = `account/${bad.phone.keys.account}`;
    const reason = "entry, accountNumber: not_allowed";
    expect(data).toMatchObject([{ kind: "left_out", file: file.fileId, owner, reason }]);
    const shown = await rig.moneyDesk().file(file.fileId);
    expect(shown).toMatchObject({ left_out: [{ owner, reason }] });
    expect(await differences()).toEqual([]);
    // Once it is mended, the next file takes it, and nothing is left to look at.
    await spoil(bad, "12345678");
    expect(await cutOff(parts())).toMatchObject({ totals: { entries: 2, debitCents: 1_000 } });
    expect(await debitsIn(2)).toEqual([300, 700]);
    expect(alarms()).not.toContain("entries_left_out");
    goTo(rig, "2026-12-01");
    await settle(parts(), file.fileId, 1_200);
    goTo(rig, "2026-12-03");
    await endFiles(parts(), date("2026-12-03"));
    expect((await stateOf(rig, file.fileId)).kind).toBe("closed");
    expect(await due(good)).toBe(10_000);
  });

  test.each(["LeaveOut", "UnfileEntries", "BuildFile", "HandOverFile"])(
    "is in no file, and in none twice, after a crash before %s",
    async (kind) => {
      breakBefore(rig, kind);
      expect(await settled(cutOff(parts()))).toThrow("the process ended");
      await rig.restart();
      const file = await cutOff(parts());
      expect(file).toMatchObject({ totals: { entries: 1, debitCents: 1_200 } });
      expect(bank.handed.length).toBe(2);
      await spoil(bad, "12345678");
      expect(await cutOff(parts())).toMatchObject({ totals: { entries: 2, debitCents: 1_000 } });
    },
  );

  test("of everybody leaves the file empty, and its name is not used again", async () => {
    await spoil(good);
    const empty = await cutOff(parts());
    expect(empty.stage).toBe("empty");
    await spoil(good, "87654321");
    const next = await cutOff(parts());
    expect(next).toMatchObject({ stage: "acknowledged", totals: { debitCents: 1_200 } });
    expect(next.fileId).not.toBe(empty.fileId);
  });
});

describe("a file that was not handed over in time", () => {
  test.each(["BuildFile", "HandOverFile"])(
    "is given up, and its entries go with today's (before %s)",
    async (kind) => {
      goTo(rig, "2026-11-30");
      breakBefore(rig, kind);
      expect(await settled(cutOff(parts()))).toThrow("the process ended");
      // The process was down for days.
      goTo(rig, "2026-12-03");
      const file = await cutOff(parts());
      expect(file).toMatchObject({ fileId: "ach_20261203_A", totals: { debitCents: 2_200 } });
      expect(await stateOf(rig, achFileId(date("2026-11-30"), "A"))).toMatchObject({
        ...{ kind: "abandoned", isClosed: true },
      });
      const read = await readForward([bank.handed[1]?.bytes ?? new Uint8Array()]);
      const dates = read.kind === "whole" ? read.file.batches.map(({ header }) => header) : [];
      expect(dates[0]).toMatchObject({ effectiveEntryDate: "261204" });
      expect(bank.handed.length).toBe(2);
      expect(await differences()).toEqual([]);
    },
  );

  test("is not handed over by a person either", async () => {
    goTo(rig, "2026-11-30");
    breakBefore(rig, "HandOverFile");
    expect(await settled(cutOff(parts()))).toThrow("the process ended");
    goTo(rig, "2026-12-03");
    const late = achFileId(date("2026-11-30"), "A");
    expect(await settled(handOver(parts(), late))).toThrow("effective_date_past");
    expect(bank.handed.length).toBe(1);
    expect(await abandon(parts(), late, "by hand")).toBe(true);
    expect(await abandon(parts(), achFileId(date("2026-11-23"), "A"), "by hand")).toBe(false);
  });
});

describe("the names of a day", () => {
  test("are used by files that have something in them", async () => {
    goTo(rig, "2026-11-24");
    for (let run = 0; run < 40; run++) {
      expect(await cutOff(parts())).toMatchObject({ fileId: "ach_20261124_A", stage: "empty" });
    }
    const { data } = await rig.moneyDesk().files();
    expect(data.map(({ id }) => id)).toEqual(["ach_20261124_A", "ach_20261123_A"]);
  });

  test("are 36: what is due then waits for the next day", async () => {
    goTo(rig, "2026-11-30");
    for (let file = 0; file < 36; file++) {
      breakBefore(rig, "HandOverFile");
      expect(await settled(cutOff(parts()))).toThrow("the process ended");
      const modifier = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"][file] ?? "";
      await abandon(parts(), achFileId(date("2026-11-30"), modifier), "by hand");
    }
    expect(await settled(cutOff(parts()))).toThrow("a day has 36 files");
    goTo(rig, "2026-12-01");
    expect(await cutOff(parts())).toMatchObject({ totals: { debitCents: 2_200 } });
  });
});
