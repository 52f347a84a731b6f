/** The checker's own calendar: days by hand, and the switch's calendar beside it. */
import { expect, test } from "bun:test";
import {
  addBankingDays,
  parseBankDate,
  isBankingDay as switchIsBankingDay,
} from "../../../actors/banking-calendar.ts";
import {
  bankingDaysAfter,
  dayOf,
  dayOfDigits,
  dayOfIso,
  isBankingDay,
} from "../../../src/rails/ach-check/banking-day.ts";

function day(text: string): number {
  const found = dayOfIso(text);
  if (found === undefined) throw new Error(`${text} is no date`);
  return found;
}

function textOf(at: number): string {
  return new Date(at * 86_400_000).toISOString().slice(0, 10);
}

test("the holidays of 2026 and 2027, and what a weekend makes of them", () => {
  const closed = [
    ...["2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-09-07"],
    ...["2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25", "2027-01-01", "2027-07-05"],
    ...["2026-11-21", "2026-11-22", "2028-12-25", "2023-01-02"],
  ];
  // 4 July 2026, 19 June and 25 December 2027 are Saturdays: the Friday before is open.
  const open = [
    ...["2026-07-03", "2027-06-18", "2027-12-24", "2026-11-20", "2026-11-23", "2026-11-27"],
    ...["2027-06-21", "2026-12-24", "2026-12-31", "2028-07-05"],
  ];
  expect(closed.filter((text) => isBankingDay(day(text)))).toEqual([]);
  expect(open.filter((text) => !isBankingDay(day(text)))).toEqual([]);
});

test("on every day of 2024 to 2060 it agrees with the calendar of the switch", () => {
  const differing: string[] = [];
  let banking = 0;
  for (let at = day("2024-01-01"); at <= day("2060-12-31"); at++) {
    const text = textOf(at);
    const theirs = parseBankDate(text);
    if (theirs === undefined) throw new Error(`${text} is a date`);
    const isOpen = isBankingDay(at);
    if (isOpen) banking++;
    const isSame =
      isOpen === switchIsBankingDay(theirs) &&
      [1, 5].every(
        (count) => textOf(bankingDaysAfter(at, count)) === addBankingDays(theirs, count),
      );
    if (!isSame) differing.push(text);
  }
  expect(differing).toEqual([]);
  // 37 years of 52 weeks, less 9 to 11 holidays each.
  expect(banking).toBeGreaterThan(37 * 248);
  expect(banking).toBeLessThan(37 * 253);
}, 20_000);

test("dates that no calendar has are none", () => {
  for (const [year, month, of] of [
    [2026, 0, 1],
    [2026, 13, 1],
    [2026, 2, 29],
    [2026, 4, 31],
    [2026, 1, 0],
    [2026, 1, 32],
  ] as const) {
    expect(dayOf(year, month, of)).toBeUndefined();
  }
  expect(dayOf(2028, 2, 29)).toBe(day("2028-02-28") + 1);
  expect(dayOfDigits(261332)).toBeUndefined();
  expect(dayOfDigits(-1)).toBeUndefined();
  expect(dayOfDigits(0)).toBeUndefined();
  expect(dayOfDigits(261123)).toBe(day("2026-11-23"));
  expect(dayOfDigits(101)).toBe(day("2000-01-01"));
  for (const text of ["2026-11-31", "261123", "2026-1-1", "2026-11-23 ", ""]) {
    expect(dayOfIso(text)).toBeUndefined();
  }
});

test("banking days are counted over weekends and holidays", () => {
  for (const [from, count, to] of [
    ["2026-11-20", 0, "2026-11-20"],
    ["2026-11-20", 1, "2026-11-23"],
    ["2026-11-20", 4, "2026-11-27"],
    ["2026-11-20", 5, "2026-11-30"],
    ["2026-12-24", 1, "2026-12-28"],
    ["2026-11-21", 1, "2026-11-23"],
  ] as const) {
    expect(bankingDaysAfter(day(from), count)).toBe(day(to));
  }
});
