/** What kind of entry the bank gets for what, and what a return of our own mistake raises. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { cents } from "../../actors/money.ts";
import { Till } from "../../src/client/till.ts";
import { cutOff } from "../../src/collection/cut-off.ts";
import { Originals } from "../../src/collection/originals.ts";
import { type CollectionParts, entriesTable } from "../../src/collection/parts.ts";
import { takeReturns } from "../../src/collection/return-file.ts";
import type { OdfiPolicy } from "../../src/rails/ach/odfi-profile.ts";
import { readForward } from "../../src/rails/ach/reader.ts";
import { returnFile } from "../../src/rails/bank-twin/return-file.ts";
import { entriesIn } from "../../src/views/ach-entries.ts";
import { date } from "../actors/collecting.ts";
import { type Customer, SwitchRig } from "../switch-rig.ts";
import { goTo, HandBank, PROFILE, partsOf } from "./rig.ts";

let rig: SwitchRig;
let bank: HandBank;
let customer: Customer;

beforeEach(async () => {
  rig = await SwitchRig.start();
  bank = new HandBank();
  customer = await rig.customer();
});
afterEach(() => rig[Symbol.asyncDispose]());

function parts(policy: Partial<OdfiPolicy> = {}): CollectionParts {
  return { ...partsOf(rig, bank), profile: { ...PROFILE, ...policy } };
}

async function webLane(): Promise<Till> {
  const lane = { name: "Shop", kind: "web" };
  const sent = { token: rig.merchantKey, key: "lane/web", json: lane };
  const { body } = await rig.send("POST", "/v1/lanes", sent);
  return new Till(rig.caller, body as never, String(body["lane_key"]));
}

/** Whatever the bank of the profile decides, the second opinion knows. */
const PROFILES: readonly Partial<OdfiPolicy>[] = [
  { lineEnd: "CRLF" },
  { companyDiscretionaryData: "SEQR PAYMENTS" },
  { laneDescription: "LANE PAY" },
  { laneSec: "WEB", laneDescription: "LANE PAY" },
  { webSells: "services", serviceDescription: "SEQR WEB", webPaymentType: "ST" },
  { prenoteDescription: "PRENOTE" },
  { debitLeadDays: 2 },
];

/** Class, description, code and whether place and terminal are given, of each entry. */
async function linesOf(at: number) {
  const bytes = bank.handed[at]?.bytes ?? new Uint8Array();
  const read = await readForward([bytes]);
  if (read.kind !== "whole") throw new Error("our files are whole");
  return read.file.batches.flatMap(({ header, entries }) =>
    entries.map(({ transactionCode, addenda }) => {
      return [header.sec, header.entryDescription, transactionCode, addenda.length];
    }),
  );
}

/** Company name and id, receiver's bank and account, amount and receipt number of each entry. */
function payeesOf(at: number): readonly string[] {
  const bytes = bank.handed[at]?.bytes ?? new Uint8Array();
  const lines = Buffer.from(bytes).toString("latin1").split("\n");
  return lines.flatMap((line) => {
    if (line.startsWith("5")) return [line.slice(4, 53)];
    return line.startsWith("6") ? [line.slice(3, 54)] : [];
  });
}

describe("a prenote", () => {
  test("is of the class and with the words of the debits after it", async () => {
    const online = await rig.customer();
    await rig.pay(customer, 100);
    await rig.pay(online, 200, await webLane());
    // Nothing bought yet: no place can be named, as POS must.
    await rig.customer();
    await cutOff(parts());
    expect(await linesOf(0)).toEqual([
      ["POS", "SEQR PAY", "28", 1],
      ["WEB", "PURCHASE", "28", 0],
      ["WEB", "PURCHASE", "28", 0],
    ]);
    goTo(rig, "2026-11-27");
    await cutOff(parts());
    expect(await linesOf(1)).toEqual([
      ["POS", "SEQR PAY", "27", 1],
      ["WEB", "PURCHASE", "27", 0],
    ]);
  });

  test("has the bank's own description where it has one", async () => {
    await cutOff(parts({ prenoteDescription: "PRENOTE" }));
    expect(await linesOf(0)).toEqual([["WEB", "PRENOTE", "28", 0]]);
  });
});

test.each(PROFILES.map((policy) => [JSON.stringify(policy), policy] as const))(
  "a bank that says %s gets files that are good by it",
  async (_, policy) => {
    await rig.pay(customer, 100);
    await rig.pay(customer, 200, await webLane());
    expect((await cutOff(parts(policy))).stage).toBe("acknowledged");
    goTo(rig, "2026-11-30");
    const { stage, totals } = await cutOff(parts(policy));
    expect([stage, Number(totals?.debitCents)]).toEqual(["acknowledged", 300]);
  },
);

test("a web lane sells goods or services, as the profile says", async () => {
  await rig.pay(customer, 100, await webLane());
  await cutOff(parts({ webSells: "services", serviceDescription: "SEQR WEB" }));
  goTo(rig, "2026-11-27");
  await cutOff(parts({ webSells: "services", serviceDescription: "SEQR WEB" }));
  expect(await linesOf(0)).toEqual([["WEB", "SEQR WEB", "28", 0]]);
  expect(await linesOf(1)).toEqual([["WEB", "SEQR WEB", "27", 0]]);
});

test("a reversal is of the class, name and addenda of its debit, the other way", async () => {
  await rig.pay(customer, 100);
  await rig.pay(customer, 200, await webLane());
  await cutOff(parts());
  goTo(rig, "2026-11-27");
  const { fileId } = await cutOff(parts());
  const settled = { kind: "SettleFile", debitCents: 300, creditCents: 0, on: "2026-11-30" };
  const { host } = rig.running.services;
  await host.ask({ kind: "ach-file", id: fileId }, settled, { principal: "test" });
  goTo(rig, "2026-11-30");
  for (const key of [rig.deskKey, rig.otherDeskKey]) {
    await rig.moneyDesk(key).reverseFile(fileId, "wrong_date", "too early");
  }
  const { fileId: again, stage, totals } = await cutOff(parts());
  expect([stage, Number(totals?.creditCents)]).toEqual(["acknowledged", 300]);
  expect(await linesOf(1)).toEqual([
    ["POS", "SEQR PAY", "27", 1],
    ["WEB", "PURCHASE", "27", 0],
  ]);
  expect(await linesOf(2)).toEqual([
    ["POS", "REVERSAL", "22", 1],
    ["WEB", "REVERSAL", "22", 0],
  ]);
  expect(payeesOf(2)).toEqual(payeesOf(1));
  // What the second opinion is told of them: what those were.
  const originals = new Originals(parts());
  const amounts = [...entriesIn(entriesTable(parts()), again)].map(({ entry }) => {
    originals.note("receipt", { ...entry, amountCents: cents(1) }, "BAKERY");
    return originals.get("receipt")?.original;
  });
  expect(amounts).toEqual([
    { sec: "POS", companyName: "BAKERY", companyId: PROFILE.companyId, amountCents: 100 },
    { sec: "WEB", companyName: "BAKERY", companyId: PROFILE.companyId, amountCents: 200 },
  ]);
});

test("what comes back for a mistake of ours is an alarm, and nobody is blocked", async () => {
  await cutOff(parts());
  await rig.pay(customer, 700);
  goTo(rig, "2026-11-27");
  await cutOff(parts());
  const lines = Buffer.from(bank.handed[1]?.bytes ?? [])
    .toString("latin1")
    .split("\n");
  const [batchHeader = "", entry = ""] = ["5", "6"].map((type) => {
    return lines.find((line) => line.startsWith(type)) ?? "";
  });
  const answer = {
    ...{ code: "R25", batchHeader, entry, amountCents: cents(700), correctedData: "" },
    ...{ originalTrace: entry.slice(79), ownTrace: "021000020000009" },
    settlesOn: date("2026-12-01"),
  };
  const bankNumber = PROFILE.immediateDestination;
  const cover = { bankNumber, createdOn: date("2026-12-01"), time: "0830", modifier: "A" };
  goTo(rig, "2026-12-01");
  await takeReturns(parts(), returnFile([answer], cover));
  const raised = rig.running.services.alarms.list().map(({ kind }) => kind as string);
  expect(raised).toContain("entries_returned_for_our_mistake");
  expect((await customer.phone.account()).block_reasons).toEqual([]);
});
