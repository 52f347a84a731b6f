/** Mutations seen by those who know more than the file: the date, the bank, the books. */
import type {
  AchExpectations,
  AchExpectedEntry,
  AchOriginal,
} from "../../../src/rails/ach-check/expectations.ts";
import { COMPANY_ID, put } from "./file-maker.ts";
import { change, find, type Mutation, set } from "./mutation.ts";

/** A file of another day that is to settle on another day; the batches follow. */
function dated(date: string, effective: string): Mutation["make"] {
  return (lines) => {
    const header = find(lines, "5") ?? 0;
    const next = lines.map((line, at) => {
      if (at === 0) return put(line, 24, date);
      return line.startsWith("5") ? put(line, 70, effective) : line;
    });
    return { lines: next, at: { line: header + 1, from: 70, to: 75 } };
  };
}

// biome-ignore format: a table is read by its columns.
const HOLIDAYS: readonly (readonly [what: string, date: string, effective: string])[] = [
  ["a Saturday", "261120", "261121"],
  ["Thanksgiving", "261125", "261126"],
  ["Christmas", "261224", "261225"],
  ["New Year", "261231", "270101"],
  ["Martin Luther King's day", "270115", "270118"],
  ["Washington's day", "270212", "270215"],
  ["Memorial day", "270528", "270531"],
  ["Juneteenth", "260618", "260619"],
  ["Independence day, Monday after a Sunday", "270702", "270705"],
  ["Labor day", "270903", "270906"],
  ["Columbus day", "271008", "271011"],
  ["Veterans day", "261110", "261111"],
];

const DATES: readonly Mutation[] = [
  ...HOLIDAYS.map(([what, date, effective]): Mutation => {
    return { what, rule: "banking_day", make: dated(date, effective) };
  }),
  {
    what: "a day before the file's own",
    rule: "effective_date_past",
    make: dated("261120", "261119"),
  },
  { what: "a year ahead by a slip", rule: "effective_date_late", make: dated("261120", "271123") },
  { what: "six banking days ahead", rule: "effective_date_late", make: dated("261120", "261201") },
  {
    what: "three banking days ahead where two are the most",
    rule: "effective_date_late",
    expectations: { bankingDaysAheadMax: 2 },
    make: dated("261120", "261125"),
  },
  {
    what: "a file handed over after its effective date",
    rule: "effective_date_past",
    expectations: { today: "2026-11-24" },
    make: dated("261120", "261123"),
  },
  {
    what: "a file of tomorrow",
    rule: "file_date",
    expectations: { today: "2026-11-19" },
    make: set("1", [24, 29], "261120"),
  },
  {
    what: "today, where same-day is off",
    rule: "same_day",
    expectations: { sameDay: false },
    make: dated("261123", "261123"),
  },
  {
    what: "the day of the hand-over, where same-day is off",
    rule: "same_day",
    expectations: { sameDay: false, today: "2026-11-23" },
    make: dated("261120", "261123"),
  },
  {
    what: "the mark of the same day on a batch of another one",
    rule: "same_day_mark",
    make: (lines) => {
      const made = dated("261120", "261123")(lines);
      const header = made?.lines.findIndex((line) => line.startsWith("5")) ?? -1;
      if (made === undefined || header === -1) return undefined;
      const next = change(made.lines, header, 64, "SD1300");
      return { lines: next, at: { line: header + 1, from: 64, to: 69 } };
    },
  },
  {
    what: "a mark of the same day of no window",
    rule: "same_day_mark",
    make: (lines) => {
      const made = dated("261123", "261123")(lines);
      const header = made?.lines.findIndex((line) => line.startsWith("5")) ?? -1;
      if (made === undefined || header === -1) return undefined;
      const next = change(made.lines, header, 64, "SD1200");
      return { lines: next, at: { line: header + 1, from: 64, to: 69 } };
    },
  },
  {
    what: "more than a million dollars on the same day",
    rule: "same_day_amount",
    beside: ["control_debits", "control_credits", "file_debits", "file_credits", "micro_amount"],
    make: (lines) => {
      const made = dated("261123", "261123")(lines);
      const entry = find(lines, "6") ?? 0;
      if (made === undefined || /^6.[38]/.test(lines[entry] ?? "")) return undefined;
      const next = change(made.lines, entry, 30, "0100000001");
      return { lines: next, at: { line: entry + 1, from: 30, to: 39 } };
    },
  },
];

/** A field of the profile that the file contradicts. */
function profile(
  rule: Mutation["rule"],
  start: string,
  [from, to]: readonly [number, number],
  expectations: AchExpectations,
): Mutation {
  return {
    what: `another ${Object.keys(expectations).join(", ")} than the profile's`,
    rule,
    expectations,
    make: (lines) => {
      const index = find(lines, start);
      if (index === undefined) return undefined;
      if (/FRIEND/.test(lines[index] ?? "") && rule === "company_id") return undefined;
      return { lines, at: { line: index + 1, from, to } };
    },
  };
}

const PROFILES: readonly Mutation[] = [
  profile("destination", "1", [4, 13], { destination: "231380104" }),
  profile("origin", "1", [14, 23], { origin: " 121042882" }),
  profile("file_names", "1", [41, 63], { destinationName: "SECOND BANK" }),
  profile("file_names", "1", [64, 86], { originName: "OTHER" }),
  profile("odfi", "5", [80, 87], { odfi: "09100001" }),
  profile("company_id", "5", [41, 50], { companyId: "1987654321" }),
  profile("discretionary_data", "5", [21, 40], { discretionaryData: "SEQR 2" }),
  profile(
    "description",
    "5225CORNER GROCERY  SEQR                1123456789WEBSEQR PAY",
    [54, 63],
    {
      servicesDescription: "SERVICES",
    },
  ),
  profile("description", "5225CORNER GROCERY  SEQR                1123456789WEBPRENOTE", [54, 63], {
    prenoteDescription: "TEST",
  }),
  {
    what: "a single payment where the profile says standing",
    rule: "payment_type",
    expectations: { webPaymentTypes: ["ST"] },
    make: (lines) => {
      const header = lines.findIndex((line) => /^5.{49}WEB/.test(line));
      if (header === -1) return undefined;
      return { lines, at: { line: header + 2, from: 77, to: 78 } };
    },
  },
];

const BATCHES: readonly Mutation[] = [
  {
    what: "a batch of another bank",
    rule: "odfi",
    beside: ["trace_odfi", "control_odfi"],
    make: (lines) => {
      const second = find(lines, "5", 2);
      if (second === undefined) return undefined;
      const at = { line: second + 1, from: 80, to: 87 };
      return { lines: change(lines, second, 80, "09100001"), at };
    },
  },
  {
    what: "the same batch number again",
    rule: "batch_number",
    beside: ["control_batch_number"],
    make: (lines) => {
      const second = find(lines, "5", 2);
      if (second === undefined) return undefined;
      const at = { line: second + 1, from: 88, to: 94 };
      return { lines: change(lines, second, 88, "0000001"), at };
    },
  },
];

const MICRO: readonly Mutation[] = [
  {
    what: "a micro-credit of one dollar",
    rule: "micro_amount",
    beside: ["control_credits", "file_credits"],
    make: (lines) => {
      const header = lines.findIndex((line) => line.includes("ACCTVERIFY"));
      if (header === -1) return undefined;
      const at = { line: header + 2, from: 30, to: 39 };
      return { lines: change(lines, header + 1, 30, "0000000100"), at };
    },
  },
  {
    what: "micro-debits above their credits",
    rule: "micro_amount",
    beside: ["control_debits", "file_debits"],
    make: (lines) => {
      const header = lines.findIndex((line) => line.includes("ACCTVERIFY"));
      if (header === -1) return undefined;
      const debit = lines.findIndex((line) => /^6.7/.test(line));
      const at = { line: (find(lines, "8") ?? 0) + 1, from: 21, to: 32 };
      return { lines: change(lines, debit, 30, "0000000047"), at };
    },
  },
];

/** The same answer for every receipt number, for what one file needs. */
function books(entry: AchExpectedEntry): AchExpectations {
  return { entries: { get: () => entry } };
}

const ORIGINAL: AchOriginal = {
  sec: "POS",
  companyName: "CORNER GROCERY",
  companyId: COMPANY_ID,
  amountCents: 1_299,
};

/** What the books say of the first entry of a batch that begins like this. */
function known(
  what: string,
  rule: Mutation["rule"],
  header: RegExp,
  [from, to]: readonly [number, number],
  entry: AchExpectedEntry,
): Mutation {
  const inEntry = rule === "original_amount" || rule === "original_unknown";
  return {
    what,
    rule,
    expectations: books(entry),
    make: (lines) => {
      const at = lines.findIndex((line) => header.test(line));
      // A file of many batches holds others that the same answer contradicts.
      if (at === -1 || lines.filter((line) => line.startsWith("5")).length > 1) return undefined;
      // Prenotes are in no book.
      if (/^6.[38]/.test(lines[at + 1] ?? "")) return undefined;
      return { lines, at: { line: at + 1 + (inEntry ? 1 : 0), from, to } };
    },
  };
}

const RETRY = /^5225CORNER.{40}POSRETRY PYMT/;
const REVERSAL = /^5220CORNER.{40}POSREVERSAL/;
const LANE = /^5225CORNER.{40}POSSEQR PAY/;
const BOOKS: readonly Mutation[] = [
  known("the statement name of another payee", "statement_name", LANE, [5, 20], {
    statementName: "BAKERY",
  }),
  known("goods described as services", "channel_description", /^5.{49}WEBSEQR PAY/, [54, 63], {
    channel: "goods",
  }),
  known("services described as goods", "channel_description", /^5.{49}WEBPURCHASE/, [54, 63], {
    channel: "services",
  }),
  known("a retry of another amount", "original_amount", RETRY, [30, 39], {
    original: { ...ORIGINAL, amountCents: 1_298 },
  }),
  // The file retries three amounts, and the same answer is given for each.
  ...[
    known("a retry of another company id", "original_company", RETRY, [41, 50], {
      original: { ...ORIGINAL, companyId: "1987654321" },
    }),
    known("a retry of another payee's purchase", "statement_name", RETRY, [5, 20], {
      statementName: "BAKERY",
      original: ORIGINAL,
    }),
  ].map((one): Mutation => ({ ...one, beside: ["original_amount"] })),
  known("a retry that nothing went before", "original_unknown", RETRY, [40, 54], {}),
  known("a reversal of nothing that is known", "original_unknown", REVERSAL, [40, 54], {}),
  known("a reversal of another amount", "original_amount", REVERSAL, [30, 39], {
    original: { ...ORIGINAL, amountCents: 1_300 },
  }),
  known("a reversal of another company id", "original_company", REVERSAL, [41, 50], {
    original: { ...ORIGINAL, companyId: "1987654321" },
  }),
  known("a reversal of another company name", "original_company", REVERSAL, [5, 20], {
    original: { ...ORIGINAL, companyName: "BAKERY" },
  }),
  known("a reversal of another class", "original_sec", REVERSAL, [51, 53], {
    original: { ...ORIGINAL, sec: "WEB" },
  }),
  known("a purchase at a lane as WEB", "channel_sec", /^5.{49}WEBSEQR PAY/, [51, 53], {
    channel: "lane",
  }),
  {
    ...known("a retry of a lane's purchase as WEB", "channel_sec", /^5.{49}WEBRETRY/, [51, 53], {
      channel: "lane",
    }),
    beside: ["original_unknown"],
  },
  {
    ...known("a friend's credit of another text", "channel_description", /FRIEND/, [54, 63], {}),
    expectations: {
      ...books({ channel: "friend" }),
      channels: { friend: { sec: "WEB", description: "GIFT" } },
    },
  },
];

export const OUTSIDE: readonly Mutation[] = [...DATES, ...PROFILES, ...BATCHES, ...MICRO, ...BOOKS];
