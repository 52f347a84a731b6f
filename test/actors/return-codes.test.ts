import { describe, expect, test } from "bun:test";
import {
  creditActionOf,
  isOurMistake,
  isReturnCode,
  meaningOf,
  RETURN_CODES,
  type ReturnCode,
  rateOf,
} from "../../actors/return-codes.ts";

/** money.md, section 8. */
describe("a return code does what its row says", () => {
  test.each([
    ["R01 R09", "retry", false, "overall"],
    ["R02 R03 R04", "replace_bank_account", false, "administrative"],
    ["R13 R20", "replace_bank_account", false, "overall"],
    ["R08", "wait_for_consent", false, "overall"],
    ["R05 R07 R10", "revoke", true, "unauthorised"],
    ["R11", "dispute", true, "unauthorised"],
    ["R15 R16", "freeze", false, "overall"],
    // Two banking days: a business has no sixty.
    ["R29", "dispute", false, "unauthorised"],
    // Of a credit that its receiver refused; nobody is blocked for it.
    ["R23", "our_defect", false, "overall"],
    ["R17 R18 R19 R24 R25 R26 R27 R28", "our_defect", false, "overall"],
  ] as const)("%s", (codes, action, isLate, rate) => {
    for (const code of codes.split(" ")) {
      expect([code, meaningOf(code as ReturnCode)]).toMatchObject([code, { action, isLate, rate }]);
    }
  });

  test("and no other code has one", () => {
    expect(Object.keys(RETURN_CODES)).toHaveLength(24);
    for (const code of ["R06", "R12", "R61", "R97", "", "toString"]) {
      expect([code, isReturnCode(code)]).toEqual([code, false]);
    }
  });
});

describe("a credit of ours that comes back", () => {
  test.each([
    ["R02 R03 R04 R13 R20", "replace_bank_account"],
    ["R23", "name_another"],
    ["R01 R07 R10 R16 R17 R29", "look"],
  ] as const)("%s: %s", (codes, action) => {
    for (const code of codes.split(" ")) {
      expect([code, creditActionOf(code as ReturnCode)]).toEqual([code, action]);
    }
  });

  test("for a mistake of ours is an alarm, refused by its receiver it is none", () => {
    const ours = ["R17", "R18", "R19", "R24", "R25", "R26", "R27", "R28"];
    for (const direction of ["debit", "credit"] as const) {
      const found = Object.keys(RETURN_CODES).filter((code) => isOurMistake(code, direction));
      expect(found.sort()).toEqual(direction === "debit" ? [...ours, "R23"].sort() : ours);
    }
    expect(isOurMistake("R97", "debit")).toBe(false);
  });
});

test("every code has a rate, also those that nobody acts on", () => {
  const rates = ["R10", "R51", "R02", "R01", "R97"].map(rateOf);
  expect(rates).toEqual([
    ...(["unauthorised", "unauthorised", "administrative", "overall", "overall"] as const),
  ]);
});
