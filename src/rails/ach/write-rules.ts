/**
 * What the rules demand of an entry in its batch, and of a batch in its file: class against
 * directions, addenda and codes of each entry class, zero amounts, dates. Nacha Operating Rules,
 * Article Two and Appendix Three. All of it throws AchWriteError.
 */
import { isBankingDay } from "../../../actors/banking-calendar.ts";
import { parseTraceNumber, type TraceNumber } from "../../../actors/trace-number.ts";
import type { Addenda } from "./addenda.ts";
import type { AchBatchHeader } from "./batch-header.ts";
import { parseAchDate } from "./dates.ts";
import type { EntryRecord } from "./entry.ts";
import { transactionCode } from "./transaction-codes.ts";
import { demander, type WriteReason } from "./write-error.ts";

/** An entry with its addenda. */
export interface AchEntry extends Omit<EntryRecord, "hasAddenda"> {
  readonly addenda: readonly Addenda[];
}

/**
 * `originated`: entries that we send. `returned`: returns and notifications of change, ours and, in
 * the sandbox, those of the bank.
 */
export type BatchKind = "originated" | "returned";

/** A same-day entry is at most $1,000,000. Nacha Operating Rules, Article Eight, Same Day Entry. */
export const SAME_DAY_CENTS_MAX = 100_000_000;

interface SecRequirement {
  /** Columns 77-78. */
  readonly discretionary: RegExp;
  readonly addenda: "one_pos" | "text_or_none" | "none";
}

const REQUIREMENTS: Readonly<Record<string, SecRequirement>> = {
  // 77-78: card transaction type. The addenda with place and terminal is mandatory.
  POS: { discretionary: /^[0-9]{2}$/, addenda: "one_pos" },
  // 77-78: payment type, recurring, single or standing authorisation.
  WEB: { discretionary: /^(R|S|ST)$/, addenda: "text_or_none" },
  PPD: { discretionary: /^$/, addenda: "none" },
  CCD: { discretionary: /^$/, addenda: "text_or_none" },
};

const demandBatch = demander("batch header");
const demandEntry = demander("entry");

/** `creationDate` of the file, YYMMDD. */
export function checkBatch(kind: BatchKind, header: AchBatchHeader, creationDate: string): void {
  const { sec, effectiveEntryDate, settlementDay } = header;
  if (kind === "returned") {
    demandBatch(/^([0-9]{3})?$/.test(settlementDay), "settlementDay", "not_digits");
    return;
  }
  demandBatch(Object.hasOwn(REQUIREMENTS, sec), "sec", "not_allowed");
  // Left blank: the operator fills it.
  demandBatch(settlementDay === "", "settlementDay", "not_allowed");
  const date = parseAchDate(effectiveEntryDate);
  const isOpen = date !== undefined && isBankingDay(date);
  demandBatch(isOpen, "effectiveEntryDate", "not_a_banking_day");
  demandBatch(effectiveEntryDate >= creationDate, "effectiveEntryDate", "in_the_past");
}

export interface EntryContext {
  readonly kind: BatchKind;
  readonly header: AchBatchHeader;
  /** YYMMDD. */
  readonly creationDate: string;
  /** Of the entry before it in the batch. */
  readonly previousTrace: TraceNumber | undefined;
}

export function checkEntry(entry: AchEntry, context: EntryContext): void {
  const { header, previousTrace, kind } = context;
  const { traceNumber: trace } = entry;
  demandEntry(parseTraceNumber(trace) !== undefined, "traceNumber", "not_digits");
  demandEntry(trace.startsWith(header.odfi), "traceNumber", "trace_not_of_odfi");
  const isAscending = previousTrace === undefined || trace > previousTrace;
  demandEntry(isAscending, "traceNumber", "trace_not_ascending");
  const code = transactionCode(entry.transactionCode);
  const isOurs = code?.account === "checking" || code?.account === "savings";
  demandEntry(isOurs, "transactionCode", "not_allowed");
  const isMixed = header.serviceClass === "200";
  const allowed = header.serviceClass === "220" ? "credit" : "debit";
  demandEntry(isMixed || code?.direction === allowed, "transactionCode", "against_class");
  if (kind === "returned") checkReturned(entry, code?.use === "return", header.sec);
  else checkOriginated(entry, context);
}

function checkOriginated(entry: AchEntry, { header, creationDate }: EntryContext): void {
  const code = transactionCode(entry.transactionCode);
  const use = code?.use;
  const isDebit = code?.direction === "debit";
  demandEntry(use === "live" || use === "prenote", "transactionCode", "not_allowed");
  // A prenote asks whether the account exists; only it moves nothing.
  if (use === "prenote") demandEntry(entry.amountCents === 0, "amount", "prenote_with_amount");
  else demandEntry(entry.amountCents > 0, "amount", "zero_amount");
  const isSameDay = header.effectiveEntryDate === creationDate;
  const isWithin = !isSameDay || entry.amountCents <= SAME_DAY_CENTS_MAX;
  demandEntry(isWithin, "amount", "same_day_maximum");
  // FAQ: the statement leads to the purchase; the receipt number is what it is found by.
  const isNumbered = entry.individualId !== "" || use === "prenote" || !isDebit;
  demandEntry(isNumbered, "individualId", "blank");
  const requirement = REQUIREMENTS[header.sec];
  const { discretionary, addenda } = entry;
  demandEntry(
    requirement?.discretionary.test(discretionary) === true,
    "discretionary",
    NOT_ALLOWED,
  );
  if (requirement?.addenda === "one_pos") {
    demandEntry(addenda.length > 0, "addenda", "addenda_missing");
    demandEntry(addenda.length === 1 && addenda[0]?.kind === "pos", "addenda", NO_SUCH_ADDENDA);
  } else {
    const most = requirement?.addenda === "text_or_none" ? 1 : 0;
    const areTexts = addenda.every(({ kind }) => kind === "text");
    demandEntry(areTexts && addenda.length <= most, "addenda", NO_SUCH_ADDENDA);
  }
}

const NOT_ALLOWED: WriteReason = "not_allowed";
const NO_SUCH_ADDENDA: WriteReason = "addenda_not_allowed";
const CHANGES: readonly Addenda["kind"][] = ["correction", "refused_correction"];
const RETURNS: readonly Addenda["kind"][] = ["return", "dishonoured_return", "contested_return"];

/** A notification of change moves nothing; a return brings the amount back. */
function checkReturned(entry: AchEntry, isReturnCode: boolean, sec: string): void {
  demandEntry(isReturnCode, "transactionCode", "not_allowed");
  demandEntry(entry.addenda.length > 0, "addenda", "addenda_missing");
  const kinds = sec === "COR" ? CHANGES : RETURNS;
  const isSuch = entry.addenda.every(({ kind }) => kinds.includes(kind));
  demandEntry(isSuch, "addenda", NO_SUCH_ADDENDA);
  demandEntry(sec !== "COR" || entry.amountCents === 0, "amount", "not_allowed");
}
