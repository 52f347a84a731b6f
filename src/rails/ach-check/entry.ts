/** An entry, record 6, against its batch. */
import { type Batch, noteCode } from "./batch.ts";
import type { AchEntryClass, Profile } from "./expectations.ts";
import type { Findings } from "./findings.ts";
import type { Line } from "./line.ts";
import { type Code, codeOf, MICRO } from "./policy.ts";
import { isRoutingAt } from "./routing.ts";
import { textLeft } from "./text.ts";
import type { Traces } from "./traces.ts";

const BLANK = 0x20;
const HYPHEN = 0x2d;
/** Nacha: micro-entries are credits of less than one dollar. */
const MICRO_CENTS_MAX = 99;

/** Checks an entry and adds it to its batch. The books come later, in entry-books.ts. */
export function checkEntry(
  line: Line,
  batch: Batch,
  profile: Profile,
  traces: Traces,
  findings: Findings,
): Code | undefined {
  const { number } = line;
  const code = codeOf(line.digits(2, 3));
  if (code === undefined) findings.add("transaction_code", number, [2, 3]);
  else {
    noteCode(batch, code);
    const isForeign = batch.classCode === (code.direction === "credit" ? 225 : 220);
    if (isForeign) findings.add("class_direction", number, [2, 3]);
  }
  if (!isRoutingAt(line, 4)) findings.add("rdfi", number, [4, 12]);
  if (!isAccountNumber(line)) findings.add("account_number", number, [13, 29]);
  const cents = line.digits(30, 39);
  if (cents < 0) findings.add("number", number, [30, 39]);
  else if (code !== undefined) checkAmount(line, cents, code, batch, profile, findings);
  if (needsReceipt(batch, code) && line.isBlank(40, 54)) {
    findings.add("individual_id", number, [40, 54]);
  }
  if (line.isBlank(55, 76)) findings.add("individual_name", number, [55, 76]);
  textLeft(line, [40, 54], findings);
  textLeft(line, [55, 76], findings);
  if (batch.sec !== undefined && !isPaymentType(line, batch.sec, profile)) {
    findings.add("payment_type", number, [77, 78]);
  }
  checkTrace(line, batch, traces, findings);
  openEntry(line, batch);
  addUp(line, cents, code, batch);
  return code;
}

/** 1 to 17 of A-Z 0-9 and hyphen from column 13, then blanks. */
function isAccountNumber(line: Line): boolean {
  let column = 13;
  while (column <= 29 && isAccountByte(line.at(column))) column++;
  return column > 13 && (column > 29 || line.isBlank(column, 29));
}

function isAccountByte(byte: number): boolean {
  const isDigit = byte >= 0x30 && byte <= 0x39;
  return isDigit || (byte >= 0x41 && byte <= 0x5a) || byte === HYPHEN;
}

function checkAmount(
  { number }: Line,
  cents: number,
  code: Code,
  batch: Batch,
  profile: Profile,
  findings: Findings,
): void {
  if (code.isPrenote) {
    if (cents !== 0) findings.add("prenote_amount", number, [30, 39]);
    return;
  }
  if (cents === 0) findings.add("amount_zero", number, [30, 39]);
  if (batch.isSameDay && cents > profile.sameDayCentsMax) {
    findings.add("same_day_amount", number, [30, 39]);
  }
  const isMicroCredit = batch.description === MICRO && code.direction === "credit";
  if (isMicroCredit && cents > MICRO_CENTS_MAX) findings.add("micro_amount", number, [30, 39]);
}

/** Money taken for a purchase: POS and WEB debits that move money and are no micro-entries. */
function needsReceipt({ sec, description }: Batch, code: Code | undefined): boolean {
  const isPurchase = (sec === "POS" || sec === "WEB") && description !== MICRO;
  return isPurchase && code?.direction === "debit" && !code.isPrenote;
}

function isPaymentType(line: Line, sec: AchEntryClass, profile: Profile): boolean {
  if (sec === "POS") return line.text(77, 78) === "01";
  if (sec === "WEB") return profile.webPaymentTypes.includes(line.text(77, 78));
  return line.at(77) === BLANK && line.at(78) === BLANK;
}

function checkTrace(line: Line, batch: Batch, traces: Traces, findings: Findings): void {
  const { number } = line;
  const [odfi, sequence] = [line.digits(80, 87), line.digits(88, 94)];
  if (odfi !== batch.odfi || odfi < 0) findings.add("trace_odfi", number, [80, 87]);
  if (sequence < 0) findings.add("number", number, [88, 94]);
  else {
    if (sequence <= batch.lastSequence) findings.add("trace_order", number, [80, 94]);
    if (odfi === batch.odfi && !traces.add(sequence)) {
      findings.add("trace_unique", number, [80, 94]);
    }
    batch.lastSequence = sequence;
  }
}

/** The entry's flag and trace: its addenda records are held against them. */
function openEntry(line: Line, batch: Batch): void {
  const [traceOdfi, traceSequence] = [line.digits(80, 87), line.digits(88, 94)];
  const flag = line.digits(79, 79);
  batch.open = { line: line.number, flag, traceOdfi, traceSequence, addenda: 0 };
}

/** What cannot be read counts as nothing: the controls then differ, and that is said as well. */
function addUp(line: Line, cents: number, code: Code | undefined, batch: Batch): void {
  const { totals } = batch;
  batch.entries++;
  totals.records++;
  totals.hash += Math.max(0, line.digits(4, 11));
  if (code?.direction === "credit") totals.creditCents += Math.max(0, cents);
  if (code?.direction === "debit") totals.debitCents += Math.max(0, cents);
}
