/**
 * What the curve needs of the field beyond its four operations. The build puts field-portable.ts or
 * field-wide.ts behind the name `./field-form`.
 */
import {
  FIELD_BYTES,
  fieldAdd,
  fieldFromBytes,
  fieldMultiply,
  fieldSquare,
  fieldSubtract,
  fieldToBytes,
} from "./field-form";

export {
  FIELD_BYTES,
  fieldAdd,
  fieldFromBytes,
  fieldMultiply,
  fieldSquare,
  fieldSubtract,
  fieldToBytes,
};

/** The largest form. */
const FIELD_BYTES_MAX = 40;
const ZERO = memory.data(FIELD_BYTES_MAX, 16);
const LEFT = memory.data(32, 16);
const RIGHT = memory.data(32, 16);
const T0 = memory.data(FIELD_BYTES_MAX, 16);
const T1 = memory.data(FIELD_BYTES_MAX, 16);
const T2 = memory.data(FIELD_BYTES_MAX, 16);

/** The bytes of p = 2^255 - 19. */
const P: usize = memory.data<u8>([
  0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
]);

export function fieldCopy(out: usize, value: usize): void {
  memory.copy(out, value, FIELD_BYTES);
}

export function fieldZero(out: usize): void {
  memory.fill(out, 0, FIELD_BYTES);
}

export function fieldOne(out: usize): void {
  memory.fill(out, 0, FIELD_BYTES);
  store<u8>(out, 1);
}

export function fieldNegate(out: usize, value: usize): void {
  fieldSubtract(out, ZERO, value);
}

export function fieldEqual(left: usize, right: usize): bool {
  fieldToBytes(LEFT, left);
  fieldToBytes(RIGHT, right);
  return memory.compare(LEFT, RIGHT, 32) == 0;
}

export function fieldIsZero(value: usize): bool {
  fieldToBytes(LEFT, value);
  return (load<u64>(LEFT) | load<u64>(LEFT, 8) | load<u64>(LEFT, 16) | load<u64>(LEFT, 24)) == 0;
}

/** RFC 8032 5.1.2: the sign is the lowest bit of the representative. */
export function fieldIsOdd(value: usize): bool {
  fieldToBytes(LEFT, value);
  return (load<u8>(LEFT) & 1) != 0;
}

/** Whether 32 bytes, without bit 255, spell a number below p. */
export function isCanonical(bytes: usize): bool {
  const top = load<u8>(bytes, 31) & 0x7f;
  if (top != 0x7f) return true;
  for (let at: usize = 30; at > 0; at--) if (load<u8>(bytes + at) != 0xff) return true;
  return load<u8>(bytes) < load<u8>(P);
}

function squareTimes(value: usize, times: i32): void {
  for (let n = 0; n < times; n++) fieldSquare(value, value);
}

// out = value^(2^250 - 1); T1 = value^11. The usual chain of 249 squares and 10 products.
function power250(out: usize, value: usize): void {
  fieldSquare(T0, value);
  fieldCopy(T1, T0);
  squareTimes(T1, 2);
  fieldMultiply(T1, T1, value); // 9
  fieldMultiply(T0, T0, T1); // 11
  fieldCopy(T2, T0);
  fieldSquare(T2, T2); // 22
  fieldMultiply(T1, T1, T2); // 2^5 - 1
  fieldCopy(T2, T1);
  squareTimes(T2, 5);
  fieldMultiply(T1, T1, T2); // 2^10 - 1
  fieldCopy(T2, T1);
  squareTimes(T2, 10);
  fieldMultiply(T2, T2, T1); // 2^20 - 1
  fieldCopy(out, T2);
  squareTimes(out, 20);
  fieldMultiply(T2, T2, out); // 2^40 - 1
  squareTimes(T2, 10);
  fieldMultiply(T1, T1, T2); // 2^50 - 1
  fieldCopy(T2, T1);
  squareTimes(T2, 50);
  fieldMultiply(T2, T2, T1); // 2^100 - 1
  fieldCopy(out, T2);
  squareTimes(out, 100);
  fieldMultiply(out, out, T2); // 2^200 - 1
  squareTimes(out, 50);
  fieldMultiply(out, out, T1); // 2^250 - 1
}

/** out = 1 / value by Fermat, value^(p - 2); 0 for 0. `out` is not `value`. */
export function fieldInvert(out: usize, value: usize): void {
  power250(out, value);
  squareTimes(out, 5);
  fieldMultiply(out, out, T0); // 2^255 - 32 + 11
}

/** out = value^((p - 5) / 8) = value^(2^252 - 3). `out` is not `value`. */
export function fieldPower58(out: usize, value: usize): void {
  power250(out, value);
  squareTimes(out, 2);
  fieldMultiply(out, out, value);
}
