import { describe, expect, test } from "bun:test";
import { cents } from "../../../actors/money.ts";
import { checkDigit } from "../../../actors/routing-number.ts";
import { type TraceNumber, traceNumber } from "../../../actors/trace-number.ts";
import type { Addenda } from "../../../src/rails/ach/addenda.ts";
import type { AchFileHeader } from "../../../src/rails/ach/file-header.ts";
import { AchWriteError } from "../../../src/rails/ach/write-error.ts";
import type { AchEntry } from "../../../src/rails/ach/write-rules.ts";
import { type AchBatch, writeAch, writeAchFile } from "../../../src/rails/ach/writer.ts";
import { Secret } from "../../../src/vault/secret.ts";
import { settled } from "../../failure.ts";
import * as files from "./files.ts";
import { batch, entry, head, place, returnedBatch, returnedEntry } from "./files.ts";

const FILE = [
  "101 12104288219876543212611230930A094101FIRST BANK             SEQR                           ",
  "5225CORNER GROCERY  SEQR                1987654321POSSEQR PAY        261124   1121042880000001",
  "627231380104000123456789     0000001299R-000001       ANNA KARENINA         011121042880000001",
  "702          LANE010001231122      12 MAIN STREET             DENVER         CO121042880000001",
  "82250000020023138010000000001299000000000000" +
    "1987654321                         121042880000001",
  "5225A&B             SEQR                1987654321WEBPURCHASE        261124   1121042880000002",
  "627231380104000123456789     0000000005R-000001       ANNA KARENINA         S 1121042880000007",
  "705TWO BOOKS                                                                       00010000007",
  "638231380104000123456789     0000000000R-000001       ANNA KARENINA         R 0121042880000009",
  "82250000030046276020000000000005000000000000" +
    "1987654321                         121042880000002",
  "9000002000002000000050069414030000000001304000000000000".padEnd(94),
  ...Array.from({ length: 9 }, () => "9".repeat(94)),
];

test("every column of a file is where the layout has it", async () => {
  const text: Addenda = { kind: "text", text: "TWO BOOKS" };
  const web = entry(7, { discretionary: "S", addenda: [text], amountCents: cents(5) });
  const prenote = entry(9, {
    ...{ transactionCode: "38", amountCents: cents(0), discretionary: "R", addenda: [] },
  });
  const later = { sec: "WEB", entryDescription: "PURCHASE", companyName: "A&B" };
  const bytes = await files.written([batch(), batch([web, prenote], later)]);
  expect(files.linesOf(bytes)).toEqual(FILE);
});

/** Why the writer refuses, in the words of its error. */
async function refusal(batches: Iterable<AchBatch>, header: Partial<AchFileHeader> = {}) {
  try {
    await writeAchFile({ ...files.header, ...header }, batches);
  } catch (error) {
    if (!(error instanceof AchWriteError)) throw error;
    return error.message;
  }
  return "none";
}

describe("a file header is refused for", () => {
  test.each<[Partial<AchFileHeader>, string]>([
    [{ immediateDestination: "121042883" }, "immediateDestination: check_digit"],
    [{ immediateOrigin: "12345678" }, "immediateOrigin: not_allowed"],
    [{ creationDate: "261332" }, "creationDate: not_a_date"],
    [{ creationDate: "2611" }, "creationDate: not_a_date"],
    [{ creationTime: "2460" }, "creationTime: not_a_time"],
    [{ creationTime: "" }, "creationTime: not_a_time"],
    [{ fileIdModifier: "a" }, "fileIdModifier: not_allowed"],
    [{ fileIdModifier: "" }, "fileIdModifier: not_allowed"],
    [{ destinationName: "" }, "destinationName: blank"],
    [{ originName: "" }, "originName: blank"],
    [{ destinationName: "B".repeat(24) }, "destinationName: too_long"],
    [{ originName: "SÉQR" }, "originName: not_printable_ascii"],
    [{ referenceCode: "123456789" }, "referenceCode: too_long"],
    [{ referenceCode: "1234567 " }, "referenceCode: blank_at_an_end"],
    [{ referenceCode: " 1234567" }, "referenceCode: blank_at_an_end"],
  ])("%j", async (changes, expected) => {
    expect(await refusal([batch()], changes)).toBe(`file header, ${expected}`);
  });
});

describe("a batch header is refused for", () => {
  test.each<[Partial<AchBatch["header"]>, string]>([
    [{ serviceClass: "280" }, "serviceClass: not_allowed"],
    [{ companyName: "" }, "companyName: not_allowed"],
    [{ companyName: "CORNER GROCERY 12" }, "companyName: not_allowed"],
    [{ companyName: "Corner Grocery" }, "companyName: not_allowed"],
    [{ companyName: "AB" }, "companyName: not_allowed"],
    [{ companyDiscretionaryData: "S".repeat(21) }, "companyDiscretionaryData: too_long"],
    [{ companyId: "98765432" }, "companyId: not_allowed"],
    [{ sec: "XXX" }, "sec: not_allowed"],
    [{ sec: "COR" }, "sec: not_allowed"],
    [{ entryDescription: "" }, "entryDescription: not_allowed"],
    [{ entryDescription: "retry pymt" }, "entryDescription: not_allowed"],
    [{ entryDescription: "PURCHASED IT" }, "entryDescription: too_long"],
    [{ descriptiveDate: "NOV 23\t" }, "descriptiveDate: not_printable_ascii"],
    [{ effectiveEntryDate: "" }, "effectiveEntryDate: not_a_banking_day"],
    [{ effectiveEntryDate: "261332" }, "effectiveEntryDate: not_a_banking_day"],
    // A Sunday; Thanksgiving Day.
    [{ effectiveEntryDate: "261129" }, "effectiveEntryDate: not_a_banking_day"],
    [{ effectiveEntryDate: "261126" }, "effectiveEntryDate: not_a_banking_day"],
    [{ effectiveEntryDate: "261120" }, "effectiveEntryDate: in_the_past"],
    [{ settlementDay: "328" }, "settlementDay: not_allowed"],
    [{ odfi: "1210428" }, "odfi: not_allowed"],
    [{ odfi: "1210428X" }, "odfi: not_allowed"],
    [{ odfi: "99104288" }, "odfi: not_allowed"],
  ])("%j", async (changes, expected) => {
    expect(await refusal([batch([entry()], changes)])).toBe(`batch 1: batch header, ${expected}`);
  });
});

describe("an entry is refused for", () => {
  const text: Addenda = { kind: "text", text: "TWO BOOKS" };
  test.each<[string, Partial<AchEntry>, string]>([
    ["an unknown code", { transactionCode: "20" }, "transactionCode: not_allowed"],
    ["a ledger account", { transactionCode: "47" }, "transactionCode: not_allowed"],
    ["a loan account", { transactionCode: "55" }, "transactionCode: not_allowed"],
    ["the code of a return", { transactionCode: "26" }, "transactionCode: not_allowed"],
    ["a remittance", { transactionCode: "29" }, "transactionCode: not_allowed"],
    ["a credit among debits", { transactionCode: "22" }, "transactionCode: against_class"],
    ["a wrong check digit", { routingNumber: "231380105" }, "routingNumber: check_digit"],
    ["an account of 18", { accountNumber: new Secret("1".repeat(18)) }, ACCOUNT],
    ["no account", { accountNumber: new Secret("") }, ACCOUNT],
    ["a blank in the account", { accountNumber: new Secret("12 34") }, ACCOUNT],
    ["an account in lower case", { accountNumber: new Secret("12ab") }, ACCOUNT],
    ["no money", { amountCents: cents(0) }, "amount: zero_amount"],
    ["less than none", { amountCents: cents(-1) }, "amount: zero_amount"],
    ["eleven digits", { amountCents: cents(10_000_000_000) }, "amount: does_not_fit"],
    ["a prenote with money", { transactionCode: "28" }, "amount: prenote_with_amount"],
    ["a long receipt number", { individualId: "R".repeat(16) }, "individualId: too_long"],
    ["no receipt number", { individualId: "" }, "individualId: blank"],
    ["no name", { individualName: new Secret("") }, "individualName: blank"],
    ["a blank name", { individualName: new Secret("  ") }, "individualName: blank"],
    ["a long name", { individualName: new Secret("A".repeat(23)) }, "individualName: too_long"],
    ["a tab in the name", { individualName: new Secret("A\tB") }, NAME],
    ["an accent in the name", { individualName: new Secret("JOSÉ") }, NAME],
    ["no card transaction type", { discretionary: "" }, "discretionary: not_allowed"],
    ["POS without place", { addenda: [] }, "addenda: addenda_missing"],
    ["POS with a text", { addenda: [text] }, "addenda: addenda_not_allowed"],
    ["POS with two places", { addenda: [place, place] }, "addenda: addenda_not_allowed"],
    ["another bank's trace", { traceNumber: traceNumber("02100002", 1) }, TRACE_ODFI],
    ["letters in the trace", { traceNumber: "12104288000000A" as TraceNumber }, TRACE_DIGITS],
  ])("%s", async (_, changes, expected) => {
    const message = `entry 1 of batch 1: entry, ${expected}`;
    expect(await refusal([batch([entry(1, changes)])])).toBe(message);
  });

  test.each<[string, string, Partial<AchEntry>, string]>([
    ["WEB", "no payment type", { discretionary: "" }, "discretionary: not_allowed"],
    ["WEB", "payment type Q", { discretionary: "Q" }, "discretionary: not_allowed"],
    ["WEB", "two texts", { discretionary: "S", addenda: [text, text] }, NO_ADDENDA],
    ["WEB", "a place", { discretionary: "S", addenda: [place] }, NO_ADDENDA],
    ["PPD", "a text", { discretionary: "", addenda: [text] }, NO_ADDENDA],
    ["PPD", "a payment type", { discretionary: "S" }, "discretionary: not_allowed"],
    ["CCD", "a place", { discretionary: "", addenda: [place] }, NO_ADDENDA],
    ["CCD", "a return", { discretionary: "", addenda: returnedEntry().addenda }, NO_ADDENDA],
  ])("%s with %s", async (sec, _, changes, expected) => {
    const message = `entry 1 of batch 1: entry, ${expected}`;
    expect(await refusal([batch([entry(1, { addenda: [], ...changes })], { sec })])).toBe(message);
  });

  test("a debit among credits", async () => {
    expect(await refusal([batch([entry()], { serviceClass: "220" })])).toContain("against_class");
    const back = entry(2, { transactionCode: "22" });
    expect(await refusal([batch([entry(), back], { serviceClass: "200" })])).toBe("none");
    const alone = await refusal([batch([entry()], { serviceClass: "200" })]);
    expect(alone).toBe("batch 1: batch, serviceClass: against_class");
  });

  test("more than a million dollars on the same day", async () => {
    const large = entry(1, { amountCents: cents(100_000_001) });
    const sameDay = { effectiveEntryDate: "261123" };
    expect(await refusal([batch([large], sameDay)])).toContain("amount: same_day_maximum");
    expect(await refusal([batch([large])])).toBe("none");
    const most = entry(1, { amountCents: cents(100_000_000) });
    expect(await refusal([batch([most], sameDay)])).toBe("none");
  });
});

const ACCOUNT = "accountNumber: not_allowed";
const NAME = "individualName: not_printable_ascii";
const TRACE_ODFI = "traceNumber: trace_not_of_odfi";
const TRACE_DIGITS = "traceNumber: not_digits";
const NO_ADDENDA = "addenda: addenda_not_allowed";

describe("an addenda is refused for", () => {
  test.each<[Partial<typeof place>, string]>([
    [{ terminalId: "" }, "terminalId: not_allowed"],
    [{ terminalId: "LANE1" }, "terminalId: not_allowed"],
    [{ terminalId: "LANE001" }, "terminalId: not_allowed"],
    [{ serialNumber: "" }, "serialNumber: blank"],
    [{ location: " " }, "location: blank"],
    [{ city: "" }, "city: blank"],
    [{ city: "C".repeat(16) }, "city: too_long"],
    [{ state: "Co" }, "state: not_allowed"],
    [{ purchaseDate: "1131" }, "purchaseDate: not_a_date"],
    [{ reference1: "12345678" }, "reference1: too_long"],
  ])("%j", async (changes, expected) => {
    const spoilt = entry(1, { addenda: [{ ...place, ...changes }] });
    const message = `entry 1 of batch 1: addenda 702, ${expected}`;
    expect(await refusal([batch([spoilt])])).toBe(message);
  });

  test("a text that is blank, long, or no ASCII", async () => {
    for (const [text, expected] of [
      ["", "blank"],
      ["T".repeat(81), "too_long"],
      ["TWO\nBOOKS", "not_printable_ascii"],
    ] as const) {
      const spoilt = entry(1, { addenda: [{ kind: "text", text }], discretionary: "S" });
      expect(await refusal([batch([spoilt], { sec: "WEB" })])).toEndWith(`text: ${expected}`);
    }
  });
});

describe("a return is refused for", () => {
  test.each<[string, AchEntry, string]>([
    ["a live code", returnedEntry(1, [{}], { transactionCode: "27" }), "transactionCode"],
    ["no record", returnedEntry(1, []), "addenda: addenda_missing"],
    ["a place", returnedEntry(1, [{}], { addenda: [place] }), NO_ADDENDA],
    ["a foreign trace", returnedEntry(1, [{ traceNumber: traceNumber("02100002", 1) }]), "trace"],
    ["no code", returnedEntry(1, [{ code: "" }]), "code: not_allowed"],
    ["the code of a contest", returnedEntry(1, [{ code: "R71" }]), "code: not_allowed"],
    ["a death without its code", returnedEntry(1, [{ dateOfDeath: "261101" }]), "dateOfDeath"],
    ["no date of death", returnedEntry(1, [{ code: "R15", dateOfDeath: "2611" }]), "not_a_date"],
  ])("%s", async (_, spoilt, expected) => {
    expect(await refusal([returnedBatch([spoilt])])).toContain(expected);
  });

  test("money in a notification of change", async () => {
    const trace = traceNumber(files.ODFI, 1);
    const addenda: Addenda[] = [
      {
        kind: "correction",
        changeCode: "C01",
        originalTrace: trace,
        originalRdfi: "23138010",
        correctedData: new Secret("123"),
        traceNumber: trace,
      },
    ];
    const change = returnedEntry(1, [], { addenda });
    expect(await refusal([returnedBatch([change], { sec: "COR" })])).toEndWith("not_allowed");
    const zero = { ...change, amountCents: cents(0) };
    expect(await refusal([returnedBatch([zero], { sec: "COR" })])).toBe("none");
    expect(await refusal([returnedBatch([zero])])).toContain(NO_ADDENDA);
  });
});

describe("the whole", () => {
  test("has batches, and they have entries", async () => {
    expect(await refusal([])).toBe("file, batches: empty_file");
    expect(await refusal([batch(), batch([])])).toBe("batch 2: batch, entries: empty_batch");
  });

  test("comes from one bank", async () => {
    const odfi = "02100002";
    const other = batch([entry(1, { traceNumber: traceNumber(odfi, 1) })], { odfi });
    const message = "batch 2: batch header, odfi: another_bank";
    expect(await refusal([batch(), other])).toBe(message);
    // Unlike what banks send back.
    const back = returnedEntry(1, [{ traceNumber: traceNumber(odfi, 1) }]);
    const theirs = { ...back, traceNumber: traceNumber(odfi, 1) };
    expect(await refusal([returnedBatch(), returnedBatch([theirs], { odfi })])).toBe("none");
  });

  test("bears the sender's name in a credit between people", async () => {
    const credit = entry(1, { transactionCode: "22", discretionary: "S", addenda: [] });
    const friends = { sec: "WEB", serviceClass: "220", companyName: "Sean O'Brien" };
    expect(await refusal([batch([credit], friends)])).toBe("none");
    expect(await refusal([batch([credit], { ...friends, companyId: "SEAN" })])).toBe("none");
    expect(await refusal([batch([credit], { ...friends, companyName: "" })])).toContain("company");
    const debit = { ...friends, serviceClass: "225" };
    expect(await refusal([batch([entry(1)], debit)])).toContain("companyName: not_allowed");
  });

  test("has traces that ascend in each batch", async () => {
    const place = "entry 2 of batch 1: entry, traceNumber: trace_not_ascending";
    expect(await refusal([batch([entry(2), entry(2)])])).toBe(place);
    expect(await refusal([batch([entry(2), entry(1)])])).toBe(place);
    expect(await refusal([batch([entry(2)]), batch([entry(1)])])).toBe("none");
  });

  test("goes on in another batch when the trace sequence begins again", async () => {
    const [last, first] = [9_999_999, 0];
    expect(await refusal([batch([entry(last), entry(first)])])).toContain("trace_not_ascending");
    expect(await refusal([batch([entry(last)]), batch([entry(first), entry(1)])])).toBe("none");
  });
});

describe("a file", () => {
  test("has at most 999,999 entries and addenda in a batch", async () => {
    function* many(count: number): Generator<AchEntry> {
      for (let at = 0; at < count; at++) yield entry(at, { addenda: [], discretionary: "" });
    }
    const header = head({ sec: "PPD" });
    const stream = writeAch(files.header, [{ kind: "originated", header, entries: many(1e6) }]);
    let bytes = 0;
    const drain = async () => {
      for await (const chunk of stream) bytes += chunk.length;
    };
    expect(await settled(drain())).toThrow("entry 1000000 of batch 1: batch, entriesAndAddenda");
    expect(bytes).toBeGreaterThan(94_000_000);
  }, 60_000);

  test("keeps the low ten digits of the hash", async () => {
    // 150 banks of 72999999 are 10,949,999,850: eleven digits.
    const routingNumber = `72999999${checkDigit("72999999")}`;
    const entries = Array.from({ length: 150 }, (_, at) => entry(at, { routingNumber }));
    const { written } = await writeAchFile(files.header, [batch(entries)]);
    expect(written.control.hash).toBe(949_999_850);
    const twice = await writeAchFile(files.header, [batch(entries), batch(entries)]);
    expect(twice.written.control.hash).toBe(1_899_999_700);
  });

  test("is one block or more of ten lines, with CRLF where the bank wants it", async () => {
    const six = await writeAchFile(files.header, [batch()], "CRLF");
    expect(six.written).toMatchObject({ lines: 10, entries: 1, bytes: 960 });
    // Ten lines fill a block: no padding. Eleven need two.
    const ten = await writeAchFile(files.header, [batch([entry(1), entry(2), entry(3)])]);
    expect([ten.written.lines, ten.written.control.blocks]).toEqual([10, 1]);
    const more = [batch([entry(1)]), batch([entry(2), entry(3)])];
    const twelve = await writeAchFile(files.header, more);
    expect([twelve.written.lines, twelve.written.control.blocks]).toEqual([20, 2]);
  });

  test("takes its batches and entries as they come", async () => {
    async function* slowly<T>(all: Iterable<T>): AsyncGenerator<T> {
      for (const one of all) {
        await Promise.resolve();
        yield one;
      }
    }
    const direct = await files.written([batch([entry(1), entry(2)])]);
    const streamed = await files.written(slowly([batch(slowly([entry(1), entry(2)]))]));
    expect(streamed).toEqual(direct);
  });
});

test("no refusal names a value", async () => {
  const account = "1234567890123456789";
  const secret = entry(1, { accountNumber: new Secret(account) });
  expect(await refusal([batch([secret])])).not.toContain(account);
  const name = "A NAME THAT IS MUCH TOO LONG";
  expect(await refusal([batch([entry(1, { individualName: new Secret(name) })])])).not.toContain(
    "NAME THAT",
  );
  expect(JSON.stringify(secret)).not.toContain(account);
});
