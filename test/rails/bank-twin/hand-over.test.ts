import { describe, expect, test } from "bun:test";
import { achFileId } from "../../../actors/ach-file.ts";
import {
  addBankingDays,
  addDays,
  type BankDate,
  instantOf,
} from "../../../actors/banking-calendar.ts";
import { checkAch } from "../../../src/rails/ach-check/check.ts";
import { BANK, bytesOf, type FileWish, fileOf, linesOf } from "./file-maker.ts";
import { FRIDAY, MONDAY, Rig, START_MS, TUESDAY, WEDNESDAY } from "./rig.ts";

const NAME = achFileId(MONDAY, "A");
/** Lines: 1 header, 2-5 a batch of two, 6-9 a batch of one with its addenda, 10 control. */
const WISH: FileWish = {
  nowMs: START_MS,
  batches: [{ entries: [{}, { code: "22", cents: 700 }] }, { sec: "POS", entries: [{ cents: 5 }] }],
};
const LINES = linesOf(WISH);

/** A line (from 1) with another text from a column (from 1) on. */
function put(line: number, column: number, text: string): readonly string[] {
  return LINES.map((old, at) => {
    if (at + 1 !== line) return old;
    return old.slice(0, column - 1) + text + old.slice(column - 1 + text.length);
  });
}

async function verdictOn(bytes: Uint8Array) {
  const rig = new Rig();
  const outcome = await rig.bank.handOver(NAME, [bytes]);
  const [file] = rig.bank.books().files;
  return { outcome, fault: file?.fault };
}

describe("a good file", () => {
  test("is one to our own checker, too", () => {
    const wide = linesOf({
      nowMs: START_MS,
      batches: [
        ...WISH.batches.slice(1),
        { sec: "PPD", description: "REFUND", entries: [{ code: "22" }] },
      ],
    });
    expect(checkAch(bytesOf(wide)).findings).toEqual([]);
  });

  test.each(["\n", "\r\n"])("is accepted with lines that end with %j", async (ending) => {
    expect(await verdictOn(bytesOf(LINES, ending))).toEqual({ outcome: "accepted", fault: null });
  });

  test("is acknowledged ten minutes later, and settled at 08:30 of its date", async () => {
    const rig = new Rig();
    const { name, outcome } = await rig.send(WISH.batches);
    expect(outcome).toBe("accepted");
    rig.clock.advance(600_000 - 1);
    expect(await rig.bank.inbound()).toEqual([]);
    rig.clock.advance(1);
    const told = { kind: "acknowledgement", id: "bank_000001", fileName: name, outcome };
    expect((await rig.take()) as unknown).toEqual([told]);
    rig.clock.advanceTo(instantOf(TUESDAY, 8, 30) - 1);
    expect(await rig.bank.inbound()).toEqual([]);
    expect(rig.bank.books()).toMatchObject({ balanceCents: 0, movements: [] });
    rig.clock.advance(1);
    const amounts = { fileName: name, debitCents: 1_304, creditCents: 700 };
    expect((await rig.take()) as unknown).toEqual([
      { kind: "statement", id: "bank_000002", date: TUESDAY, lines: [amounts] },
    ]);
    const movement = { kind: "settled", on: TUESDAY, ...amounts };
    expect(rig.bank.books()).toMatchObject({ balanceCents: 604, movements: [movement] });
  });

  test("of prenotes alone has a line of nothing", async () => {
    const rig = new Rig();
    const { name } = await rig.sendEntries({ code: "28", cents: 0 });
    rig.openingOf(TUESDAY);
    const [, statement] = await rig.take();
    const lines = [{ fileName: name, debitCents: 0, creditCents: 0 }];
    expect(statement as unknown).toMatchObject({ kind: "statement", lines });
  });

  test("stands with others of its day in one statement, and of two days in two", async () => {
    const rig = new Rig();
    const first = await rig.sendEntries({ cents: 100 });
    const entries = [{ cents: 30 }];
    const second = await rig.send([{ entries }, { entries, effectiveOn: WEDNESDAY }, { entries }]);
    rig.openingOf(WEDNESDAY);
    const items = await rig.take();
    const statements = items.flatMap((item) => (item.kind === "statement" ? [item.lines] : []));
    const line = (fileName: string, debitCents: number) => ({
      fileName,
      debitCents,
      creditCents: 0,
    });
    expect(statements as unknown).toEqual([
      [line(first.name, 100), line(second.name, 60)],
      [line(second.name, 30)],
    ]);
  });
});

/** One character, and two bytes in a line of 94. */
const UMLAUT = `${LINES[2]?.slice(0, 59)}\u00fc${LINES[2]?.slice(61)}`;

// biome-ignore format: a table is read by its columns.
const FAULTS: readonly (readonly [reason: string, line: number, lines: readonly string[]])[] = [
  ["file_ends_early", 1, []],
  ["line_length", 1, LINES.map((line) => line.slice(1))],
  ["line_length", 4, LINES.map((line, at) => (at === 3 ? line.slice(0, 93) : line))],
  ["not_printable", 3, put(3, 60, "\t")],
  ["not_printable", 3, LINES.with(2, UMLAUT)],
  ["record_order", 1, LINES.slice(1)],
  ["priority_code", 1, put(1, 2, "02")],
  ["destination", 1, put(1, 5, "021000021")],
  ["origin", 1, put(1, 14, " ".repeat(10))],
  ["date", 1, put(1, 24, "261332")],
  ["file_id_modifier", 1, put(1, 34, "a")],
  ["record_form", 1, put(1, 35, "095")],
  ["service_class", 2, put(2, 2, "210")],
  ["company_name", 2, put(2, 5, " ".repeat(16))],
  ["entry_class", 2, put(2, 51, "IAT")],
  ["entry_description", 2, put(2, 54, " ".repeat(10))],
  ["date", 2, put(2, 70, "      ")],
  ["effective_date", 2, put(2, 70, "261122")],
  ["effective_date", 6, put(6, 70, "261126")],
  ["settlement_day", 2, put(2, 76, "328")],
  ["originator_status", 2, put(2, 79, "2")],
  ["odfi", 2, put(2, 80, "02100002")],
  ["batch_number", 6, put(6, 88, "0000003")],
  ["empty_batch", 2, LINES.filter((line) => line[0] !== "6")],
  ["transaction_code", 3, put(3, 2, "26")],
  ["against_service_class", 4, put(2, 2, "225")],
  ["against_service_class", 3, put(2, 2, "220")],
  ["bank_number", 3, put(3, 12, "2")],
  ["account_number", 3, put(3, 13, " ")],
  ["account_number", 3, put(3, 24, "?")],
  ["amount", 3, put(3, 30, "0000000000")],
  ["amount", 3, put(3, 2, "28")],
  ["not_a_number", 3, put(3, 30, "000000001A")],
  ["individual_name", 3, put(3, 55, " ".repeat(22))],
  ["trace", 3, put(3, 80, "02100002")],
  ["trace", 3, put(3, 94, " ")],
  ["trace_order", 4, put(4, 88, "0000001").with(2, put(3, 88, "0000002")[2] ?? "")],
  ["trace_twice", 7, put(7, 88, "0000002")],
  ["addenda_flag", 7, put(7, 79, "0")],
  ["addenda_type", 8, put(8, 2, "05")],
  ["addenda_trace", 8, put(8, 94, "4")],
  ["control_service_class", 5, put(5, 2, "225")],
  ["entry_count", 5, put(5, 5, "000003")],
  ["hash", 5, put(5, 11, "0000000001")],
  ["debit_total", 5, put(5, 21, "000000001298")],
  ["credit_total", 5, put(5, 33, "000000000701")],
  ["control_company_id", 5, put(5, 45, "1123456780")],
  ["control_batch", 5, put(5, 88, "0000002")],
  ["record_order", 6, LINES.toSpliced(5, 0, LINES[2] ?? "")],
  ["batch_count", 10, put(10, 2, "000003")],
  ["block_count", 10, put(10, 8, "000002")],
  ["entry_count", 10, put(10, 14, "00000005")],
  ["hash", 10, put(10, 22, "0000000001")],
  ["debit_total", 10, put(10, 32, "000000001303")],
  ["credit_total", 10, put(10, 44, "000000000701")],
  ["file_ends_early", 10, LINES.slice(0, 9)],
  ["after_the_end", 10, [...LINES, "9".repeat(94)]],
  ["empty_file", 2, [LINES[0] ?? "", "9".padEnd(94)]],
];

describe("a file is rejected", () => {
  test("by the lines of this file", () => {
    expect(LINES.map((line) => line[0]).join("")).toBe("1566856789");
  });

  test.each(FAULTS)("%s in line %d", async (reason, line, lines) => {
    expect(await verdictOn(new TextEncoder().encode(lines.join("\n")))).toEqual({
      outcome: "rejected",
      fault: { line, reason },
    });
  });

  test("padding that is cut short or no nines", async () => {
    const lines = linesOf({ nowMs: START_MS, batches: [{ entries: [{}] }] });
    const fault = (line: number, reason: string) => ({ fault: { line, reason } });
    expect(await verdictOn(bytesOf(lines.slice(0, 9)))).toMatchObject(fault(10, "file_ends_early"));
    const eights = lines.with(6, `9${"8".repeat(93)}`);
    expect(await verdictOn(bytesOf(eights))).toMatchObject(fault(7, "padding"));
  });

  test("and acknowledged so, and nothing of it is settled or answered", async () => {
    const rig = new Rig();
    const lines = linesOf({
      nowMs: START_MS,
      batches: [{ entries: [{ account: "9990000002" }] }],
    });
    await rig.bank.handOver(NAME, [bytesOf(lines.with(0, `${lines[0]?.slice(0, 93)}?`))]);
    await rig.bank.handOver(achFileId(MONDAY, "B"), [bytesOf(lines.slice(1))]);
    rig.openingOf(FRIDAY);
    const acknowledged = (await rig.take()).filter(({ kind }) => kind === "acknowledgement");
    expect(acknowledged).toMatchObject([
      { fileName: NAME, outcome: "accepted" },
      { fileName: "ach_20261123_B", outcome: "rejected" },
    ]);
    expect(rig.bank.books().movements.map(({ fileName }) => fileName)).toEqual([NAME, NAME]);
  });

  test("whatever bytes it has", async () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(950), new Uint8Array(950).fill(0xff)]) {
      expect((await verdictOn(bytes)).outcome).toBe("rejected");
    }
  });
});

describe("dates", () => {
  const sendOn = async (atMs: number, effectiveOn: BankDate) => {
    const rig = new Rig();
    rig.clock.advanceTo(atMs);
    const { outcome } = await rig.send([{ effectiveOn, entries: [{}] }]);
    return { rig, outcome };
  };

  test("today is taken until 16:45 and settles at 18:00", async () => {
    const { rig, outcome } = await sendOn(instantOf(TUESDAY, 16, 45), TUESDAY);
    expect(outcome).toBe("accepted");
    rig.clock.advanceTo(instantOf(TUESDAY, 18) - 1);
    expect(rig.bank.books().balanceCents as number).toBe(0);
    rig.clock.advance(1);
    expect(rig.bank.books().balanceCents as number).toBe(1_299);
    expect((await sendOn(instantOf(TUESDAY, 16, 45) + 1, TUESDAY)).outcome).toBe("rejected");
  });

  test("08:30 is New York's in winter and in summer", async () => {
    for (const [day, hour] of [
      ["2027-03-12", 13],
      ["2027-03-15", 12],
    ] as const) {
      const date = day as BankDate;
      const { rig } = await sendOn(instantOf(addDays(date, -1), 12), date);
      rig.clock.advanceTo(Date.UTC(2027, 2, Number(day.slice(8)), hour, 30) - 1);
      expect(rig.bank.books().balanceCents as number).toBe(0);
      rig.clock.advance(1);
      expect(rig.bank.books().balanceCents as number).toBe(1_299);
    }
  });

  test("a return over Thanksgiving comes on the second banking day", async () => {
    const { rig } = await sendOn(START_MS, WEDNESDAY);
    await rig.send([{ effectiveOn: WEDNESDAY, entries: [{ account: "9990000001" }] }]);
    rig.openingOf(FRIDAY);
    expect(await rig.takeAnswers()).toEqual([]);
    rig.openingOf(addBankingDays(WEDNESDAY, 2));
    expect(await rig.takeAnswers()).toHaveLength(1);
  });
});

describe("a file is taken once", () => {
  test("under its name: a second time is counted, and answered like the first", async () => {
    const rig = new Rig();
    const { name, bytes } = await rig.sendEntries({ account: "9990000002" });
    const other = fileOf({ nowMs: START_MS, modifier: "B", from: 9, batches: [{ entries: [{}] }] });
    expect(await rig.bank.handOver(name, [bytes])).toBe("accepted");
    expect(await rig.bank.handOver(name, [other.bytes])).toBe("accepted");
    rig.openingOf(FRIDAY);
    expect(rig.bank.books().duplicates).toBe(2);
    expect(rig.bank.books().movements).toHaveLength(2);
    const kinds = (await rig.take()).map(({ kind }) => kind);
    expect(kinds).toEqual(["acknowledgement", "statement", "returns"]);
  });

  test("also when it was rejected", async () => {
    const rig = new Rig();
    const { name, bytes } = fileOf(WISH);
    expect(await rig.bank.handOver(name, [new Uint8Array(1)])).toBe("rejected");
    expect(await rig.bank.handOver(name, [bytes])).toBe("rejected");
    expect(rig.bank.books().duplicates).toBe(1);
  });

  test("under its origin, date and modifier", async () => {
    const rig = new Rig();
    await rig.bank.handOver(NAME, [fileOf(WISH).bytes]);
    const again = fileOf({ ...WISH, from: 9 });
    expect(await rig.bank.handOver(achFileId(MONDAY, "B"), [again.bytes])).toBe("rejected");
    expect(rig.bank.books().files[1]?.fault).toEqual({ line: 1, reason: "file_repeated" });
    expect(rig.bank.books().duplicates).toBe(0);
  });

  test("under the traces of its batches, for 75 days", async () => {
    const rig = new Rig();
    const send = async () => (await rig.send(WISH.batches, { from: 1 })).outcome;
    expect(await send()).toBe("accepted");
    expect(await send()).toBe("rejected");
    expect(rig.bank.books().files[1]?.fault).toEqual({ line: 2, reason: "batch_repeated" });
    rig.clock.advanceTo(instantOf(addDays(MONDAY, 75), 12));
    expect(await send()).toBe("rejected");
    rig.clock.advanceTo(instantOf(addDays(MONDAY, 76), 12));
    expect(await send()).toBe("accepted");
  });
});

test("items stay until they are taken, and are a hundred at once", async () => {
  const rig = new Rig();
  for (let file = 0; file < 26; file++) await rig.sendEntries({ account: "9990000002" });
  for (let day = MONDAY; (await rig.bank.inbound()).length < 100; day = addBankingDays(day, 1)) {
    rig.clock.advanceTo(instantOf(day, 17));
    for (let file = 0; file < 26; file++) await rig.sendEntries({ account: "9990000002" });
  }
  const before = await rig.bank.inbound();
  expect(await rig.bank.inbound()).toEqual(before);
  const [first, second] = before;
  await rig.bank.taken(second?.id ?? "");
  await rig.bank.taken(second?.id ?? "");
  await rig.bank.taken("bank_999999");
  const after = await rig.bank.inbound();
  expect(after.slice(0, 99)).toEqual([first, ...before.slice(2)].flatMap((item) => item ?? []));
  const all = await rig.take();
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
});

test("the bytes given are a copy", async () => {
  const rig = new Rig();
  await rig.sendEntries({ account: "9990000002" });
  rig.openingOf(WEDNESDAY);
  const bytesNow = async () => {
    const returns = (await rig.bank.inbound()).find(({ kind }) => kind === "returns");
    return returns?.kind === "returns" ? returns.bytes : new Uint8Array(0);
  };
  (await bytesNow()).fill(0);
  expect(new TextDecoder().decode(await bytesNow())).toContain(`101 ${BANK}`);
});
