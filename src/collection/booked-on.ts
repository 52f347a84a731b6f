/**
 * The day on which the bank booked what a file of returns tells of. The operator of the network
 * writes it into columns 76-78 of the batch header, as the day of the year (Nacha Operating Rules,
 * Appendix Three). When it was read says nothing: we may have been away for a week.
 */
import { type BankDate, daysBetween } from "../../actors/banking-calendar.ts";

/** Of a batch whose day cannot be read: that of its file; without that, today. */
export function bookedOn(
  settlementDay: string | undefined,
  fileDate: BankDate | undefined,
  today: BankDate,
): BankDate {
  const near = fileDate ?? today;
  const day = /^[0-9]{3}$/.test(settlementDay ?? "") ? Number(settlementDay) : 0;
  return day === 0 ? near : (nearestDay(day, near) ?? near);
}

/** The year is not in the field: the one that brings the day next to `near`. */
function nearestDay(dayOfYear: number, near: BankDate): BankDate | undefined {
  const { year } = Temporal.PlainDate.from(near);
  const dates = [year - 1, year, year + 1].flatMap((one): BankDate[] => {
    const first = Temporal.PlainDate.from({ year: one, month: 1, day: 1 });
    if (dayOfYear > first.daysInYear) return [];
    return [first.add({ days: dayOfYear - 1 }).toString() as BankDate];
  });
  const away = (date: BankDate): number => Math.abs(daysBetween(near, date));
  return dates.toSorted((a, b) => away(a) - away(b))[0];
}
