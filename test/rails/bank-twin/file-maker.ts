/**
 * Makes files for the bank twin after the record layouts alone: neither our writer nor a part of
 * the twin. A file is described by what differs; everything else is valid.
 */

import { achFileId } from "../../../actors/ach-file.ts";
import { addBankingDays, type BankDate, bankDateAt } from "../../../actors/banking-calendar.ts";

export const BANK = "121042882";
export const GOOD_BANK = "021000021";

export interface EntryWish {
  /** 27 by default: a debit of a checking account. */
  readonly code?: string;
  readonly cents?: number;
  /** The always good one by default. */
  readonly account?: string;
  readonly bank?: string;
  readonly name?: string;
  readonly id?: string;
}

export interface BatchWish {
  readonly sec?: string;
  readonly description?: string;
  /** The banking day after the file's by default. */
  readonly effectiveOn?: BankDate;
  readonly entries: readonly EntryWish[];
}

export interface FileWish {
  readonly nowMs: number;
  /** A by default. */
  readonly modifier?: string;
  /** Sequence of the first trace; 1 by default. */
  readonly from?: number;
  readonly batches: readonly BatchWish[];
}

/** The lines of a file, padding included, without line ends. */
export function linesOf({ nowMs, modifier = "A", from = 1, batches }: FileWish): string[] {
  const today = bankDateAt(nowMs);
  const lines = [
    columns(
      [1, `101 ${BANK}1123456789${yymmdd(today)}1530${modifier}094101`],
      [41, "BANK"],
      [64, "SEQR"],
    ),
  ];
  const sums: Sums[] = [];
  let sequence = from;
  for (const [at, wish] of batches.entries()) {
    const made = batchOf(wish, at + 1, sequence, addBankingDays(today, 1), yymmdd(today));
    lines.push(...made.lines);
    sums.push(made.sums);
    sequence += wish.entries.length;
  }
  const all = sums.reduce(plus, NOTHING);
  const blocks = Math.ceil((lines.length + 1) / 10);
  const counts = digits(batches.length, 6) + digits(blocks, 6) + digits(all.records, 8);
  lines.push(columns([1, `9${counts}${totals(all)}`]));
  while (lines.length % 10 !== 0) lines.push("9".repeat(94));
  return lines;
}

export function bytesOf(lines: readonly string[], ending = "\n"): Uint8Array {
  return new TextEncoder().encode(lines.map((line) => line + ending).join(""));
}

/** The file and the name it is handed over by. */
export function fileOf(wish: FileWish) {
  const name = achFileId(bankDateAt(wish.nowMs), wish.modifier ?? "A");
  return { name, bytes: bytesOf(linesOf(wish)) };
}

/** The trace of an entry with this sequence. */
export function traceOf(sequence: number): string {
  return BANK.slice(0, 8) + digits(sequence, 7);
}

interface Sums {
  readonly records: number;
  readonly hash: number;
  readonly debits: number;
  readonly credits: number;
}

const NOTHING: Sums = { records: 0, hash: 0, debits: 0, credits: 0 };

function plus(a: Sums, b: Sums): Sums {
  return {
    records: a.records + b.records,
    hash: a.hash + b.hash,
    debits: a.debits + b.debits,
    credits: a.credits + b.credits,
  };
}

function totals({ hash, debits, credits }: Sums): string {
  return digits(hash % 10 ** 10, 10) + digits(debits, 12) + digits(credits, 12);
}

type Field = readonly [column: number, text: string];

function columns(...fields: readonly Field[]): string {
  return fields.reduce((line, [column, text]) => line.padEnd(column - 1) + text, "").padEnd(94);
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

export function yymmdd(date: BankDate): string {
  return date.slice(2).replaceAll("-", "");
}

function batchOf(wish: BatchWish, number: number, from: number, nextDay: BankDate, today: string) {
  const { sec = "WEB", description = "SEQR PAY", effectiveOn = nextDay, entries } = wish;
  const body = entries.map((one, at) => entryOf(one, sec, from + at));
  const sums = entries.reduce<Sums>(
    (sum, { code = "27", cents = 1_299, bank = GOOD_BANK }, at) => ({
      records: sum.records + (body[at]?.length ?? 0),
      hash: sum.hash + Number(bank.slice(0, 8)),
      debits: sum.debits + (Number(code) % 10 > 4 ? cents : 0),
      credits: sum.credits + (Number(code) % 10 > 4 ? 0 : cents),
    }),
    NOTHING,
  );
  const directions = new Set(entries.map(({ code = "27" }) => Number(code) % 10 > 4));
  const kind = directions.size === 2 ? "200" : directions.has(true) ? "225" : "220";
  const end = `${BANK.slice(0, 8)}${digits(number, 7)}`;
  const header = columns(
    [1, `5${kind}CORNER GROCERY`],
    [21, "SEQR"],
    [41, `1123456789${sec}${description}`],
    [64, today + yymmdd(effectiveOn)],
    [79, `1${end}`],
  );
  const control = columns(
    [1, `8${kind}${digits(sums.records, 6)}${totals(sums)}1123456789`],
    [80, end],
  );
  return { lines: [header, ...body.flat(), control], sums };
}

const TYPES: Readonly<Record<string, string>> = { POS: "01", WEB: "S " };

function entryOf(wish: EntryWish, sec: string, sequence: number): string[] {
  const { code = "27", cents = 1_299, account = "9990000000", bank = GOOD_BANK } = wish;
  const line = columns(
    [1, `6${code}${bank}${account.padEnd(17)}${digits(cents, 10)}`],
    [40, wish.id ?? `R${digits(sequence, 9)}`],
    [55, wish.name ?? "ADA EXAMPLE"],
    [77, TYPES[sec] ?? "  "],
    [79, `${sec === "POS" ? 1 : 0}${traceOf(sequence)}`],
  );
  if (sec !== "POS") return [line];
  const place = columns(
    [1, "702"],
    [14, "LANE07100049"],
    [26, "1119"],
    [36, "12 Main Street"],
    [63, "DENVER"],
    [78, `CO${traceOf(sequence)}`],
  );
  return [line, place];
}
