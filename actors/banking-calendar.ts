/**
 * The banking days of the Federal Reserve: Monday to Friday without its eleven holidays, in New
 * York. A holiday on a Saturday closes nothing (the Friday before is open); one on a Sunday closes
 * the Monday after (Federal Reserve Bank Services, holiday schedules). Dates are ISO texts, which
 * sort as they follow one another.
 */
import { assert } from "./assert.ts";

declare const dateBrand: unique symbol;
/** `2026-11-23`: a date in New York, not an instant. */
export type BankDate = string & { readonly [dateBrand]: "BankDate" };

const TIME_ZONE = "America/New_York";
const FORM = /^\d{4}-\d{2}-\d{2}$/;
const SATURDAY = 6;
const SUNDAY = 7;
/** No chain of closed days is longer: Christmas on a Friday or Monday makes three. */
const CLOSED_DAYS_MAX = 5;
/** Years whose answer is kept. */
const YEARS_MAX = 200;

/** Undefined for a text that is no date. */
export function parseBankDate(text: string): BankDate | undefined {
  if (!FORM.test(text)) return undefined;
  try {
    return Temporal.PlainDate.from(text, { overflow: "reject" }).toString() as BankDate;
  } catch {
    return undefined;
  }
}

/** The date in New York at `nowMs`. */
export function bankDateAt(nowMs: number): BankDate {
  const instant = Temporal.Instant.fromEpochMilliseconds(nowMs);
  return instant.toZonedDateTimeISO(TIME_ZONE).toPlainDate().toString() as BankDate;
}

/** A time of day in New York as Unix milliseconds; the later one where there are two. */
export function instantOf(date: BankDate, hour: number, minute = 0): number {
  const time = Temporal.PlainTime.from({ hour, minute });
  const zoned = Temporal.PlainDate.from(date)
    .toPlainDateTime(time)
    .toZonedDateTime(TIME_ZONE, { disambiguation: "later" });
  return zoned.epochMilliseconds;
}

export function addDays(date: BankDate, days: number): BankDate {
  return Temporal.PlainDate.from(date).add({ days }).toString() as BankDate;
}

export function daysBetween(from: BankDate, to: BankDate): number {
  return Temporal.PlainDate.from(from).until(to, { largestUnit: "days" }).days;
}

export function isBankingDay(date: BankDate): boolean {
  const { dayOfWeek, year } = Temporal.PlainDate.from(date);
  return dayOfWeek < SATURDAY && !closedDays(year).has(date);
}

/** The `count`-th banking day after `date`, which need not be one itself; 0: `date` or the next. */
export function addBankingDays(date: BankDate, count: number): BankDate {
  assert(Number.isInteger(count) && count >= 0, "banking days are counted forward");
  let day = count === 0 ? date : addDays(date, 1);
  for (let left = Math.max(count, 1); ; left--) {
    day = openDay(day);
    if (left === 1) return day;
    day = addDays(day, 1);
  }
}

function openDay(date: BankDate): BankDate {
  let day = date;
  for (let closed = 0; !isBankingDay(day); closed++) {
    assert(closed < CLOSED_DAYS_MAX, "the bank opens within a week");
    day = addDays(day, 1);
  }
  return day;
}

const years = new Map<number, ReadonlySet<BankDate>>();

/** The weekdays of a year on which the Federal Reserve is closed. */
function closedDays(year: number): ReadonlySet<BankDate> {
  const known = years.get(year);
  if (known !== undefined) return known;
  const closed = new Set<BankDate>();
  for (const holiday of holidaysOf(year)) {
    const isSunday = holiday.dayOfWeek === SUNDAY;
    closed.add((isSunday ? holiday.add({ days: 1 }) : holiday).toString() as BankDate);
  }
  if (years.size >= YEARS_MAX) years.clear();
  years.set(year, closed);
  return closed;
}

function holidaysOf(year: number): readonly Temporal.PlainDate[] {
  const day = (month: number, date: number) => Temporal.PlainDate.from({ year, month, day: date });
  return [
    day(1, 1), // New Year's Day
    nthWeekday(year, 1, 1, 3), // Birthday of Martin Luther King, Jr.
    nthWeekday(year, 2, 1, 3), // Washington's Birthday
    lastMonday(year, 5), // Memorial Day
    day(6, 19), // Juneteenth
    day(7, 4), // Independence Day
    nthWeekday(year, 9, 1, 1), // Labor Day
    nthWeekday(year, 10, 1, 2), // Columbus Day
    day(11, 11), // Veterans Day
    nthWeekday(year, 11, 4, 4), // Thanksgiving Day
    day(12, 25), // Christmas Day
  ];
}

/** Weekdays from 1, Monday. */
function nthWeekday(year: number, month: number, weekday: number, nth: number): Temporal.PlainDate {
  const first = Temporal.PlainDate.from({ year, month, day: 1 });
  const days = ((weekday - first.dayOfWeek + 7) % 7) + 7 * (nth - 1);
  return first.add({ days });
}

function lastMonday(year: number, month: number): Temporal.PlainDate {
  const first = Temporal.PlainDate.from({ year, month, day: 1 });
  const last = first.add({ days: first.daysInMonth - 1 });
  return last.subtract({ days: last.dayOfWeek - 1 });
}
