/** Batch header, record type 5. Nacha Operating Rules, Appendix Three. */
import { isRoutingPrefix } from "../../../actors/routing-number.ts";
import { isStatementName } from "../../../actors/statement-name.ts";
import { constant, count, type Decoded, digits, Layout, text } from "./columns.ts";
import { parseAchDate } from "./dates.ts";
import type { FieldFault } from "./fault.ts";
import { demander } from "./write-error.ts";

/** 200 mixed, 220 credits only, 225 debits only. */
export type ServiceClass = "200" | "220" | "225";
const SERVICE_CLASSES: readonly string[] = ["200", "220", "225"] satisfies ServiceClass[];

export interface AchBatchHeader {
  /** 2-4: as a ServiceClass; kept as it is in files of others. */
  readonly serviceClass: string;
  /** 5-20: the name by which the payee is known, see statement-name.ts. */
  readonly companyName: string;
  /** 21-40. */
  readonly companyDiscretionaryData: string;
  /** 41-50: 1 and the tax number. Banks key stop payments on it. */
  readonly companyId: string;
  /** 51-53: standard entry class. */
  readonly sec: string;
  /** 54-63: upper case. */
  readonly entryDescription: string;
  /** 64-69: for people; any text. */
  readonly descriptiveDate: string;
  /** 70-75: YYMMDD. */
  readonly effectiveEntryDate: string;
  /** 76-78: day of the year; the operator fills it. */
  readonly settlementDay: string;
  /** 80-87: first eight digits of the originating bank. */
  readonly odfi: string;
  /** 88-94: ascending in the file. */
  readonly batchNumber: number;
}

const LAYOUT = new Layout("batch header", {
  recordType: constant(1, 1, "5"),
  serviceClass: digits(2, 4),
  companyName: text(5, 20),
  companyDiscretionaryData: text(21, 40),
  companyId: text(41, 50),
  sec: text(51, 53),
  entryDescription: text(54, 63),
  descriptiveDate: text(64, 69),
  effectiveEntryDate: text(70, 75),
  settlementDay: text(76, 78),
  originatorStatus: constant(79, 79, "1"),
  odfi: digits(80, 87),
  batchNumber: count(88, 94),
});
const demand = demander(LAYOUT.name);

/** Throws AchWriteError. What depends on the file around it is checked by write-rules.ts. */
export function encodeBatchHeader(header: AchBatchHeader): string {
  demand(SERVICE_CLASSES.includes(header.serviceClass), "serviceClass", "not_allowed");
  // A credit between people bears who sends it there, as the bank's format says.
  const isFriends = header.sec === "WEB" && header.serviceClass === "220";
  const { companyName, companyId } = header;
  demand(
    isFriends ? companyName !== "" : isStatementName(companyName),
    "companyName",
    "not_allowed",
  );
  demand(
    isFriends ? companyId !== "" : /^[A-Z0-9]{10}$/.test(companyId),
    "companyId",
    "not_allowed",
  );
  demand(isRoutingPrefix(header.odfi), "odfi", "not_allowed");
  demand(/^[A-Z]{3}$/.test(header.sec), "sec", "not_allowed");
  // Descriptions that the rules prescribe are in capitals: RETRY PYMT, REVERSAL, RETURN FEE.
  demand(
    /^[A-Z0-9][A-Z0-9 &.*-]*$/.test(header.entryDescription),
    "entryDescription",
    "not_allowed",
  );
  demand(parseAchDate(header.effectiveEntryDate) !== undefined, "effectiveEntryDate", "not_a_date");
  return LAYOUT.encode(header);
}

/** Dates of no day at all, blank or zeros, are taken as they come: returns carry them. */
export function decodeBatchHeader(line: string): Decoded<AchBatchHeader> {
  const { values, faults } = LAYOUT.decode(line);
  const found: FieldFault[] = [...faults];
  const { serviceClass, sec, effectiveEntryDate: date = "" } = values;
  if (serviceClass !== undefined && !SERVICE_CLASSES.includes(serviceClass)) {
    found.push(LAYOUT.fault("serviceClass", "unknown_service_class"));
  }
  // International and advice entries have columns of their own.
  if (sec === "IAT" || sec === "ADV") found.push(LAYOUT.fault("sec", "layout_not_supported"));
  if (!/^0*$/.test(date) && parseAchDate(date) === undefined) {
    found.push(LAYOUT.fault("effectiveEntryDate", "not_a_date"));
  }
  return { record: values, faults: found };
}
