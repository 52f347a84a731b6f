/** Batch control, record type 8. Nacha Operating Rules, Appendix Three. */
import { amount, blank, constant, count, type Decoded, digits, Layout, text } from "./columns.ts";
import type { Totals } from "./totals.ts";

/** The totals, and again what the batch header says. */
export interface AchBatchControl extends Totals {
  /** 2-4. */
  readonly serviceClass: string;
  /** 45-54. */
  readonly companyId: string;
  /** 80-87. */
  readonly odfi: string;
  /** 88-94. */
  readonly batchNumber: number;
}

const LAYOUT = new Layout("batch control", {
  recordType: constant(1, 1, "8"),
  serviceClass: digits(2, 4),
  entriesAndAddenda: count(5, 10),
  hash: count(11, 20),
  debitCents: amount(21, 32),
  creditCents: amount(33, 44),
  companyId: text(45, 54),
  authentication: blank(55, 73),
  reserved: blank(74, 79),
  odfi: digits(80, 87),
  batchNumber: count(88, 94),
});

export function batchControlColumns(field: keyof AchBatchControl) {
  return LAYOUT.columns(field);
}

/** Throws AchWriteError. */
export function encodeBatchControl(control: AchBatchControl): string {
  return LAYOUT.encode(control);
}

export function decodeBatchControl(line: string): Decoded<AchBatchControl> {
  const { values, faults } = LAYOUT.decode(line);
  return { record: values, faults };
}
