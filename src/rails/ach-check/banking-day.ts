/**
 * Banking days of the United States, by the checker's own reckoning. A day is the number of days
 * since 1970-01-01. The calendar is that of the Federal Reserve Banks: Monday to Friday without
 * eleven holidays; one that falls on a Sunday closes the Monday after, one on a Saturday nothing.
 */

const DAY_MS = 86_400_000;
const [SUNDAY, MONDAY, THURSDAY, SATURDAY] = [0, 1, 4, 6] as const;

/** Month and day: New Year, Juneteenth, Independence, Veterans, Christmas. */
const FIXED = new Set(["1/1", "6/19", "7/4", "11/11", "12/25"]);

/** Weekday, month, and the seven days among which the holiday falls. */
const FLOATING = [
  [MONDAY, 1, 15, 21], // third Monday: Martin Luther King
  [MONDAY, 2, 15, 21], // third Monday: Washington
  [MONDAY, 5, 25, 31], // last Monday: Memorial
  [MONDAY, 9, 1, 7], // first Monday: Labor
  [MONDAY, 10, 8, 14], // second Monday: Columbus
  [THURSDAY, 11, 22, 28], // fourth Thursday: Thanksgiving
] as const;

/** The day of a date; undefined for a date that no calendar has. `month` is 1 to 12. */
export function dayOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists && month >= 1 ? date.getTime() / DAY_MS : undefined;
}

/** The day of YYMMDD as one number; years are those of this century. -1 gives undefined. */
export function dayOfDigits(digits: number): number | undefined {
  if (digits < 0) return undefined;
  const [year, rest] = [Math.floor(digits / 10_000), digits % 10_000];
  return dayOf(2000 + year, Math.floor(rest / 100), rest % 100);
}

/** The day of YYYY-MM-DD; undefined for anything else. */
export function dayOfIso(text: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return match === null ? undefined : dayOf(Number(match[1]), Number(match[2]), Number(match[3]));
}

export function isBankingDay(day: number): boolean {
  const date = new Date(day * DAY_MS);
  const [weekday, month, of] = [date.getUTCDay(), date.getUTCMonth() + 1, date.getUTCDate()];
  if (weekday === SUNDAY || weekday === SATURDAY) return false;
  if (FIXED.has(`${month}/${of}`)) return false;
  // No fixed holiday ends a month, so where it counts the Sunday before is of the same one.
  if (weekday === MONDAY && FIXED.has(`${month}/${of - 1}`)) return false;
  return !FLOATING.some(
    ([on, inMonth, first, last]) =>
      weekday === on && month === inMonth && of >= first && of <= last,
  );
}

/** The last day that is at most `count` banking days after `day`. */
export function bankingDaysAfter(day: number, count: number): number {
  let at = day;
  for (let left = count; left > 0; ) {
    at++;
    if (isBankingDay(at)) left--;
  }
  return at;
}
