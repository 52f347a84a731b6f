/**
 * The field of Curve25519, p = 2^255 - 19, in eight limbs of 32 bits, least significant first: the
 * portable form. A value is any number of [0, 2^256) with the right rest modulo p, which divides
 * 2^256 - 38. Eight full limbs keep few values alive at a time, which suits the engines that run
 * this. Branches are taken by value: everything here is public (keys, signatures, messages).
 */

/** Bytes of a field element in memory. */
export const FIELD_BYTES: usize = 32;

const MASK: u64 = 0xffffffff;
/** 2^256 = 38 modulo p. */
const FOLD: u64 = 38;

// @ts-ignore: a decorator of the compiler
@inline
function limb(at: usize, offset: usize): u64 {
  return <u64>load<u32>(at + offset);
}

/**
 * out = left x right. Schoolbook by rows: each step fits 64 bits, (2^32-1)^2 + 2(2^32-1) = 2^64-1.
 */
export function fieldMultiply(out: usize, left: usize, right: usize): void {
  const b0 = limb(right, 0);
  const b1 = limb(right, 4);
  const b2 = limb(right, 8);
  const b3 = limb(right, 12);
  const b4 = limb(right, 16);
  const b5 = limb(right, 20);
  const b6 = limb(right, 24);
  const b7 = limb(right, 28);
  let a = limb(left, 0);
  let t = a * b0;
  let r0 = t & MASK;
  t = a * b1 + (t >> 32);
  let r1 = t & MASK;
  t = a * b2 + (t >> 32);
  let r2 = t & MASK;
  t = a * b3 + (t >> 32);
  let r3 = t & MASK;
  t = a * b4 + (t >> 32);
  let r4 = t & MASK;
  t = a * b5 + (t >> 32);
  let r5 = t & MASK;
  t = a * b6 + (t >> 32);
  let r6 = t & MASK;
  t = a * b7 + (t >> 32);
  let r7 = t & MASK;
  let r8 = t >> 32;
  a = limb(left, 4);
  t = a * b0 + r1;
  r1 = t & MASK;
  t = a * b1 + r2 + (t >> 32);
  r2 = t & MASK;
  t = a * b2 + r3 + (t >> 32);
  r3 = t & MASK;
  t = a * b3 + r4 + (t >> 32);
  r4 = t & MASK;
  t = a * b4 + r5 + (t >> 32);
  r5 = t & MASK;
  t = a * b5 + r6 + (t >> 32);
  r6 = t & MASK;
  t = a * b6 + r7 + (t >> 32);
  r7 = t & MASK;
  t = a * b7 + r8 + (t >> 32);
  r8 = t & MASK;
  let r9 = t >> 32;
  a = limb(left, 8);
  t = a * b0 + r2;
  r2 = t & MASK;
  t = a * b1 + r3 + (t >> 32);
  r3 = t & MASK;
  t = a * b2 + r4 + (t >> 32);
  r4 = t & MASK;
  t = a * b3 + r5 + (t >> 32);
  r5 = t & MASK;
  t = a * b4 + r6 + (t >> 32);
  r6 = t & MASK;
  t = a * b5 + r7 + (t >> 32);
  r7 = t & MASK;
  t = a * b6 + r8 + (t >> 32);
  r8 = t & MASK;
  t = a * b7 + r9 + (t >> 32);
  r9 = t & MASK;
  let r10 = t >> 32;
  a = limb(left, 12);
  t = a * b0 + r3;
  r3 = t & MASK;
  t = a * b1 + r4 + (t >> 32);
  r4 = t & MASK;
  t = a * b2 + r5 + (t >> 32);
  r5 = t & MASK;
  t = a * b3 + r6 + (t >> 32);
  r6 = t & MASK;
  t = a * b4 + r7 + (t >> 32);
  r7 = t & MASK;
  t = a * b5 + r8 + (t >> 32);
  r8 = t & MASK;
  t = a * b6 + r9 + (t >> 32);
  r9 = t & MASK;
  t = a * b7 + r10 + (t >> 32);
  r10 = t & MASK;
  let r11 = t >> 32;
  a = limb(left, 16);
  t = a * b0 + r4;
  r4 = t & MASK;
  t = a * b1 + r5 + (t >> 32);
  r5 = t & MASK;
  t = a * b2 + r6 + (t >> 32);
  r6 = t & MASK;
  t = a * b3 + r7 + (t >> 32);
  r7 = t & MASK;
  t = a * b4 + r8 + (t >> 32);
  r8 = t & MASK;
  t = a * b5 + r9 + (t >> 32);
  r9 = t & MASK;
  t = a * b6 + r10 + (t >> 32);
  r10 = t & MASK;
  t = a * b7 + r11 + (t >> 32);
  r11 = t & MASK;
  let r12 = t >> 32;
  a = limb(left, 20);
  t = a * b0 + r5;
  r5 = t & MASK;
  t = a * b1 + r6 + (t >> 32);
  r6 = t & MASK;
  t = a * b2 + r7 + (t >> 32);
  r7 = t & MASK;
  t = a * b3 + r8 + (t >> 32);
  r8 = t & MASK;
  t = a * b4 + r9 + (t >> 32);
  r9 = t & MASK;
  t = a * b5 + r10 + (t >> 32);
  r10 = t & MASK;
  t = a * b6 + r11 + (t >> 32);
  r11 = t & MASK;
  t = a * b7 + r12 + (t >> 32);
  r12 = t & MASK;
  let r13 = t >> 32;
  a = limb(left, 24);
  t = a * b0 + r6;
  r6 = t & MASK;
  t = a * b1 + r7 + (t >> 32);
  r7 = t & MASK;
  t = a * b2 + r8 + (t >> 32);
  r8 = t & MASK;
  t = a * b3 + r9 + (t >> 32);
  r9 = t & MASK;
  t = a * b4 + r10 + (t >> 32);
  r10 = t & MASK;
  t = a * b5 + r11 + (t >> 32);
  r11 = t & MASK;
  t = a * b6 + r12 + (t >> 32);
  r12 = t & MASK;
  t = a * b7 + r13 + (t >> 32);
  r13 = t & MASK;
  let r14 = t >> 32;
  a = limb(left, 28);
  t = a * b0 + r7;
  r7 = t & MASK;
  t = a * b1 + r8 + (t >> 32);
  r8 = t & MASK;
  t = a * b2 + r9 + (t >> 32);
  r9 = t & MASK;
  t = a * b3 + r10 + (t >> 32);
  r10 = t & MASK;
  t = a * b4 + r11 + (t >> 32);
  r11 = t & MASK;
  t = a * b5 + r12 + (t >> 32);
  r12 = t & MASK;
  t = a * b6 + r13 + (t >> 32);
  r13 = t & MASK;
  t = a * b7 + r14 + (t >> 32);
  r14 = t & MASK;
  let r15 = t >> 32;
  foldProduct(out, r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12, r13, r14, r15);
}

/** out = value x value. Cross products once, doubled as a whole, then the squares. */
export function fieldSquare(out: usize, value: usize): void {
  const a0 = limb(value, 0);
  const a1 = limb(value, 4);
  const a2 = limb(value, 8);
  const a3 = limb(value, 12);
  const a4 = limb(value, 16);
  const a5 = limb(value, 20);
  const a6 = limb(value, 24);
  const a7 = limb(value, 28);
  let t = a0 * a1;
  let r1 = t & MASK;
  t = a0 * a2 + (t >> 32);
  let r2 = t & MASK;
  t = a0 * a3 + (t >> 32);
  let r3 = t & MASK;
  t = a0 * a4 + (t >> 32);
  let r4 = t & MASK;
  t = a0 * a5 + (t >> 32);
  let r5 = t & MASK;
  t = a0 * a6 + (t >> 32);
  let r6 = t & MASK;
  t = a0 * a7 + (t >> 32);
  let r7 = t & MASK;
  let r8 = t >> 32;
  t = a1 * a2 + r3;
  r3 = t & MASK;
  t = a1 * a3 + r4 + (t >> 32);
  r4 = t & MASK;
  t = a1 * a4 + r5 + (t >> 32);
  r5 = t & MASK;
  t = a1 * a5 + r6 + (t >> 32);
  r6 = t & MASK;
  t = a1 * a6 + r7 + (t >> 32);
  r7 = t & MASK;
  t = a1 * a7 + r8 + (t >> 32);
  r8 = t & MASK;
  let r9 = t >> 32;
  t = a2 * a3 + r5;
  r5 = t & MASK;
  t = a2 * a4 + r6 + (t >> 32);
  r6 = t & MASK;
  t = a2 * a5 + r7 + (t >> 32);
  r7 = t & MASK;
  t = a2 * a6 + r8 + (t >> 32);
  r8 = t & MASK;
  t = a2 * a7 + r9 + (t >> 32);
  r9 = t & MASK;
  let r10 = t >> 32;
  t = a3 * a4 + r7;
  r7 = t & MASK;
  t = a3 * a5 + r8 + (t >> 32);
  r8 = t & MASK;
  t = a3 * a6 + r9 + (t >> 32);
  r9 = t & MASK;
  t = a3 * a7 + r10 + (t >> 32);
  r10 = t & MASK;
  let r11 = t >> 32;
  t = a4 * a5 + r9;
  r9 = t & MASK;
  t = a4 * a6 + r10 + (t >> 32);
  r10 = t & MASK;
  t = a4 * a7 + r11 + (t >> 32);
  r11 = t & MASK;
  let r12 = t >> 32;
  t = a5 * a6 + r11;
  r11 = t & MASK;
  t = a5 * a7 + r12 + (t >> 32);
  r12 = t & MASK;
  let r13 = t >> 32;
  t = a6 * a7 + r13;
  r13 = t & MASK;
  let r14 = t >> 32;
  t = a0 * a0;
  const r0 = t & MASK;
  t = (r1 << 1) + (t >> 32);
  r1 = t & MASK;
  let s1 = a1 * a1;
  t = (r2 << 1) + (s1 & MASK) + (t >> 32);
  r2 = t & MASK;
  t = (r3 << 1) + (s1 >> 32) + (t >> 32);
  r3 = t & MASK;
  let s2 = a2 * a2;
  t = (r4 << 1) + (s2 & MASK) + (t >> 32);
  r4 = t & MASK;
  t = (r5 << 1) + (s2 >> 32) + (t >> 32);
  r5 = t & MASK;
  let s3 = a3 * a3;
  t = (r6 << 1) + (s3 & MASK) + (t >> 32);
  r6 = t & MASK;
  t = (r7 << 1) + (s3 >> 32) + (t >> 32);
  r7 = t & MASK;
  let s4 = a4 * a4;
  t = (r8 << 1) + (s4 & MASK) + (t >> 32);
  r8 = t & MASK;
  t = (r9 << 1) + (s4 >> 32) + (t >> 32);
  r9 = t & MASK;
  let s5 = a5 * a5;
  t = (r10 << 1) + (s5 & MASK) + (t >> 32);
  r10 = t & MASK;
  t = (r11 << 1) + (s5 >> 32) + (t >> 32);
  r11 = t & MASK;
  let s6 = a6 * a6;
  t = (r12 << 1) + (s6 & MASK) + (t >> 32);
  r12 = t & MASK;
  t = (r13 << 1) + (s6 >> 32) + (t >> 32);
  r13 = t & MASK;
  let s7 = a7 * a7;
  t = (r14 << 1) + (s7 & MASK) + (t >> 32);
  r14 = t & MASK;
  const r15 = (s7 >> 32) + (t >> 32);
  foldProduct(out, r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12, r13, r14, r15);
}

// Folds sixteen limbs into eight: 2^256 = 38.
// @ts-ignore: a decorator of the compiler
@inline
function foldProduct(
  out: usize,
  r0: u64,
  r1: u64,
  r2: u64,
  r3: u64,
  r4: u64,
  r5: u64,
  r6: u64,
  r7: u64,
  r8: u64,
  r9: u64,
  r10: u64,
  r11: u64,
  r12: u64,
  r13: u64,
  r14: u64,
  r15: u64,
): void {
  let t = r0 + r8 * FOLD;
  const s0 = t & MASK;
  t = r1 + r9 * FOLD + (t >> 32);
  const s1 = t & MASK;
  t = r2 + r10 * FOLD + (t >> 32);
  const s2 = t & MASK;
  t = r3 + r11 * FOLD + (t >> 32);
  const s3 = t & MASK;
  t = r4 + r12 * FOLD + (t >> 32);
  const s4 = t & MASK;
  t = r5 + r13 * FOLD + (t >> 32);
  const s5 = t & MASK;
  t = r6 + r14 * FOLD + (t >> 32);
  const s6 = t & MASK;
  t = r7 + r15 * FOLD + (t >> 32);
  const s7 = t & MASK;
  t = s0 + (t >> 32) * FOLD;
  store<u32>(out, <u32>t);
  if (t >> 32 == 0) {
    store<u32>(out, <u32>s1, 4);
    store<u32>(out, <u32>s2, 8);
    store<u32>(out, <u32>s3, 12);
    store<u32>(out, <u32>s4, 16);
    store<u32>(out, <u32>s5, 20);
    store<u32>(out, <u32>s6, 24);
    store<u32>(out, <u32>s7, 28);
    return;
  }
  // Once in a hundred million products the carry runs on.
  t = s1 + (t >> 32);
  store<u32>(out, <u32>t, 4);
  t = s2 + (t >> 32);
  store<u32>(out, <u32>t, 8);
  t = s3 + (t >> 32);
  store<u32>(out, <u32>t, 12);
  t = s4 + (t >> 32);
  store<u32>(out, <u32>t, 16);
  t = s5 + (t >> 32);
  store<u32>(out, <u32>t, 20);
  t = s6 + (t >> 32);
  store<u32>(out, <u32>t, 24);
  t = s7 + (t >> 32);
  store<u32>(out, <u32>t, 28);
  store<u32>(out, <u32>(<u64>load<u32>(out) + (t >> 32) * FOLD));
}

/** out = left + right. */
export function fieldAdd(out: usize, left: usize, right: usize): void {
  let t = limb(left, 0) + limb(right, 0);
  const s0 = t & MASK;
  t = limb(left, 4) + limb(right, 4) + (t >> 32);
  const s1 = t & MASK;
  t = limb(left, 8) + limb(right, 8) + (t >> 32);
  const s2 = t & MASK;
  t = limb(left, 12) + limb(right, 12) + (t >> 32);
  const s3 = t & MASK;
  t = limb(left, 16) + limb(right, 16) + (t >> 32);
  const s4 = t & MASK;
  t = limb(left, 20) + limb(right, 20) + (t >> 32);
  const s5 = t & MASK;
  t = limb(left, 24) + limb(right, 24) + (t >> 32);
  const s6 = t & MASK;
  t = limb(left, 28) + limb(right, 28) + (t >> 32);
  const s7 = t & MASK;
  settle(out, (t >> 32) * FOLD, s0, s1, s2, s3, s4, s5, s6, s7);
}

/** out = left - right. */
export function fieldSubtract(out: usize, left: usize, right: usize): void {
  // Signed steps: the borrow is the sign, shifted down.
  let t = <i64>limb(left, 0) - <i64>limb(right, 0);
  const s0 = <u64>t & MASK;
  t = <i64>limb(left, 4) - <i64>limb(right, 4) + (t >> 32);
  const s1 = <u64>t & MASK;
  t = <i64>limb(left, 8) - <i64>limb(right, 8) + (t >> 32);
  const s2 = <u64>t & MASK;
  t = <i64>limb(left, 12) - <i64>limb(right, 12) + (t >> 32);
  const s3 = <u64>t & MASK;
  t = <i64>limb(left, 16) - <i64>limb(right, 16) + (t >> 32);
  const s4 = <u64>t & MASK;
  t = <i64>limb(left, 20) - <i64>limb(right, 20) + (t >> 32);
  const s5 = <u64>t & MASK;
  t = <i64>limb(left, 24) - <i64>limb(right, 24) + (t >> 32);
  const s6 = <u64>t & MASK;
  t = <i64>limb(left, 28) - <i64>limb(right, 28) + (t >> 32);
  const s7 = <u64>t & MASK;
  let d = <i64>s0 + (t >> 32) * <i64>FOLD;
  store<u32>(out, <u32>d);
  if (d >> 32 == 0) {
    store<u32>(out, <u32>s1, 4);
    store<u32>(out, <u32>s2, 8);
    store<u32>(out, <u32>s3, 12);
    store<u32>(out, <u32>s4, 16);
    store<u32>(out, <u32>s5, 20);
    store<u32>(out, <u32>s6, 24);
    store<u32>(out, <u32>s7, 28);
    return;
  }
  d = <i64>s1 + (d >> 32);
  store<u32>(out, <u32>d, 4);
  d = <i64>s2 + (d >> 32);
  store<u32>(out, <u32>d, 8);
  d = <i64>s3 + (d >> 32);
  store<u32>(out, <u32>d, 12);
  d = <i64>s4 + (d >> 32);
  store<u32>(out, <u32>d, 16);
  d = <i64>s5 + (d >> 32);
  store<u32>(out, <u32>d, 20);
  d = <i64>s6 + (d >> 32);
  store<u32>(out, <u32>d, 24);
  d = <i64>s7 + (d >> 32);
  store<u32>(out, <u32>d, 28);
  store<u32>(out, <u32>(<i64>limb(out, 0) + (d >> 32) * <i64>FOLD));
}

// Adds a small number at the bottom and carries.
// @ts-ignore: a decorator of the compiler
@inline
function settle(
  out: usize,
  low: u64,
  s0: u64,
  s1: u64,
  s2: u64,
  s3: u64,
  s4: u64,
  s5: u64,
  s6: u64,
  s7: u64,
): void {
  let t = s0 + low;
  store<u32>(out, <u32>t);
  if (t >> 32 == 0) {
    store<u32>(out, <u32>s1, 4);
    store<u32>(out, <u32>s2, 8);
    store<u32>(out, <u32>s3, 12);
    store<u32>(out, <u32>s4, 16);
    store<u32>(out, <u32>s5, 20);
    store<u32>(out, <u32>s6, 24);
    store<u32>(out, <u32>s7, 28);
    return;
  }
  t = s1 + (t >> 32);
  store<u32>(out, <u32>t, 4);
  t = s2 + (t >> 32);
  store<u32>(out, <u32>t, 8);
  t = s3 + (t >> 32);
  store<u32>(out, <u32>t, 12);
  t = s4 + (t >> 32);
  store<u32>(out, <u32>t, 16);
  t = s5 + (t >> 32);
  store<u32>(out, <u32>t, 20);
  t = s6 + (t >> 32);
  store<u32>(out, <u32>t, 24);
  t = s7 + (t >> 32);
  store<u32>(out, <u32>t, 28);
  store<u32>(out, <u32>(<u64>load<u32>(out) + (t >> 32) * FOLD));
}

/** Reads 32 bytes, little-endian; bit 255 is left out. The value may be p or more. */
export function fieldFromBytes(out: usize, bytes: usize): void {
  memory.copy(out, bytes, 32);
  store<u32>(out, load<u32>(out, 28) & 0x7fffffff, 28);
}

/** Writes the one representative of [0, p), 32 bytes, little-endian. */
export function fieldToBytes(bytes: usize, value: usize): void {
  memory.copy(bytes, value, 32);
  freeze(bytes);
}

// value becomes the one representative of [0, p).
function freeze(value: usize): void {
  // Bit 255 counts 19; after that the value is below 2^255 + 19, so at most one p is left.
  let t = limb(value, 0) + (limb(value, 28) >> 31) * 19;
  store<u32>(value, <u32>t);
  for (let at: usize = 4; at < 28; at += 4) {
    t = limb(value, at) + (t >> 32);
    store<u32>(value + at, <u32>t);
  }
  t = (limb(value, 28) & 0x7fffffff) + (t >> 32);
  store<u32>(value, <u32>t, 28);
  // value >= p exactly when value + 19 reaches 2^255; then value - p = value + 19 - 2^255.
  t = limb(value, 0) + 19;
  for (let at: usize = 4; at < 32; at += 4) t = limb(value, at) + (t >> 32);
  const over = (t >> 31) & 1;
  t = limb(value, 0) + over * 19;
  store<u32>(value, <u32>t);
  for (let at: usize = 4; at < 28; at += 4) {
    t = limb(value, at) + (t >> 32);
    store<u32>(value + at, <u32>t);
  }
  t = limb(value, 28) + (t >> 32);
  store<u32>(value, <u32>t & 0x7fffffff, 28);
}
