/** Addenda records 702 and 705, and whether an entry has those that it needs. */
import type { Batch, OpenEntry } from "./batch.ts";
import type { Findings } from "./findings.ts";
import type { Line } from "./line.ts";
import { ADDENDA } from "./policy.ts";
import { textLeft } from "./text.ts";

/** Days of the months: a date without a year may be 29 February. */
const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

const TERMINAL_TEXTS = [
  [4, 10],
  [11, 13],
  [20, 25],
  [30, 35],
  [36, 62],
  [63, 77],
] as const;

/** Checks an addenda record of the open entry and counts it. */
export function checkAddenda(line: Line, batch: Batch, entry: OpenEntry, findings: Findings): void {
  const { number } = line;
  const type = line.text(1, 3);
  entry.addenda++;
  batch.totals.records++;
  if (type !== "702" && type !== "705") {
    findings.add("record_type", number, [1, 3]);
    return;
  }
  if (batch.sec !== undefined && ADDENDA[batch.sec] !== type) {
    findings.add("addenda_type", number, [1, 3]);
  }
  if (entry.addenda > 1) findings.add("addenda_count", number, [1, 3]);
  if (type === "702") checkTerminal(line, entry, findings);
  else checkText(line, entry, findings);
}

function checkTerminal(line: Line, entry: OpenEntry, findings: Findings): void {
  const { number } = line;
  if (line.text(14, 19).includes(" ")) findings.add("terminal", number, [14, 19]);
  if (line.isBlank(20, 25)) findings.add("terminal", number, [20, 25]);
  const [month, day] = [line.digits(26, 27), line.digits(28, 29)];
  if (day < 1 || day > (MONTH_DAYS[month - 1] ?? 0)) {
    findings.add("terminal_date", number, [26, 29]);
  }
  if (line.isBlank(36, 62)) findings.add("terminal_place", number, [36, 62]);
  if (line.isBlank(63, 77)) findings.add("terminal_place", number, [63, 77]);
  if (!/^[A-Z]{2}$/.test(line.text(78, 79))) findings.add("terminal_place", number, [78, 79]);
  const isEntrys =
    line.digits(80, 87) === entry.traceOdfi && line.digits(88, 94) === entry.traceSequence;
  if (!isEntrys) findings.add("addenda_trace", number, [80, 94]);
  for (const field of TERMINAL_TEXTS) textLeft(line, field, findings);
}

function checkText(line: Line, entry: OpenEntry, findings: Findings): void {
  const { number } = line;
  if (line.isBlank(4, 83)) findings.add("addenda_text", number, [4, 83]);
  textLeft(line, [4, 83], findings);
  if (line.digits(84, 87) !== entry.addenda) findings.add("addenda_sequence", number, [84, 87]);
  if (line.digits(88, 94) !== entry.traceSequence) {
    findings.add("addenda_trace", number, [88, 94]);
  }
}

/** When the next record that is no addenda record comes: has the entry what it says? */
export function closeEntry(batch: Batch, findings: Findings): void {
  const entry = batch.open;
  batch.open = undefined;
  if (entry === undefined) return;
  if (entry.flag !== (entry.addenda > 0 ? 1 : 0)) {
    findings.add("addenda_flag", entry.line, [79, 79]);
  }
  if (batch.sec === "POS" && entry.addenda === 0) {
    findings.add("pos_addenda", entry.line, [79, 79]);
  }
}
