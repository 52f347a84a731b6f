import { expect, test } from "bun:test";
import { isStatementName } from "../../actors/statement-name.ts";

test("a statement name has 3 to 16 of its characters and no blank at either end", () => {
  for (const name of ["ABC", "CORNER GROCERY", "A&B", "7-11", "*A*", "JOE.S", "ABCDEFGHIJKLMNOP"]) {
    expect([name, isStatementName(name)]).toEqual([name, true]);
  }
  for (const name of [
    "",
    "AB",
    "ABCDEFGHIJKLMNOPQ",
    " ABC",
    "ABC ",
    "Abc",
    "CAFÉ",
    "A'B",
    "A\nB",
  ]) {
    expect([name, isStatementName(name)]).toEqual([name, false]);
  }
});
