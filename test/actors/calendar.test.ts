import { expect, test } from "bun:test";
import fc from "fast-check";
import { AssertionFailed } from "../../actors/assert.ts";
import { ageOn, localDate, parseBirthDate } from "../../actors/calendar.ts";

const date = (year: number, month: number, day: number) => ({ year, month, day });

test("a birth date is two, two and four digits and a day that exists", () => {
  for (const [text, expected] of [
    ["05/17/1990", date(1990, 5, 17)],
    ["02/29/2008", date(2008, 2, 29)],
    ["02/29/2000", date(2000, 2, 29)],
    ["12/31/1900", date(1900, 12, 31)],
    ["01/01/2999", date(2999, 1, 1)],
  ] as const) {
    expect(parseBirthDate(text)).toEqual(expected);
  }
});

test("any other form and every impossible date is refused", () => {
  for (const text of [
    "5/17/1990",
    "05/17/90",
    "05-17-1990",
    "1990-05-17",
    "05/17/1990 ",
    " 05/17/1990",
    "05/17/1990\n",
    "０5/17/1990",
    "00/17/1990",
    "13/17/1990",
    "05/00/1990",
    "04/31/1990",
    "02/29/1900",
    "02/29/2007",
    "02/30/2008",
    "12/31/1899",
    "",
  ]) {
    expect([text, parseBirthDate(text)]).toEqual([text, undefined]);
  }
});

test("every day from 1900 to 2100 is read back as it was written", () => {
  const day = fc.date({
    min: new Date(-2_208_988_800_000),
    max: new Date(4_133_894_400_000),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(day, (instant) => {
      const [year, month, dayOfMonth] = instant.toISOString().slice(0, 10).split("-");
      expect(parseBirthDate(`${month}/${dayOfMonth}/${year}`)).toEqual(
        date(Number(year), Number(month), Number(dayOfMonth)),
      );
    }),
  );
});

test("a year of life is complete on the birthday itself", () => {
  for (const [today, age] of [
    [date(2026, 5, 16), 17],
    [date(2026, 5, 17), 18],
    [date(2026, 5, 18), 18],
    [date(2026, 4, 30), 17],
    [date(2026, 6, 1), 18],
    [date(2008, 5, 17), 0],
    [date(2008, 5, 16), -1],
    [date(2007, 12, 31), -1],
  ] as const) {
    expect(ageOn(date(2008, 5, 17), today)).toBe(age);
  }
});

test("someone born on 29 February turns older on 1 March, and on the day in a leap year", () => {
  const born = date(2008, 2, 29);
  for (const [today, age] of [
    [date(2026, 2, 28), 17],
    [date(2026, 3, 1), 18],
    [date(2028, 2, 28), 19],
    [date(2028, 2, 29), 20],
    [date(2028, 3, 1), 20],
  ] as const) {
    expect(ageOn(born, today)).toBe(age);
  }
});

test("the date is that of the time zone, daylight saving included", () => {
  const newYork = "America/New_York";
  for (const [instant, expected] of [
    ["2026-01-01T04:59:59.999Z", date(2025, 12, 31)],
    ["2026-01-01T05:00:00.000Z", date(2026, 1, 1)],
    ["2026-07-01T03:59:59.999Z", date(2026, 6, 30)],
    ["2026-07-01T04:00:00.000Z", date(2026, 7, 1)],
  ] as const) {
    expect(localDate(Date.parse(instant), newYork)).toEqual(expected);
  }
  expect(localDate(0, "UTC")).toEqual(date(1970, 1, 1));
  expect(() => localDate(0.5, "UTC")).toThrow(AssertionFailed);
});
