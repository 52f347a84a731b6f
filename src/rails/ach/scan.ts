/**
 * The reader's one pass over a file: record after record, whatever is wrong with them. It finds
 * what there is, compares totals, and names every fault with its place. It never throws for what a
 * file holds, takes time linear in its size, and remembers one entry with its addenda.
 */
import { Secret } from "../../vault/secret.ts";
import { decodeBatchControl } from "./batch-control.ts";
import { type AchBatchHeader, decodeBatchHeader } from "./batch-header.ts";
import { isPrintable, RECORD_COLUMNS, type Readable } from "./columns.ts";
import { compareBatch, compareFile } from "./compare.ts";
import { decodeEntry, ENTRY_COLUMNS } from "./entry.ts";
import { EntryGroup, joinLines, type PieceFault, type Told } from "./entry-group.ts";
import type { AchReason, FieldFault } from "./fault.ts";
import { decodeFileControl } from "./file-control.ts";
import { decodeFileHeader } from "./file-header.ts";
import type { AchItem, AchSummary } from "./items.ts";
import { LineSplitter, type Piece } from "./lines.ts";
import { Adder } from "./totals.ts";
import { directionOf } from "./transaction-codes.ts";

export interface AchLimits {
  readonly bytesMax: number;
  readonly linesMax: number;
  /** Entries and addenda. */
  readonly entriesMax: number;
  /** Below one entry: the four digits that number them end there. */
  readonly addendaMax: number;
}

/** A million entries with their addenda have 190 MB. */
export const ACH_LIMITS: AchLimits = {
  bytesMax: 512 * 1024 * 1024,
  // The file control counts blocks of ten lines with six digits.
  linesMax: 9_999_990,
  entriesMax: 5_000_000,
  addendaMax: 9_999,
};

interface OpenBatch {
  /** Undefined where entries came without a header. */
  readonly header: Readable<AchBatchHeader> | undefined;
  readonly totals: Adder;
  entries: number;
}

type State = "before_header" | "in_file" | "after_control";

export class AchScan implements Told {
  readonly #splitter = new LineSplitter();
  readonly #out: AchItem[] = [];
  #state: State = "before_header";
  #batch: OpenBatch | undefined;
  #group: EntryGroup | undefined;
  /** Of the file control, and of the whole scan. */
  #totals = new Adder();
  #fileBatches = 0;
  #records = 0;
  #lines = 0;
  #pieces = 0;
  #last: Piece = { line: 1, offset: 0, text: "", bytes: new Uint8Array(0), isFull: true };
  /** A blank line that is a fault only if something follows. */
  #blank: Piece | undefined;
  #longLine = 0;
  #isStopped = false;
  readonly #counted = { bytes: 0, batches: 0, entries: 0, returns: 0, corrections: 0 };
  readonly #troubles = { exceptions: 0, faults: 0 };
  readonly #sum = new Adder();

  constructor(private readonly limits: AchLimits = ACH_LIMITS) {}

  *push(chunk: Uint8Array): Generator<AchItem> {
    if (this.#isStopped) return;
    const room = this.limits.bytesMax - this.#counted.bytes;
    const bytes = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.#counted.bytes += bytes.length;
    for (const piece of this.#splitter.push(bytes)) {
      if (this.#isStopped) return;
      this.#record(piece);
      yield* this.#taken();
    }
    if (chunk.length > room) this.#stop("file_too_large");
    yield* this.#taken();
  }

  *end(): Generator<AchItem> {
    if (!this.#isStopped) {
      for (const piece of this.#splitter.end()) this.#record(piece);
    }
    this.#closeFile();
    yield* this.#taken();
  }

  summary(): AchSummary {
    return { lines: this.#lines, ...this.#counted, ...this.#troubles, totals: { ...this.#sum } };
  }

  // What a group of an entry and its addenda tells.

  item(item: AchItem): void {
    if (item.kind === "entry") this.#counted.entries++;
    if (item.kind === "return") this.#counted.returns++;
    if (item.kind === "correction") this.#counted.corrections++;
    if (item.kind === "exception") this.#troubles.exceptions++;
    if (item.kind === "fault") this.#troubles.faults++;
    this.#out.push(item);
  }

  fault({ line, offset }: Piece, { columns: [first, last], ...fault }: PieceFault): void {
    const columns = [offset + first, offset + last] as const;
    this.item({ kind: "fault", fault: { line, columns, ...fault } });
  }

  fields(piece: Piece, faults: readonly FieldFault[]): void {
    for (const fault of faults) this.fault(piece, fault);
    if (isPrintable(piece.text) || faults.some(({ reason }) => reason === UNPRINTABLE)) return;
    this.#unprintable(piece);
  }

  exception({ line, offset }: Piece, what: PieceFault, pieces: readonly Piece[]): void {
    const { columns, field, reason } = what;
    const [first, last] = [offset + columns[0], offset + columns[1]];
    const bytes = new Secret(joinLines(pieces));
    this.item({ kind: "exception", line, columns: [first, last], field, reason, bytes });
  }

  *#taken(): Generator<AchItem> {
    for (const item of this.#out) yield item;
    this.#out.length = 0;
  }

  #record(piece: Piece): void {
    this.#lines = piece.line;
    if (++this.#pieces > this.limits.linesMax) {
      this.#stop("file_too_large");
      return;
    }
    if (piece.text.trim() === "") {
      this.#blank ??= piece;
      return;
    }
    this.#checkLength(piece, this.#last);
    this.#last = piece;
    if (this.#blank !== undefined && this.#state !== "after_control") {
      this.#whole(this.#blank, "blank_line");
    }
    this.#blank = undefined;
    // Padding may be cut short, or missing.
    if (this.#state === "after_control" && /^9+ *$/.test(piece.text)) return;
    const type = piece.text.charAt(0);
    if (this.#state === "after_control" && type !== "1") this.#whole(piece, "after_file_control");
    if (this.#state === "before_header" && type !== "1") {
      this.#whole(piece, "file_header_missing");
      this.#state = "in_file";
    }
    this.#records++;
    if (type === "7") this.#addenda(piece);
    else {
      this.#closeGroup();
      this.#dispatch(type, piece);
    }
  }

  #dispatch(type: string, piece: Piece): void {
    switch (type) {
      case "1":
        this.#fileHeader(piece);
        break;
      case "5":
        this.#batchHeader(piece);
        break;
      case "6":
        this.#entry(piece);
        break;
      case "8":
        this.#batchControl(piece);
        break;
      case "9":
        this.#fileControl(piece);
        break;
      default:
        this.#junk(piece);
    }
  }

  #fileHeader(piece: Piece): void {
    if (this.#state !== "before_header") {
      this.#whole(piece, "second_file");
      if (this.#state === "in_file") this.#closeBatch(piece, "batch_not_closed");
      this.#totals = new Adder();
      this.#fileBatches = 0;
      this.#records = 1;
    }
    this.#state = "in_file";
    const { record, faults } = decodeFileHeader(piece.text);
    this.fields(piece, faults);
    this.item({ kind: "file_header", line: piece.line, header: record });
  }

  #batchHeader(piece: Piece): void {
    this.#closeBatch(piece, "batch_not_closed");
    const { record, faults } = decodeBatchHeader(piece.text);
    this.fields(piece, faults);
    this.#batch = { header: record, totals: new Adder(), entries: 0 };
    this.#fileBatches++;
    this.#counted.batches++;
    this.item({ kind: "batch_header", line: piece.line, header: record });
  }

  #entry(piece: Piece): void {
    const batch = this.#batchOf(piece);
    if (!this.#countLine(batch.totals, piece)) return;
    batch.entries++;
    const { record, faults } = decodeEntry(piece.text);
    this.fields(piece, faults);
    const { routingNumber, amountCents, transactionCode, traceNumber } = record;
    if (routingNumber !== undefined) batch.totals.addBank(routingNumber.slice(0, 8));
    if (amountCents !== undefined && transactionCode !== undefined) {
      batch.totals.addAmount(directionOf(transactionCode), amountCents);
    }
    const odfi = batch.header?.odfi;
    if (odfi !== undefined && traceNumber !== undefined && !traceNumber.startsWith(odfi)) {
      const columns = ENTRY_COLUMNS.traceOdfi;
      const reason = "trace_not_of_odfi";
      this.fault(piece, { columns, field: "traceNumber", reason, expected: odfi });
    }
    this.#group = new EntryGroup({ piece, record }, batch.header, this);
  }

  #addenda(piece: Piece): void {
    const batch = this.#batchOf(piece);
    if (!this.#countLine(batch.totals, piece)) return;
    if (this.#group === undefined) {
      this.#whole(piece, "entry_missing");
      const alone = new EntryGroup(undefined, batch.header, this);
      alone.add(piece);
      alone.close();
      return;
    }
    if (this.#group.size === this.limits.addendaMax) this.#except(piece, "too_many_addenda");
    else this.#group.add(piece);
  }

  /** The open batch. Entries without a header are in a batch all the same. */
  #batchOf(piece: Piece): OpenBatch {
    if (this.#batch === undefined) {
      this.#whole(piece, "batch_header_missing");
      this.#batch = { header: undefined, totals: new Adder(), entries: 0 };
    }
    return this.#batch;
  }

  #batchControl(piece: Piece): void {
    const { record, faults } = decodeBatchControl(piece.text);
    this.fields(piece, faults);
    const batch = this.#batchOf(piece);
    for (const fault of compareBatch(record, batch.header, batch.totals)) this.fault(piece, fault);
    this.#endBatch(batch, piece, record);
  }

  #fileControl(piece: Piece): void {
    this.#closeBatch(piece, "batch_control_missing");
    const { record, faults } = decodeFileControl(piece.text);
    this.fields(piece, faults);
    const { line } = piece;
    const found = { batches: this.#fileBatches, records: this.#records, totals: this.#totals };
    for (const fault of compareFile(record, found)) this.fault(piece, fault);
    const totals = { ...this.#totals };
    this.item({ kind: "file_end", line, control: record, totals });
    this.#state = "after_control";
  }

  #junk(piece: Piece): void {
    if (!isPrintable(piece.text)) this.#unprintable(piece);
    this.#except(piece, "unknown_record_type", [1, 1]);
  }

  /** A batch that has no control ends where something else begins. */
  #closeBatch(piece: Piece, reason: AchReason): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#whole(piece, reason);
    this.#endBatch(batch, piece, undefined);
  }

  #endBatch(
    { totals, entries }: OpenBatch,
    { line }: Piece,
    control: ReturnType<typeof decodeBatchControl>["record"] | undefined,
  ): void {
    this.#totals.addBatch(totals);
    this.#sum.addBatch(totals);
    this.item({ kind: "batch_end", line, control, totals: { ...totals }, entries });
    this.#batch = undefined;
  }

  #closeGroup(): void {
    this.#group?.close();
    this.#group = undefined;
  }

  #closeFile(): void {
    this.#closeGroup();
    const last = this.#last;
    this.#closeBatch(last, "batch_control_missing");
    if (this.#state === "before_header") this.#whole(last, "file_header_missing");
    if (this.#state !== "after_control") this.#whole(last, "file_control_missing");
    // All in one line: it is cut every 94 columns and ends with a whole record.
    const isCut = last.line === 1 && last.offset > 0 && !last.isFull;
    if (isCut && this.#state !== "after_control") this.#whole(last, "line_length");
  }

  /** More than 94 columns, where it is not the whole file that stands in one line. */
  #checkLength(piece: Piece, previous: Piece): void {
    // Only a second line says of the first that it was one.
    if (previous.line === 1 && previous.offset > 0 && piece.line > 1) {
      this.#whole(previous, "line_length");
    }
    if (piece.offset > 0 && piece.line > 1 && piece.line !== this.#longLine) {
      this.#longLine = piece.line;
      this.#whole(piece, "line_length");
    }
  }

  /** False once there are too many: the scan ends there. */
  #countLine(totals: Adder, piece: Piece): boolean {
    const all = this.#sum.entriesAndAddenda + totals.entriesAndAddenda;
    if (all >= this.limits.entriesMax) {
      this.#last = piece;
      this.#stop("too_many_entries");
      return false;
    }
    totals.addLine();
    return true;
  }

  #stop(reason: AchReason): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#whole(this.#last, reason);
  }

  #unprintable(piece: Piece): void {
    const wrong = [...piece.text].map((one) => !isPrintable(one));
    const columns = [wrong.indexOf(true) + 1, wrong.lastIndexOf(true) + 1] as const;
    this.fault(piece, { columns, field: "record", reason: UNPRINTABLE });
  }

  /** A fault of the whole record. */
  #whole(piece: Piece, reason: AchReason): void {
    this.fault(piece, { columns: [1, RECORD_COLUMNS], field: "record", reason });
  }

  /** A record that is kept as its bytes only. */
  #except(
    piece: Piece,
    reason: AchReason,
    columns: PieceFault["columns"] = [1, RECORD_COLUMNS],
  ): void {
    const what = { columns, field: "record", reason };
    this.fault(piece, what);
    this.exception(piece, what, [piece]);
  }
}

const UNPRINTABLE = "not_printable_ascii";
