/** Control records against what was added up: the faults, with what would be right. */
import { type AchBatchControl, batchControlColumns } from "./batch-control.ts";
import type { AchBatchHeader } from "./batch-header.ts";
import type { Readable } from "./columns.ts";
import type { PieceFault } from "./entry-group.ts";
import { type AchFileControl, BLOCK_LINES, fileControlColumns } from "./file-control.ts";
import type { Totals } from "./totals.ts";

const TOTALS = ["entriesAndAddenda", "hash", "debitCents", "creditCents"] as const;
const HEADER = ["serviceClass", "companyId", "odfi", "batchNumber"] as const;

export function compareBatch(
  control: Readable<AchBatchControl>,
  header: Readable<AchBatchHeader> | undefined,
  totals: Totals,
): PieceFault[] {
  const faults: PieceFault[] = [];
  for (const field of TOTALS) {
    const [found, expected] = [control[field], totals[field]];
    if (found === undefined || found === expected) continue;
    const columns = batchControlColumns(field);
    faults.push({ columns, field, reason: "total_differs", expected: String(expected) });
  }
  for (const field of HEADER) {
    const [found, expected] = [control[field], header?.[field]];
    if (found === undefined || expected === undefined) continue;
    // Some banks justify the company id on the right in one of the two.
    if (String(found).trim() === String(expected).trim()) continue;
    const columns = batchControlColumns(field);
    faults.push({ columns, field, reason: "header_differs", expected: String(expected) });
  }
  return faults;
}

export interface FoundInFile {
  readonly batches: number;
  /** Lines up to the file control, which is one of them; padding is what fills the last block. */
  readonly records: number;
  readonly totals: Totals;
}

export function compareFile(
  control: Readable<AchFileControl>,
  { batches, records, totals }: FoundInFile,
): PieceFault[] {
  const blocks = Math.ceil(records / BLOCK_LINES);
  const expected = { ...totals, batches, blocks };
  return (["batches", "blocks", ...TOTALS] as const).flatMap((field): PieceFault[] => {
    if (control[field] === undefined || control[field] === expected[field]) return [];
    const columns = fileControlColumns(field);
    return [{ columns, field, reason: "total_differs", expected: String(expected[field]) }];
  });
}
