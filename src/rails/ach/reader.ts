/**
 * The reader. A forward file is taken whole or refused with the first fault and its place. Of an
 * inbound file nothing is thrown away: each return and each notification of change whose original
 * trace can be read is kept, whatever is wrong around it; all else becomes an exception with its
 * bytes and the reason. What a file holds never makes it throw.
 */
import { assert } from "../../../actors/assert.ts";
import type { Addenda } from "./addenda.ts";
import type { AchBatchHeader } from "./batch-header.ts";
import type { AchFault } from "./fault.ts";
import type { AchFileControl } from "./file-control.ts";
import type { AchFileHeader } from "./file-header.ts";
import type { AchItem, AchSummary, CorrectionItem, EntryItem, ReturnItem } from "./items.ts";
import { ACH_LIMITS, type AchLimits, AchScan } from "./scan.ts";
import type { AchEntry } from "./write-rules.ts";

/** Bytes of a file, in pieces of any length. */
export type ByteStream = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Everything in a file, in its order, as it comes; faults among it. Returns the figures. */
export async function* scanAch(
  source: ByteStream,
  limits: AchLimits = ACH_LIMITS,
): AsyncGenerator<AchItem, AchSummary, undefined> {
  const scan = new AchScan(limits);
  for await (const chunk of source) yield* scan.push(chunk);
  yield* scan.end();
  return scan.summary();
}

/**
 * An inbound file: an entry with neither return nor notification of change below it is an exception
 * here. Faults are told, and stop nothing.
 */
export async function* readInbound(
  source: ByteStream,
  limits: AchLimits = ACH_LIMITS,
): AsyncGenerator<Exclude<AchItem, EntryItem>, AchSummary, undefined> {
  const scan = new AchScan(limits);
  for await (const chunk of source) yield* inbound(scan.push(chunk));
  yield* inbound(scan.end());
  const summary = scan.summary();
  return { ...summary, exceptions: summary.exceptions + summary.entries };
}

function* inbound(items: Iterable<AchItem>): Generator<Exclude<AchItem, EntryItem>> {
  for (const item of items) {
    if (item.kind !== "entry") {
      yield item;
      continue;
    }
    const { line, columns, bytes } = item;
    const field = "addenda";
    yield { kind: "exception", line, columns, field, reason: "no_return_addenda", bytes };
  }
}

export interface ForwardBatch {
  readonly header: AchBatchHeader;
  readonly entries: readonly AchEntry[];
  /** Dishonoured returns and refusals of corrections, which we send too. */
  readonly answers: readonly (ReturnItem | CorrectionItem)[];
}

export interface ForwardFile {
  readonly header: AchFileHeader;
  readonly batches: readonly ForwardBatch[];
  readonly control: AchFileControl;
}

export type ForwardResult =
  | { readonly kind: "whole"; readonly file: ForwardFile; readonly summary: AchSummary }
  /** The first faults in the order of the file; `summary.faults` counts them all. */
  | {
      readonly kind: "refused";
      readonly faults: readonly [AchFault, ...AchFault[]];
      readonly summary: AchSummary;
    };

/** Faults that are listed; a file of junk has one in every line. */
const FAULTS_MAX = 100;

/** A forward file, held in memory: whole, or refused and then nothing of it. */
export async function readForward(
  source: ByteStream,
  limits: AchLimits = ACH_LIMITS,
): Promise<ForwardResult> {
  const scan = new AchScan(limits);
  const collector = new ForwardCollector();
  for await (const chunk of source) collector.take(scan.push(chunk));
  collector.take(scan.end());
  const summary = scan.summary();
  const [fault, ...more] = collector.faults;
  if (fault !== undefined) return { kind: "refused", faults: [fault, ...more], summary };
  return { kind: "whole", file: collector.file(), summary };
}

class ForwardCollector {
  readonly faults: AchFault[] = [];
  #header: AchFileHeader | undefined;
  #control: AchFileControl | undefined;
  #batches: {
    header: AchBatchHeader;
    entries: AchEntry[];
    answers: (ReturnItem | CorrectionItem)[];
  }[] = [];

  take(items: Iterable<AchItem>): void {
    for (const item of items) {
      if (item.kind === "fault") this.#refuse(item.fault);
      else if (this.faults.length === 0) this.#keep(item);
    }
  }

  file(): ForwardFile {
    const header = this.#header;
    const control = this.#control;
    assert(header !== undefined && control !== undefined, "a file without a fault is complete");
    return { header, batches: this.#batches, control };
  }

  #refuse(fault: AchFault): void {
    if (this.faults.length < FAULTS_MAX) this.faults.push(fault);
    this.#batches = [];
  }

  #keep(item: AchItem): void {
    const batch = this.#batches.at(-1);
    switch (item.kind) {
      case "file_header":
        this.#header = complete<AchFileHeader>(item.header);
        break;
      case "batch_header": {
        const header = complete<AchBatchHeader>(item.header);
        this.#batches.push({ header, entries: [], answers: [] });
        break;
      }
      case "entry": {
        const { hasAddenda: _, ...entry } = item.entry;
        const addenda = item.addenda.map((one) => complete<Addenda>(one));
        batch?.entries.push(complete<AchEntry>({ ...entry, addenda }));
        break;
      }
      case "return":
      case "correction":
        batch?.answers.push(item);
        break;
      case "file_end":
        this.#control = complete<AchFileControl>(item.control);
        break;
      case "batch_end":
      case "exception":
      case "fault":
        break;
    }
  }
}

/** A record of which no field has a fault, as what it is. */
function complete<R>(record: object): R {
  for (const value of Object.values(record)) {
    assert(value !== undefined, "a record without a fault has all its fields");
  }
  return record as R;
}
