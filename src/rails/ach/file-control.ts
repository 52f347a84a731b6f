/** File control, record type 9, and the lines of nines after it. Nacha, Appendix Three. */
import { amount, blank, constant, count, type Decoded, Layout, RECORD_COLUMNS } from "./columns.ts";
import type { Totals } from "./totals.ts";

export interface AchFileControl extends Totals {
  /** 2-7. */
  readonly batches: number;
  /** 8-13: blocks of ten lines, padding included. */
  readonly blocks: number;
}

/** Lines in a block; files are padded to whole blocks. */
export const BLOCK_LINES = 10;
export const PADDING = "9".repeat(RECORD_COLUMNS);

const LAYOUT = new Layout("file control", {
  recordType: constant(1, 1, "9"),
  batches: count(2, 7),
  blocks: count(8, 13),
  entriesAndAddenda: count(14, 21),
  hash: count(22, 31),
  debitCents: amount(32, 43),
  creditCents: amount(44, 55),
  reserved: blank(56, 94),
});

export function fileControlColumns(field: keyof AchFileControl) {
  return LAYOUT.columns(field);
}

/** Throws AchWriteError. */
export function encodeFileControl(control: AchFileControl): string {
  return LAYOUT.encode(control);
}

export function decodeFileControl(line: string): Decoded<AchFileControl> {
  const { values, faults } = LAYOUT.decode(line);
  return { record: values, faults };
}
