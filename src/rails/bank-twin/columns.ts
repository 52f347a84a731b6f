/** Lines of 94 columns as the bank sees them, by its own reckoning. Columns count from 1. */
import { assert } from "../../../actors/assert.ts";

export const LINE_COLUMNS = 94;
export const LINES_PER_BLOCK = 10;
export const NINES = "9".repeat(LINE_COLUMNS);
/** The hash has ten columns; what is more is cut off on the left. */
export const HASH_MODULUS = 10_000_000_000;

export function part(line: string, from: number, to = from): string {
  return line.slice(from - 1, to);
}

/** A line with these texts from these columns on, in rising order, and blank elsewhere. */
export function lineOf(...fields: readonly (readonly [column: number, text: string])[]): string {
  let line = "";
  for (const [column, text] of fields) {
    assert(line.length < column, "a field begins after the one before it");
    line = line.padEnd(column - 1) + text;
  }
  assert(line.length <= LINE_COLUMNS, "the last field ends with the line");
  return line.padEnd(LINE_COLUMNS);
}

export function digits(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/** Of two digits, the second names the direction: 0 to 4 credits, 5 to 9 debits. */
export function isDebitCode(code: string): boolean {
  return code.charAt(1) >= "5";
}

/** Nine digits whose sum under the weights 3, 7, 1 ends in 0. */
export function isBankNumber(nine: string): boolean {
  if (!/^[0-9]{9}$/.test(nine) || nine === "000000000") return false;
  const at = (index: number): number => Number(nine[index]);
  const sum = 3 * (at(0) + at(3) + at(6)) + 7 * (at(1) + at(4) + at(7)) + at(2) + at(5) + at(8);
  return sum % 10 === 0;
}
