/** An entry against what the books say of its purchase. */
import type { Batch } from "./batch.ts";
import type { AchExpectedEntry, AchOriginal, Profile } from "./expectations.ts";
import type { Columns, Findings } from "./findings.ts";
import type { Line } from "./line.ts";
import { type Code, isOfPurchase, RETRY, REVERSAL } from "./policy.ts";
import type { AchRule } from "./rules.ts";

/** Looks the entry up, where the caller has books, and compares. Prenotes are in no book. */
export function checkBooks(
  line: Line,
  batch: Batch,
  code: Code,
  { entries, channels }: Profile,
  findings: Findings,
): void {
  if (entries === undefined || code.isPrenote) return;
  const known = entries.get(line.field(40, 54));
  const isRetry = batch.description === RETRY;
  const isReversal = batch.description === REVERSAL;
  if ((isRetry || isReversal) && known?.original === undefined) {
    findings.add("original_unknown", line.number, [40, 54]);
  }
  if (known === undefined) return;
  const { original, channel } = known;
  if (original !== undefined && (isRetry || isReversal)) {
    checkOriginal(line, batch, original, findings);
  }
  const isPurchase = isRetry || isOfPurchase(batch.description);
  if (code.direction === "debit" && isPurchase) {
    checkStatementName(line, batch, known, findings);
  }
  const expected = channel === undefined ? undefined : channels[channel];
  if (expected === undefined || code.direction !== (channel === "friend" ? "credit" : "debit")) {
    return;
  }
  if (isPurchase && batch.sec !== expected.sec) {
    say("channel_sec", batch, [51, 53], line, findings);
  }
  if (isPurchase && !isRetry && batch.description !== expected.description) {
    say("channel_description", batch, [54, 63], line, findings);
  }
}

/** The payee's name, or for a retry that of the same payee. */
function checkStatementName(
  line: Line,
  batch: Batch,
  { statementName }: AchExpectedEntry,
  findings: Findings,
): void {
  if (statementName === undefined) return;
  if (batch.header.field(5, 20) !== statementName) {
    say("statement_name", batch, [5, 20], line, findings);
  }
}

function checkOriginal(line: Line, batch: Batch, original: AchOriginal, findings: Findings): void {
  const { header } = batch;
  if (line.digits(30, 39) !== original.amountCents) {
    findings.add("original_amount", line.number, [30, 39]);
  }
  if (header.field(5, 20) !== original.companyName) {
    say("original_company", batch, [5, 20], line, findings);
  }
  if (header.field(41, 50) !== original.companyId) {
    say("original_company", batch, [41, 50], line, findings);
  }
  if (batch.sec !== original.sec) say("original_sec", batch, [51, 53], line, findings);
}

/** Of the header, once a batch, with the line of the first entry that says so. */
function say(
  rule: AchRule,
  { said, header }: Batch,
  columns: Columns,
  entry: Line,
  findings: Findings,
): void {
  const key = `${rule} ${columns[0]}`;
  if (said.has(key)) return;
  said.add(key);
  findings.add(rule, header.number, columns, `so says the entry in line ${entry.number}`);
}
