/**
 * Returns: record type 7, addenda type 99. A bank's return, our dishonouring of it (R61-R70) and
 * the bank's contest (R71-R77) share the first 35 columns. Nacha Operating Rules, Appendix Four.
 */
import { parseTraceNumber, type TraceNumber } from "../../../actors/trace-number.ts";
import { blank, constant, type Decoded, digits, Layout, text } from "./columns.ts";
import { parseAchDate } from "./dates.ts";
import { demander } from "./write-error.ts";

interface AnyReturn {
  /** 4-6: R and two digits. */
  readonly code: string;
  /** 7-21: of the entry that comes back. The one thing that a return is matched by. */
  readonly originalTrace: TraceNumber;
  /** 28-35. */
  readonly originalRdfi: string;
  /** 80-94: its own trace. */
  readonly traceNumber: TraceNumber;
}

export interface ReturnAddenda extends AnyReturn {
  readonly kind: "return";
  /** 22-27: YYMMDD with R14 and R15, otherwise empty. */
  readonly dateOfDeath: string;
  /** 36-79. */
  readonly information: string;
}

interface AboutReturn extends AnyReturn {
  /** 39-53: of the return that this is about. */
  readonly returnTrace: string;
  /** 54-56: day of the year. */
  readonly returnSettlementDay: string;
  /** 57-58: digits of the return code. */
  readonly returnReason: string;
}

export interface DishonouredReturnAddenda extends AboutReturn {
  readonly kind: "dishonoured_return";
  /** 59-79. */
  readonly information: string;
}

export interface ContestedReturnAddenda extends AboutReturn {
  readonly kind: "contested_return";
  /** 22-27: YYMMDD. */
  readonly originalReturnedOn: string;
  /** 36-38. */
  readonly originalSettlementDay: string;
  /** 59-73, 74-76 and 77-78: of the dishonoured return. */
  readonly dishonouredTrace: string;
  readonly dishonouredSettlementDay: string;
  readonly dishonouredReason: string;
}

export type AnyReturnAddenda = ReturnAddenda | DishonouredReturnAddenda | ContestedReturnAddenda;

const HEAD = {
  recordType: constant(1, 3, "799"),
  code: text(4, 6),
  originalTrace: digits(7, 21),
} as const;
const RETURN = new Layout("addenda 799", {
  ...HEAD,
  dateOfDeath: text(22, 27),
  originalRdfi: digits(28, 35),
  information: text(36, 79),
  traceNumber: digits(80, 94),
});
const DISHONOURED = new Layout("addenda 799 dishonoured", {
  ...HEAD,
  reserved: blank(22, 27),
  originalRdfi: digits(28, 35),
  reservedAfter: blank(36, 38),
  returnTrace: digits(39, 53),
  returnSettlementDay: digits(54, 56),
  returnReason: digits(57, 58),
  information: text(59, 79),
  traceNumber: digits(80, 94),
});
const CONTESTED = new Layout("addenda 799 contested", {
  ...HEAD,
  originalReturnedOn: digits(22, 27),
  originalRdfi: digits(28, 35),
  originalSettlementDay: digits(36, 38),
  returnTrace: digits(39, 53),
  returnSettlementDay: digits(54, 56),
  returnReason: digits(57, 58),
  dishonouredTrace: digits(59, 73),
  dishonouredSettlementDay: digits(74, 76),
  dishonouredReason: digits(77, 78),
  reserved: blank(79, 79),
  traceNumber: digits(80, 94),
});
export const RETURN_COLUMNS = {
  code: RETURN.columns("code"),
  originalTrace: RETURN.columns("originalTrace"),
  traceNumber: RETURN.columns("traceNumber"),
} as const;
const demand = demander(RETURN.name);

/** Which of the three a code belongs to. Codes that no table knows are returns. */
export function returnKind(code: string): AnyReturnAddenda["kind"] {
  if (/^R(6[1-9]|70)$/.test(code)) return "dishonoured_return";
  return /^R7[1-7]$/.test(code) ? "contested_return" : "return";
}

/** `trace` is the entry's, which is the return's own trace. Throws AchWriteError. */
export function encodeReturn(addenda: AnyReturnAddenda, trace: TraceNumber): string {
  demand(addenda.traceNumber === trace, "traceNumber", "addenda_trace");
  demand(/^R[0-9]{2}$/.test(addenda.code), "code", "not_allowed");
  demand(returnKind(addenda.code) === addenda.kind, "code", "not_allowed");
  if (addenda.kind === "dishonoured_return") return DISHONOURED.encode(addenda);
  if (addenda.kind === "contested_return") return CONTESTED.encode(addenda);
  const { code, dateOfDeath: date } = addenda;
  demand(date === "" || parseAchDate(date) !== undefined, "dateOfDeath", "not_a_date");
  demand(date === "" || code === "R14" || code === "R15", "dateOfDeath", "not_allowed");
  return RETURN.encode(addenda);
}

export function decodeReturn(line: string): Decoded<AnyReturnAddenda> {
  const kind = returnKind(line.slice(3, 6));
  if (kind === "dishonoured_return") {
    const { values, faults } = DISHONOURED.decode(line);
    return { record: { kind, ...values, ...parsed(values) }, faults };
  }
  if (kind === "contested_return") {
    const { values, faults } = CONTESTED.decode(line);
    return { record: { kind, ...values, ...parsed(values) }, faults };
  }
  const { values, faults } = RETURN.decode(line);
  return { record: { kind, ...values, ...parsed(values) }, faults };
}

interface Raw {
  readonly originalTrace: string | undefined;
  readonly traceNumber: string | undefined;
}

function parsed({ originalTrace, traceNumber }: Raw) {
  return {
    originalTrace: parseTraceNumber(originalTrace ?? ""),
    traceNumber: parseTraceNumber(traceNumber ?? ""),
  };
}
