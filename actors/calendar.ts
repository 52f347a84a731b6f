/** Dates as people know them, computed from an instant that the caller gives. */
import { assert } from "./assert.ts";

/** A calendar date; `month` 1 to 12, `day` 1 to 31. */
export interface PlainDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The date at `nowMs` in an IANA time zone. */
export function localDate(nowMs: number, timeZone: string): PlainDate {
  assert(Number.isSafeInteger(nowMs), "an instant is whole milliseconds");
  const { year, month, day } =
    Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone);
  return { year, month, day };
}

/**
 * FAQ: the birth date is typed MM/DD/YYYY. Any other form and impossible dates give undefined.
 * Whether the date lies in the future is a question for `ageOn`.
 */
export function parseBirthDate(text: string): PlainDate | undefined {
  const match = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(text);
  if (match === null) return undefined;
  const date = { month: Number(match[1]), day: Number(match[2]), year: Number(match[3]) };
  return date.year >= 1900 && isDate(date) ? date : undefined;
}

function isDate({ year, month, day }: PlainDate): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= Temporal.PlainDate.from({ year, month, day: 1 }).daysInMonth;
}

/**
 * Completed years of life on a date; the birthday itself counts. Someone born on 29 February turns
 * a year older on 1 March of a common year. Negative for a birth in the future.
 */
export function ageOn(birth: PlainDate, today: PlainDate): number {
  const before =
    today.month < birth.month || (today.month === birth.month && today.day < birth.day);
  return today.year - birth.year - (before ? 1 : 0);
}
