/**
 * The bank's reading of a file of ours: whole, or refused at the first line that is wrong. It is a
 * third reading of the record layouts (Nacha Operating Rules, Appendix Three) beside our reader and
 * our checker, and shares no code with either: a bank would not.
 */
import { type BankDate, parseBankDate } from "../../../actors/banking-calendar.ts";
import { type Cents, cents } from "../../../actors/money.ts";
import {
  HASH_MODULUS,
  isBankNumber,
  isDebitCode,
  LINE_COLUMNS,
  LINES_PER_BLOCK,
  NINES,
  part,
} from "./columns.ts";

export interface ForwardEntry {
  /** As it was sent: what comes back repeats its columns. */
  readonly line: string;
  /** Columns 80-94. */
  readonly trace: string;
  readonly amountCents: Cents;
  readonly isDebit: boolean;
  readonly isPrenote: boolean;
}

export interface ForwardBatch {
  /** Of the header, counted from 1. */
  readonly line: number;
  /** As it was sent. */
  readonly header: string;
  readonly effectiveOn: BankDate;
  readonly entries: readonly ForwardEntry[];
}

export interface ForwardFile {
  /** Origin, creation date and modifier: no two files of ours have the same. */
  readonly key: string;
  readonly batches: readonly ForwardBatch[];
}

export type ForwardReading =
  | { readonly kind: "whole"; readonly file: ForwardFile }
  /** `line` counts from 1. */
  | { readonly kind: "refused"; readonly line: number; readonly reason: string };

/** A million entries with their addenda. */
const BYTES_MAX = 256 * 1024 * 1024;
const LIVE_CODES: readonly string[] = ["22", "27", "32", "37"];
const PRENOTE_CODES: readonly string[] = ["23", "28", "33", "38"];
const CLASSES: readonly string[] = ["POS", "WEB", "PPD", "CCD"];

/** `bankNumber`: the nine digits of the bank that reads; the file must be addressed to it. */
export function readForward(bytes: Uint8Array, bankNumber: string): ForwardReading {
  if (bytes.length > BYTES_MAX) return { kind: "refused", line: 1, reason: "file_too_large" };
  const reading = new Reading(linesIn(bytes), bankNumber);
  try {
    return { kind: "whole", file: reading.file() };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { kind: "refused", line: reading.lineNumber, reason: error.message };
  }
}

/** Thrown and caught in this file only. */
class Refused extends Error {}

function demand(fact: boolean, reason: string): asserts fact {
  if (!fact) throw new Refused(reason);
}

/** Each byte is one character; lines may end with LF or CRLF. */
function linesIn(bytes: Uint8Array): readonly string[] {
  const lines = new TextDecoder("latin1").decode(bytes).split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}

/** What batches and files add up. */
class Sums {
  records = 0;
  hash = 0;
  debitCents = 0;
  creditCents = 0;

  add(other: Sums): void {
    this.records += other.records;
    this.hash = (this.hash + other.hash) % HASH_MODULUS;
    this.debitCents = cents(this.debitCents + other.debitCents);
    this.creditCents = cents(this.creditCents + other.creditCents);
  }

  /** The control's columns from the count on: 5 in a batch control, 14 in a file control. */
  demandIn(control: string, from: number, width: number): void {
    const [hash, debit, credit] = [from + width, from + width + 10, from + width + 22];
    demand(numberIn(control, from, hash - 1) === this.records, "entry_count");
    demand(numberIn(control, hash, debit - 1) === this.hash, "hash");
    demand(numberIn(control, debit, credit - 1) === this.debitCents, "debit_total");
    demand(numberIn(control, credit, credit + 11) === this.creditCents, "credit_total");
  }
}

function numberIn(line: string, from: number, to: number): number {
  const text = part(line, from, to);
  demand(/^[0-9]+$/.test(text), "not_a_number");
  return Number(text);
}

function dateIn(line: string, from: number): BankDate {
  const text = part(line, from, from + 5);
  const iso = `20${text.slice(0, 2)}-${text.slice(2, 4)}-${text.slice(4)}`;
  const date = parseBankDate(iso);
  demand(date !== undefined, "date");
  return date;
}

class Reading {
  readonly #sums = new Sums();
  readonly #traces = new Set<string>();
  #at = 0;

  constructor(
    private readonly lines: readonly string[],
    private readonly bankNumber: string,
  ) {}

  get lineNumber(): number {
    return Math.max(this.#at, 1);
  }

  file(): ForwardFile {
    const key = this.#fileHeader();
    const batches: ForwardBatch[] = [];
    while (this.#peek() === "5") batches.push(this.#batch(batches.length + 1));
    const control = this.#next("9");
    demand(batches.length > 0, "empty_file");
    demand(numberIn(control, 2, 7) === batches.length, "batch_count");
    const blocks = Math.ceil(this.#at / LINES_PER_BLOCK);
    demand(numberIn(control, 8, 13) === blocks, "block_count");
    this.#sums.demandIn(control, 14, 8);
    while (this.#at < blocks * LINES_PER_BLOCK) demand(this.#next("9") === NINES, "padding");
    demand(this.#at === this.lines.length, "after_the_end");
    return { key, batches };
  }

  #peek(): string {
    return (this.lines[this.#at] ?? "").charAt(0);
  }

  #next(type: string): string {
    const line = this.lines[this.#at] ?? "";
    this.#at++;
    demand(line !== "", "file_ends_early");
    demand(line.length === LINE_COLUMNS, "line_length");
    demand(/^[ -~]*$/.test(line), "not_printable");
    demand(line.startsWith(type), "record_order");
    return line;
  }

  #fileHeader(): string {
    const header = this.#next("1");
    demand(part(header, 2, 3) === "01", "priority_code");
    demand(part(header, 4, 13) === ` ${this.bankNumber}`, "destination");
    demand(part(header, 14, 23).trim() !== "", "origin");
    dateIn(header, 24);
    demand(/^[A-Z0-9]$/.test(part(header, 34)), "file_id_modifier");
    demand(part(header, 35, 40) === "094101", "record_form");
    return part(header, 14, 29) + part(header, 34);
  }

  #batch(number: number): ForwardBatch {
    const header = this.#next("5");
    const line = this.#at;
    const kind = part(header, 2, 4);
    demand(kind === "200" || kind === "220" || kind === "225", "service_class");
    demand(part(header, 5, 20).trim() !== "", "company_name");
    demand(CLASSES.includes(part(header, 51, 53)), "entry_class");
    demand(part(header, 54, 63).trim() !== "", "entry_description");
    const effectiveOn = dateIn(header, 70);
    demand(part(header, 76, 78) === "   ", "settlement_day");
    demand(part(header, 79) === "1", "originator_status");
    demand(part(header, 80, 87) === this.bankNumber.slice(0, 8), "odfi");
    demand(numberIn(header, 88, 94) === number, "batch_number");
    const sums = new Sums();
    const entries: ForwardEntry[] = [];
    while (this.#peek() === "6") {
      const entry = this.#entry(header, sums);
      demand(entry.trace > (entries.at(-1)?.trace ?? ""), "trace_order");
      entries.push(entry);
    }
    demand(entries.length > 0, "empty_batch");
    const control = this.#next("8");
    demand(part(control, 2, 4) === kind, "control_service_class");
    sums.demandIn(control, 5, 6);
    demand(part(control, 45, 54) === part(header, 41, 50), "control_company_id");
    demand(part(control, 80, 94) === part(header, 80, 94), "control_batch");
    this.#sums.add(sums);
    return { line, header, effectiveOn, entries };
  }

  #entry(header: string, sums: Sums): ForwardEntry {
    const line = this.#next("6");
    const code = part(line, 2, 3);
    const isPrenote = PRENOTE_CODES.includes(code);
    demand(isPrenote || LIVE_CODES.includes(code), "transaction_code");
    const isDebit = isDebitCode(code);
    const kind = part(header, 2, 4);
    demand(kind === "200" || (kind === "225") === isDebit, "against_service_class");
    demand(isBankNumber(part(line, 4, 12)), "bank_number");
    demand(/^[A-Z0-9-]{1,17} *$/i.test(part(line, 13, 29)), "account_number");
    const amountCents = cents(numberIn(line, 30, 39));
    demand((amountCents === 0) === isPrenote, "amount");
    demand(part(line, 55, 76).trim() !== "", "individual_name");
    const trace = part(line, 80, 94);
    demand(/^[0-9]{15}$/.test(trace) && trace.startsWith(part(header, 80, 87)), "trace");
    demand(!this.#traces.has(trace), "trace_twice");
    this.#traces.add(trace);
    sums.records++;
    sums.hash = (sums.hash + Number(part(line, 4, 11))) % HASH_MODULUS;
    if (isDebit) sums.debitCents = cents(sums.debitCents + amountCents);
    else sums.creditCents = cents(sums.creditCents + amountCents);
    this.#addenda(line, trace, part(header, 51, 53), sums);
    return { line, trace, amountCents, isDebit, isPrenote };
  }

  #addenda(entry: string, trace: string, entryClass: string, sums: Sums): void {
    const isPos = entryClass === "POS";
    const flag = part(entry, 79);
    demand(flag === "1" || (flag === "0" && !isPos), "addenda_flag");
    if (flag === "0") return;
    const line = this.#next("7");
    demand(part(line, 2, 3) === (isPos ? "02" : "05"), "addenda_type");
    const named = isPos ? part(line, 80, 94) : part(line, 88, 94);
    demand(named !== "" && trace.endsWith(named), "addenda_trace");
    sums.records++;
  }
}
