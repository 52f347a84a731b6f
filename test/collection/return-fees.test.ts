/** The entry that the bank gets for a return fee, and that our own reader and checker take it. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { cents } from "../../actors/money.ts";
import { cutOff } from "../../src/collection/cut-off.ts";
import type { CollectionParts } from "../../src/collection/parts.ts";
import { takeReturns } from "../../src/collection/return-file.ts";
import { readForward } from "../../src/rails/ach/reader.ts";
import { checkAch } from "../../src/rails/ach-check/check.ts";
import { returnFile } from "../../src/rails/bank-twin/return-file.ts";
import { entriesIn } from "../../src/views/ach-entries.ts";
import { date } from "../actors/collecting.ts";
import { SwitchRig } from "../switch-rig.ts";
import { goTo, HandBank, PROFILE, partsOf } from "./rig.ts";

let rig: SwitchRig;
let bank: HandBank;
let parts: CollectionParts;

beforeEach(async () => {
  rig = await SwitchRig.start({ policy: { returnFeesByAch: true, retriesMax: 0 } });
  bank = new HandBank();
  parts = partsOf(rig, bank);
});
afterEach(() => rig[Symbol.asyncDispose]());

const textOf = (at: number): readonly string[] =>
  Buffer.from(bank.handed[at]?.bytes ?? [])
    .toString("latin1")
    .split("\n");

/** The only debit of the file before comes back for lack of money. */
async function comesBack(at: number, amountCents: number, on: string): Promise<void> {
  const [batchHeader = "", entry = ""] = ["5", "6"].map((type) => {
    return textOf(at).find((line) => line.startsWith(type)) ?? "";
  });
  const answer = {
    ...{ code: "R01", batchHeader, entry, amountCents: cents(amountCents), correctedData: "" },
    ...{ originalTrace: entry.slice(79), ownTrace: "021000020000009", settlesOn: date(on) },
  };
  const bankNumber = PROFILE.immediateDestination;
  const cover = { bankNumber, createdOn: date(on), time: "0830", modifier: "A" };
  await takeReturns(parts, returnFile([answer], cover));
}

test("is PPD in a batch RETURN FEE of the payee, with the number of the receipt", async () => {
  const customer = await rig.customer();
  await rig.pay(customer, 700);
  await cutOff(parts);
  goTo(rig, "2026-11-27");
  await cutOff(parts);
  goTo(rig, "2026-12-01");
  await comesBack(1, 700, "2026-12-01");
  const { totals } = await cutOff(parts);
  expect([totals?.entries, Number(totals?.debitCents)]).toEqual([1, 2_500]);
  const bytes = bank.handed[2]?.bytes ?? new Uint8Array();
  expect(checkAch(bytes, {}).findings).toEqual([]);
  const read = await readForward([bytes]);
  if (read.kind !== "whole") throw new Error("our files are whole");
  const [batch] = read.file.batches;
  expect(read.file.batches).toHaveLength(1);
  expect(batch?.header).toMatchObject({
    ...{ sec: "PPD", entryDescription: "RETURN FEE", companyName: "CORNER GROCERY" },
    serviceClass: "225",
  });
  const [entry] = batch?.entries ?? [];
  const [, line = ""] = textOf(2).filter((text) => /^[56]/.test(text));
  const sold = textOf(1).find((text) => text.startsWith("6")) ?? "";
  expect([entry?.transactionCode, entry?.addenda.length]).toEqual(["27", 0]);
  // Bank, account, receipt and name are those of the debit that came back.
  for (const [from, to] of [
    [3, 29],
    [39, 76],
  ]) {
    expect(line.slice(from, to)).toBe(sold.slice(from, to));
  }
  const table = rig.running.services.views.table("ach-entries");
  const [filed] = entriesIn(table, bank.handed[2]?.fileId ?? ("" as never));
  expect(filed?.entry.subject.kind).toBe("fee");
});

test("is never sent where nobody said so: the fee waits for a payment by hand", async () => {
  await rig[Symbol.asyncDispose]();
  rig = await SwitchRig.start({ policy: { retriesMax: 0 } });
  parts = partsOf(rig, bank);
  await rig.pay(await rig.customer(), 700);
  await cutOff(parts);
  goTo(rig, "2026-11-27");
  await cutOff(parts);
  goTo(rig, "2026-12-01");
  await comesBack(1, 700, "2026-12-01");
  expect((await cutOff(parts)).stage).toBe("empty");
});
