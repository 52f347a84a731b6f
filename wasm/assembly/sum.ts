/**
 * Sums of multiples of many points (Straus): one doubling per bit for all of them together, then
 * the digits that stand at that bit, which are kept in lists, so that none that is 0 is looked at.
 * Variable time; everything here is public.
 */
import {
  AFFINE_BYTES,
  CACHED_BYTES,
  pointAddAffine,
  pointAddCached,
  pointDouble,
  pointIdentity,
} from "./point";
import { DIGITS_MAX, scalarDigits } from "./scalar";

/**
 * A node is two words: the table entry, with what to do in its low bits, and the next node or 0.
 * A batch has 64 scalars of 128 bits and 64 of 253, whose digits are at least 5 positions apart,
 * and one of the base point: 64 (27 + 52) + 33 nodes at most.
 */
const NODE_BYTES: usize = 8;
const NODES = memory.data(41600, 16); // 5,200 nodes
const DIGITS = memory.data(264, 16);
const HEADS = memory.data(1056, 16); // one word per position
const MINUS: u32 = 1;
const AFFINE: u32 = 2;

let end: usize = NODES;
let top: i32 = 0;

/** An empty sum. */
export function sumStart(): void {
  memory.fill(HEADS, 0, DIGITS_MAX << 2);
  end = NODES;
  top = 0;
}

/** Adds a multiple of the point whose odd multiples, cached, are in `table`. */
export function sumAdd(scalar: usize, width: u32, table: usize): void {
  list(scalar, width, table, CACHED_BYTES, 0);
}

/** The same where the table is of points with Z = 1. */
export function sumAddAffine(scalar: usize, width: u32, table: usize): void {
  list(scalar, width, table, AFFINE_BYTES, AFFINE);
}

// Puts the digits that are not 0 into the lists of their positions.
function list(scalar: usize, width: u32, table: usize, entryBytes: usize, flags: u32): void {
  const count = scalarDigits(DIGITS, scalar, width);
  top = max(top, count);
  for (let word = 0; word < count; word += 8) {
    let rest = load<u64>(DIGITS + <usize>word);
    while (rest != 0) {
      const byte = <u32>(ctz(rest) & ~7);
      const digit = <i32>(<i8>(rest >> byte));
      rest &= ~(<u64>0xff << byte);
      const entry = table + <usize>(abs(digit) >> 1) * entryBytes;
      const head = HEADS + (<usize>(word + (byte >> 3)) << 2);
      store<u32>(end, <u32>entry | flags | (digit < 0 ? MINUS : 0));
      store<u32>(end, load<u32>(head), 4);
      store<u32>(head, <u32>end);
      end += NODE_BYTES;
    }
  }
}

/** out = the sum. T is made only where an addition follows, and is not in `out`. */
export function sumFinish(out: usize): void {
  pointIdentity(out);
  for (let at = top - 1; at >= 0; at--) {
    let node = <usize>load<u32>(HEADS + (<usize>at << 2));
    pointDouble(out, out, node != 0);
    while (node != 0) {
      const entry = load<u32>(node);
      node = <usize>load<u32>(node, 4);
      const table = <usize>(entry & ~(MINUS | AFFINE));
      const minus = (entry & MINUS) != 0;
      if ((entry & AFFINE) != 0) pointAddAffine(out, out, table, minus, node != 0);
      else pointAddCached(out, out, table, minus, node != 0);
    }
  }
}
