/** Base32 (RFC 4648 section 6), upper case, without padding, canonical spellings only. */

const INVALID: u32 = 0xffffffff;

// The value of a letter: A-Z 0-25, 2-7 26-31.
// @ts-ignore: a decorator of the compiler
@inline
function valueOf(letter: u32): u32 {
  if (letter >= 0x41 && letter <= 0x5a) return letter - 0x41;
  if (letter >= 0x32 && letter <= 0x37) return letter - 0x32 + 26;
  return INVALID;
}

/**
 * Gives the number of bytes written, or -1 for a text that is not the one spelling of any bytes.
 */
export function base32Decode(out: usize, letters: usize, length: usize): i32 {
  let bits: u32 = 0;
  let value: u32 = 0;
  let written = 0;
  for (let at: usize = 0; at < length; at++) {
    const five = valueOf(load<u8>(letters + at));
    if (five == INVALID) return -1;
    value = (value << 5) | five;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      store<u8>(out + written, <u8>(value >> bits));
      written++;
      value &= (1 << bits) - 1;
    }
  }
  // A whole letter too many, or bits left over that are not zero, is another spelling.
  return bits >= 5 || value != 0 ? -1 : written;
}
