import { describe, expect, test } from "bun:test";
import { CHANGE_CODES, isRefusedChange } from "../../../src/rails/ach/change-codes.ts";
import { correctedData, correctedOf } from "../../../src/rails/ach/corrected.ts";
import { isReturnCode } from "../../../src/rails/ach/return-codes.ts";
import { codeFor, directionOf, transactionCode } from "../../../src/rails/ach/transaction-codes.ts";
import { Secret } from "../../../src/vault/secret.ts";
import { plain } from "./arbitraries.ts";

describe("transaction codes", () => {
  test("checking and savings, both ways, live, prenote and returned", () => {
    const codes = (["checking", "savings"] as const).flatMap((account) =>
      (["credit", "debit"] as const).map((direction) =>
        (["live", "prenote", "return"] as const).map((use) => codeFor(account, direction, use)),
      ),
    );
    expect(codes).toEqual([
      ["22", "23", "21"],
      ["27", "28", "26"],
      ["32", "33", "31"],
      ["37", "38", "36"],
    ]);
  });

  test("the table and the digits say the same of every code", () => {
    for (let number = 0; number < 100; number++) {
      const text = String(number).padStart(2, "0");
      const known = transactionCode(text);
      if (known === undefined) continue;
      expect([text, directionOf(text)]).toEqual([text, known.direction]);
      if (known.account === "ledger" || known.account === "loan") continue;
      expect(codeFor(known.account, known.direction, known.use)).toBe(text);
    }
    expect(transactionCode("20")).toBeUndefined();
    expect(transactionCode("99")).toBeUndefined();
  });
});

test("codes that no table knows", () => {
  expect(["R01", "R06", "R23", "R51", "R63", "R85"].every(isReturnCode)).toBe(true);
  for (const code of ["R00", "R48", "R78", "R86", "R97", "R1", "C01", "", "r01"]) {
    expect([code, isReturnCode(code)]).toEqual([code, false]);
  }
});

describe("corrected data", () => {
  const account = new Secret("744-5678-99");
  test.each([
    ["C01", { account }, "744-5678-99"],
    ["C02", { routing: "231380104" }, "231380104"],
    ["C03", { routing: "231380104", account }, "231380104   744-5678-99"],
    ["C04", { name: new Secret("ANNA O HARA") }, "ANNA O HARA"],
    ["C05", { code: "37" }, "37"],
    ["C06", { account, code: "37" }, `${"744-5678-99".padEnd(20)}37`],
    ["C07", { routing: "231380104", account, code: "37" }, "231380104744-5678-99      37"],
    ["C09", { individualId: "R-0001" }, "R-0001"],
    ["C13", {}, ""],
  ])("of %s stand in their columns", (code, parts, columns) => {
    expect(correctedData(code, parts).expose()).toBe(columns);
    expect(plain(correctedOf(code, columns))).toEqual({ kind: "known", parts: plain(parts) });
    expect(plain(correctedOf(code, columns.padEnd(29)))).toEqual(plain(correctedOf(code, columns)));
  });

  test("that do not hold what their code is about are unreadable", () => {
    for (const [code, columns, part] of [
      ["C01", "", "account"],
      ["C01", "12 34", "account"],
      // No file of ours may hold it, so no bank account may be corrected to it.
      ["C01", "12ab", "account"],
      ["C02", "231380105", "routing"],
      ["C03", "231380104", "account"],
      ["C03", "23138010 744-5678-99", "routing"],
      ["C05", "99", "code"],
      ["C06", "744-5678-99", "code"],
      ["C07", "231380104744-5678-99", "code"],
    ] as const) {
      expect<unknown>([code, columns, correctedOf(code, columns)]).toEqual([
        ...[code, columns],
        { kind: "unreadable", part },
      ]);
    }
  });

  test("of a code that no table knows are text", () => {
    expect(correctedOf("C50", "anything")).toEqual({ kind: "unknown" });
  });

  test("each code has a title; C61 to C69 are refusals and no changes", () => {
    for (const [code, { title }] of CHANGE_CODES) {
      expect([title.length > 0, isRefusedChange(code)]).toEqual([true, false]);
    }
    expect(["C60", "C61", "C69", "C70", "C6"].map(isRefusedChange)).toEqual([
      ...[false, true, true, false, false],
    ]);
  });
});
