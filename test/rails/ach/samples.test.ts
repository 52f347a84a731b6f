/** Every figure that the README beside the sample files says a correct reader finds. */
import { describe, expect, test } from "bun:test";
import type { ForwardFile } from "../../../src/rails/ach/reader.ts";
import { plain } from "./arbitraries.ts";
import { absent, faultsOf, inbound, sample, whole } from "./samples.ts";

/** The first batch in short: what the README tells of all files alike. */
function figures({ batches, control }: ForwardFile) {
  const [batch] = batches;
  return {
    batches: batches.length,
    sec: batch?.header.sec,
    class: batch?.header.serviceClass,
    effective: batch?.header.effectiveEntryDate,
    entries: batch?.entries.length,
    count: control.entriesAndAddenda,
    blocks: control.blocks,
    debit: control.debitCents as number,
    credit: control.creditCents as number,
    hash: control.hash,
  };
}

describe.skipIf(absent)("forward files are read without a fault", () => {
  test("a POS debit with place and terminal", async () => {
    const file = await whole(sample("accept/pos-debit-addenda02.ach"));
    expect(figures(file)).toEqual({
      ...{ batches: 1, sec: "POS", class: "225", effective: "180615", entries: 1, count: 2 },
      ...{ blocks: 1, debit: 100_000_000, credit: 0, hash: 23_138_010 },
    });
    expect(plain(file.batches[0]?.entries[0])).toEqual({
      transactionCode: "27",
      routingNumber: "231380104",
      accountNumber: "12345678",
      amountCents: 100_000_000,
      individualId: "",
      individualName: "Receiver Account Name",
      discretionary: "01",
      traceNumber: "121042880000001",
      addenda: [
        {
          kind: "pos",
          ...{ reference1: "REFONEA", reference2: "REF", terminalId: "TERM02" },
          ...{ serialNumber: "100049", purchaseDate: "0614", authorisationCode: "123456" },
          ...{ location: "Target Store 0049", city: "PHILADELPHIA", state: "PA" },
        },
      ],
    });
  });

  test("credits to friends with a text each", async () => {
    const file = await whole(sample("accept/web-credit-p2p-2entries.ach"));
    expect(figures(file)).toEqual({
      ...{ batches: 1, sec: "WEB", class: "220", effective: "181012", entries: 2, count: 4 },
      ...{ blocks: 1, debit: 0, credit: 10_799, hash: 46_276_020 },
    });
    const [batch] = file.batches;
    expect(batch?.header.entryDescription).toBe("Subscribe");
    const short = batch?.entries.map(({ transactionCode, amountCents, discretionary, ...rest }) => {
      const sequence = rest.traceNumber.slice(-7);
      return [transactionCode, amountCents, discretionary, sequence, rest.addenda];
    });
    expect(short as unknown).toEqual([
      ["22", 10_000, "S", "0000001", [{ kind: "text", text: "PAY-GATE payment" }]],
      ["22", 799, "R", "0000002", [{ kind: "text", text: "Monthly Membership Subscription" }]],
    ]);
  });

  test("short lines are padded", async () => {
    const file = await whole(sample("accept/ppd-debit.ach"));
    expect(figures(file)).toEqual({
      ...{ batches: 1, sec: "PPD", class: "225", effective: "190625", entries: 1, count: 1 },
      ...{ blocks: 1, debit: 100_000_000, credit: 0, hash: 23_138_010 },
    });
  });

  test("hyphens in an account and leading zeros of a bank stay", async () => {
    const file = await whole(sample("accept/ccd-debit.ach"));
    expect(figures(file)).toEqual({
      ...{ batches: 1, sec: "CCD", class: "225", effective: "181127", entries: 2, count: 2 },
      ...{ blocks: 1, debit: 500_125, credit: 0, hash: 46_276_020 },
    });
    const [batch] = file.batches;
    expect(batch?.header).toMatchObject({ entryDescription: "Vndr Pay", odfi: "03130001" });
    const entries = batch?.entries.map(({ accountNumber, individualId, addenda, amountCents }) => {
      return [accountNumber.expose(), individualId, amountCents, addenda.length];
    });
    expect(entries).toEqual([
      ["744-5678-99", "location #1", 500_000, 0],
      ["744-5678-99", "Fee #1", 125, 0],
    ]);
  });

  test("debits and credits in one batch", async () => {
    const file = await whole(sample("accept/ppd-mixed-debit-credit.ach"));
    expect(figures(file)).toEqual({
      ...{ batches: 1, sec: "PPD", class: "200", effective: "190719", entries: 3, count: 3 },
      ...{ blocks: 1, debit: 200_000_000, credit: 200_000_000, hash: 69_414_030 },
    });
    const entries = file.batches[0]?.entries.map((one) => [one.transactionCode, one.amountCents]);
    expect(entries as unknown).toEqual([
      ["27", 200_000_000],
      ["22", 100_000_000],
      ["22", 100_000_000],
    ]);
  });
});

/** Returns in short: code, transaction code, amount, original trace, own trace. */
function returns({ of }: Awaited<ReturnType<typeof inbound>>): unknown[] {
  return of("return").map(({ entry, records: [record, ...more] }) => [
    ...[record.code, entry?.transactionCode, entry?.amountCents],
    ...[record.originalTrace, entry?.traceNumber, more.length],
  ]);
}

describe.skipIf(absent)("of inbound files everything is kept or told", () => {
  test("a debit and a credit come back", async () => {
    const file = await inbound(sample("inbound/return-web-R01-R03.ach"));
    expect([file.faults, file.exceptions, file.of("correction")]).toEqual([[], [], []]);
    expect(returns(file)).toEqual([
      ["R01", "26", 12_354, "091400600000001", "091000017611242", 0],
      ["R03", "21", 4_565, "091400600000003", "021000029461242", 0],
    ]);
    expect(file.of("batch_header").map(({ header }) => [header.sec, header.serviceClass])).toEqual([
      ["WEB", "200"],
      ["WEB", "200"],
    ]);
    expect(file.summary).toMatchObject({ batches: 2, returns: 2, faults: 0 });
    expect(file.summary.totals as object).toEqual({
      ...{ entriesAndAddenda: 4, debitCents: 12_354, creditCents: 4_565, hash: 18_280_120 },
    });
  });

  test("a notification of change, whose own trace is not its entry's", async () => {
    const file = await inbound(sample("inbound/noc-C01.ach"));
    expect([file.faults, file.exceptions, file.of("return")]).toEqual([[], [], []]);
    const [change, ...more] = file.of("correction");
    expect(more).toEqual([]);
    expect(change?.batch).toMatchObject({ sec: "COR", serviceClass: "220" });
    expect(change?.entry?.transactionCode).toBe("21");
    expect(change?.record).toMatchObject({
      ...{ kind: "correction", changeCode: "C01", originalTrace: "121042880000001" },
      traceNumber: "091012980000088",
    });
    expect(plain(change?.corrected)).toEqual({ kind: "known", parts: { account: "1918171614" } });
    expect(file.summary.totals as object).toEqual({
      ...{ entriesAndAddenda: 2, debitCents: 0, creditCents: 0, hash: 23_138_010 },
    });
  });

  test("two dishonoured returns", async () => {
    const file = await inbound(sample("inbound/dishonored-R68.ach"));
    expect([file.faults, file.exceptions]).toEqual([[], []]);
    const all = file.of("return");
    expect(all.map(({ entry }) => entry?.amountCents as number)).toEqual([25_000, 23_000]);
    for (const { records, batch } of all) {
      expect(batch).toMatchObject({ sec: "POS", serviceClass: "225" });
      expect(records).toHaveLength(1);
      expect(records[0]).toMatchObject({
        ...{ kind: "dishonoured_return", code: "R68", originalTrace: "059999990000301" },
        ...{ returnTrace: "123918710000001", returnSettlementDay: "179", returnReason: "01" },
        information: "Untimely Return",
      });
    }
    expect(file.summary.totals as object).toEqual({
      ...{ entriesAndAddenda: 4, debitCents: 48_000, creditCents: 0, hash: 24_208_576 },
    });
  });

  test("a fragment: its four kinds of fault are told, its three returns kept", async () => {
    const file = await inbound(sample("inbound/return-fragment-R02-R03.ach"));
    expect(file.faults).toEqual([
      "1, 1-94, record: file_header_missing",
      "4, 1-94, record: batch_not_closed",
      "8, 1-94, record: batch_control_missing",
      "8, 1-94, record: file_control_missing",
    ]);
    expect(file.exceptions).toEqual([]);
    expect(file.summary).toMatchObject({ batches: 2, returns: 3, corrections: 0 });
    expect(returns(file)).toEqual([
      ["R02", "26", 146, "273976368613175", "273976361273620", 0],
      ["R03", "21", 8, "273976360000001", "323274270765782", 0],
      ["R03", "21", 19, "273976360000001", "323274270765784", 0],
    ]);
  });

  test("a code that no table knows is kept, and told", async () => {
    const file = await inbound(sample("inbound/return-ppd-unknown-code-R97.ach"));
    expect(file.faults).toEqual([]);
    expect(file.exceptions).toEqual(["4, 4-6, code: unknown_return_code"]);
    expect(returns(file)).toEqual([
      ["R97", "21", 106_161, "092221172022300", "092221170000001", 0],
    ]);
    expect(file.of("batch_header")[0]?.header).toMatchObject({ sec: "PPD", serviceClass: "200" });
    expect(file.summary.totals as object).toEqual({
      ...{ entriesAndAddenda: 2, debitCents: 0, creditCents: 106_161, hash: 9_222_117 },
    });
  });
});

describe.skipIf(absent)("forward files with a fault are refused with its place", () => {
  test("letters in an amount and in a trace; a sum that then differs", async () => {
    const faults = await faultsOf(sample("reject/batch-debit-total-mismatch.ach"));
    expect(faults).toEqual([
      "15, 30-39, amount: not_digits",
      "15, 80-94, traceNumber: not_digits",
      "17, 21-32, debitCents: total_differs, expected 0",
      // The sound first batch has 76.
      "18, 32-43, debitCents: total_differs, expected 76",
    ]);
  });

  test("a wrong check digit", async () => {
    expect(await faultsOf(sample("reject/rdfi-check-digit.ach"))).toEqual([
      "3, 12-12, checkDigit: check_digit, expected 4",
    ]);
  });

  test("a trace that is not the bank's", async () => {
    expect(await faultsOf(sample("reject/trace-not-odfi.ach"))).toEqual([
      "3, 80-87, traceNumber: trace_not_of_odfi, expected 12104288",
    ]);
  });

  test("a fuzzer's line", async () => {
    const bytes = sample("reject/crasher-5.ach");
    const faults = await faultsOf(bytes);
    expect(faults[0]).toBe("1, 1-94, record: file_header_missing");
    for (const told of [
      "1, 79-79, originatorStatus: not_the_constant",
      // The first of three characters outside ASCII: columns count characters, not bytes.
      "1, 94-94, record: not_printable_ascii",
      "1, 95-188, record: file_control_missing",
      "1, 95-188, record: line_length",
    ]) {
      expect(faults).toContain(told);
    }
    const { summary, of } = await inbound(bytes);
    expect(summary).toMatchObject({ entries: 0, returns: 0, corrections: 0, lines: 1 });
    expect(of("entry")).toEqual([]);
  });
});
