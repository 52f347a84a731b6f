/** The batch control, record 8, and the file control, record 9, against what was counted. */
import type { Batch, Totals } from "./batch.ts";
import type { Findings } from "./findings.ts";
import type { Line } from "./line.ts";
import { MICRO } from "./policy.ts";

/** Nacha: the entry hash keeps the low ten digits. */
const HASH_MODULUS = 10_000_000_000;

export function checkBatchControl(line: Line, batch: Batch, findings: Findings): void {
  const { number } = line;
  const { header, totals } = batch;
  const isSame = (from: number, to: number, of: number): boolean =>
    line.text(from, to) === header.text(of, of + to - from);
  if (!isSame(2, 4, 2)) findings.add("control_class", number, [2, 4]);
  compare(line, "control_count", [5, 10], totals.records, findings);
  compare(line, "control_hash", [11, 20], totals.hash % HASH_MODULUS, findings);
  compare(line, "control_debits", [21, 32], totals.debitCents, findings);
  compare(line, "control_credits", [33, 44], totals.creditCents, findings);
  if (!isSame(45, 54, 41)) findings.add("control_company_id", number, [45, 54]);
  if (!line.isBlank(55, 73)) findings.add("reserved", number, [55, 73]);
  if (!line.isBlank(74, 79)) findings.add("reserved", number, [74, 79]);
  if (!isSame(80, 87, 80)) findings.add("control_odfi", number, [80, 87]);
  if (!isSame(88, 94, 88)) findings.add("control_batch_number", number, [88, 94]);
  if (batch.description === MICRO && totals.debitCents > totals.creditCents) {
    findings.add("micro_amount", number, [21, 32]);
  }
}

/** `blocks` counts the lines of the file in tens, padding included. */
export function checkFileControl(
  line: Line,
  batches: number,
  blocks: number,
  totals: Totals,
  findings: Findings,
): void {
  compare(line, "file_batches", [2, 7], batches, findings);
  compare(line, "file_blocks", [8, 13], blocks, findings);
  compare(line, "file_entries", [14, 21], totals.records, findings);
  compare(line, "file_hash", [22, 31], totals.hash % HASH_MODULUS, findings);
  compare(line, "file_debits", [32, 43], totals.debitCents, findings);
  compare(line, "file_credits", [44, 55], totals.creditCents, findings);
  if (!line.isBlank(56, 94)) findings.add("reserved", line.number, [56, 94]);
}

function compare(
  line: Line,
  rule: Parameters<Findings["add"]>[0],
  columns: readonly [number, number],
  counted: number,
  findings: Findings,
): void {
  const stated = line.digits(...columns);
  if (stated < 0) findings.add("number", line.number, columns);
  else if (stated !== counted) findings.add(rule, line.number, columns, `counted ${counted}`);
}
