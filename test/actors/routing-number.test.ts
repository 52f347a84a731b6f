import { expect, test } from "bun:test";
import { checkDigit, isRoutingNumber, isRoutingPrefix } from "../../actors/routing-number.ts";

/** Public numbers of a Federal Reserve bank and of large banks. */
const GIVEN = ["011000015", "021000021", "026009593", "121000248", "322271627"];

test("a routing number is nine digits with weights 3-7-1 and a known first pair", () => {
  for (const number of GIVEN) expect([number, isRoutingNumber(number)]).toEqual([number, true]);
  for (const text of [
    "",
    "000000000",
    "01100001",
    "0110000150",
    " 011000015",
    "01100001O",
    "0110-0015",
    "０11000015",
    "011000015\n",
  ]) {
    expect([text, isRoutingNumber(text)]).toEqual([text, false]);
  }
});

test("no wrong digit passes, and no swap of neighbours but those that are five apart", () => {
  for (const number of GIVEN) {
    for (let at = 0; at < 9; at++) {
      for (let digit = 0; digit <= 9; digit++) {
        const wrong = `${number.slice(0, at)}${digit}${number.slice(at + 1)}`;
        expect([wrong, isRoutingNumber(wrong)]).toEqual([wrong, wrong === number]);
      }
      const [left = "", right = left] = number.slice(at, at + 2);
      const swapped = `${number.slice(0, at)}${right}${left}${number.slice(at + 2)}`;
      const unseen = (Number(left) - Number(right)) % 5 === 0;
      if (!unseen) expect([swapped, isRoutingNumber(swapped)]).toEqual([swapped, false]);
    }
  }
});

test("only first pairs that the Federal Reserve gives out are taken", () => {
  const pairs = Array.from({ length: 100 }, (_, pair) => String(pair).padStart(2, "0"));
  const taken = pairs.filter((pair) =>
    Array.from({ length: 10 }, (_, check) => `${pair}000010${check}`).some(isRoutingNumber),
  );
  const range = (low: number, high: number) => pairs.slice(low, high + 1);
  expect(taken).toEqual([...range(0, 12), ...range(21, 32), ...range(61, 72), "80"]);
});

test("the check digit is the one that the first eight digits need", () => {
  for (const number of GIVEN) expect(checkDigit(number.slice(0, 8))).toBe(number.slice(8));
});

test("eight digits name a bank where the ninth makes them a routing number", () => {
  for (const number of GIVEN) expect(isRoutingPrefix(number.slice(0, 8))).toBe(true);
  for (const text of ["00000000", "99000000", "1210428", "121042882", "1210428x", ""]) {
    expect([text, isRoutingPrefix(text)]).toEqual([text, false]);
  }
});
