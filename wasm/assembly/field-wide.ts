/**
 * The field of Curve25519, p = 2^255 - 19, in five limbs of 51 bits, least significant first: the
 * wide form. Multiply and square need 64 x 64 -> 128 bit products, which this compiler cannot
 * write: wasm/build.ts puts those of wasm/wide-field.ts in place of the two declarations below.
 *
 * Bounds: a product has limbs below 2^51 + 2^13; a sum or difference of two of those stays below
 * 2^54, which is what multiply and square take. Everything here is public.
 */

/** Bytes of a field element in memory. */
export const FIELD_BYTES: usize = 40;

const MASK: u64 = 0x7ffffffffffff;
/** Limbs of 4p: added before a subtraction, so that no limb falls below zero. */
const FOUR_P_LOW: u64 = 0x1fffffffffffb4;
const FOUR_P: u64 = 0x1ffffffffffffc;

/** out = left x right. */
// @ts-ignore: a decorator of the compiler
@external("wide", "multiply")
export declare function fieldMultiply(out: usize, left: usize, right: usize): void;

/** out = value x value. */
// @ts-ignore: a decorator of the compiler
@external("wide", "square")
export declare function fieldSquare(out: usize, value: usize): void;

/** out = left + right, without a carry. */
export function fieldAdd(out: usize, left: usize, right: usize): void {
  store<u64>(out, load<u64>(left) + load<u64>(right));
  store<u64>(out, load<u64>(left, 8) + load<u64>(right, 8), 8);
  store<u64>(out, load<u64>(left, 16) + load<u64>(right, 16), 16);
  store<u64>(out, load<u64>(left, 24) + load<u64>(right, 24), 24);
  store<u64>(out, load<u64>(left, 32) + load<u64>(right, 32), 32);
}

/** out = left - right, without a carry; `right` is a product or the sum of two. */
export function fieldSubtract(out: usize, left: usize, right: usize): void {
  store<u64>(out, load<u64>(left) + FOUR_P_LOW - load<u64>(right));
  store<u64>(out, load<u64>(left, 8) + FOUR_P - load<u64>(right, 8), 8);
  store<u64>(out, load<u64>(left, 16) + FOUR_P - load<u64>(right, 16), 16);
  store<u64>(out, load<u64>(left, 24) + FOUR_P - load<u64>(right, 24), 24);
  store<u64>(out, load<u64>(left, 32) + FOUR_P - load<u64>(right, 32), 32);
}

/** Reads 32 bytes, little-endian; bit 255 is left out. The value may be p or more. */
export function fieldFromBytes(out: usize, bytes: usize): void {
  store<u64>(out, load<u64>(bytes) & MASK);
  store<u64>(out, (load<u64>(bytes, 6) >> 3) & MASK, 8);
  store<u64>(out, (load<u64>(bytes, 12) >> 6) & MASK, 16);
  store<u64>(out, (load<u64>(bytes, 19) >> 1) & MASK, 24);
  store<u64>(out, (load<u64>(bytes, 24) >> 12) & MASK, 32);
}

/** Writes the one representative of [0, p), 32 bytes, little-endian. */
export function fieldToBytes(bytes: usize, value: usize): void {
  let t0 = load<u64>(value);
  let t1 = load<u64>(value, 8);
  let t2 = load<u64>(value, 16);
  let t3 = load<u64>(value, 24);
  let t4 = load<u64>(value, 32);
  // Two rounds of carries bring every limb below 2^51, and the value below 2^255.
  for (let round = 0; round < 2; round++) {
    t1 += t0 >> 51;
    t0 &= MASK;
    t2 += t1 >> 51;
    t1 &= MASK;
    t3 += t2 >> 51;
    t2 &= MASK;
    t4 += t3 >> 51;
    t3 &= MASK;
    t0 += (t4 >> 51) * 19;
    t4 &= MASK;
  }
  // value >= p exactly when value + 19 reaches 2^255; then value - p = value + 19 - 2^255.
  let over = (t0 + 19) >> 51;
  over = (t1 + over) >> 51;
  over = (t2 + over) >> 51;
  over = (t3 + over) >> 51;
  over = (t4 + over) >> 51;
  t0 += over * 19;
  t1 += t0 >> 51;
  t0 &= MASK;
  t2 += t1 >> 51;
  t1 &= MASK;
  t3 += t2 >> 51;
  t2 &= MASK;
  t4 += t3 >> 51;
  t3 &= MASK;
  t4 &= MASK;
  store<u64>(bytes, t0 | (t1 << 51));
  store<u64>(bytes, (t1 >> 13) | (t2 << 38), 8);
  store<u64>(bytes, (t2 >> 26) | (t3 << 25), 16);
  store<u64>(bytes, (t3 >> 39) | (t4 << 12), 24);
}
