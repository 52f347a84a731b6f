/** A small valid file, to spoil one thing of. */
import { cents } from "../../../actors/money.ts";
import { traceNumber } from "../../../actors/trace-number.ts";
import type { PosAddenda } from "../../../src/rails/ach/addenda-702.ts";
import type { ReturnAddenda } from "../../../src/rails/ach/addenda-799.ts";
import type { AchFileHeader } from "../../../src/rails/ach/file-header.ts";
import type { AchEntry } from "../../../src/rails/ach/write-rules.ts";
import { type AchBatch, type LineEnd, writeAchFile } from "../../../src/rails/ach/writer.ts";
import { Secret } from "../../../src/vault/secret.ts";

export const ODFI = "12104288";
const text = new TextEncoder();

export const header: AchFileHeader = {
  immediateDestination: "121042882",
  immediateOrigin: "1987654321",
  creationDate: "261123",
  creationTime: "0930",
  fileIdModifier: "A",
  destinationName: "FIRST BANK",
  originName: "SEQR",
  referenceCode: "",
};

export const place: PosAddenda = {
  kind: "pos",
  reference1: "",
  reference2: "",
  terminalId: "LANE01",
  serialNumber: "000123",
  purchaseDate: "1122",
  authorisationCode: "",
  location: "12 MAIN STREET",
  city: "DENVER",
  state: "CO",
};

/** A debit at a lane, number `sequence` of its bank. */
export function entry(sequence = 1, changes: Partial<AchEntry> = {}): AchEntry {
  return {
    transactionCode: "27",
    routingNumber: "231380104",
    accountNumber: new Secret("000123456789"),
    amountCents: cents(1_299),
    individualId: "R-000001",
    individualName: new Secret("ANNA KARENINA"),
    discretionary: "01",
    traceNumber: traceNumber(ODFI, sequence),
    addenda: [place],
    ...changes,
  };
}

export function head(changes: Partial<AchBatch["header"]> = {}): AchBatch["header"] {
  return {
    serviceClass: "225",
    companyName: "CORNER GROCERY",
    companyDiscretionaryData: "SEQR",
    companyId: "1987654321",
    sec: "POS",
    entryDescription: "SEQR PAY",
    descriptiveDate: "",
    effectiveEntryDate: "261124",
    odfi: ODFI,
    ...changes,
  };
}

/** A batch of lane debits unless it is told otherwise. */
export function batch(
  entries: AchBatch["entries"] = [entry()],
  changes: Partial<AchBatch["header"]> = {},
): AchBatch {
  return { kind: "originated", header: head(changes), entries };
}

/** A debit that comes back, with the records of its return. */
export function returnedEntry(
  sequence = 1,
  records: Partial<ReturnAddenda>[] = [{}],
  changes: Partial<AchEntry> = {},
): AchEntry {
  const trace = traceNumber(ODFI, sequence);
  const addenda = records.map(
    (record): ReturnAddenda => ({
      kind: "return",
      code: "R01",
      originalTrace: traceNumber("02100002", sequence),
      dateOfDeath: "",
      originalRdfi: "23138010",
      information: "",
      traceNumber: trace,
      ...record,
    }),
  );
  return entry(sequence, { transactionCode: "26", addenda, traceNumber: trace, ...changes });
}

export function returnedBatch(
  entries: AchBatch["entries"] = [returnedEntry()],
  changes: Partial<AchBatch["header"]> = {},
): AchBatch {
  return { kind: "returned", header: head(changes), entries };
}

export async function written(
  batches: Iterable<AchBatch> | AsyncIterable<AchBatch>,
  lineEnd: LineEnd = "LF",
): Promise<Uint8Array> {
  return (await writeAchFile(header, batches, lineEnd)).bytes;
}

export function bytesOf(value: string): Uint8Array {
  return text.encode(value);
}

export function linesOf(bytes: Uint8Array): string[] {
  return Buffer.from(bytes).toString("latin1").trimEnd().split("\n");
}
