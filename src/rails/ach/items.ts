/** What a reader finds in a file, in the order of the file. */
import type { Secret } from "../../vault/secret.ts";
import type { PosAddenda } from "./addenda-702.ts";
import type { TextAddenda } from "./addenda-705.ts";
import type { NocAddenda, RefusedNocAddenda } from "./addenda-798.ts";
import type { AnyReturnAddenda } from "./addenda-799.ts";
import type { AchBatchControl } from "./batch-control.ts";
import type { AchBatchHeader } from "./batch-header.ts";
import type { Readable } from "./columns.ts";
import type { Corrected } from "./corrected.ts";
import type { EntryRecord } from "./entry.ts";
import type { AchFault, AchReason, Columns } from "./fault.ts";
import type { AchFileControl } from "./file-control.ts";
import type { AchFileHeader } from "./file-header.ts";
import type { Totals } from "./totals.ts";

/** The batch header around an entry; undefined where the file has none. */
type Batch = Readable<AchBatchHeader> | undefined;

export interface FileHeaderItem {
  readonly kind: "file_header";
  readonly line: number;
  readonly header: Readable<AchFileHeader>;
}

export interface BatchHeaderItem {
  readonly kind: "batch_header";
  readonly line: number;
  readonly header: Readable<AchBatchHeader>;
}

/** An entry without a return or notification of change below it. */
export interface EntryItem {
  readonly kind: "entry";
  readonly line: number;
  readonly columns: Columns;
  readonly batch: Batch;
  readonly entry: Readable<EntryRecord>;
  readonly addenda: readonly (Readable<PosAddenda> | Readable<TextAddenda>)[];
  /** The lines of the entry and its addenda. */
  readonly bytes: Secret<Uint8Array>;
}

/** A return whose original trace can be read, whatever else cannot. */
export interface ReturnItem {
  readonly kind: "return";
  readonly line: number;
  readonly batch: Batch;
  /** Undefined where no entry stands above the addenda, or another entry's does. */
  readonly entry: Readable<EntryRecord> | undefined;
  /** All of one original trace: return, dishonouring, contest. The last one gives the state. */
  readonly records: readonly [Readable<AnyReturnAddenda>, ...Readable<AnyReturnAddenda>[]];
}

/** A notification of change whose original trace can be read, or the refusal of one of ours. */
export interface CorrectionItem {
  readonly kind: "correction";
  readonly line: number;
  readonly batch: Batch;
  readonly entry: Readable<EntryRecord> | undefined;
  readonly record: Readable<NocAddenda> | Readable<RefusedNocAddenda>;
  readonly corrected: Corrected;
}

export interface BatchEndItem {
  readonly kind: "batch_end";
  readonly line: number;
  /** Undefined where the batch has no control. */
  readonly control: Readable<AchBatchControl> | undefined;
  /** Added up again; what cannot be read counts nothing. */
  readonly totals: Totals;
  readonly entries: number;
}

export interface FileEndItem {
  readonly kind: "file_end";
  readonly line: number;
  readonly control: Readable<AchFileControl>;
  readonly totals: Totals;
}

/** For people to look at: nothing of a file is thrown away. */
export interface ExceptionItem {
  readonly kind: "exception";
  readonly line: number;
  readonly columns: Columns;
  readonly field: string;
  readonly reason: AchReason;
  readonly bytes: Secret<Uint8Array>;
}

export interface FaultItem {
  readonly kind: "fault";
  readonly fault: AchFault;
}

export type AchItem =
  | FileHeaderItem
  | BatchHeaderItem
  | EntryItem
  | ReturnItem
  | CorrectionItem
  | BatchEndItem
  | FileEndItem
  | ExceptionItem
  | FaultItem;

/** Of the whole file. */
export interface AchSummary {
  readonly lines: number;
  readonly bytes: number;
  readonly batches: number;
  readonly entries: number;
  readonly returns: number;
  readonly corrections: number;
  readonly exceptions: number;
  readonly faults: number;
  readonly totals: Totals;
}
