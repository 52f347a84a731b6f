/**
 * The writer: a file header and a stream of batches, each a stream of entries, become a stream of
 * bytes. It holds one chunk at a time, however long the file. It is strict: what does not fit, what
 * the rules forbid, and what would be read back otherwise, throws AchWriteError, and the bytes so
 * far are no file. Nacha Operating Rules, Appendix Three.
 *
 * Trace numbers come with the entries. That they ascend inside their batch is checked here; that no
 * number comes twice in the file, or in its return window, is the business of the durable counter
 * they are taken from.
 */
import { assert } from "../../../actors/assert.ts";
import type { TraceNumber } from "../../../actors/trace-number.ts";
import { encodeAddenda } from "./addenda.ts";
import { encodeBatchControl } from "./batch-control.ts";
import { type AchBatchHeader, encodeBatchHeader } from "./batch-header.ts";
import { RECORD_COLUMNS } from "./columns.ts";
import { encodeEntry } from "./entry.ts";
import { type AchFileControl, BLOCK_LINES, encodeFileControl, PADDING } from "./file-control.ts";
import { type AchFileHeader, encodeFileHeader } from "./file-header.ts";
import { Adder } from "./totals.ts";
import { type Direction, directionOf } from "./transaction-codes.ts";
import { AchWriteError } from "./write-error.ts";
import { type AchEntry, type BatchKind, checkBatch, checkEntry } from "./write-rules.ts";

export type LineEnd = "LF" | "CRLF";
type Stream<T> = Iterable<T> | AsyncIterable<T>;

export interface AchBatch {
  readonly kind: BatchKind;
  /** The writer numbers batches from 1. Only a bank fills the settlement day of its returns. */
  readonly header: Omit<AchBatchHeader, "batchNumber" | "settlementDay"> & {
    readonly settlementDay?: string;
  };
  readonly entries: Stream<AchEntry>;
}

export interface WrittenFile {
  readonly control: AchFileControl;
  readonly entries: number;
  /** Padding included. */
  readonly lines: number;
  readonly bytes: number;
}

/** Entries and addenda of a batch: six digits in its control. */
const BATCH_LINES_MAX = 999_999;
const BATCHES_MAX = 999_999;
const CHUNK_BYTES = 64 * 1024;

/** Yields the bytes in order; returns what the file control says. */
export async function* writeAch(
  header: AchFileHeader,
  batches: Stream<AchBatch>,
  lineEnd: LineEnd = "LF",
): AsyncGenerator<Uint8Array, WrittenFile, undefined> {
  const writer = new FileWriter(header, lineEnd);
  for await (const batch of batches) {
    writer.openBatch(batch);
    for await (const entry of batch.entries) {
      writer.entry(entry);
      if (writer.isFull) yield writer.take();
    }
    writer.closeBatch();
    if (writer.isFull) yield writer.take();
  }
  const written = writer.close();
  yield writer.take();
  return written;
}

/** The whole file at once: for files that fit in memory. */
export async function writeAchFile(
  header: AchFileHeader,
  batches: Stream<AchBatch>,
  lineEnd: LineEnd = "LF",
): Promise<{ bytes: Uint8Array; written: WrittenFile }> {
  const stream = writeAch(header, batches, lineEnd);
  const chunks: Uint8Array[] = [];
  for (;;) {
    const { done, value } = await stream.next();
    if (done) return { bytes: new Uint8Array(Buffer.concat(chunks)), written: value };
    chunks.push(value);
  }
}

interface OpenBatch {
  readonly kind: BatchKind;
  readonly header: AchBatchHeader;
  readonly totals: Adder;
  readonly directions: Set<Direction>;
  entries: number;
  previousTrace: TraceNumber | undefined;
}

class FileWriter {
  readonly #creationDate: string;
  readonly #lineEnd: string;
  readonly #totals = new Adder();
  #batch: OpenBatch | undefined;
  #odfi: string | undefined;
  #batches = 0;
  #entries = 0;
  #lines = 0;
  #bytes = 0;
  #text = "";

  constructor(header: AchFileHeader, lineEnd: LineEnd) {
    this.#creationDate = header.creationDate;
    this.#lineEnd = lineEnd === "CRLF" ? "\r\n" : "\n";
    this.#line(encodeFileHeader(header));
  }

  get isFull(): boolean {
    return this.#text.length >= CHUNK_BYTES;
  }

  take(): Uint8Array {
    // Printable ASCII and line ends: one byte a character.
    const bytes = Buffer.from(this.#text, "latin1");
    this.#text = "";
    this.#bytes += bytes.length;
    return bytes;
  }

  openBatch({ kind, header }: AchBatch): void {
    assert(this.#batch === undefined, "batches follow one another");
    this.#batches++;
    this.#at(
      () => `batch ${this.#batches}`,
      () => {
        if (this.#batches > BATCHES_MAX) throw new AchWriteError("file", "batches", "too_many");
        const complete = { settlementDay: "", ...header, batchNumber: this.#batches };
        checkBatch(kind, complete, this.#creationDate);
        this.#line(encodeBatchHeader(complete));
        if (kind === "originated") this.#checkBank(complete.odfi);
        const [totals, directions] = [new Adder(), new Set<Direction>()];
        const none = { entries: 0, previousTrace: undefined };
        this.#batch = { kind, header: complete, totals, directions, ...none };
      },
    );
  }

  entry(entry: AchEntry): void {
    const batch = this.#batch;
    assert(batch !== undefined, "an entry stands in a batch");
    batch.entries++;
    this.#at(
      () => `entry ${batch.entries} of batch ${this.#batches}`,
      () => {
        checkEntry(entry, { ...batch, creationDate: this.#creationDate });
        const { addenda, transactionCode, routingNumber, amountCents, traceNumber } = entry;
        const { totals } = batch;
        if (totals.entriesAndAddenda + 1 + addenda.length > BATCH_LINES_MAX) {
          throw new AchWriteError("batch", "entriesAndAddenda", "too_many");
        }
        this.#line(encodeEntry({ ...entry, hasAddenda: addenda.length > 0 }));
        totals.addLine();
        totals.addBank(routingNumber.slice(0, 8));
        const direction = directionOf(transactionCode);
        totals.addAmount(direction, amountCents);
        batch.directions.add(direction);
        addenda.forEach((one, at) => {
          this.#line(encodeAddenda(one, traceNumber, at + 1));
          totals.addLine();
        });
        batch.previousTrace = traceNumber;
      },
    );
  }

  closeBatch(): void {
    const batch = this.#batch;
    assert(batch !== undefined, "a batch that closes is open");
    this.#at(
      () => `batch ${this.#batches}`,
      () => {
        const { kind, header, totals, entries, directions } = batch;
        if (entries === 0) throw new AchWriteError("batch", "entries", "empty_batch");
        // A mixed batch has both; what a bank returns keeps the class of its original.
        if (kind === "originated" && header.serviceClass === "200" && directions.size === 1) {
          throw new AchWriteError("batch", "serviceClass", "against_class");
        }
        this.#line(encodeBatchControl({ ...header, ...totals }));
        this.#totals.addBatch(totals);
        this.#entries += entries;
      },
    );
    this.#batch = undefined;
  }

  close(): WrittenFile {
    assert(this.#batch === undefined, "a file closes between batches");
    if (this.#batches === 0) throw new AchWriteError("file", "batches", "empty_file");
    const blocks = Math.ceil((this.#lines + 1) / BLOCK_LINES);
    const control = { ...this.#totals, batches: this.#batches, blocks };
    this.#line(encodeFileControl(control));
    while (this.#lines % BLOCK_LINES !== 0) this.#line(PADDING);
    const bytes = this.#bytes + this.#text.length;
    return { control, entries: this.#entries, lines: this.#lines, bytes };
  }

  /** All that we send in one file comes from one bank. */
  #checkBank(odfi: string): void {
    this.#odfi ??= odfi;
    if (odfi !== this.#odfi) throw new AchWriteError("batch header", "odfi", "another_bank");
  }

  #line(line: string): void {
    assert(line.length === RECORD_COLUMNS, "a line has 94 columns");
    this.#text += line + this.#lineEnd;
    this.#lines++;
  }

  /** What is thrown in there is told with its place. */
  #at(place: () => string, run: () => void): void {
    try {
      run();
    } catch (error) {
      throw error instanceof AchWriteError ? error.within(place()) : error;
    }
  }
}
