/** What is known beside the file: right knowledge refuses nothing, and silence asks for nothing. */
import { expect, test } from "bun:test";
import { AchCheck, checkAch } from "../../../src/rails/ach-check/check.ts";
import type {
  AchExpectations,
  AchExpectedEntry,
} from "../../../src/rails/ach-check/expectations.ts";
import { bytesOf, COMPANY_ID, linesOf, ODFI, put } from "./file-maker.ts";
import { GOOD, good } from "./good-files.ts";

const PROFILE: AchExpectations = {
  today: "2026-11-20",
  lineEnding: "lf",
  destination: "121042882",
  origin: COMPANY_ID,
  destinationName: "FIRST SAMPLE BANK",
  originName: "SEQR",
  odfi: ODFI,
  companyId: COMPANY_ID,
  discretionaryData: "SEQR",
  sameDay: false,
  sameDayCentsMax: 100_000_000,
  bankingDaysAheadMax: 1,
  webPaymentTypes: ["S ", "R "],
  servicesDescription: "SEQR PAY",
};

test("every good file agrees with its own profile", () => {
  for (const [name, lines] of GOOD) {
    expect([name, checkAch(bytesOf(lines), PROFILE).findings]).toEqual([name, []]);
  }
});

test("books that say what the file says find nothing", () => {
  const original = {
    sec: "POS",
    companyName: "CORNER GROCERY",
    companyId: COMPANY_ID,
    amountCents: 1_299,
  } as const;
  const PAYOUT = { sec: "CCD", companyName: "SEQR" } as const;
  const statementName = "CORNER GROCERY";
  const cases: readonly (readonly [string, AchExpectedEntry])[] = [
    ["POS", { statementName, channel: "lane" }],
    ["WEB services", { statementName, channel: "services" }],
    ["WEB goods", { statementName: "A&B SHOES*ONLINE", channel: "goods" }],
    ["RETRY PYMT", { statementName, channel: "lane", original }],
    ["REVERSAL of debits", { statementName: "OTHER", original }],
    ["POS refund", { statementName: "OTHER", channel: "lane" }],
    ["WEB to a friend", { channel: "friend" }],
    ["prenotes POS", { statementName: "OTHER", channel: "goods" }],
    ["RETURN FEE", { statementName: "OTHER", channel: "lane" }],
    ["micro-entries", { statementName: "OTHER", channel: "lane" }],
    ["REVERSAL of settlement", { statementName: "OTHER", original: { ...original, ...PAYOUT } }],
  ];
  for (const [name, entry] of cases) {
    // The file of retries holds three amounts; the books know each of them.
    const lines = good(name);
    const entries = new Map(
      lines
        .filter((line) => line.startsWith("6"))
        .map((line) => {
          const amountCents = Number(line.slice(29, 39));
          const known =
            entry.original === undefined ? {} : { original: { ...entry.original, amountCents } };
          return [line.slice(39, 54).trimEnd(), { ...entry, ...known }] as const;
        }),
    );
    expect([name, checkAch(bytesOf(lines), { ...PROFILE, entries }).findings]).toEqual([name, []]);
  }
});

test("what the books do not know is no fault, except what is repeated or undone", () => {
  const entries = new Map<string, AchExpectedEntry>();
  for (const [name, lines] of GOOD) {
    const { findings } = checkAch(bytesOf(lines), { entries });
    const retries =
      /^(RETRY|REVERSAL)/.test(name) || name === "several batches" ? ["original_unknown"] : [];
    expect([name, [...new Set(findings.map(({ rule }) => rule))]]).toEqual([
      name,
      retries,
    ] as never);
  }
});

test("a header is named once, with the line of the entry that contradicts it", () => {
  const { findings } = checkAch(bytesOf(good("POS")), {
    entries: { get: () => ({ statementName: "BAKERY" }) },
  });
  expect(findings.length).toBe(1);
  expect(findings[0]).toMatchObject({ line: 2, rule: "statement_name" });
  expect(findings[0]?.message).toEndWith("so says the entry in line 3");
});

test("same-day is allowed where nobody says that it is off, up to its maximum", () => {
  const wish = { sec: "PPD", description: "REFUND", effective: "261123" };
  for (const [cents, found] of [
    [100_000_000, 0],
    [100_000_001, 1],
  ] as const) {
    const lines = linesOf([{ ...wish, entries: [{ code: 22, cents }] }]);
    const today = lines.with(0, put(lines[0] ?? "", 24, "261123"));
    expect(checkAch(bytesOf(today)).findings.length).toBe(found);
    expect(checkAch(bytesOf(today), { sameDayCentsMax: cents }).findings).toEqual([]);
    expect(checkAch(bytesOf(lines)).findings).toEqual([]);
  }
});

test("a standing authorisation is one where the profile says so", () => {
  const entries = [{ code: 27, cents: 100, type: "ST" }];
  const bytes = bytesOf(linesOf([{ sec: "WEB", description: "SEQR PAY", entries }]));
  expect(checkAch(bytes).findings.map(({ rule }) => rule)).toEqual(["payment_type"]);
  expect(checkAch(bytes, { webPaymentTypes: ["ST"] }).findings).toEqual([]);
});

test("expectations that are none are the caller's fault, before any byte is read", () => {
  for (const today of ["", "20261120", "2026-02-30", "tomorrow"]) {
    expect(() => new AchCheck({ today })).toThrow(TypeError);
  }
});

test("no message tells what an entry holds", () => {
  const secret = { id: "CANARYID", name: "Canary Name", account: "CANARY99" };
  const lines = linesOf([
    { sec: "POS", description: "SEQR PAY", entries: [{ code: 27, cents: 4_321_987, ...secret }] },
  ]);
  const wrong = lines.map((line) => (line.startsWith("6") ? put(line, 2, "99") : line));
  for (const text of [wrong, lines.map((line) => line.toLowerCase()), lines.toReversed()]) {
    const { findings } = checkAch(bytesOf(text), {
      entries: { get: () => ({ statementName: "X", channel: "goods" }) },
    });
    expect(findings.length).toBeGreaterThan(0);
    expect(JSON.stringify(findings)).not.toMatch(/canary|4321987/i);
  }
});
