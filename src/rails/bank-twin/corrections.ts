/**
 * What notifications of change say is right, columns 36-64 of the 798 addenda (Nacha Operating
 * Rules, Appendix Five). An entry that already says so is answered by nothing: whoever corrects
 * what was told is told once.
 */
import { assert } from "../../../actors/assert.ts";
import { isDebitCode, part } from "./columns.ts";

/** A number that is always good, a bank that exists nowhere but passes every check, a name. */
const RIGHT = { account: "9990000000", bank: "091000019", name: "CORRECTED NAME" } as const;
const DATA_COLUMNS = 29;

/** Undefined when nothing in the entry is wrong any more. */
export function correctionOf(code: string, entry: string): string | undefined {
  const { account, bank, name } = RIGHT;
  // The code of a live entry to a savings account.
  const kind = isDebitCode(part(entry, 2, 3)) ? "37" : "32";
  const has = {
    account: part(entry, 13, 29).trimEnd() === account,
    bank: part(entry, 4, 12) === bank,
    name: part(entry, 55, 76).trimEnd() === name,
    kind: part(entry, 2) === "3",
  };
  const corrections: Readonly<Record<string, readonly [isRight: boolean, data: string]>> = {
    C01: [has.account, account],
    C02: [has.bank, bank],
    C03: [has.bank && has.account, bank.padEnd(12) + account],
    C04: [has.name, name],
    C05: [has.kind, kind],
    C06: [has.account && has.kind, account.padEnd(20) + kind],
    C07: [has.bank && has.account && has.kind, bank + account.padEnd(17) + kind],
  };
  const [isRight, data] = corrections[code] ?? [true, ""];
  assert(data !== "", "the table has only change codes with data");
  assert(data.length <= DATA_COLUMNS, "corrected data have 29 columns");
  return isRight ? undefined : data.padEnd(DATA_COLUMNS);
}
