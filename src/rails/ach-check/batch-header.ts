/** The batch header, record 5, as far as it can be judged before its entries are known. */
import { bankingDaysAfter, dayOfDigits, isBankingDay } from "./banking-day.ts";
import type { AchEntryClass, Profile } from "./expectations.ts";
import type { Columns, Findings } from "./findings.ts";
import type { Line } from "./line.ts";
import { isPrefixAt } from "./routing.ts";
import { textLeft } from "./text.ts";

/** What the file has said before this batch. */
export interface FileSoFar {
  /** Days since 1970-01-01; undefined where the file header has no date. */
  readonly date: number | undefined;
  /** The bank of the first batch, as its eight digits; undefined before that. */
  readonly odfi: number | undefined;
  readonly lastBatchNumber: number;
}

const COMPANY_NAME: Columns = [5, 20];
const COMPANY_ID: Columns = [41, 50];
const EFFECTIVE: Columns = [70, 75];
const DESCRIPTIVE: Columns = [64, 69];
const TEXTS: readonly Columns[] = [COMPANY_NAME, [21, 40], COMPANY_ID, [54, 63], DESCRIPTIVE];
/** When the Federal Reserve settles what is sent on the same day. */
const SETTLES_AT: readonly string[] = ["1300", "1700", "1800"];

/** Checks what the record says by itself and after the batches before it. */
export function checkBatchHeader(
  line: Line,
  file: FileSoFar,
  profile: Profile,
  findings: Findings,
): void {
  const { number } = line;
  if (![200, 220, 225].includes(line.digits(2, 4))) findings.add("class", number, [2, 4]);
  if (line.field(21, 40) !== profile.discretionaryData) {
    findings.add("discretionary_data", number, [21, 40]);
  }
  if (entryClassOf(line) === undefined) findings.add("sec", number, [51, 53]);
  if (line.isBlank(54, 63)) findings.add("description", number, [54, 63]);
  checkEffectiveDate(line, file, profile, findings);
  checkSameDayMark(line, file, profile, findings);
  if (!line.isBlank(76, 78)) findings.add("settlement_day", number, [76, 78]);
  if (line.text(79, 79) !== "1") findings.add("originator_status", number, [79, 79]);
  const odfi = line.digits(80, 87);
  const isOther = profile.odfi !== undefined && line.text(80, 87) !== profile.odfi;
  if (isOther || !isPrefixAt(line, 80) || odfi !== (file.odfi ?? odfi)) {
    findings.add("odfi", number, [80, 87]);
  }
  if (line.digits(88, 94) <= file.lastBatchNumber) findings.add("batch_number", number, [88, 94]);
  for (const field of TEXTS) textLeft(line, field, findings);
}

export function entryClassOf(line: Line): AchEntryClass | undefined {
  const text = line.text(51, 53);
  return text === "POS" || text === "WEB" || text === "PPD" || text === "CCD" ? text : undefined;
}

/**
 * Name and id of the company, when the batch's direction is known: a friend's credit bears the
 * sender there, as the bank's format says, so its name and id are free.
 */
export function checkCompany(
  header: Line,
  isFriends: boolean,
  profile: Profile,
  findings: Findings,
): void {
  const [name, id] = [header.field(...COMPANY_NAME), header.field(...COMPANY_ID)];
  const isNamed = isFriends ? name !== "" : /^[A-Z0-9 &.*-]{3,16}$/.test(name);
  if (!isNamed) findings.add("company_name", header.number, COMPANY_NAME);
  const isKnown = isFriends
    ? id !== ""
    : id === (profile.companyId ?? id) && /^1[0-9]{9}$/.test(id);
  if (!isKnown) findings.add("company_id", header.number, COMPANY_ID);
}

/** Is the batch to settle on the day of the file, or of its hand-over? */
export function isSameDay(header: Line, file: FileSoFar, profile: Profile): boolean {
  const day = dayOfDigits(header.digits(...EFFECTIVE));
  return day !== undefined && day === firstDay(file, profile);
}

/** The descriptive date is anybody's text, but for the mark of a batch that settles today. */
function checkSameDayMark(line: Line, file: FileSoFar, profile: Profile, findings: Findings): void {
  const text = line.text(...DESCRIPTIVE);
  if (!/^SD[0-9]{4}$/.test(text)) return;
  const isWindow = SETTLES_AT.includes(text.slice(2));
  if (!isWindow || !isSameDay(line, file, profile)) {
    findings.add("same_day_mark", line.number, DESCRIPTIVE);
  }
}

/** The earliest effective date that is not past, as far as anything is known of it. */
function firstDay({ date }: FileSoFar, { todayDay }: Profile): number | undefined {
  if (date === undefined || todayDay === undefined) return date ?? todayDay;
  return Math.max(date, todayDay);
}

/** A date, a banking day; then not past, not today unless that is on, not far ahead. */
function checkEffectiveDate(
  line: Line,
  file: FileSoFar,
  profile: Profile,
  findings: Findings,
): void {
  const { number } = line;
  const day = dayOfDigits(line.digits(...EFFECTIVE));
  if (day === undefined) {
    findings.add("effective_date", number, EFFECTIVE);
    return;
  }
  if (!isBankingDay(day)) findings.add("banking_day", number, EFFECTIVE);
  const first = firstDay(file, profile);
  if (first === undefined) return;
  if (day < first) findings.add("effective_date_past", number, EFFECTIVE);
  else if (day > bankingDaysAfter(first, profile.bankingDaysAheadMax)) {
    findings.add("effective_date_late", number, EFFECTIVE);
  } else if (day === first && profile.sameDay === false) {
    findings.add("same_day", number, EFFECTIVE);
  }
}
