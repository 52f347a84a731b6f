/**
 * Base32 as RFC 4648 section 6 defines it: the letters A-Z 2-7, upper case, without padding, and
 * canonical only: every byte string has exactly one spelling, so that two different texts can never
 * carry the same QR payload (docs/protocol.md section 2).
 */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const NO_LETTER = 0xff;
const VALUES = letterValues();

export function base32Encode(bytes: Uint8Array): string {
  let text = "";
  let pending = 0;
  let bits = 0;
  // By index: the iterator of a typed array costs more than the letters.
  for (let at = 0; at < bytes.length; at++) {
    pending = ((pending << 8) | (bytes[at] ?? 0)) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(pending >> bits) & 31];
    }
  }
  // RFC 4648 section 6: the last letter is filled with zero bits on the right.
  return bits === 0 ? text : text + ALPHABET[(pending << (5 - bits)) & 31];
}

/**
 * The bytes behind `text`; undefined for a foreign letter (lower case and `=` among them), a
 * length that no byte string has, and unused low bits that are not zero.
 */
export function base32Decode(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  // 1, 3 or 6 letters after the last full group of 8 hold a whole letter too many.
  if (base32Letters(bytes.length) !== text.length) return undefined;
  let pending = 0;
  let bits = 0;
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const value = VALUES[text.charCodeAt(at)] ?? NO_LETTER;
    if (value === NO_LETTER) return undefined;
    pending = ((pending << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = pending >> bits;
    }
  }
  const unused = pending & ((1 << bits) - 1);
  return unused === 0 ? bytes : undefined;
}

/** The number of letters that `length` bytes take. */
export function base32Letters(length: number): number {
  return Math.ceil((length * 8) / 5);
}

function letterValues(): Uint8Array {
  const values = new Uint8Array(128).fill(NO_LETTER);
  for (let value = 0; value < ALPHABET.length; value++) values[ALPHABET.charCodeAt(value)] = value;
  return values;
}
