/** A batch while it is read: its header, what its entries add up to, and the entry still open. */
import { checkBatchHeader, entryClassOf, type FileSoFar, isSameDay } from "./batch-header.ts";
import type { AchEntryClass, Profile } from "./expectations.ts";
import type { Findings } from "./findings.ts";
import type { Line } from "./line.ts";
import type { Code } from "./policy.ts";

/** Sums of entries. Beyond 2^53 they are not exact, but far beyond what 12 columns can say. */
export interface Totals {
  /** Entries and addenda records. */
  records: number;
  /** The receivers' banks without check digits, not yet cut to ten digits. */
  hash: number;
  debitCents: number;
  creditCents: number;
}

/** The last entry: its addenda records may still follow. */
export interface OpenEntry {
  readonly line: number;
  /** Column 79; -1 where it is no digit. */
  readonly flag: number;
  /** Columns 80-87 and 88-94; -1 where they are no digits. */
  readonly traceOdfi: number;
  readonly traceSequence: number;
  addenda: number;
}

export interface Batch {
  readonly header: Line;
  /** Undefined where the header names none that we send. */
  readonly sec: AchEntryClass | undefined;
  readonly classCode: number;
  readonly description: string;
  readonly odfi: number;
  readonly isSameDay: boolean;
  readonly totals: Totals;
  entries: number;
  /** Live entries and prenotes of each direction. */
  readonly live: { credit: boolean; debit: boolean };
  readonly prenotes: { credit: boolean; debit: boolean };
  lastSequence: number;
  open: OpenEntry | undefined;
  /** What was said of the header once need not be said for each entry. */
  readonly said: Set<string>;
}

export function openBatch(
  line: Line,
  file: FileSoFar,
  profile: Profile,
  findings: Findings,
): Batch {
  checkBatchHeader(line, file, profile, findings);
  const header = line.copy();
  return {
    header,
    sec: entryClassOf(header),
    classCode: header.digits(2, 4),
    description: header.field(54, 63),
    odfi: header.digits(80, 87),
    isSameDay: isSameDay(header, file, profile),
    totals: { records: 0, hash: 0, debitCents: 0, creditCents: 0 },
    entries: 0,
    live: { credit: false, debit: false },
    prenotes: { credit: false, debit: false },
    lastSequence: -1,
    open: undefined,
    said: new Set(),
  };
}

/** Notes that the batch holds an entry of this kind. */
export function noteCode(batch: Batch, { direction, isPrenote }: Code): void {
  (isPrenote ? batch.prenotes : batch.live)[direction] = true;
}
