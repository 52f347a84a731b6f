/**
 * What the switch says of its log at some moment, under the key that also signs QR codes: so many
 * events, this root, this hash of the last one. Whoever keeps one such statement notices every
 * rewrite of what is under it.
 */
import { assert } from "../../actors/assert.ts";
import { asciiBytes, concatBytes, setSafeUint64, viewOf } from "../../wasm/bytes.ts";

const TAG = asciiBytes("SEQR-LOG-v1");
const END = Uint8Array.of(0);
const HASH_BYTES = 32;
const ODFI_DIGITS = 8;

export interface TreeHead {
  /** Number of the key that signs, 1 to 255. */
  readonly kid: number;
  /** The eight digits that our trace numbers begin with; null where no bank is configured. */
  readonly odfi: string | null;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** 32 bytes. */
  readonly headHash: Uint8Array;
  readonly atMs: number;
}

/**
 * What is signed: tag, zero byte, kid (1), digits of the bank or eight blanks, size (8), root (32),
 * hash of the last event (32), time (8).
 */
export function treeHeadStatement(treeHead: TreeHead): Uint8Array {
  const { kid, odfi, size, root, headHash, atMs } = treeHead;
  assert(root.length === HASH_BYTES, "a root has 32 bytes");
  assert(headHash.length === HASH_BYTES, "the hash of an event has 32 bytes");
  const bank = asciiBytes((odfi ?? "").padEnd(ODFI_DIGITS));
  assert(bank.length === ODFI_DIGITS, "a bank has eight digits");
  const numbers = new Uint8Array(16);
  setSafeUint64(viewOf(numbers), 0, size);
  setSafeUint64(viewOf(numbers), 8, atMs);
  const [count, time] = [numbers.subarray(0, 8), numbers.subarray(8)];
  return concatBytes(TAG, END, Uint8Array.of(kid), bank, count, root, headHash, time);
}
