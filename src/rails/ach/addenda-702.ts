/** POS addenda, record type 7, addenda type 02: place and terminal. Nacha, Appendix Three. */
import { parseTraceNumber, type TraceNumber } from "../../../actors/trace-number.ts";
import { constant, type Decoded, digits, Layout, text } from "./columns.ts";
import { isMonthDay } from "./dates.ts";
import { demander } from "./write-error.ts";

export interface PosAddenda {
  readonly kind: "pos";
  /** 4-10 and 11-13. */
  readonly reference1: string;
  readonly reference2: string;
  /** 14-19: the lane's code. */
  readonly terminalId: string;
  /** 20-25: serial number of the purchase at the terminal. */
  readonly serialNumber: string;
  /** 26-29: MMDD. */
  readonly purchaseDate: string;
  /** 30-35. */
  readonly authorisationCode: string;
  /** 36-62, 63-77 and 78-79. */
  readonly location: string;
  readonly city: string;
  readonly state: string;
}

const LAYOUT = new Layout("addenda 702", {
  recordType: constant(1, 3, "702"),
  reference1: text(4, 10),
  reference2: text(11, 13),
  terminalId: text(14, 19),
  serialNumber: text(20, 25),
  purchaseDate: text(26, 29),
  authorisationCode: text(30, 35),
  location: text(36, 62),
  city: text(63, 77),
  state: text(78, 79),
  traceNumber: digits(80, 94),
});
const demand = demander(LAYOUT.name);
export const POS_TRACE_COLUMNS = LAYOUT.columns("traceNumber");

/** `trace` is the entry's. Throws AchWriteError. */
export function encodePosAddenda(addenda: PosAddenda, trace: TraceNumber): string {
  // One code for each lane, of six characters, never given out again.
  demand(/^[!-~]{6}$/.test(addenda.terminalId), "terminalId", "not_allowed");
  for (const field of ["serialNumber", "location", "city"] as const) {
    demand(addenda[field].trim() !== "", field, "blank");
  }
  demand(isMonthDay(addenda.purchaseDate), "purchaseDate", "not_a_date");
  demand(/^[A-Z]{2}$/.test(addenda.state), "state", "not_allowed");
  return LAYOUT.encode({ ...addenda, traceNumber: trace });
}

export function decodePosAddenda(line: string): Decoded<PosAddenda & WithTrace> {
  const { values, faults } = LAYOUT.decode(line);
  const traceNumber = parseTraceNumber(values.traceNumber ?? "");
  return { record: { kind: "pos", ...values, traceNumber }, faults };
}

interface WithTrace {
  readonly traceNumber: TraceNumber;
}
