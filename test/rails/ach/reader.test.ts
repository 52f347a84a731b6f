import { describe, expect, test } from "bun:test";
import { cents } from "../../../actors/money.ts";
import { traceNumber } from "../../../actors/trace-number.ts";
import type { Addenda } from "../../../src/rails/ach/addenda.ts";
import { readForward, scanAch } from "../../../src/rails/ach/reader.ts";
import { ACH_LIMITS } from "../../../src/rails/ach/scan.ts";
import { Secret } from "../../../src/vault/secret.ts";
import { plain } from "./arbitraries.ts";
import * as files from "./files.ts";
import { batch, bytesOf, entry, linesOf, returnedBatch, returnedEntry } from "./files.ts";
import { faultsOf, inbound } from "./samples.ts";

const forward = await files.written([batch([entry(1), entry(2)])]);
const lines = linesOf(forward);
const join = (all: readonly string[], end = "\n") => bytesOf(all.map((one) => one + end).join(""));

/** The lines with columns (counted from 1) of one of them written over. */
function spoil(all: readonly string[], line: number, first: number, text: string): string[] {
  return all.map((one, at) =>
    at === line - 1 ? one.slice(0, first - 1) + text + one.slice(first - 1 + text.length) : one,
  );
}

describe("a forward file is whole", () => {
  const trimmed = lines.map((line) => line.trimEnd());
  test.each<[string, Uint8Array]>([
    ["with LF", forward],
    ["with CRLF", join(lines, "\r\n")],
    ["without a final line end", bytesOf(lines.join("\n"))],
    ["without any line end", bytesOf(lines.join(""))],
    ["without any line end but a final one", bytesOf(`${lines.join("")}\r\n`)],
    ["without any line end and without padding", bytesOf(lines.slice(0, 8).join("").trimEnd())],
    ["with short lines", join(trimmed)],
    ["with blanks behind its lines", join(lines.map((line) => line + " ".repeat(300)))],
    ["without padding", join(lines.slice(0, 8))],
    ["with short padding", join([...lines.slice(0, 8), "999"])],
    ["with blank lines at its end", join([...lines, "", "   "])],
  ])("%s", async (_, bytes) => {
    expect(await faultsOf(bytes)).toEqual([]);
    const result = await readForward([bytes]);
    if (result.kind === "refused") throw new Error("refused");
    const entries = result.file.batches.flatMap((one) => one.entries);
    expect(plain(entries)).toEqual(plain([entry(1), entry(2)]));
  });
});

const spoilt = (line: number, first: number, text: string) => join(spoil(lines, line, first, text));
const without = (line: number) => join(lines.filter((_, at) => at !== line - 1));
/** In two lines at once, so that header and control still agree. */
function both(line: number, other: number, text: string): Uint8Array {
  return join(spoil(spoil(lines, line, 2, text), other, 2, text));
}

function latin1(line: number, column: number): Uint8Array {
  const bytes = Uint8Array.from(forward);
  bytes[(line - 1) * 95 + column - 1] = 0xe9;
  return bytes;
}

function utf8(line: number, column: number): Uint8Array {
  return join(spoil(lines, line, column, "É"));
}

type Refused = readonly [name: string, bytes: Uint8Array, faults: readonly string[]];

const REFUSED: readonly Refused[] = [
  ["another priority", spoilt(1, 2, "02"), ["1, 2-3, priorityCode: not_the_constant"]],
  [
    "a destination's check digit",
    spoilt(1, 13, "3"),
    ["1, 4-13, immediateDestination: check_digit"],
  ],
  ["a date of no day", spoilt(1, 24, "261332"), ["1, 24-29, creationDate: not_a_date"]],
  ["letters in the date", spoilt(1, 24, "26NOV3"), ["1, 24-29, creationDate: not_digits"]],
  ["an unknown class", both(2, 7, "280"), ["2, 2-4, serviceClass: unknown_service_class"]],
  ["an international batch", spoilt(2, 51, "IAT"), ["2, 51-53, sec: layout_not_supported"]],
  [
    "an effective date of no day",
    spoilt(2, 70, "261332"),
    ["2, 70-75, effectiveEntryDate: not_a_date"],
  ],
  ["letters in the ODFI", spoilt(2, 80, "1210428X"), ["2, 80-87, odfi: not_digits"]],
  [
    "an unknown transaction code",
    spoilt(3, 2, "25"),
    ["3, 2-3, transactionCode: unknown_transaction_code"],
  ],
  ["a check digit", spoilt(3, 12, "5"), ["3, 12-12, checkDigit: check_digit, expected 4"]],
  [
    "an amount",
    spoilt(3, 30, "0000001300"),
    [
      "7, 21-32, debitCents: total_differs, expected 2599",
      "8, 32-43, debitCents: total_differs, expected 2599",
    ],
  ],
  [
    "blanks before an amount",
    spoilt(3, 30, "      1299"),
    [
      "3, 30-39, amount: not_digits",
      "7, 21-32, debitCents: total_differs, expected 1299",
      "8, 32-43, debitCents: total_differs, expected 1299",
    ],
  ],
  [
    "a bank",
    spoilt(3, 4, "021000021"),
    [
      "7, 11-20, hash: total_differs, expected 25238012",
      "8, 22-31, hash: total_differs, expected 25238012",
    ],
  ],
  [
    "a trace of another bank",
    spoilt(3, 80, "02100002"),
    [
      "3, 80-87, traceNumber: trace_not_of_odfi, expected 12104288",
      "4, 80-94, traceNumber: addenda_trace, expected 021000020000001",
    ],
  ],
  ["an addenda flag", spoilt(3, 79, "0"), ["3, 79-79, addendaFlag: addenda_flag, expected 1"]],
  ["an unknown addenda", spoilt(4, 1, "710"), ["4, 2-3, addendaType: unknown_addenda_type"]],
  [
    "a batch count",
    spoilt(7, 5, "000005"),
    ["7, 5-10, entriesAndAddenda: total_differs, expected 4"],
  ],
  [
    "a company id",
    spoilt(7, 45, "1987654322"),
    ["7, 45-54, companyId: header_differs, expected 1987654321"],
  ],
  [
    "a batch number",
    spoilt(7, 88, "0000002"),
    ["7, 88-94, batchNumber: header_differs, expected 1"],
  ],
  ["a count of batches", spoilt(8, 2, "000002"), ["8, 2-7, batches: total_differs, expected 1"]],
  ["a count of blocks", spoilt(8, 8, "000002"), ["8, 8-13, blocks: total_differs, expected 1"]],
  ["a tab", spoilt(3, 60, "\t"), ["3, 55-76, individualName: not_printable_ascii"]],
  ["a tab where nothing is", spoilt(7, 60, "\t"), ["7, 60-60, record: not_printable_ascii"]],
  ["an accent in Latin-1", latin1(3, 60), ["3, 55-76, individualName: not_printable_ascii"]],
  ["an accent in UTF-8", utf8(3, 60), ["3, 55-76, individualName: not_printable_ascii"]],
  ["no file header", without(1), ["1, 1-94, record: file_header_missing"]],
  ["no batch header", without(2), ["2, 1-94, record: batch_header_missing"]],
  ["no batch control", without(7), ["7, 1-94, record: batch_control_missing"]],
  ["no file control", join(lines.slice(0, 7)), ["7, 1-94, record: file_control_missing"]],
  [
    "nothing in it",
    new Uint8Array(0),
    ["1, 1-94, record: file_header_missing", "1, 1-94, record: file_control_missing"],
  ],
  [
    "a record of no type",
    join([...lines.slice(0, 2), "X".repeat(94), ...lines.slice(2)]),
    ["3, 1-1, record: unknown_record_type"],
  ],
  [
    "an addenda without its entry",
    join([...lines.slice(0, 2), ...lines.slice(3)]),
    ["3, 1-94, record: entry_missing"],
  ],
  [
    "a blank line",
    join([...lines.slice(0, 2), "", ...lines.slice(2)]),
    ["3, 1-94, record: blank_line"],
  ],
  [
    "a line that is too long",
    join([`${lines[0]}X`, ...lines.slice(1)]),
    ["1, 95-95, record: unknown_record_type", "1, 95-188, record: line_length"],
  ],
  [
    "another long line",
    join([...lines.slice(0, 2), `${lines[2]}7`, ...lines.slice(3)]),
    ["3, 95-188, record: line_length"],
  ],
  [
    "something behind its control",
    join([...lines.slice(0, 8), lines[1] ?? ""]),
    ["9, 1-94, record: after_file_control"],
  ],
  ["a second file", join([...lines, ...lines]), ["11, 1-94, record: second_file"]],
];

test.each(REFUSED)(
  "a forward file is refused, with the place, for %s",
  async (_, bytes, expected) => {
    const faults = await faultsOf(bytes);
    expect(faults.slice(0, expected.length)).toEqual([...expected]);
  },
);

const R09 = { code: "R09", information: "UNCOLLECTED" };
const three = [returnedEntry(1), returnedEntry(2, [R09]), returnedEntry(3)];

async function spoiltReturns(line: number, first: number, text: string) {
  return inbound(
    join(spoil(linesOf(await files.written([returnedBatch(three)])), line, first, text)),
  );
}

const originals = ({ of }: Awaited<ReturnType<typeof inbound>>) =>
  of("return").map(({ records }) => Number(records[0].originalTrace?.slice(8)));

describe("of an inbound file", () => {
  test("entries are kept whose amount or account cannot be read", async () => {
    for (const [first, field] of [
      [30, "amountCents"],
      [13, "accountNumber"],
      [80, "traceNumber"],
      [4, "routingNumber"],
    ] as const) {
      const file = await spoiltReturns(3, first, "\u0001");
      expect(originals(file)).toEqual([1, 2, 3]);
      expect(file.of("return")[0]?.entry?.[field]).toBeUndefined();
      expect(file.exceptions).toEqual([]);
      expect(file.faults.length).toBeGreaterThan(0);
    }
  });

  test("a return is kept whose entry's line is junk, and gets no other's amount", async () => {
    const file = await spoiltReturns(5, 1, "x");
    expect(originals(file)).toEqual([1, 2, 3]);
    expect(
      file.of("return").map(({ entry: one }) => one?.amountCents as number | undefined),
    ).toEqual([...[1_299, undefined, 1_299]]);
    expect(file.exceptions).toEqual(["5, 1-1, record: unknown_record_type"]);
  });

  test("a return is kept whose entry's line is lost, and gets no other's amount", async () => {
    const all = linesOf(await files.written([returnedBatch(three)]));
    const file = await inbound(join(all.filter((_, at) => at !== 4)));
    expect(originals(file)).toEqual([1, 2, 3]);
    const [, second] = file.of("return");
    expect([second?.entry, second?.line]).toEqual([undefined, 5]);
    expect(file.faults).toContain("5, 80-94, traceNumber: addenda_trace");
  });

  test("an unreadable original trace makes an exception with the lines of its entry", async () => {
    const file = await spoiltReturns(6, 10, "?");
    expect(originals(file)).toEqual([1, 3]);
    expect(file.exceptions).toEqual(["6, 7-21, originalTrace: original_trace_unreadable"]);
    const [bytes] = file.of("exception").map((one) => linesOf(one.bytes.expose()));
    expect(bytes?.map((line) => line.slice(0, 3))).toEqual(["626", "799"]);
    expect(bytes?.[1]?.charAt(9)).toBe("?");
  });

  test("an entry without a return is an exception, with its lines", async () => {
    const file = await inbound(forward);
    expect(file.exceptions).toEqual([
      "3, 1-94, addenda: no_return_addenda",
      "5, 1-94, addenda: no_return_addenda",
    ]);
    expect(file.summary).toMatchObject({ exceptions: 2, faults: 0, returns: 0 });
    expect(linesOf(file.of("exception")[0]?.bytes.expose() ?? new Uint8Array())).toEqual(
      lines.slice(2, 4),
    );
  });

  test("an exception in a file without line ends counts its columns through", async () => {
    const file = await inbound(bytesOf(lines.join("")));
    expect(file.exceptions[0]).toBe("1, 189-282, addenda: no_return_addenda");
  });

  test("header faults are told and stop nothing", async () => {
    const file = await spoiltReturns(1, 2, "XX");
    expect(file.faults).toEqual(["1, 2-3, priorityCode: not_the_constant"]);
    expect(originals(file)).toEqual([1, 2, 3]);
  });
});

describe("of returns and corrections", () => {
  test("several records of one return are kept together, the last one last", async () => {
    const own = { returnTrace: "1".repeat(15), returnSettlementDay: "001", returnReason: "01" };
    const trace = traceNumber(files.ODFI, 1);
    const originalTrace = traceNumber("02100002", 1);
    const common = { originalTrace, originalRdfi: "23138010", traceNumber: trace, ...own };
    const addenda: Addenda[] = [
      ...returnedEntry(1).addenda,
      { kind: "dishonoured_return", code: "R68", information: "UNTIMELY", ...common },
      {
        ...{ kind: "contested_return", code: "R73", ...common, originalReturnedOn: "261101" },
        ...{ originalSettlementDay: "300", dishonouredTrace: "2".repeat(15) },
        ...{ dishonouredSettlementDay: "310", dishonouredReason: "68" },
      },
    ];
    const file = await inbound(
      await files.written([returnedBatch([returnedEntry(1, [], { addenda })])]),
    );
    const [one, ...more] = file.of("return");
    expect([more, file.faults, file.exceptions]).toEqual([[], [], []]);
    expect(one?.records as unknown).toEqual(addenda);
  });

  test("records of different originals below one entry are different returns", async () => {
    const other = { originalTrace: traceNumber("02100002", 99) };
    const file = await inbound(
      await files.written([returnedBatch([returnedEntry(1, [{}, other])])]),
    );
    expect(originals(file)).toEqual([1, 99]);
    expect(file.of("return").map(({ entry: one }) => one === undefined)).toEqual([false, true]);
  });

  test("two returns of one original stay two", async () => {
    const same = { originalTrace: traceNumber("02100002", 1) };
    const twice = [returnedEntry(1), returnedEntry(2, [same])];
    const file = await inbound(await files.written([returnedBatch(twice)]));
    expect(originals(file)).toEqual([1, 1]);
  });

  test("unknown change codes and unreadable corrections are kept and told", async () => {
    const trace = traceNumber(files.ODFI, 1);
    const change = (changeCode: string, data: string, at: number) => {
      const own = traceNumber(files.ODFI, at);
      const common = { originalTrace: trace, originalRdfi: "23138010", traceNumber: own };
      const correctedData = new Secret(data);
      const addenda: Addenda[] = [{ kind: "correction", changeCode, correctedData, ...common }];
      return returnedEntry(at, [], { addenda, amountCents: cents(0) });
    };
    const changes = [change("C02", "231380105", 1), change("C50", "X", 2), change("C05", "37", 3)];
    const file = await inbound(await files.written([returnedBatch(changes, { sec: "COR" })]));
    expect(file.exceptions).toEqual([
      "4, 36-64, correctedData: corrected_data_unreadable",
      "6, 4-6, changeCode: unknown_change_code",
    ]);
    expect(file.of("correction").map(({ corrected }) => corrected)).toEqual([
      { kind: "unreadable", part: "routing" },
      { kind: "unknown" },
      { kind: "known", parts: { code: "37" } },
    ]);
  });

  test("two files in one, and a file without batches, are read", async () => {
    const one = await files.written([returnedBatch([returnedEntry(1)])]);
    const two = await inbound([one, one]);
    expect([originals(two), two.faults]).toEqual([[1, 1], ["11, 1-94, record: second_file"]]);
    const empty = join([linesOf(one)[0] ?? "", `9000000000001${"0".repeat(42)}`.padEnd(94)]);
    expect(await faultsOf(empty)).toEqual([]);
    expect((await inbound(empty)).summary).toMatchObject({ faults: 0, exceptions: 0, batches: 0 });
  });
});

describe("limits", () => {
  const scan = async (bytes: Uint8Array, limits: Partial<typeof ACH_LIMITS>) => {
    const found: string[] = [];
    for await (const item of scanAch([bytes], { ...ACH_LIMITS, ...limits })) {
      found.push(item.kind === "fault" ? item.fault.reason : item.kind);
    }
    return found;
  };

  test("a file that is too large is read so far", async () => {
    const found = await scan(forward, { bytesMax: 500 });
    expect(found).toEqual([
      ...["file_header", "batch_header", "entry", "file_too_large", "addenda_flag", "entry"],
      ...["batch_control_missing", "batch_end", "file_control_missing"],
    ]);
    expect(await scan(forward, { bytesMax: forward.length })).not.toContain("file_too_large");
  });

  test("a file with too many lines is read so far", async () => {
    expect(await scan(forward, { linesMax: 9 })).toContain("file_too_large");
    expect(await scan(forward, { linesMax: 10 })).not.toContain("file_too_large");
  });

  test("a file with too many entries is read so far", async () => {
    const found = await scan(forward, { entriesMax: 3 });
    expect(found).toContain("too_many_entries");
    expect(found.filter((one) => one === "entry")).toHaveLength(2);
    expect(await scan(forward, { entriesMax: 4 })).not.toContain("too_many_entries");
  });

  test("addenda beyond the limit of an entry are exceptions", async () => {
    const bytes = await files.written([returnedBatch([returnedEntry(1, [{}, {}, {}])])]);
    const found = await scan(bytes, { addendaMax: 2 });
    expect(found.filter((one) => one === "exception")).toHaveLength(1);
    expect(found).toContain("too_many_addenda");
  });
});
