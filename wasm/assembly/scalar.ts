/**
 * Numbers modulo L = 2^252 + 27742317777372353535851937790883648493, the order of the base point
 * (RFC 8032 5.1), 32 bytes little-endian; and the two tricks that make a verification short.
 * Variable time throughout; everything here is public.
 */

const L_BYTES: usize = memory.data<u8>([
  0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10,
]);
/** floor(2^512 / L), 36 bytes. */
const MU_BYTES: usize = memory.data<u8>([
  0x1b, 0x13, 0x2c, 0x0a, 0xa3, 0xe5, 0x9c, 0xed, 0xa7, 0x29, 0x63, 0x08, 0x5d, 0x21, 0x06, 0x21,
  0xeb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
  0x0f, 0x00, 0x00, 0x00,
]);

const LIMBS: usize = 8;
const ESTIMATE = memory.data(72, 16);
const MULTIPLE = memory.data(72, 16);
const REST = memory.data(64, 16);
const PRODUCT = memory.data(64, 16);

/** Whether 32 bytes are below L: RFC 8032 5.1.7 step 1. */
export function scalarIsCanonical(bytes: usize): bool {
  for (let at: i32 = 28; at >= 0; at -= 4) {
    const limb = load<u32>(bytes + at);
    const bound = load<u32>(L_BYTES + at);
    if (limb != bound) return limb < bound;
  }
  return false;
}

// out (leftLimbs + rightLimbs limbs) = left x right.
function multiply(
  out: usize,
  left: usize,
  leftLimbs: usize,
  right: usize,
  rightLimbs: usize,
): void {
  memory.fill(out, 0, (leftLimbs + rightLimbs) << 2);
  for (let i: usize = 0; i < leftLimbs; i++) {
    const a = <u64>load<u32>(left + (i << 2));
    let t: u64 = 0;
    for (let j: usize = 0; j < rightLimbs; j++) {
      const at = out + ((i + j) << 2);
      t = a * <u64>load<u32>(right + (j << 2)) + <u64>load<u32>(at) + (t >> 32);
      store<u32>(at, <u32>t);
    }
    store<u32>(out + ((i + rightLimbs) << 2), <u32>(t >> 32));
  }
}

// left -= right over `limbs` limbs; the borrow, 0 or 1.
function subtractFrom(left: usize, right: usize, limbs: usize): u32 {
  let t: i64 = 0;
  for (let at: usize = 0; at < limbs << 2; at += 4) {
    t = <i64>load<u32>(left + at) - <i64>load<u32>(right + at) + (t >> 32);
    store<u32>(left + at, <u32>t);
  }
  return t < 0 ? 1 : 0;
}

/**
 * out = the 64 bytes of `wide` modulo L. Barrett (Handbook of Applied Cryptography 14.42): the
 * quotient is estimated from the top limbs and is at most two short.
 */
export function scalarReduce(out: usize, wide: usize): void {
  multiply(ESTIMATE, wide + 28, 9, MU_BYTES, 9);
  multiply(MULTIPLE, ESTIMATE + 36, 9, L_BYTES, 8);
  memory.copy(REST, wide, 36);
  subtractFrom(REST, MULTIPLE, 9);
  while (load<u32>(REST, 32) != 0 || !scalarIsCanonical(REST)) {
    const borrow = subtractFrom(REST, L_BYTES, LIMBS);
    store<u32>(REST, load<u32>(REST, 32) - borrow, 32);
  }
  memory.copy(out, REST, 32);
}

/** out = left x right modulo L; 32 bytes each, any value. */
export function scalarMultiply(out: usize, left: usize, right: usize): void {
  multiply(PRODUCT, left, LIMBS, right, LIMBS);
  scalarReduce(out, PRODUCT);
}

/** sum += value modulo L; both are below L. */
export function scalarAccumulate(sum: usize, value: usize): void {
  let t: u64 = 0;
  for (let at: usize = 0; at < 32; at += 4) {
    t = <u64>load<u32>(sum + at) + <u64>load<u32>(value + at) + (t >> 32);
    store<u32>(sum + at, <u32>t);
  }
  // Below 2L, which is below 2^254: no carry out.
  if (!scalarIsCanonical(sum)) subtractFrom(sum, L_BYTES, LIMBS);
}

// Position of the highest bit, from 1; 0 for 0.
// @ts-ignore: a decorator of the compiler
@inline
function bits(x0: u64, x1: u64, x2: u64, x3: u64): i32 {
  if (x3) return 256 - <i32>clz<u64>(x3);
  if (x2) return 192 - <i32>clz<u64>(x2);
  if (x1) return 128 - <i32>clz<u64>(x1);
  return 64 - <i32>clz<u64>(x0);
}

/**
 * Finds u and v of about half the length with k v = +-u modulo L, v not 0: the extended Euclidean
 * algorithm on L and k, stopped half-way (Antipa et al., "Accelerated Verification of ECDSA
 * Signatures"; Pornin, "Optimized Lattice Basis Reduction in Dimension 2"). Writes u and v, 32
 * bytes each; true when k v = -u. `k` is below L.
 */
export function scalarHalve(u: usize, v: usize, k: usize): bool {
  let a0 = load<u64>(L_BYTES);
  let a1 = load<u64>(L_BYTES, 8);
  let a2 = load<u64>(L_BYTES, 16);
  let a3 = load<u64>(L_BYTES, 24);
  let b0 = load<u64>(k);
  let b1 = load<u64>(k, 8);
  let b2 = load<u64>(k, 16);
  let b3 = load<u64>(k, 24);
  // a = +-c k and b = +-d k modulo L, with opposite signs; c and d are magnitudes.
  let c0: u64 = 0;
  let c1: u64 = 0;
  let d0: u64 = 1;
  let d1: u64 = 0;
  let negative = false;
  while ((b3 | b2 | (b1 >> 63)) != 0) {
    const gap = bits(a0, a1, a2, a3) - bits(b0, b1, b2, b3);
    // Shifts below go up to one word. A greater gap, one k in 2^62, leaves u longer than half.
    if (gap > 62) break;
    let shift: u64 = gap < 0 ? 0 : gap;
    for (;;) {
      // a - (b << shift); shifting by (1, 63 - shift) instead of 64 - shift is right for 0, too.
      const back: u64 = 63 - shift;
      const s0 = b0 << shift;
      const s1 = (b1 << shift) | ((b0 >> 1) >> back);
      const s2 = (b2 << shift) | ((b1 >> 1) >> back);
      const s3 = (b3 << shift) | ((b2 >> 1) >> back);
      const r0 = a0 - s0;
      let borrow: u64 = u64(a0 < s0);
      const r1 = a1 - s1 - borrow;
      borrow = u64(a1 < s1) | (u64(a1 == s1) & borrow);
      const r2 = a2 - s2 - borrow;
      borrow = u64(a2 < s2) | (u64(a2 == s2) & borrow);
      const r3 = a3 - s3 - borrow;
      borrow = u64(a3 < s3) | (u64(a3 == s3) & borrow);
      if (borrow == 0) {
        a0 = r0;
        a1 = r1;
        a2 = r2;
        a3 = r3;
        const e0 = d0 << shift;
        const e1 = (d1 << shift) | ((d0 >> 1) >> back);
        c0 += e0;
        c1 += e1 + u64(c0 < e0);
        break;
      }
      if (shift == 0) {
        // a is the smaller one now: the two change places, and the sign with them.
        let x = a0;
        a0 = b0;
        b0 = x;
        x = a1;
        a1 = b1;
        b1 = x;
        x = a2;
        a2 = b2;
        b2 = x;
        x = a3;
        a3 = b3;
        b3 = x;
        x = c0;
        c0 = d0;
        d0 = x;
        x = c1;
        c1 = d1;
        d1 = x;
        negative = !negative;
        break;
      }
      shift--;
    }
  }
  memory.fill(v, 0, 32);
  store<u64>(u, b0);
  store<u64>(u, b1, 8);
  store<u64>(u, b2, 16);
  store<u64>(u, b3, 24);
  store<u64>(v, d0);
  store<u64>(v, d1, 8);
  return negative;
}

/** Digits that a recoding of 256 bits may need. */
export const DIGITS_MAX: usize = 264;

/**
 * Width-w non-adjacent form of a number below 2^254: digits 0 or odd in (-2^(w-1), 2^(w-1)), one
 * signed byte each, least significant first. Gives the number of digits up to the highest one.
 */
export function scalarDigits(out: usize, bytes: usize, width: u32): i32 {
  memory.fill(out, 0, DIGITS_MAX);
  const window: u32 = 1 << width;
  let carry: u32 = 0;
  let top = 0;
  let at: u32 = 0;
  while (at < 256) {
    // 32 bits from `at` on; what is beyond the number is 0.
    const byte = at >> 3;
    const low = byte <= 24 ? load<u64>(bytes + byte) : load<u64>(bytes, 24) >> ((byte - 24) << 3);
    const piece = <u32>(low >> (at & 7)) & (window - 1);
    const digit = piece + carry;
    if ((digit & 1) == 0) {
      at++;
      continue;
    }
    const isHigh = digit >= window >> 1;
    carry = isHigh ? 1 : 0;
    store<i8>(out + at, <i8>(<i32>digit - (isHigh ? <i32>window : 0)));
    top = at + 1;
    at += width;
  }
  return top;
}
