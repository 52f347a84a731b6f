/** Files of a day: 20,000 purchases in eight batches and more, and what comes back of them. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { cents } from "../../../actors/money.ts";
import { checkDigit } from "../../../actors/routing-number.ts";
import { traceNumber } from "../../../actors/trace-number.ts";
import { readForward, readInbound } from "../../../src/rails/ach/reader.ts";
import type { AchEntry } from "../../../src/rails/ach/write-rules.ts";
import { type AchBatch, writeAch, writeAchFile } from "../../../src/rails/ach/writer.ts";
import * as files from "./files.ts";
import { batch, entry, ODFI, returnedBatch, returnedEntry } from "./files.ts";

setDefaultTimeout(120_000);

const ENTRIES = 20_000;
const PER_BATCH = 2_000;

function bankOf(at: number): string {
  const eight = String(2_100_000 + (at % 900)).padStart(8, "0");
  return eight + checkDigit(eight);
}

function* batches(): Generator<AchBatch> {
  for (let from = 0; from < ENTRIES; from += PER_BATCH) {
    const isLane = (from / PER_BATCH) % 2 === 0;
    const header = { sec: isLane ? "POS" : "WEB", companyName: `STORE ${from}` };
    yield batch(entries(from, isLane), header);
  }
}

function* entries(from: number, isLane: boolean): Generator<AchEntry> {
  for (let at = from; at < from + PER_BATCH; at++) {
    const other = isLane ? {} : { addenda: [], discretionary: "S" };
    const routingNumber = bankOf(at);
    yield entry(at, { amountCents: cents(1 + (at % 10_000)), routingNumber, ...other });
  }
}

test("20,000 entries in ten batches add up, and are read back one by one", async () => {
  const { bytes, written } = await writeAchFile(files.header, batches());
  const numbers = Array.from({ length: ENTRIES }, (_, at) => at);
  const debit = numbers.reduce((sum, at) => sum + 1 + (at % 10_000), 0);
  const hash = numbers.reduce((sum, at) => sum + Number(bankOf(at).slice(0, 8)), 0) % 10 ** 10;
  // Lanes carry an addenda each: half of the entries.
  const entriesAndAddenda = ENTRIES + ENTRIES / 2;
  const blocks = Math.ceil((entriesAndAddenda + 2 * 10 + 2) / 10);
  expect<object>(written.control).toEqual({
    ...{ batches: 10, blocks, entriesAndAddenda, hash, debitCents: debit, creditCents: 0 },
  });
  expect(bytes.length).toBe(blocks * 10 * 95);
  const result = await readForward([bytes]);
  if (result.kind === "refused") throw new Error(JSON.stringify(result.faults));
  const read = result.file.batches.flatMap((one) => one.entries);
  expect(read.map((one) => one.traceNumber)).toEqual(numbers.map((at) => traceNumber(ODFI, at)));
  expect(read.map((one) => one.routingNumber)).toEqual(numbers.map(bankOf));
  expect(result.file.batches.map((one) => one.header.batchNumber)).toEqual([
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  ]);
});

test("100,000 returns stream through writer and reader, and none is lost", async () => {
  const all = 100_000;
  const perBatch = 25_000;
  function* returned(from: number): Generator<AchEntry> {
    for (let at = from; at < from + perBatch; at++) yield returnedEntry(at);
  }
  function* fourBatches(): Generator<AchBatch> {
    for (let from = 0; from < all; from += perBatch) yield returnedBatch(returned(from));
  }
  let next = 0;
  for await (const item of readInbound(writeAch(files.header, fourBatches()))) {
    if (item.kind === "fault" || item.kind === "exception") throw new Error(JSON.stringify(item));
    if (item.kind !== "return") continue;
    // Plain comparisons: an expectation for each would take longer than the reading.
    const [{ originalTrace }] = item.records;
    if (originalTrace !== traceNumber("02100002", next)) throw new Error(`return ${next}`);
    next++;
  }
  expect(next).toBe(all);
});
