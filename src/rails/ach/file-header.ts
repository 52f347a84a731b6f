/** File header, record type 1. Nacha Operating Rules, Appendix Three. */
import { isRoutingNumber } from "../../../actors/routing-number.ts";
import { constant, type Decoded, digits, Layout, right, text } from "./columns.ts";
import { isTime, parseAchDate } from "./dates.ts";
import type { FieldFault } from "./fault.ts";
import { demander } from "./write-error.ts";

export interface AchFileHeader {
  /** 4-13: routing number of the bank that gets the file, behind a blank. */
  readonly immediateDestination: string;
  /** 14-23: who sends it, as the bank says: a routing number, or 1 and the tax number. */
  readonly immediateOrigin: string;
  /** 24-29: YYMMDD. */
  readonly creationDate: string;
  /** 30-33: HHMM; empty in some files of others. */
  readonly creationTime: string;
  /** 34: A-Z, 0-9; tells the files of one day apart. */
  readonly fileIdModifier: string;
  /** 41-63. */
  readonly destinationName: string;
  /** 64-86. */
  readonly originName: string;
  /** 87-94. */
  readonly referenceCode: string;
}

const LAYOUT = new Layout("file header", {
  recordType: constant(1, 1, "1"),
  priorityCode: constant(2, 3, "01"),
  immediateDestination: right(4, 13),
  immediateOrigin: right(14, 23),
  creationDate: digits(24, 29),
  creationTime: text(30, 33),
  fileIdModifier: text(34, 34),
  recordSize: constant(35, 37, "094"),
  blockingFactor: constant(38, 39, "10"),
  formatCode: constant(40, 40, "1"),
  destinationName: text(41, 63),
  originName: text(64, 86),
  referenceCode: text(87, 94),
});

const demand = demander(LAYOUT.name);

/** Throws AchWriteError. */
export function encodeFileHeader(header: AchFileHeader): string {
  const { immediateDestination, immediateOrigin, creationDate, creationTime } = header;
  demand(isRoutingNumber(immediateDestination), "immediateDestination", "check_digit");
  demand(/^[A-Z0-9]{9,10}$/.test(immediateOrigin), "immediateOrigin", "not_allowed");
  demand(parseAchDate(creationDate) !== undefined, "creationDate", "not_a_date");
  demand(isTime(creationTime), "creationTime", "not_a_time");
  demand(/^[A-Z0-9]$/.test(header.fileIdModifier), "fileIdModifier", "not_allowed");
  demand(header.destinationName !== "", "destinationName", "blank");
  demand(header.originName !== "", "originName", "blank");
  return LAYOUT.encode(header);
}

export function decodeFileHeader(line: string): Decoded<AchFileHeader> {
  const { values, faults } = LAYOUT.decode(line);
  const found: FieldFault[] = [...faults];
  const { immediateDestination: destination, creationDate } = values;
  if (destination !== undefined && !isRoutingNumber(destination)) {
    found.push(LAYOUT.fault("immediateDestination", "check_digit"));
  }
  if (creationDate !== undefined && parseAchDate(creationDate) === undefined) {
    found.push(LAYOUT.fault("creationDate", "not_a_date"));
  }
  return { record: values, faults: found };
}
