/**
 * Trace numbers name one ACH entry: the first eight digits of the bank that originates it (ODFI),
 * then a sequence of seven. Kept as text: leading zeros count. Nacha Operating Rules, Appendix
 * Three, entry detail record, positions 80-94.
 */
import { assert } from "./assert.ts";

declare const traceBrand: unique symbol;
export type TraceNumber = string & { readonly [traceBrand]: "TraceNumber" };

const TRACE_SEQUENCE_MAX = 9_999_999;
const SEQUENCE_DIGITS = 7;

/** The trace number of an ODFI (eight digits) and a sequence (0 to TRACE_SEQUENCE_MAX). */
export function traceNumber(odfi: string, sequence: number): TraceNumber {
  assert(/^[0-9]{8}$/.test(odfi), "an ODFI is named by eight digits");
  assert(Number.isInteger(sequence), "a trace sequence is whole");
  assert(sequence >= 0 && sequence <= TRACE_SEQUENCE_MAX, "a trace sequence has seven digits");
  return (odfi + String(sequence).padStart(SEQUENCE_DIGITS, "0")) as TraceNumber;
}

/** The trace number when `text` is exactly fifteen digits; undefined otherwise. */
export function parseTraceNumber(text: string): TraceNumber | undefined {
  return /^[0-9]{15}$/.test(text) ? (text as TraceNumber) : undefined;
}
