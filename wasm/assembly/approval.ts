/**
 * The approval body, 116 bytes (docs/protocol.md section 5; the layout stands in wasm/approval.ts),
 * and the proof of the PIN over it. A status is 0, or the number of the fault with the offset in
 * the next byte.
 */
import { hmacSha256, hmacWipe } from "./hmac";

export const APPROVAL_BYTES: usize = 116;
const PROOF_BYTES: usize = 32;
const KIND_MAX: u32 = 4;
const CURRENCY_MAX: u32 = 999;
/** The greatest number that a JavaScript integer holds exactly. */
const SAFE_MAX: u64 = 0x1fffffffffffff;

// In the order of APPROVAL_FAULTS in wasm/approval.ts.
const LENGTH_WRONG: u32 = 1;
const TAG_WRONG: u32 = 2;
const KIND_UNKNOWN: u32 = 3;
const RESERVED_NOT_ZERO: u32 = 4;
const AMOUNT_ZERO: u32 = 5;
const CURRENCY_OUT_OF_RANGE: u32 = 6;
const COUNTER_OUT_OF_RANGE: u32 = 7;
const CLIENT_TIME_OUT_OF_RANGE: u32 = 8;

/** `SEQRAPV1`. */
const TAG: usize = memory.data<u8>([0x53, 0x45, 0x51, 0x52, 0x41, 0x50, 0x56, 0x31]);
const EXPECTED = memory.data(32, 16);

function fault(kind: u32, at: usize): u32 {
  return kind | (<u32>at << 8);
}

export function approvalForm(body: usize, length: usize): u32 {
  if (length != APPROVAL_BYTES) return fault(LENGTH_WRONG, min(length, APPROVAL_BYTES));
  for (let at: usize = 0; at < 8; at++) {
    if (load<u8>(body + at) != load<u8>(TAG + at)) return fault(TAG_WRONG, at);
  }
  const kind = <u32>load<u8>(body, 8);
  if (kind == 0 || kind > KIND_MAX) return fault(KIND_UNKNOWN, 8);
  if (load<u8>(body, 9) != 0) return fault(RESERVED_NOT_ZERO, 9);
  if ((<u64>load<u32>(body, 62) | <u64>load<u16>(body, 66)) == 0) return fault(AMOUNT_ZERO, 62);
  const currency = <u32>bswap<u16>(load<u16>(body, 68));
  if (currency == 0 || currency > CURRENCY_MAX) return fault(CURRENCY_OUT_OF_RANGE, 68);
  if (load<u16>(body, 70) != 0) return fault(RESERVED_NOT_ZERO, 70);
  if (bswap<u64>(load<u64>(body, 88)) > SAFE_MAX) return fault(COUNTER_OUT_OF_RANGE, 88);
  if (bswap<u64>(load<u64>(body, 96)) > SAFE_MAX) return fault(CLIENT_TIME_OUT_OF_RANGE, 96);
  return 0;
}

/** Whether `proof` is HMAC-SHA-256 of the body under the PIN key; every byte is looked at. */
export function pinProofIsRight(pinKey: usize, body: usize, proof: usize): bool {
  hmacSha256(EXPECTED, pinKey, 32, body, APPROVAL_BYTES);
  let difference: u64 = 0;
  for (let at: usize = 0; at < PROOF_BYTES; at += 8) {
    difference |= load<u64>(EXPECTED + at) ^ load<u64>(proof + at);
  }
  memory.fill(EXPECTED, 0, PROOF_BYTES);
  hmacWipe();
  return difference == 0;
}
