/** Lines of a file that arrives in pieces, and their fields by column. */

/** Nacha Operating Rules, Appendix Three: the record size. */
export const COLUMNS = 94;
const LF = 0x0a;
const CR = 0x0d;
const BLANK = 0x20;
const ZERO = 0x30;
const NINE = 0x39;

/** One line: what stands in its 94 columns, and how it ended. Columns count from 1. */
export class Line {
  readonly bytes = new Uint8Array(COLUMNS).fill(BLANK);
  /** From 1. */
  number = 1;
  /** Without its ending. Columns beyond a short line read as blanks, beyond 94 are not kept. */
  length = 0;
  ending: "lf" | "crlf" | "none" = "none";

  copy(): Line {
    const copy = new Line();
    copy.bytes.set(this.bytes);
    copy.number = this.number;
    copy.length = this.length;
    copy.ending = this.ending;
    return copy;
  }

  at(column: number): number {
    return this.bytes[column - 1] ?? BLANK;
  }

  /** The number in these columns; -1 unless all are digits. At most 12 columns: it is exact. */
  digits(from: number, to: number): number {
    let value = 0;
    for (let column = from; column <= to; column++) {
      const byte = this.at(column);
      if (byte < ZERO || byte > NINE) return -1;
      value = value * 10 + (byte - ZERO);
    }
    return value;
  }

  isBlank(from: number, to: number): boolean {
    for (let column = from; column <= to; column++) if (this.at(column) !== BLANK) return false;
    return true;
  }

  text(from: number, to: number): string {
    let text = "";
    for (let column = from; column <= to; column++) text += String.fromCharCode(this.at(column));
    return text;
  }

  /** The text without the blanks that fill its field. */
  field(from: number, to: number): string {
    return this.text(from, to).trimEnd();
  }

  isNines(): boolean {
    return this.bytes.every((byte) => byte === NINE);
  }
}

/**
 * Cuts bytes into lines, one at a time: however long a line is, 94 columns of it are kept. The line
 * handed out is used again for the next one.
 */
export class Lines {
  readonly #line = new Line();
  #last = 0;

  push(chunk: Uint8Array, take: (line: Line) => void): void {
    for (let at = 0; at < chunk.length; ) {
      const end = chunk.indexOf(LF, at);
      this.#keep(chunk, at, end === -1 ? chunk.length : end);
      if (end === -1) return;
      this.#hand(take, this.#dropReturn() ? "crlf" : "lf");
      at = end + 1;
    }
  }

  /** Hands out what follows the last line ending, if anything does. */
  end(take: (line: Line) => void): void {
    if (this.#line.length === 0) return;
    this.#hand(take, "none");
  }

  #keep(chunk: Uint8Array, from: number, to: number): void {
    if (from === to) return;
    const line = this.#line;
    const kept = Math.min(to - from, COLUMNS - line.length);
    if (kept > 0) line.bytes.set(chunk.subarray(from, from + kept), line.length);
    line.length += to - from;
    this.#last = chunk[to - 1] ?? 0;
  }

  /** The carriage return before a line feed is no part of the line. */
  #dropReturn(): boolean {
    const line = this.#line;
    if (this.#last !== CR) return false;
    line.length--;
    if (line.length < COLUMNS) line.bytes[line.length] = BLANK;
    return true;
  }

  #hand(take: (line: Line) => void, ending: Line["ending"]): void {
    const line = this.#line;
    line.ending = ending;
    take(line);
    if (line.length > 0) line.bytes.fill(BLANK);
    line.length = 0;
    line.number++;
    this.#last = 0;
  }
}
