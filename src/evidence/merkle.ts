/**
 * The hash tree over the event log (RFC 9162 section 2.1): its leaves are the hashes of the events
 * in their order. Twenty hashes prove that an event is one of a million, to somebody who has the
 * root and nothing else, and say nothing of the others.
 */
import { assert } from "../../actors/assert.ts";
import { concatBytes, equalBytes } from "../../wasm/bytes.ts";
import { sha256 } from "../../wasm/core.ts";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export function leafHash(data: Uint8Array): Uint8Array {
  return sha256(concatBytes(LEAF, data));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(NODE, left, right));
}

/** The greatest power of two below `count`: where the tree of so many leaves is parted. */
export function splitOf(count: number): number {
  assert(Number.isSafeInteger(count) && count > 1, "what is parted has two leaves");
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

/** The root over the leaves' hashes. */
export function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  assert(only !== undefined, "a tree has a leaf");
  if (leaves.length === 1) return only;
  const split = splitOf(leaves.length);
  return nodeHash(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

/**
 * Whether the leaf is number `index` (from 0) of `size` under this root (RFC 9162 section 2.1.3.2).
 */
export function isIncluded(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const isPlace = Number.isSafeInteger(index) && Number.isSafeInteger(size);
  if (!isPlace || index < 0 || index >= size) return false;
  let [at, last] = [index, size - 1];
  let hash = leaf;
  for (const other of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(other, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      hash = nodeHash(hash, other);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && equalBytes(hash, root);
}
