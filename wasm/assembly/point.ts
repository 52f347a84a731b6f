/**
 * Points of the twisted Edwards curve -x^2 + y^2 = 1 + d x^2 y^2 (RFC 8032 5.1), in extended
 * coordinates X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z; and in the cached forms that make an
 * addition cheap. Formulas: Hisil, Wong, Carter, Dawson, "Twisted Edwards Curves Revisited", as
 * dbl-2008-hwcd and add-2008-hwcd-3 of the Explicit-Formulas Database. They are complete: no case
 * is special. Variable time throughout; everything here is public.
 */
import {
  FIELD_BYTES,
  fieldAdd,
  fieldEqual,
  fieldFromBytes,
  fieldInvert,
  fieldIsOdd,
  fieldIsZero,
  fieldMultiply,
  fieldNegate,
  fieldOne,
  fieldPower58,
  fieldSquare,
  fieldSubtract,
  fieldZero,
  isCanonical,
} from "./field";

/** X, Y, Z, T. */
export const POINT_BYTES: usize = 4 * FIELD_BYTES;
/** Y+X, Y-X, 2Z, 2dT. */
export const CACHED_BYTES: usize = 4 * FIELD_BYTES;
/** y+x, y-x, 2dxy of a point with Z = 1. */
export const AFFINE_BYTES: usize = 3 * FIELD_BYTES;

const Y: usize = FIELD_BYTES;
const Z: usize = 2 * FIELD_BYTES;
const T: usize = 3 * FIELD_BYTES;

const FIELD_BYTES_MAX = 40;
const A = memory.data(FIELD_BYTES_MAX, 16);
const B = memory.data(FIELD_BYTES_MAX, 16);
const C = memory.data(FIELD_BYTES_MAX, 16);
const D = memory.data(FIELD_BYTES_MAX, 16);
const E = memory.data(FIELD_BYTES_MAX, 16);
const F = memory.data(FIELD_BYTES_MAX, 16);

/** RFC 8032 5.1: d = -121665/121666. Little-endian. */
const D_BYTES: usize = memory.data<u8>([
  0xa3, 0x78, 0x59, 0x13, 0xca, 0x4d, 0xeb, 0x75, 0xab, 0xd8, 0x41, 0x41, 0x4d, 0x0a, 0x70, 0x00,
  0x98, 0xe8, 0x79, 0x77, 0x79, 0x40, 0xc7, 0x8c, 0x73, 0xfe, 0x6f, 0x2b, 0xee, 0x6c, 0x03, 0x52,
]);
/** sqrt(-1) = 2^((p - 1) / 4). */
const ROOT_BYTES: usize = memory.data<u8>([
  0xb0, 0xa0, 0x0e, 0x4a, 0x27, 0x1b, 0xee, 0xc4, 0x78, 0xe4, 0x2f, 0xad, 0x06, 0x18, 0x43, 0x2f,
  0xa7, 0xd7, 0xfb, 0x3d, 0x99, 0x00, 0x4d, 0x2b, 0x0b, 0xdf, 0xc1, 0x4f, 0x80, 0x24, 0x83, 0x2b,
]);
const CURVE_D = memory.data(FIELD_BYTES_MAX, 16);
const CURVE_2D = memory.data(FIELD_BYTES_MAX, 16);
const ROOT = memory.data(FIELD_BYTES_MAX, 16);

/** Brings the constants into the form of this field; before anything else. */
export function pointInit(): void {
  fieldFromBytes(CURVE_D, D_BYTES);
  fieldAdd(CURVE_2D, CURVE_D, CURVE_D);
  fieldFromBytes(ROOT, ROOT_BYTES);
}

export function pointIdentity(out: usize): void {
  fieldZero(out);
  fieldOne(out + Y);
  fieldOne(out + Z);
  fieldZero(out + T);
}

export function pointCopy(out: usize, point: usize): void {
  memory.copy(out, point, POINT_BYTES);
}

export function pointNegate(point: usize): void {
  fieldNegate(point, point);
  fieldNegate(point + T, point + T);
}

/** X = 0 and Y = Z. */
export function pointIsIdentity(point: usize): bool {
  return fieldIsZero(point) && fieldEqual(point + Y, point + Z);
}

/**
 * RFC 8032 5.1.3, strictly: false when y is p or more, when no x fits, or when x is 0 and its sign
 * is said to be negative.
 */
export function pointDecompress(out: usize, bytes: usize): bool {
  if (!isCanonical(bytes)) return false;
  const sign = load<u8>(bytes, 31) >> 7 != 0;
  fieldFromBytes(out + Y, bytes);
  fieldOne(out + Z);
  // Step 2: x^2 = u / v with u = y^2 - 1, v = d y^2 + 1.
  fieldSquare(A, out + Y);
  fieldMultiply(B, A, CURVE_D);
  fieldSubtract(A, A, out + Z); // u
  fieldAdd(B, B, out + Z); // v
  // Step 3: the candidate is u v^3 (u v^7)^((p - 5) / 8).
  fieldSquare(C, B);
  fieldMultiply(C, C, B); // v^3
  fieldSquare(D, C);
  fieldMultiply(D, D, B); // v^7
  fieldMultiply(D, D, A);
  fieldPower58(E, D);
  fieldMultiply(E, E, C);
  fieldMultiply(out, E, A);
  fieldSquare(C, out);
  fieldMultiply(C, C, B); // v x^2
  if (!fieldEqual(C, A)) {
    fieldAdd(D, C, A);
    if (!fieldIsZero(D)) return false;
    fieldMultiply(out, out, ROOT);
  }
  // Step 4.
  if (fieldIsZero(out) && sign) return false;
  if (fieldIsOdd(out) != sign) fieldNegate(out, out);
  fieldMultiply(out + T, out, out + Y);
  return true;
}

/** out = 2 point. T is left out where no addition follows: four products instead of three. */
export function pointDouble(out: usize, point: usize, withT: bool): void {
  fieldSquare(A, point);
  fieldSquare(B, point + Y);
  fieldSquare(C, point + Z);
  fieldAdd(C, C, C);
  fieldAdd(D, point, point + Y);
  fieldSquare(D, D);
  fieldAdd(E, A, B); // H = A + B
  fieldSubtract(F, A, B); // G = A - B
  fieldSubtract(D, E, D); // E = H - (X + Y)^2
  fieldAdd(C, C, F); // F = 2 Z^2 + G
  fieldMultiply(out, D, C);
  fieldMultiply(out + Y, F, E);
  fieldMultiply(out + Z, C, F);
  if (withT) fieldMultiply(out + T, D, E);
}

/** The form in which a point is added again and again. */
export function pointCache(out: usize, point: usize): void {
  fieldAdd(out, point + Y, point);
  fieldSubtract(out + Y, point + Y, point);
  fieldAdd(out + Z, point + Z, point + Z);
  fieldMultiply(out + T, point + T, CURVE_2D);
}

/** The same for a point with Z = 1. */
export function pointCacheAffine(out: usize, point: usize): void {
  fieldAdd(out, point + Y, point);
  fieldSubtract(out + Y, point + Y, point);
  fieldMultiply(out + Z, point + T, CURVE_2D);
}

/** Divides by Z. */
export function pointNormalise(point: usize): void {
  fieldInvert(D, point + Z);
  fieldMultiply(point, point, D);
  fieldMultiply(point + Y, point + Y, D);
  fieldOne(point + Z);
  fieldMultiply(point + T, point, point + Y);
}

/**
 * out = point + cached, or point - cached: a negated point swaps its sums and negates its T. T is
 * left out where no addition follows.
 */
export function pointAddCached(
  out: usize,
  point: usize,
  cached: usize,
  minus: bool,
  withT: bool,
): void {
  fieldMultiply(C, point + T, cached + T);
  fieldMultiply(D, point + Z, cached + Z);
  finishAdd(out, point, cached, minus, withT);
}

/** The same for a cached point with Z = 1: one product less. */
export function pointAddAffine(
  out: usize,
  point: usize,
  affine: usize,
  minus: bool,
  withT: bool,
): void {
  fieldMultiply(C, point + T, affine + Z);
  fieldAdd(D, point + Z, point + Z);
  finishAdd(out, point, affine, minus, withT);
}

// C = 2d T1 T2, D = 2 Z1 Z2.
function finishAdd(out: usize, point: usize, sums: usize, minus: bool, withT: bool): void {
  fieldSubtract(A, point + Y, point);
  fieldMultiply(A, A, select(sums, sums + Y, minus));
  fieldAdd(B, point + Y, point);
  fieldMultiply(B, B, select(sums + Y, sums, minus));
  fieldSubtract(E, B, A);
  fieldAdd(B, B, A); // H
  fieldSubtract(F, D, C);
  fieldAdd(D, D, C);
  const f = select(D, F, minus);
  const g = select(F, D, minus);
  fieldMultiply(out, E, f);
  fieldMultiply(out + Y, g, B);
  fieldMultiply(out + Z, f, g);
  if (withT) fieldMultiply(out + T, E, B);
}
