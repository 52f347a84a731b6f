/**
 * Files that the bank sends back: returns (799), or notifications of change (798) in batches of
 * class COR. Own columns, no code of our writer's. Nacha Operating Rules, Appendices Three to Five:
 * an answer repeats the entry and the batch it was in; the bank that answers stands where the
 * originating bank stood, with traces of its own.
 */
import type { BankDate } from "../../../actors/banking-calendar.ts";
import { type Cents, cents } from "../../../actors/money.ts";
import {
  digits,
  HASH_MODULUS,
  isDebitCode,
  LINES_PER_BLOCK,
  lineOf,
  NINES,
  part,
} from "./columns.ts";

/** One entry that comes back, or is to be corrected. */
export interface Answer {
  readonly code: string;
  /** As they were sent. */
  readonly batchHeader: string;
  readonly entry: string;
  /** Columns 30-39 of the answer: 0 in a notification of change. */
  readonly amountCents: Cents;
  /** 15 digits of the entry that it speaks of. */
  readonly originalTrace: string;
  /** 15 digits, the first eight of them the answering bank's. */
  readonly ownTrace: string;
  /** 29 columns; blank in a return. */
  readonly correctedData: string;
  /** The day on which the answer settles, which a repeat does not change. */
  readonly settlesOn: BankDate;
}

export interface Cover {
  /** Nine digits of the bank whose customers we are. */
  readonly bankNumber: string;
  readonly createdOn: BankDate;
  /** 08:30 is 0830. */
  readonly time: string;
  readonly modifier: string;
}

/** Answers in the order of their batches; lines end with LF. */
export function returnFile(answers: readonly Answer[], cover: Cover): Uint8Array {
  const lines = [fileHeader(cover)];
  const total = { records: 0, hash: 0, debitCents: 0, creditCents: 0 };
  const batches = Map.groupBy(answers, batchOf);
  let number = 0;
  for (const batch of batches.values()) {
    number++;
    const { sums, text } = batchLines(batch, number, cover);
    lines.push(...text);
    total.records += sums.records;
    total.hash = (total.hash + sums.hash) % HASH_MODULUS;
    total.debitCents = cents(total.debitCents + sums.debitCents);
    total.creditCents = cents(total.creditCents + sums.creditCents);
  }
  const blocks = Math.ceil((lines.length + 1) / LINES_PER_BLOCK);
  lines.push(
    lineOf(
      [1, `9${digits(number, 6)}${digits(blocks, 6)}${digits(total.records, 8)}`],
      [22, digits(total.hash, 10) + digits(total.debitCents, 12) + digits(total.creditCents, 12)],
    ),
  );
  while (lines.length < blocks * LINES_PER_BLOCK) lines.push(NINES);
  return new TextEncoder().encode(`${lines.join("\n")}\n`);
}

function isCorrection({ code }: Answer): boolean {
  return code.startsWith("C");
}

/** Answers of one bank to one batch that settle together stand in one batch. */
function batchOf(answer: Answer): string {
  const { batchHeader, entry, settlesOn } = answer;
  const bank = part(entry, 4, 11);
  return [isCorrection(answer), part(batchHeader, 5, 75), bank, settlesOn].join("|");
}

function fileHeader({ bankNumber, createdOn, time, modifier }: Cover): string {
  return lineOf(
    [1, "101"],
    [5, bankNumber],
    [15, bankNumber],
    [24, createdOn.slice(2).replaceAll("-", "") + time + modifier],
    [35, "094101"],
    [41, "SANDBOX BANK"],
    [64, "SANDBOX BANK"],
  );
}

function batchLines(answers: readonly Answer[], number: number, { bankNumber }: Cover) {
  const rising = answers.toSorted((a, b) => (a.ownTrace < b.ownTrace ? -1 : 1));
  const sums = { records: 0, hash: 0, debitCents: 0, creditCents: 0 };
  const body: string[] = [];
  for (const answer of rising) {
    body.push(entryLine(answer, bankNumber), addendaLine(answer));
    sums.records += 2;
    sums.hash = (sums.hash + Number(bankNumber.slice(0, 8))) % HASH_MODULUS;
    if (isDebit(answer)) sums.debitCents = cents(sums.debitCents + answer.amountCents);
    else sums.creditCents = cents(sums.creditCents + answer.amountCents);
  }
  const debits = answers.filter(isDebit).length;
  const kind = debits === 0 ? "220" : debits === answers.length ? "225" : "200";
  const [first] = rising;
  const header = first === undefined ? "" : batchHeader(first, kind, number);
  const control = lineOf(
    [1, `8${kind}${digits(sums.records, 6)}${digits(sums.hash, 10)}`],
    [21, digits(sums.debitCents, 12) + digits(sums.creditCents, 12)],
    [45, part(header, 41, 50)],
    [80, part(header, 80, 94)],
  );
  return { sums, text: [header, ...body, control] };
}

function isDebit({ entry }: Answer): boolean {
  return isDebitCode(part(entry, 2, 3));
}

function batchHeader(answer: Answer, kind: string, number: number): string {
  const { batchHeader: sent, entry, settlesOn } = answer;
  return lineOf(
    [1, `5${kind}`],
    [5, part(sent, 5, 50)],
    [51, isCorrection(answer) ? "COR" : part(sent, 51, 53)],
    [54, part(sent, 54, 75)],
    [76, `${dayOfYear(settlesOn)}1`],
    [80, part(entry, 4, 11) + digits(number, 7)],
  );
}

/** 21, 26, 31 and 36: what comes back, by kind of bank account and direction. */
function entryLine(answer: Answer, bankNumber: string): string {
  const { entry, amountCents, ownTrace } = answer;
  return lineOf(
    [1, `6${part(entry, 2)}${isDebit(answer) ? "6" : "1"}`],
    [4, bankNumber],
    [13, part(entry, 13, 29)],
    [30, digits(amountCents, 10)],
    [40, part(entry, 40, 78)],
    [79, `1${ownTrace}`],
  );
}

function addendaLine(answer: Answer): string {
  const { code, originalTrace, entry, correctedData, ownTrace } = answer;
  return lineOf(
    [1, isCorrection(answer) ? "798" : "799"],
    [4, code + originalTrace],
    [28, part(entry, 4, 11)],
    [36, correctedData],
    [80, ownTrace],
  );
}

function dayOfYear(date: BankDate): string {
  return digits(Temporal.PlainDate.from(date).dayOfYear, 3);
}
