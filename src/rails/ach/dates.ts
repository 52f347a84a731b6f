/**
 * Dates as ACH files write them: YYMMDD, of this century (Nacha Operating Rules, Appendix Three).
 * Months and days of addenda are MMDD, times HHMM.
 */
import { assert } from "../../../actors/assert.ts";
import { type BankDate, parseBankDate } from "../../../actors/banking-calendar.ts";

const CENTURY = "20";
const SIX = /^([0-9]{2})([0-9]{2})([0-9]{2})$/;

/** YYMMDD of a date in this century. */
export function achDate(date: BankDate): string {
  assert(date.startsWith(CENTURY), "an ACH date is of this century");
  return date.slice(2).replaceAll("-", "");
}

/** The date of YYMMDD; undefined for any other form and for days that do not exist. */
export function parseAchDate(text: string): BankDate | undefined {
  const match = SIX.exec(text);
  if (match === null) return undefined;
  return parseBankDate(`${CENTURY}${match[1]}-${match[2]}-${match[3]}`);
}

/** MMDD, of a leap year: the year is not in the field. */
export function isMonthDay(text: string): boolean {
  return parseAchDate(`00${text}`) !== undefined;
}

/** HHMM, 0000 to 2359. */
export function isTime(text: string): boolean {
  return /^([01][0-9]|2[0-3])[0-5][0-9]$/.test(text);
}
