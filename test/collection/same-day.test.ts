/** Same-day windows, and credits that the bank settles a day after debits. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { achFileId } from "../../actors/ach-file.ts";
import { instantOf } from "../../actors/banking-calendar.ts";
import { cents } from "../../actors/money.ts";
import { Collections } from "../../src/collection/collections.ts";
import { cutOff, handOver, makeFiles } from "../../src/collection/cut-off.ts";
import type { CollectionParts } from "../../src/collection/parts.ts";
import { sameDayPlans } from "../../src/collection/plans.ts";
import {
  DEFAULT_ODFI_POLICY,
  type OdfiPolicy,
  type OdfiProfile,
  odfiProfile,
} from "../../src/rails/ach/odfi-profile.ts";
import { readForward } from "../../src/rails/ach/reader.ts";
import { date } from "../actors/collecting.ts";
import { settled } from "../failure.ts";
import { type Customer, SwitchRig } from "../switch-rig.ts";
import { breakBefore, goTo, HandBank, PROFILE, partsOf, stateOf } from "./rig.ts";

let rig: SwitchRig;
let bank: HandBank;
let customer: Customer;

beforeEach(async () => {
  rig = await SwitchRig.start();
  bank = new HandBank();
  customer = await rig.customer();
});
afterEach(() => rig[Symbol.asyncDispose]());

function parts(policy: Partial<OdfiPolicy> = { sameDay: true }): CollectionParts {
  return { ...partsOf(rig, bank), profile: profileOf(policy) };
}

function profileOf(policy: Partial<OdfiPolicy>): OdfiProfile {
  const { immediateDestination, destinationName, immediateOrigin, originName } = PROFILE;
  const { odfi, companyId } = PROFILE;
  const bankAndUs = { immediateDestination, destinationName, immediateOrigin, originName };
  return odfiProfile({ ...bankAndUs, odfi, companyId }, policy);
}

const [MORNING, , EVENING] = DEFAULT_ODFI_POLICY.sameDayWindows;
const DAY = date("2026-12-01");

function at(hour: number, minute = 0, day = DAY): void {
  rig.clock.advanceTo(instantOf(day, hour, minute));
}

/** Of each batch of a file: its dates, its class, and its amounts. */
async function batchesIn(index: number): Promise<unknown[]> {
  const read = await readForward([bank.handed[index]?.bytes ?? new Uint8Array()]);
  if (read.kind !== "whole") throw new Error("the file is whole");
  return read.file.batches.map(({ header, entries }) => [
    `${header.effectiveEntryDate} ${header.descriptiveDate}`.trim(),
    header.sec,
    ...entries.map(({ amountCents }) => Number(amountCents)),
  ]);
}

/** A merchant with a bank account, so that it is paid out. */
async function payable(): Promise<void> {
  const { vault, host } = rig.running.services;
  const opened = { routing_number: "021000021", account_number: "9990000000", kind: "checking" };
  const bytes = Buffer.from(JSON.stringify(opened));
  const [token] = vault.put([{ kind: "bank-account", owner: "1", bytes }]);
  const said = { note: null, persons: "one", sameAs: [] };
  const named = { kind: "SetBankAccount", token, ending: token, ...said };
  await host.ask({ kind: "merchant", id: "1" }, named, { principal: "merchant:1" });
}

describe("a same-day window", () => {
  beforeEach(async () => {
    await cutOff(parts());
    await payable();
    await rig.pay(customer, 1_200);
    await rig.pay(customer, 700);
  });

  test("takes what the profile names, dated today and marked with the time", async () => {
    at(9, 30);
    if (MORNING === undefined) throw new Error("there is a first window");
    await makeFiles(parts(), sameDayPlans(parts(), MORNING));
    expect(await batchesIn(1)).toEqual([
      ["261201 SD1300", "POS", 1_200, 700],
      ["261201 SD1300", "CCD", expect.any(Number)],
    ]);
    const state = await stateOf(rig, achFileId(DAY, "A"));
    // Two banking days after the day itself.
    expect(state).toMatchObject({ file: { effectiveOn: DAY, windowOn: "2026-12-03" } });
  });

  test("leaves what is above the maximum, and other kinds, for the regular cut-off", async () => {
    const few: Partial<OdfiPolicy> = {
      ...{ sameDay: true, sameDayCentsMax: cents(1_000), sameDayKinds: ["debit"] },
    };
    const other = await rig.customer();
    await rig.pay(other, 300);
    at(9, 30);
    if (MORNING === undefined) throw new Error("there is a first window");
    await makeFiles(parts(few), sameDayPlans(parts(few), MORNING));
    expect(await batchesIn(1)).toEqual([["261201 SD1300", "POS", 700]]);
    at(15);
    await cutOff(parts(few));
    expect(await batchesIn(2)).toEqual([
      ["261202", "POS", 1_200],
      ["261202", "CCD", expect.any(Number)],
      ["261202", "POS", 0],
    ]);
  });

  test("is over with its deadline: what was begun goes with the next file", async () => {
    if (EVENING === undefined) throw new Error("there is a last window");
    at(15, 45);
    breakBefore(rig, "HandOverFile");
    const file = makeFiles(parts(), sameDayPlans(parts(), EVENING));
    expect(await settled(file)).toThrow("the process ended");
    at(16, 15);
    expect(sameDayPlans(parts(), EVENING)).toEqual([]);
    const late = achFileId(DAY, "A");
    expect(await settled(handOver(parts(), late))).toThrow("effective_date_past");
    at(15, 0, date("2026-12-02"));
    expect(await cutOff(parts())).toMatchObject({ totals: { debitCents: 1_900 } });
    expect((await stateOf(rig, late)).kind).toBe("abandoned");
    expect(bank.handed).toHaveLength(2);
  });

  test("that was cut short is gone on with, and the regular file is made as well", async () => {
    if (EVENING === undefined) throw new Error("there is a last window");
    at(15, 45);
    breakBefore(rig, "BuildFile");
    expect(await settled(makeFiles(parts(), sameDayPlans(parts(), EVENING)))).toThrow("ended");
    await rig.restart();
    await rig.pay(customer, 55);
    await cutOff(parts());
    expect((await batchesIn(1))[0]).toEqual(["261201 SD1800", "POS", 1_200, 700]);
    expect(await batchesIn(2)).toEqual([["261202", "POS", 55]]);
  });

  test("is none on a day on which the bank is closed", () => {
    // Thanksgiving is on the 26th, and a Saturday follows.
    at(9, 30, date("2026-12-05"));
    if (MORNING === undefined) throw new Error("there is a first window");
    expect(sameDayPlans(parts(), MORNING)).toEqual([]);
  });
});

test("the windows have their times in New York, also when the clocks change", async () => {
  const timesOver = async (day: string, policy: Partial<OdfiPolicy>): Promise<string[]> => {
    goTo(rig, day, 0);
    const collections = new Collections(parts(policy), (error) => {
      throw error;
    });
    await collections.start();
    const times: string[] = [];
    for (let count = 0; count < 6; count++) {
      rig.clock.advanceTo(collections.nextAtMs);
      await collections.caughtUp();
      const now = Temporal.Instant.fromEpochMilliseconds(rig.clock.nowMs());
      const zoned = now.toZonedDateTimeISO("America/New_York");
      times.push(`${zoned.day} ${zoned.toPlainTime().toString().slice(0, 5)}`);
    }
    await collections.stop();
    return times;
  };
  const times = ["08:45", "09:30", "13:45", "15:00", "15:45"];
  const next = await timesOver("2027-03-12", { sameDay: true });
  expect(next).toEqual([...times.map((time) => `12 ${time}`), "15 08:45"]);
  const off = await timesOver("2027-03-16", {});
  expect(off.slice(0, 3)).toEqual(["16 08:45", "16 15:00", "17 08:45"]);
});

test("credits that the bank settles a day later are a file of their own", async () => {
  const policy: Partial<OdfiPolicy> = { creditLeadDays: 2 };
  await cutOff(parts(policy));
  await payable();
  await rig.pay(customer, 1_200);
  at(15);
  const first = await cutOff(parts(policy));
  expect(first).toMatchObject({ fileId: "ach_20261201_A", totals: { creditCents: 0 } });
  expect(await batchesIn(1)).toEqual([["261202", "POS", 1_200]]);
  expect(await batchesIn(2)).toEqual([["261203", "CCD", expect.any(Number)]]);
});

test("a file of debits that is refused whole keeps no credit waiting", async () => {
  const policy: Partial<OdfiPolicy> = { creditLeadDays: 2 };
  await cutOff(parts(policy));
  await payable();
  await rig.pay(customer, 1_200);
  at(15);
  const wrong = parts(policy);
  const laneDescription = "THIS IS TOO LONG";
  const refusing = { ...wrong, profile: { ...wrong.profile, laneDescription } };
  for (let times = 0; times < 2; times++) {
    expect(await settled(cutOff(refusing))).toThrow("does not keep the rules");
    expect(bank.handed).toHaveLength(2);
    expect(await batchesIn(1)).toEqual([["261203", "CCD", expect.any(Number)]]);
  }
  // Mended: the same file goes, once, with what was in it.
  const { fileId } = await cutOff(parts(policy));
  expect(fileId).toBe(achFileId(DAY, "A"));
  expect(await batchesIn(2)).toEqual([["261202", "POS", 1_200]]);
});

test.each<[string, Partial<OdfiPolicy>]>([
  ["a deadline after the Federal Reserve's", window("0930", "1031", "1300")],
  ["a file made after its deadline", window("1000", "0959", "1300")],
  ["a time that is none", window("0930", "2560", "1300")],
])("no profile has %s", (_, policy) => {
  expect(() => profileOf(policy)).toThrow();
});

function window(cutOffAt: string, deadline: string, settlesAt: "1300"): Partial<OdfiPolicy> {
  return { sameDayWindows: [{ cutOff: cutOffAt, deadline, settlesAt }] };
}
