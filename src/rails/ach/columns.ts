/**
 * Records of 94 columns as tables of fields: the one place where positions meet text. The writer
 * and the reader of a record use the same table. Nacha Operating Rules, Appendix Three: numeric
 * fields right-justified and zero-filled, text left-justified and blank-filled, printable ASCII.
 */
import { assert } from "../../../actors/assert.ts";
import { type Cents, cents } from "../../../actors/money.ts";
import type { Columns, FieldFault } from "./fault.ts";
import { AchWriteError, type WriteReason } from "./write-error.ts";

export const RECORD_COLUMNS = 94;

/** Columns counted from 1, both included. */
interface Place {
  readonly first: number;
  readonly last: number;
}
/** Always this text. */
interface Constant extends Place {
  readonly kind: "constant";
  readonly text: string;
}
/** Reserved: written blank, not looked at when read. */
interface Blank extends Place {
  readonly kind: "blank";
}
/** A count or a number in a row: a JS number, zero-filled. */
interface Count extends Place {
  readonly kind: "count";
}
/** Whole cents, zero-filled. */
interface Amount extends Place {
  readonly kind: "amount";
}
/** Digits that fill the field and stay text, because their leading zeros count. */
interface Digits extends Place {
  readonly kind: "digits";
}
/** Left-justified, blank-filled; without the blanks at its end. */
interface Text extends Place {
  readonly kind: "text";
}
/** Right-justified, blank-filled: the immediate destination and origin of the file header. */
interface RightText extends Place {
  readonly kind: "right";
}
export type Field = Constant | Blank | Count | Amount | Digits | Text | RightText;

export const constant = (first: number, last: number, text: string): Constant => {
  return { kind: "constant", first, last, text };
};
export const blank = (first: number, last: number): Blank => ({ kind: "blank", first, last });
export const count = (first: number, last: number): Count => ({ kind: "count", first, last });
export const amount = (first: number, last: number): Amount => ({ kind: "amount", first, last });
export const digits = (first: number, last: number): Digits => ({ kind: "digits", first, last });
export const text = (first: number, last: number): Text => ({ kind: "text", first, last });
export const right = (first: number, last: number): RightText => ({ kind: "right", first, last });

type Fields = Readonly<Record<string, Field>>;
type ValueOf<F> = F extends Count ? number : F extends Amount ? Cents : string;
type Valued<F> = { [N in keyof F]: F[N] extends Constant | Blank ? never : N }[keyof F];

/** What the fields of a record hold, constants and reserved columns left out. */
export type Values<F extends Fields> = { readonly [N in Valued<F>]: ValueOf<F[N]> };

/** A record as far as it can be read; what cannot be read is undefined and has a fault. */
export type Readable<R> = R extends unknown
  ? { readonly [N in keyof R]: N extends "kind" ? R[N] : R[N] | undefined }
  : never;

export interface Decoded<R> {
  readonly record: Readable<R>;
  readonly faults: readonly FieldFault[];
}

/** The fields of one kind of record. They follow one another without a gap, from 1 to 94. */
export class Layout<F extends Fields> {
  readonly #fields: readonly (readonly [name: string, field: Field])[];

  constructor(
    readonly name: string,
    private readonly fields: F,
  ) {
    this.#fields = Object.entries(fields);
    let next = 1;
    for (const [, field] of this.#fields) {
      assert(field.first === next, "fields follow one another");
      assert(field.last >= field.first, "a field has a column");
      assert(field.kind !== "constant" || field.text.length === widthOf(field), "constants fit");
      next = field.last + 1;
    }
    assert(next === RECORD_COLUMNS + 1, "a record has 94 columns");
  }

  columns(name: keyof F): Columns {
    const { first, last } = this.fields[name] as Field;
    return [first, last];
  }

  /** The line, exactly 94 columns. Throws AchWriteError for what does not fit, naming no value. */
  encode(values: Values<F>): string {
    const given = values as Readonly<Record<string, string | number>>;
    let line = "";
    for (const [name, field] of this.#fields) {
      const written = encodeField(field, given[name]);
      if (written.length !== widthOf(field)) {
        throw new AchWriteError(this.name, name, whyNot(field, given[name]));
      }
      line += written;
    }
    return line;
  }

  /** Every field that can be read, and a fault for each other one. Never throws. */
  decode(line: string): { values: Readable<Values<F>>; faults: FieldFault[] } {
    const values: Record<string, string | number | undefined> = {};
    const faults: FieldFault[] = [];
    for (const [name, field] of this.#fields) {
      const columns = line.slice(field.first - 1, field.last);
      const reason = decodeFault(field, columns);
      if (reason !== undefined) {
        faults.push({ columns: [field.first, field.last], field: name, reason });
      }
      if (field.kind !== "constant" && field.kind !== "blank") {
        values[name] = reason === undefined ? decodeField(field, columns) : undefined;
      }
    }
    return { values: values as Readable<Values<F>>, faults };
  }

  fault(name: keyof F & string, reason: FieldFault["reason"], expected?: string): FieldFault {
    const fault = { columns: this.columns(name), field: name, reason };
    return expected === undefined ? fault : { ...fault, expected };
  }
}

function widthOf({ first, last }: Place): number {
  return last - first + 1;
}

/** The columns of a field; of another length than the field where the value does not fit it. */
function encodeField(field: Field, value: string | number | undefined): string {
  const width = widthOf(field);
  switch (field.kind) {
    case "constant":
      return field.text;
    case "blank":
      return " ".repeat(width);
    case "count":
    case "amount":
      return Number.isSafeInteger(value) && Number(value) >= 0
        ? String(value).padStart(width, "0")
        : "";
    case "digits":
      return isDigits(String(value)) ? String(value) : "";
    case "text":
    case "right":
      if (typeof value !== "string" || !isPrintable(value) || /^ | $/.test(value)) return "";
      return field.kind === "text" ? value.padEnd(width) : value.padStart(width);
  }
}

function whyNot(field: Field, value: string | number | undefined): WriteReason {
  if (field.kind === "count" || field.kind === "amount") return "does_not_fit";
  if (typeof value !== "string") return "blank";
  if (field.kind === "digits") return isDigits(value) ? "does_not_fit" : "not_digits";
  if (!isPrintable(value)) return "not_printable_ascii";
  return value.length <= widthOf(field) ? "blank_at_an_end" : "too_long";
}

function decodeFault(field: Field, columns: string): FieldFault["reason"] | undefined {
  switch (field.kind) {
    case "constant":
      return columns === field.text ? undefined : "not_the_constant";
    case "blank":
      return undefined;
    case "count":
    case "amount":
    case "digits":
      return isDigits(columns) ? undefined : "not_digits";
    case "text":
    case "right":
      return isPrintable(columns) ? undefined : "not_printable_ascii";
  }
}

function decodeField(
  { kind }: Count | Amount | Digits | Text | RightText,
  columns: string,
): string | number {
  if (kind === "count") return Number(columns);
  if (kind === "amount") return cents(Number(columns));
  if (kind === "digits") return columns;
  return kind === "text" ? columns.trimEnd() : columns.trim();
}

function isDigits(value: string): boolean {
  return /^[0-9]+$/.test(value);
}

/** Printable ASCII, 0x20 to 0x7E. */
export function isPrintable(value: string): boolean {
  return /^[\x20-\x7e]*$/.test(value);
}
