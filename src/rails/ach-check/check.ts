/**
 * The conformance checker of ACH files that we send: a second implementation, which shares no code
 * with the writer and the reader, so that one misreading of the rules is not made twice. It works
 * by offsets, line by line, in a memory that does not grow with the file, and reports everything
 * it finds. What a bank sends back (799, 798) is no business of it.
 */
import { checkAddenda, closeEntry } from "./addenda.ts";
import { type Batch, openBatch, type Totals } from "./batch.ts";
import { checkBatchEnd } from "./batch-end.ts";
import { checkBatchControl, checkFileControl } from "./control.ts";
import { checkEntry } from "./entry.ts";
import { checkBooks } from "./entry-books.ts";
import { type AchExpectations, type Profile, profileOf } from "./expectations.ts";
import { checkFileHeader } from "./file-header.ts";
import { type AchFinding, Findings } from "./findings.ts";
import { COLUMNS, type Line, Lines } from "./line.ts";
import { Traces } from "./traces.ts";

/**
 * Whose file it is said to be: our own, which keeps every rule; or a foreign one. Where none of its
 * marks are ours either, what only this switch does so is told, and is no fault.
 */
export type AchOrigin = "own" | "foreign";

export interface AchVerdict {
  /** True when nothing was found; in somebody else's file, nothing but differences from ours. */
  readonly ok: boolean;
  /** False for a file of which no batch bears the mark or a description of ours. */
  readonly isOwn: boolean;
  /** In the order of the file; a bounded number for each rule. */
  readonly findings: readonly AchFinding[];
  /** Findings beyond those listed. */
  readonly unlisted: number;
  readonly lines: number;
  readonly batches: number;
  readonly entries: number;
  /** Sums of the readable amounts, in cents. Exact in every file that is found good. */
  readonly debitCents: number;
  readonly creditCents: number;
}

/** Nacha: the block count has six columns. What follows is not looked at. */
export const LINES_MAX = 9_999_990;
const LINES_PER_BLOCK = 10;
const WHOLE_LINE = [1, COLUMNS] as const;
/** A batch of ours bears our discretionary data, and a description that we use for its class. */
const MARKS = ["discretionary_data", "description"] as const;

/** Where in a file a line stands. */
type Place = "start" | "between batches" | "in a batch" | "after the file control";

/** The verdict on a file in memory. Throws for expectations that are none, never for bytes. */
export function checkAch(
  bytes: Uint8Array,
  expectations: AchExpectations = {},
  origin: AchOrigin = "own",
): AchVerdict {
  const check = new AchCheck(expectations, origin);
  check.push(bytes);
  return check.end();
}

/** The check of a file that arrives in pieces: `push` each of them, then `end` once. */
export class AchCheck {
  readonly #profile: Profile;
  readonly #findings = new Findings();
  readonly #lines = new Lines();
  readonly #traces = new Traces();
  readonly #totals: Totals = { records: 0, hash: 0, debitCents: 0, creditCents: 0 };
  readonly #take = (line: Line): void => this.#line(line);
  /** Each takes its record, and says whether it stands where it may. */
  readonly #takers: Readonly<Record<string, (line: Line) => boolean>> = {
    "1": (line) => this.#fileHeader(line),
    "5": (line) => this.#batchHeader(line),
    "6": (line) => this.#entry(line),
    "7": (line) => this.#addenda(line),
    "8": (line) => this.#batchControl(line),
    "9": (line) => this.#fileControl(line),
  };
  #place: Place = "start";
  #date: number | undefined;
  #batch: Batch | undefined;
  #lastBatchNumber = 0;
  #odfi: number | undefined;
  #batches = 0;
  #ownBatches = 0;
  /** Findings that speak of the marks, when the batch began. */
  #marksMissing = MARKS.map(() => 0);
  #entries = 0;
  #lineCount = 0;
  /** How many lines the file has with its padding, once its control has come. */
  #linesDue = 0;

  constructor(
    expectations: AchExpectations = {},
    private readonly origin: AchOrigin = "own",
  ) {
    this.#profile = profileOf(expectations);
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk, this.#take);
  }

  end(): AchVerdict {
    this.#lines.end(this.#take);
    this.#closeBatch();
    this.#checkEnd();
    const findings = this.#findings.listed();
    const { debitCents, creditCents } = this.#totals;
    // A damaged file of ours has one of its marks left in some batch.
    const isOwn = this.origin === "own" || this.#batches === 0 || this.#ownBatches > 0;
    return {
      ok: findings.length === 0 || (!isOwn && this.#findings.isSound),
      isOwn,
      findings,
      unlisted: this.#findings.unlisted,
      lines: this.#lineCount,
      batches: this.#batches,
      entries: this.#entries,
      debitCents,
      creditCents,
    };
  }

  #line(line: Line): void {
    this.#lineCount = line.number;
    if (line.number > LINES_MAX) {
      if (line.number === LINES_MAX + 1) this.#findings.add("file_size", line.number, WHOLE_LINE);
      return;
    }
    this.#checkForm(line);
    const take = this.#takers[String.fromCharCode(line.at(1))];
    if (take === undefined) this.#findings.add("record_type", line.number, [1, 1]);
    else if (!(this.#place === "after the file control" ? this.#padding(line) : take(line))) {
      this.#findings.add("record_order", line.number, [1, 1]);
    }
  }

  #checkForm(line: Line): void {
    const { number, length, bytes } = line;
    if (length < COLUMNS) this.#findings.add("line_short", number, [length + 1, COLUMNS]);
    if (length > COLUMNS) this.#findings.add("line_length", number, [COLUMNS + 1, length]);
    if (line.ending !== this.#profile.lineEnding) {
      this.#findings.add("line_ending", number, [length + 1, length + 1]);
    }
    for (let at = 0; at < length && at < COLUMNS; at++) {
      const byte = bytes[at] ?? 0;
      if (byte < 0x20 || byte > 0x7e) this.#findings.add("character", number, [at + 1, at + 1]);
    }
  }

  #fileHeader(line: Line): boolean {
    if (line.number !== 1) return false;
    this.#date = checkFileHeader(line, this.#profile, this.#findings);
    this.#place = "between batches";
    return true;
  }

  #batchHeader(line: Line): boolean {
    const isInPlace = this.#place === "between batches";
    this.#closeBatch();
    const file = {
      date: this.#date,
      odfi: this.#odfi,
      lastBatchNumber: this.#lastBatchNumber,
    };
    this.#marksMissing = MARKS.map((rule) => this.#findings.countOf(rule));
    this.#batch = openBatch(line, file, this.#profile, this.#findings);
    this.#batches++;
    if (this.#batch.odfi >= 0) this.#odfi ??= this.#batch.odfi;
    this.#lastBatchNumber = Math.max(this.#lastBatchNumber, line.digits(88, 94));
    this.#place = "in a batch";
    return isInPlace;
  }

  #entry(line: Line): boolean {
    const batch = this.#batch;
    if (batch === undefined) return false;
    closeEntry(batch, this.#findings);
    this.#entries++;
    const code = checkEntry(line, batch, this.#profile, this.#traces, this.#findings);
    if (code !== undefined) checkBooks(line, batch, code, this.#profile, this.#findings);
    return true;
  }

  #addenda(line: Line): boolean {
    const batch = this.#batch;
    if (batch?.open === undefined) return false;
    checkAddenda(line, batch, batch.open, this.#findings);
    return true;
  }

  #batchControl(line: Line): boolean {
    const batch = this.#batch;
    if (batch === undefined) return false;
    this.#closeBatch();
    checkBatchControl(line, batch, this.#findings);
    this.#place = "between batches";
    return batch.entries > 0;
  }

  #fileControl(line: Line): boolean {
    // Nines before the file control are padding that came too early.
    if (line.isNines()) return false;
    const isInPlace = this.#place === "between batches" && this.#batches > 0;
    this.#closeBatch();
    this.#place = "after the file control";
    this.#linesDue = Math.ceil(line.number / LINES_PER_BLOCK) * LINES_PER_BLOCK;
    const blocks = this.#linesDue / LINES_PER_BLOCK;
    checkFileControl(line, this.#batches, blocks, this.#totals, this.#findings);
    return isInPlace;
  }

  #padding(line: Line): boolean {
    const isPadding = line.isNines();
    if (isPadding && line.number > this.#linesDue) {
      this.#findings.add("padding", line.number, WHOLE_LINE);
    }
    return isPadding;
  }

  /** Judges the batch by what its entries were, and adds it to the file. Closing twice is once. */
  #closeBatch(): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#batch = undefined;
    closeEntry(batch, this.#findings);
    checkBatchEnd(batch, this.#profile, this.#findings);
    const isOwn = MARKS.some((rule, at) => this.#findings.countOf(rule) === this.#marksMissing[at]);
    if (isOwn) this.#ownBatches++;
    for (const key of ["records", "hash", "debitCents", "creditCents"] as const) {
      this.#totals[key] += batch.totals[key];
    }
  }

  /** What is missing is named in the line where it would stand. */
  #checkEnd(): void {
    const next = this.#lineCount + 1;
    if (this.#lineCount > LINES_MAX) return;
    if (this.#place !== "after the file control") {
      this.#findings.add("record_order", next, [1, 1], "the file ends without its control");
    } else if (this.#lineCount < this.#linesDue) {
      this.#findings.add("padding", next, WHOLE_LINE);
    }
  }
}
