/** Which traces a file has used, in a memory that does not grow with the file. */

/** Nacha Operating Rules: the last seven digits of a trace are a sequence number. */
const SEQUENCES = 10_000_000;
const PAGE_BITS = 65_536;

/** One bit for each sequence number of one bank, in pages: at most 1.25 MB. */
export class Traces {
  readonly #pages: (Uint8Array | undefined)[] = new Array(Math.ceil(SEQUENCES / PAGE_BITS));

  /** Notes a sequence number, 0 to 9,999,999; false when it was there already. */
  add(sequence: number): boolean {
    const at = Math.floor(sequence / PAGE_BITS);
    const page = this.#pages[at] ?? new Uint8Array(PAGE_BITS / 8);
    this.#pages[at] = page;
    const offset = sequence % PAGE_BITS;
    const [byte, bit] = [offset >> 3, 1 << (offset & 7)];
    const before = page[byte] ?? 0;
    page[byte] = before | bit;
    return (before & bit) === 0;
  }
}
