import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { addBankingDays, type BankDate, instantOf } from "../../../actors/banking-calendar.ts";
import { cents } from "../../../actors/money.ts";
import { AMOUNT_ACCOUNT, GOOD_ACCOUNT, REACTIONS } from "../../../src/rails/bank-twin/reactions.ts";
import type { BatchWish, EntryWish } from "./file-maker.ts";
import {
  answersIn,
  FRIDAY,
  MONDAY,
  NEXT_MONDAY,
  NEXT_TUESDAY,
  Rig,
  TUESDAY,
  WEDNESDAY,
} from "./rig.ts";

const REFUND = { sec: "PPD", description: "REFUND" };
const SETTLEMENT = { sec: "CCD", description: "PAYOUT" };
const RETRY = { description: "RETRY PYMT" };
const PRENOTE = { code: "28", cents: 0 };

/** The date of the 30th day after Tuesday's settlement is a Thursday. */
const CHRISTMAS_EVE = "2026-12-24" as BankDate;

interface Case {
  readonly two: string;
  readonly wish?: EntryWish;
  readonly batch?: Omit<BatchWish, "entries">;
  /** What comes in at the opening of which day, for an entry that settles on Tuesday. */
  readonly comes: Readonly<Record<BankDate, readonly string[]>>;
  /** Of our account in the end. */
  readonly balanceCents: number;
}

const PAID = { comes: {}, balanceCents: 1_299 };
const one = (two: string, day: BankDate, answer: string): Case => {
  return { two, comes: { [day]: [answer] }, balanceCents: 0 };
};
const change = (two: string, answer: string): Case => {
  return { two, comes: { [WEDNESDAY]: [answer] }, balanceCents: 1_299 };
};

// biome-ignore format: a table is read by its columns.
const CASES: Readonly<Record<string, Case>> = {
  "the good account is paid": { two: "00", ...PAID },
  "an account of no row is paid": { two: "99", ...PAID },
  "R01 once": one("01", FRIDAY, "R01 26 1299 of 1 by 1"),
  "R01 once, then paid": { two: "01", batch: RETRY, ...PAID },
  "a fee beside the retry is paid": { two: "01", batch: { sec: "PPD", description: "RETURN FEE" },
    ...PAID },
  "R02": one("02", WEDNESDAY, "R02 26 1299 of 1 by 1"),
  "R03": one("03", WEDNESDAY, "R03 26 1299 of 1 by 1"),
  "R07": one("07", FRIDAY, "R07 26 1299 of 1 by 1"),
  "R08": one("08", WEDNESDAY, "R08 26 1299 of 1 by 1"),
  "R09": one("09", FRIDAY, "R09 26 1299 of 1 by 1"),
  "R09 of the retry, too": { ...one("09", FRIDAY, "R09 26 1299 of 1 by 1"), batch: RETRY },
  "R10 after 30 calendar days": one("10", CHRISTMAS_EVE, "R10 26 1299 of 1 by 1"),
  "R11": one("11", FRIDAY, "R11 26 1299 of 1 by 1"),
  "R16": one("16", WEDNESDAY, "R16 26 1299 of 1 by 1"),
  "R20": one("20", WEDNESDAY, "R20 26 1299 of 1 by 1"),
  "R01 always": one("31", FRIDAY, "R01 26 1299 of 1 by 1"),
  "R01 always, of the retry": { ...one("31", FRIDAY, "R01 26 1299 of 1 by 1"), batch: RETRY },
  "a savings account": { ...one("02", WEDNESDAY, "R02 36 1299 of 1 by 1"), wish: { code: "37" } },
  "prenote R03": { ...one("33", WEDNESDAY, "R03 26 0 of 1 by 1"), wish: PRENOTE },
  "no prenote, no R03": { two: "33", ...PAID },
  "a prenote is good where debits are not": { two: "02", wish: PRENOTE, comes: {},
    balanceCents: 0 },
  "settlement R02": { ...one("42", FRIDAY, "R02 21 1299 of 1 by 1"), batch: SETTLEMENT,
    wish: { code: "22" } },
  "refund R03": { ...one("43", WEDNESDAY, "R03 21 1299 of 1 by 1"), batch: REFUND,
    wish: { code: "22" } },
  "a debit where refunds are returned": { two: "43", ...PAID },
  "a refund where debits are returned": { two: "02", batch: REFUND, wish: { code: "22" },
    comes: {}, balanceCents: -1_299 },
  "C01": change("51", "C01 26 0 of 1: 9990000000"),
  "C02": change("52", "C02 26 0 of 1: 091000019"),
  "C03": change("53", "C03 26 0 of 1: 091000019, 9990000000"),
  "C04": change("54", "C04 26 0 of 1: CORRECTED NAME"),
  "C05": change("55", "C05 26 0 of 1: 37"),
  "C05 of a credit": { ...change("55", "C05 21 0 of 1: 32"), batch: REFUND, wish: { code: "22" },
    balanceCents: -1_299 },
  "C06": change("56", "C06 26 0 of 1: 9990000000, 37"),
  "C07": change("57", "C07 26 0 of 1: 091000019, 9990000000, 37"),
  "C02 of a prenote": { ...change("52", "C02 26 0 of 1: 091000019"), wish: PRENOTE,
    balanceCents: 0 },
  "C02, corrected": { two: "52", wish: { bank: "091000019" }, ...PAID },
  "C04, corrected": { two: "54", wish: { name: "CORRECTED NAME" }, ...PAID },
  "C05, corrected": { two: "55", wish: { code: "37" }, ...PAID },
  "C07, half corrected": { ...change("57", "C07 36 0 of 1: 091000019, 9990000000, 37"),
    wish: { code: "37", bank: "091000019" } },
  "R01 after the window": one("61", NEXT_TUESDAY, "R01 26 1299 of 1 by 1"),
  "the same return again": { two: "62", balanceCents: 0, comes: {
    [WEDNESDAY]: ["R01 26 1299 of 1 by 1"], [FRIDAY]: ["R01 26 1299 of 1 by 1"] } },
  "two returns with traces of their own": { two: "63", balanceCents: -1_299, comes: {
    [WEDNESDAY]: ["R01 26 1299 of 1 by 1"], [FRIDAY]: ["R01 26 1299 of 1 by 2"] } },
  "another amount": { ...one("64", WEDNESDAY, "R01 26 1300 of 1 by 1"), balanceCents: -1 },
  "a trace that was never sent": one("65", WEDNESDAY, "R01 26 1299 of 5000001 by 1"),
  "an unknown code": { two: "97", balanceCents: 0, comes: {
    [WEDNESDAY]: ["exception: unknown_return_code", "R97 26 1299 of 1 by 1"] } },
  "the amount decides: nothing": { two: "98", wish: { cents: 1_200 }, comes: {},
    balanceCents: 1_200 },
  "the amount decides: R02": { ...one("98", WEDNESDAY, "R02 26 1202 of 1 by 1"),
    wish: { cents: 1_202 } },
  "the amount decides: refund R03": { ...one("98", WEDNESDAY, "R03 21 1243 of 1 by 1"),
    wish: { cents: 1_243, code: "22" }, batch: REFUND },
  "the amount decides: C02": { ...change("98", "C02 26 0 of 1: 091000019"),
    wish: { cents: 1_252 }, balanceCents: 1_252 },
};

describe("the account number decides", () => {
  test.each(Object.entries(CASES))("%s", async (_, { two, wish, batch, comes, balanceCents }) => {
    const rig = new Rig();
    const account = `99900000${two}`;
    const { outcome } = await rig.send([{ ...batch, entries: [{ account, ...wish }] }]);
    expect(outcome).toBe("accepted");
    const came: Record<string, readonly string[]> = {};
    for (let day = TUESDAY; day < "2027-02-01"; day = addBankingDays(day, 1)) {
      rig.clock.advanceTo(instantOf(day, 8, 30) - 1);
      expect(await rig.takeAnswers()).toEqual([]);
      rig.openingOf(day);
      const answers = await rig.takeAnswers();
      if (answers.length > 0) came[day] = answers;
    }
    expect(came).toEqual(comes);
    expect(rig.bank.books().balanceCents).toBe(cents(balanceCents));
  });
});

test("what comes back before settlement is not in the statement", async () => {
  const rig = new Rig();
  const { name } = await rig.sendEntries({ account: "9990000068" }, { cents: 500 });
  rig.clock.advance(600_000 - 1);
  expect(await rig.take()).toEqual([]);
  rig.clock.advance(1);
  const [acknowledgement, returns, ...rest] = await rig.take();
  expect(acknowledgement).toMatchObject({ kind: "acknowledgement", outcome: "accepted" });
  if (returns?.kind !== "returns") throw new Error("a return file is there");
  expect(await answersIn(returns.bytes)).toEqual(["R03 26 1299 of 1 by 1"]);
  expect(rest).toEqual([]);
  rig.openingOf(TUESDAY);
  const lines = [{ fileName: name, debitCents: cents(500), creditCents: cents(0) }];
  expect(await rig.take()).toEqual([
    { kind: "statement", id: "bank_000003", date: TUESDAY, lines },
  ]);
  expect(rig.bank.books().balanceCents).toBe(cents(500));
});

test("a return of what was never sent is no movement of any file of ours", async () => {
  const rig = new Rig();
  const { name } = await rig.sendEntries({ account: "9990000065" }, { account: "9990000002" });
  rig.openingOf(WEDNESDAY);
  const returned = rig.bank.books().movements.filter(({ kind }) => kind === "returned");
  expect(returned.map(({ fileName }) => fileName)).toEqual(["", name]);
});

test("a notification of change moves nothing", async () => {
  const rig = new Rig();
  await rig.sendEntries({ account: "9990000052" });
  rig.openingOf(WEDNESDAY);
  expect(rig.bank.books().movements.map(({ kind }) => kind)).toEqual(["settled"]);
});

test("a repeated return keeps the day that it settled on, in a batch of its own", async () => {
  const rig = new Rig();
  await rig.sendEntries({ account: "9990000062" }, { account: "9990000001" });
  rig.openingOf(WEDNESDAY);
  await rig.take();
  rig.openingOf(FRIDAY);
  const [item] = await rig.take();
  if (item?.kind !== "returns") throw new Error("a return file is there");
  const lines = new TextDecoder().decode(item.bytes).split("\n");
  const days = lines.filter((line) => line.startsWith("5")).map((line) => line.slice(75, 78));
  expect(days).toEqual(["329", "331"]);
});

test("returns of one day stand in one file, in batches as they were sent", async () => {
  const rig = new Rig();
  const accounts = ["9990000002", "9990000000", "9990000003", "9990000052"];
  const entries = accounts.map((account) => ({ account }));
  await rig.send([
    { entries },
    { sec: "POS", entries },
    { ...REFUND, entries: [{ code: "22", account: "9990000043" }] },
  ]);
  rig.openingOf(WEDNESDAY);
  const files: string[] = [];
  for (const item of await rig.take()) {
    if (item.kind !== "returns") continue;
    const odd = (await answersIn(item.bytes)).filter((answer) => !/^[RC]/.test(answer));
    expect(odd).toEqual([]);
    const lines = new TextDecoder().decode(item.bytes).trimEnd().split("\n");
    const headers = lines.filter((line) => line.startsWith("5"));
    files.push(headers.map((line) => line.slice(50, 53) + line.slice(75, 78)).join(" "));
    expect(lines.length % 10).toBe(0);
  }
  // Wednesday is the 329th day of the year; changes have a file of their own.
  expect(files).toEqual(["WEB329 POS329 PPD329", "COR329 COR329"]);
});

test("the document tells every account with its code, and the two that are no row", () => {
  const path = join(import.meta.dir, "../../../docs/sandbox.md");
  const rows = [...readFileSync(path, "utf8").matchAll(/^\| `(\d{10})` \| ([RC]\d\d)?/gm)];
  const told = rows.map(([, account, code]) => [account, code]);
  expect(told).toEqual([
    [GOOD_ACCOUNT, undefined],
    ...REACTIONS.map(({ account, code }) => [account, code]),
    [AMOUNT_ACCOUNT, undefined],
  ]);
});

test("every row of the table has its case", () => {
  const tried = new Set(Object.values(CASES).map(({ two }) => `99900000${two}`));
  const untried = REACTIONS.filter(({ account }) => !tried.has(account));
  expect(untried.map(({ account }) => account)).toEqual(["9990000068"]);
  expect(new Set(REACTIONS.map(({ account }) => account)).size).toBe(REACTIONS.length);
});

test("days are banking days: MONDAY's file settles on Tuesday, and Thanksgiving is closed", () => {
  expect(addBankingDays(MONDAY, 1)).toBe(TUESDAY);
  expect(addBankingDays(WEDNESDAY, 1)).toBe(FRIDAY);
  expect(addBankingDays(FRIDAY, 1)).toBe(NEXT_MONDAY);
});
