/**
 * Makes ACH files for the checker's tests, after the record layouts alone: neither the product's
 * writer nor a part of the checker. All files are of Friday 2026-11-20 and settle on Monday the
 * 23rd.
 */

export const ODFI = "12104288";
export const COMPANY_ID = "1123456789";
export const FILE_DATE = "261120";
export const EFFECTIVE_DATE = "261123";
/** Routing numbers whose check digits are right. */
const BANKS = ["231380104", "091000019", "021000021", "121042882"] as const;

export interface EntryWish {
  readonly code: number;
  readonly cents: number;
  readonly id?: string;
  readonly name?: string;
  readonly account?: string;
  /** Columns 77-78; by default those of the batch's class. */
  readonly type?: string;
  /** The text of a 705. POS entries get their 702 by themselves. */
  readonly text?: string;
}

export interface BatchWish {
  readonly sec: string;
  readonly description: string;
  readonly entries: readonly EntryWish[];
  readonly company?: string;
  readonly companyId?: string;
  readonly effective?: string;
}

/** The lines of a file with these batches, padding included, without line endings. */
export function linesOf(wishes: readonly BatchWish[]): string[] {
  return [...piecesOf(wishes)].flat();
}

/** The same, batch by batch: for files that are not to be whole in memory. */
export function* piecesOf(wishes: Iterable<BatchWish>): Generator<string[]> {
  let [all, batches, lines, sequence] = [NOTHING, 0, 1, 1];
  yield [fileHeader()];
  for (const wish of wishes) {
    batches++;
    const made = batch(wish, batches, sequence);
    all = add(all, made.sums);
    lines += made.lines.length;
    sequence += wish.entries.length;
    yield made.lines;
  }
  const blocks = Math.ceil((lines + 1) / 10);
  const control = record("9", [
    [2, digits(batches, 6)],
    [8, digits(blocks, 6)],
    [14, digits(all.records, 8)],
    [22, digits(all.hash % 10_000_000_000, 10)],
    [32, digits(all.debits, 12)],
    [44, digits(all.credits, 12)],
  ]);
  yield [control, ...new Array(blocks * 10 - lines - 1).fill("9".repeat(94))];
}

export function bytesOf(lines: readonly string[], ending = "\n"): Uint8Array {
  return new TextEncoder().encode(lines.map((line) => `${line}${ending}`).join(""));
}

/** A line with another text from this column on. */
export function put(line: string, column: number, text: string): string {
  return line.slice(0, column - 1) + text + line.slice(column - 1 + text.length);
}

interface Sums {
  readonly records: number;
  readonly hash: number;
  readonly debits: number;
  readonly credits: number;
}

const NOTHING: Sums = { records: 0, hash: 0, debits: 0, credits: 0 };

function add(a: Sums, b: Sums): Sums {
  return {
    records: a.records + b.records,
    hash: a.hash + b.hash,
    debits: a.debits + b.debits,
    credits: a.credits + b.credits,
  };
}

type Field = readonly [column: number, text: string];

function record(type: string, fields: readonly Field[]): string {
  return fields.reduce((line, [column, text]) => put(line, column, text), type.padEnd(94));
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

function fileHeader(): string {
  return record("1", [
    [2, "01"],
    [5, "121042882"],
    [14, COMPANY_ID],
    [24, `${FILE_DATE}1530`],
    [34, "A094101"],
    [41, "FIRST SAMPLE BANK"],
    [64, "SEQR"],
  ]);
}

function batch(wish: BatchWish, number: number, firstSequence: number) {
  const { sec, description, entries, company = "CORNER GROCERY", companyId = COMPANY_ID } = wish;
  const isDebit = (code: number) => code % 10 >= 7;
  const debits = entries.filter(({ code }) => isDebit(code));
  const credits = entries.filter(({ code }) => !isDebit(code));
  const kind = debits.length === 0 ? "220" : credits.length === 0 ? "225" : "200";
  const body = entries.map((one, at) => entry(one, sec, firstSequence + at));
  const cents = (all: readonly EntryWish[]) => all.reduce((sum, one) => sum + one.cents, 0);
  const sums: Sums = {
    records: body.flat().length,
    hash: body.reduce((sum, [line = ""]) => sum + Number(line.slice(3, 11)), 0),
    debits: cents(debits),
    credits: cents(credits),
  };
  const header = record("5", [
    [2, kind],
    [5, company],
    [21, "SEQR"],
    [41, companyId],
    [51, sec],
    [54, description],
    [64, FILE_DATE],
    [70, wish.effective ?? EFFECTIVE_DATE],
    [79, `1${ODFI}`],
    [88, digits(number, 7)],
  ]);
  const control = record("8", [
    [2, kind],
    [5, digits(sums.records, 6)],
    [11, digits(sums.hash % 10_000_000_000, 10)],
    [21, digits(sums.debits, 12)],
    [33, digits(sums.credits, 12)],
    [45, companyId],
    [80, ODFI],
    [88, digits(number, 7)],
  ]);
  return { lines: [header, ...body.flat(), control], sums };
}

const TYPES: Readonly<Record<string, string>> = { POS: "01", WEB: "S " };

function entry(wish: EntryWish, sec: string, sequence: number): string[] {
  const trace = `${ODFI}${digits(sequence, 7)}`;
  const hasAddenda = sec === "POS" || wish.text !== undefined;
  const line = record("6", [
    [2, String(wish.code)],
    [4, BANKS[sequence % BANKS.length] ?? BANKS[0]],
    [13, wish.account ?? `00${sequence}-44X`],
    [30, digits(wish.cents, 10)],
    [40, wish.id ?? `R${digits(sequence, 9)}`],
    [55, wish.name ?? "Jane Q. O'Hara"],
    [77, wish.type ?? TYPES[sec] ?? "  "],
    [79, `${hasAddenda ? 1 : 0}${trace}`],
  ]);
  if (!hasAddenda) return [line];
  const addenda =
    sec === "POS"
      ? record("7", [
          [2, "02"],
          [14, "LANE07100049"],
          [26, "1119"],
          [36, "12 Main Street"],
          [63, "DENVER"],
          [78, "CO"],
          [80, trace],
        ])
      : record("7", [
          [2, "05"],
          [4, wish.text ?? ""],
          [84, `0001${trace.slice(8)}`],
        ]);
  return [line, addenda];
}
