import { expect, test } from "bun:test";
import { endingOf } from "../../src/vault/bank-account-ending.ts";

const shown = (account_number: string): unknown => {
  const { kind, owner, bytes } = endingOf("3", { account_number, kind: "savings" });
  return [kind, owner, JSON.parse(Buffer.from(bytes).toString())];
};

test("an ending is the last four letters, and never more than half of a short number", () => {
  for (const [number, last_four] of [
    ["1", ""],
    ["12", "2"],
    ["123", "3"],
    ["1234567", "567"],
    ["12345678", "5678"],
    ["00-1234567890-XY", "0-XY"],
  ] as const) {
    const row = ["bank-account-ending", "3", { kind: "savings", last_four }];
    expect(shown(number)).toEqual(row);
  }
});
