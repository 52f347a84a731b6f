/** Entry detail, record type 6: PPD, CCD, WEB, POS, COR. Nacha Operating Rules, Appendix Three. */
import type { Cents } from "../../../actors/money.ts";
import { checkDigit, isRoutingNumber } from "../../../actors/routing-number.ts";
import { parseTraceNumber, type TraceNumber } from "../../../actors/trace-number.ts";
import { Secret } from "../../vault/secret.ts";
import { amount, constant, type Decoded, digits, Layout, text } from "./columns.ts";
import type { FieldFault } from "./fault.ts";
import { transactionCode } from "./transaction-codes.ts";
import { demander } from "./write-error.ts";

export interface EntryRecord {
  /** 2-3, see transaction-codes.ts. */
  readonly transactionCode: string;
  /** 4-12: the receiver's bank, eight digits and the check digit. */
  readonly routingNumber: string;
  /** 13-29. */
  readonly accountNumber: Secret<string>;
  /** 30-39. */
  readonly amountCents: Cents;
  /** 40-54: our receipt number. */
  readonly individualId: string;
  /** 55-76: the receiver's name. */
  readonly individualName: Secret<string>;
  /** 77-78: card transaction type of POS, payment type of WEB. */
  readonly discretionary: string;
  /** 79. */
  readonly hasAddenda: boolean;
  /** 80-94. */
  readonly traceNumber: TraceNumber;
}

const LAYOUT = new Layout("entry", {
  recordType: constant(1, 1, "6"),
  transactionCode: digits(2, 3),
  rdfi: digits(4, 11),
  checkDigit: digits(12, 12),
  accountNumber: text(13, 29),
  amount: amount(30, 39),
  individualId: text(40, 54),
  individualName: text(55, 76),
  discretionary: text(77, 78),
  addendaFlag: digits(79, 79),
  traceNumber: digits(80, 94),
});
const demand = demander(LAYOUT.name);
export const ENTRY_COLUMNS = {
  addendaFlag: LAYOUT.columns("addendaFlag"),
  /** Of the trace, the part that names the bank. */
  traceOdfi: [80, 87],
} as const;

/** Throws AchWriteError. What depends on the batch around it is checked by write-rules.ts. */
export function encodeEntry(entry: EntryRecord): string {
  const accountNumber = entry.accountNumber.expose();
  const individualName = entry.individualName.expose();
  demand(/^[A-Z0-9-]{1,17}$/.test(accountNumber), "accountNumber", "not_allowed");
  demand(isRoutingNumber(entry.routingNumber), "routingNumber", "check_digit");
  demand(individualName.trim() !== "", "individualName", "blank");
  return LAYOUT.encode({
    ...entry,
    rdfi: entry.routingNumber.slice(0, 8),
    checkDigit: entry.routingNumber.slice(8),
    accountNumber,
    individualName,
    amount: entry.amountCents,
    addendaFlag: entry.hasAddenda ? "1" : "0",
  });
}

export function decodeEntry(line: string): Decoded<EntryRecord> {
  const { values, faults } = LAYOUT.decode(line);
  const found: FieldFault[] = [...faults];
  const { rdfi, checkDigit: digit, accountNumber, individualName, addendaFlag } = values;
  if (rdfi !== undefined && digit !== undefined && checkDigit(rdfi) !== digit) {
    found.push(LAYOUT.fault("checkDigit", "check_digit", checkDigit(rdfi)));
  }
  const code = values.transactionCode;
  if (code !== undefined && transactionCode(code) === undefined) {
    found.push(LAYOUT.fault("transactionCode", "unknown_transaction_code"));
  }
  const record = {
    transactionCode: code,
    routingNumber: rdfi === undefined || digit === undefined ? undefined : rdfi + digit,
    accountNumber: accountNumber === undefined ? undefined : new Secret(accountNumber),
    amountCents: values.amount,
    individualId: values.individualId,
    individualName: individualName === undefined ? undefined : new Secret(individualName),
    discretionary: values.discretionary,
    hasAddenda: addendaFlag === undefined ? undefined : addendaFlag !== "0",
    traceNumber: parseTraceNumber(values.traceNumber ?? ""),
  };
  return { record, faults: found };
}
