import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  addBankingDays,
  addDays,
  type BankDate,
  bankDateAt,
  daysBetween,
  instantOf,
  isBankingDay,
  parseBankDate,
} from "../../actors/banking-calendar.ts";

function date(text: string): BankDate {
  const parsed = parseBankDate(text);
  if (parsed === undefined) throw new Error(`${text} is a date`);
  return parsed;
}

const dates = fc.integer({ min: 0, max: 13_514 }).map((days) => addDays(date("2024-01-01"), days));

describe("banking days", () => {
  test.each([
    ["2026-07-03", "the Friday before a holiday on a Saturday"],
    ["2027-06-18", "the Friday before Juneteenth on a Saturday"],
    ["2027-12-24", "the Friday before Christmas on a Saturday"],
    ["2026-11-27", "the day after Thanksgiving"],
  ])("%s is open: %s", (text) => expect(isBankingDay(date(text))).toBe(true));

  test.each([
    ["2026-11-22", "a Sunday"],
    ["2026-11-21", "a Saturday"],
    ["2027-07-05", "the Monday after a holiday on a Sunday"],
    ["2023-01-02", "the Monday after New Year on a Sunday"],
    ["2026-01-19", "the third Monday of January"],
    ["2026-02-16", "the third Monday of February"],
    ["2026-05-25", "the last Monday of May"],
    ["2026-06-19", "Juneteenth"],
    ["2026-09-07", "the first Monday of September"],
    ["2026-10-12", "the second Monday of October"],
    ["2026-11-11", "Veterans Day"],
    ["2026-11-26", "the fourth Thursday of November"],
    ["2026-12-25", "Christmas"],
  ])("%s is closed: %s", (text) => expect(isBankingDay(date(text))).toBe(false));

  test("are counted one by one", () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: 1, max: 30 }), (from, count) => {
        const to = addBankingDays(from, count);
        let open = 0;
        for (let day = addDays(from, 1); day <= to; day = addDays(day, 1)) {
          if (isBankingDay(day)) open++;
        }
        expect([isBankingDay(to), open]).toEqual([true, count]);
      }),
    );
    expect(addBankingDays(date("2026-11-25"), 1)).toBe(date("2026-11-27"));
    expect(addBankingDays(date("2026-11-21"), 0)).toBe(date("2026-11-23"));
    expect(addBankingDays(date("2026-11-23"), 0)).toBe(date("2026-11-23"));
  });
});

describe("dates and instants", () => {
  test("a date is New York's", () => {
    expect(bankDateAt(Date.UTC(2026, 10, 23, 4, 59))).toBe(date("2026-11-22"));
    expect(bankDateAt(Date.UTC(2026, 10, 23, 5, 0))).toBe(date("2026-11-23"));
    expect(bankDateAt(Date.UTC(2026, 6, 1, 3, 59))).toBe(date("2026-06-30"));
  });

  test("a time of day comes back, also on the days when the clock changes", () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: 3, max: 23 }), fc.nat(59), (day, hour, minute) => {
        const atMs = instantOf(day, hour, minute);
        expect(bankDateAt(atMs)).toBe(day);
        const noonMs = instantOf(day, 12);
        expect((atMs - noonMs) / 60_000).toBe((hour - 12) * 60 + minute);
      }),
    );
    // 2026-03-08 has no half past two; 2026-11-01 has two half past ones.
    expect(instantOf(date("2026-03-08"), 2, 30)).toBe(Date.UTC(2026, 2, 8, 7, 30));
    expect(instantOf(date("2026-11-01"), 1, 30)).toBe(Date.UTC(2026, 10, 1, 6, 30));
  });

  test("days are counted between dates", () => {
    fc.assert(
      fc.property(dates, fc.nat(400), (from, days) => {
        expect(daysBetween(from, addDays(from, days))).toBe(days);
      }),
    );
  });

  test.each(["2026-02-29", "2026-13-01", "2026-1-1", "20261123", "", "2026-11-31", "2026-11-23x"])(
    "%p is no date",
    (text) => expect(parseBankDate(text)).toBeUndefined(),
  );
});
