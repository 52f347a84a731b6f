/**
 * Chunks of bytes as records of 94 columns, whatever the line ends: LF, CRLF, none at the end, none
 * at all. A line is cut every 94 columns; what is left is padded with blanks, and blanks beyond
 * column 94 are dropped. Time is linear in the bytes; what is held is less than one line.
 */
import { RECORD_COLUMNS } from "./columns.ts";

export interface Piece {
  /** Counted from 1. */
  readonly line: number;
  /** Columns of the same line before this piece: 0, 94, 188 and so on. */
  readonly offset: number;
  /** 94 columns, padded. A character outside ASCII is one column and reads U+FFFD. */
  readonly text: string;
  /** As it came, without the line end. */
  readonly bytes: Uint8Array;
  /** False for a piece that was filled up with blanks. */
  readonly isFull: boolean;
}

const LF = 0x0a;
const CR = 0x0d;
/** UTF-8 takes four bytes for a character at the most, and a CR may follow. */
const PIECE_BYTES_MAX = 4 * RECORD_COLUMNS + 1;
const BEYOND_ASCII = /[\x80-\xff]/;
const PLACEHOLDER = "\uFFFD";

export class LineSplitter {
  #carry: Uint8Array = new Uint8Array(0);
  #line = 1;
  #offset = 0;

  /** The pieces that are complete with these bytes. */
  *push(chunk: Uint8Array): Generator<Piece> {
    const bytes = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    let at = 0;
    for (;;) {
      const end = bytes.indexOf(LF, at);
      if (end === -1) break;
      yield* this.#rest(bytes, at, end);
      this.#line++;
      this.#offset = 0;
      at = end + 1;
    }
    // Without a break in sight, whole pieces leave at once: a file may have no break at all.
    while (bytes.length - at > PIECE_BYTES_MAX) {
      const end = columnsEnd(bytes, at, bytes.length);
      yield* this.#cut(bytes, at, end);
      at = end;
    }
    this.#carry = bytes.slice(at);
  }

  /** What stands behind the last line break. */
  *end(): Generator<Piece> {
    const bytes = this.#carry;
    this.#carry = new Uint8Array(0);
    if (bytes.length > 0) yield* this.#rest(bytes, 0, bytes.length);
  }

  /** A line to its end. One that is empty is a piece, too: it counts. */
  *#rest(bytes: Uint8Array, start: number, end: number): Generator<Piece> {
    const stop = end > start && bytes[end - 1] === CR ? end - 1 : end;
    let at = start;
    do {
      const next = columnsEnd(bytes, at, stop);
      yield* this.#cut(bytes, at, next);
      at = next;
    } while (at < stop);
  }

  /** One piece, or nothing where only blanks stand beyond column 94. */
  *#cut(bytes: Uint8Array, start: number, end: number): Generator<Piece> {
    const offset = this.#offset;
    const columns = readColumns(bytes, start, end);
    this.#offset += columns.length;
    if (offset > 0 && isBlank(columns)) return;
    const isFull = columns.length === RECORD_COLUMNS;
    const text = isFull ? columns : columns.padEnd(RECORD_COLUMNS);
    yield { line: this.#line, offset, text, bytes: bytes.slice(start, end), isFull };
  }
}

/** Where 94 columns from `start` end, or `stop` when there are fewer. */
function columnsEnd(bytes: Uint8Array, start: number, stop: number): number {
  let at = start;
  for (let column = 0; column < RECORD_COLUMNS && at < stop; column++) {
    at += (bytes[at] ?? 0) < 0x80 ? 1 : characterLength(bytes, at, stop);
  }
  return at;
}

function readColumns(bytes: Uint8Array, start: number, end: number): string {
  const fast = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
  if (!BEYOND_ASCII.test(fast)) return fast;
  let columns = "";
  for (let at = start; at < end; at += characterLength(bytes, at, end)) {
    const byte = bytes[at] ?? 0;
    columns += byte < 0x80 ? String.fromCharCode(byte) : PLACEHOLDER;
  }
  return columns;
}

/**
 * 1 for ASCII and for a byte that is no UTF-8 (a name in Latin-1); 2 to 4 for a character in UTF-8.
 * Either way it is one column to whoever wrote the file.
 */
function characterLength(bytes: Uint8Array, at: number, stop: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0xc2 || lead > 0xf4) return 1;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + length > stop) return 1;
  for (let next = at + 1; next < at + length; next++) {
    if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 1;
  }
  return length;
}

function isBlank(columns: string): boolean {
  return /^ *$/.test(columns);
}
