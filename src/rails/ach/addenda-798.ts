/**
 * Notification of change (NOC) and our refusal of one: record type 7, addenda type 98, in batches
 * of entry class COR. Nacha Operating Rules, Appendix Five.
 */
import { parseTraceNumber, type TraceNumber } from "../../../actors/trace-number.ts";
import { Secret } from "../../vault/secret.ts";
import { isRefusedChange } from "./change-codes.ts";
import { blank, constant, type Decoded, digits, Layout, text } from "./columns.ts";
import { demander } from "./write-error.ts";

interface Change {
  /** 4-6. */
  readonly changeCode: string;
  /** 7-21: of the entry that the change is about. */
  readonly originalTrace: TraceNumber;
  /** 28-35. */
  readonly originalRdfi: string;
  /** 36-64, see corrected.ts. */
  readonly correctedData: Secret<string>;
  /** 80-94. It may differ from its entry's. */
  readonly traceNumber: TraceNumber;
}

export interface NocAddenda extends Change {
  readonly kind: "correction";
}

export interface RefusedNocAddenda extends Change {
  readonly kind: "refused_correction";
  /** 65-67: the change code that is refused. */
  readonly refusedCode: string;
  /** 68-74: the last seven digits of the NOC's trace. */
  readonly nocSequence: string;
}

const HEAD = {
  recordType: constant(1, 3, "798"),
  changeCode: text(4, 6),
  originalTrace: digits(7, 21),
  reserved: blank(22, 27),
  originalRdfi: digits(28, 35),
  correctedData: text(36, 64),
} as const;
const NOC = new Layout("addenda 798", {
  ...HEAD,
  reservedAfter: blank(65, 79),
  traceNumber: digits(80, 94),
});
const REFUSED = new Layout("addenda 798 refused", {
  ...HEAD,
  refusedCode: text(65, 67),
  nocSequence: digits(68, 74),
  reservedAfter: blank(75, 79),
  traceNumber: digits(80, 94),
});
export const NOC_COLUMNS = {
  changeCode: NOC.columns("changeCode"),
  originalTrace: NOC.columns("originalTrace"),
  correctedData: NOC.columns("correctedData"),
} as const;
const demand = demander(NOC.name);

/** Throws AchWriteError. */
export function encodeNoc(addenda: NocAddenda | RefusedNocAddenda): string {
  const isRefused = addenda.kind === "refused_correction";
  demand(/^C[0-9]{2}$/.test(addenda.changeCode), "changeCode", "not_allowed");
  demand(isRefusedChange(addenda.changeCode) === isRefused, "changeCode", "not_allowed");
  const correctedData = addenda.correctedData.expose();
  if (addenda.kind === "correction") return NOC.encode({ ...addenda, correctedData });
  demand(/^C[0-9]{2}$/.test(addenda.refusedCode), "refusedCode", "not_allowed");
  return REFUSED.encode({ ...addenda, correctedData });
}

export function decodeNoc(line: string): Decoded<NocAddenda | RefusedNocAddenda> {
  if (isRefusedChange(line.slice(3, 6))) {
    const { values, faults } = REFUSED.decode(line);
    return { record: { kind: "refused_correction", ...values, ...parsed(values) }, faults };
  }
  const { values, faults } = NOC.decode(line);
  return { record: { kind: "correction", ...values, ...parsed(values) }, faults };
}

interface Raw {
  readonly originalTrace: string | undefined;
  readonly traceNumber: string | undefined;
  readonly correctedData: string | undefined;
}

function parsed({ originalTrace, traceNumber, correctedData }: Raw) {
  return {
    originalTrace: parseTraceNumber(originalTrace ?? ""),
    traceNumber: parseTraceNumber(traceNumber ?? ""),
    correctedData: correctedData === undefined ? undefined : new Secret(correctedData),
  };
}
