/**
 * The QR payload, version 1 (docs/protocol.md section 2; the layout stands in wasm/qr.ts): exact
 * length, zero in reserved bytes, one spelling per value, and only then the signature. A status is
 * 0, or the number of the fault with the offset it was found at in the next byte.
 */
import { ed25519Verify } from "./ed25519";

const SIGNATURE: usize = 64;
const HEADER: usize = 11;
const VERSION: u32 = 1;
const REFERENCE_LIMIT: u64 = 1000000000000000;
const CURRENCY_MAX: u32 = 999;

// In the order of QR_FAULTS in wasm/qr.ts.
const LENGTH_WRONG: u32 = 1;
const VERSION_UNKNOWN: u32 = 2;
const KIND_UNKNOWN: u32 = 3;
const RESERVED_NOT_ZERO: u32 = 4;
const NUMBER_ZERO: u32 = 5;
const REFERENCE_OUT_OF_RANGE: u32 = 6;
const AMOUNT_ZERO: u32 = 7;
const CURRENCY_OUT_OF_RANGE: u32 = 8;
const SIGNATURE_INVALID: u32 = 9;

/** Ends in a zero byte, so that no other tag can begin with it. */
const TAG: usize = memory.data<u8>([
  0x53, 0x45, 0x51, 0x52, 0x2d, 0x51, 0x52, 0x2d, 0x76, 0x31, 0x00,
]);
const TAG_BYTES: usize = 11;
const MESSAGE = memory.data(64, 16);

function fault(kind: u32, at: usize): u32 {
  return kind | (<u32>at << 8);
}

// Bytes of the body of a kind; 0 for a kind that does not exist.
function bodyLength(kind: u32): usize {
  switch (kind) {
    case 1:
    case 3:
      return 11;
    case 2:
      return 33;
    case 4:
      return 27;
    case 5:
      return 49;
    default:
      return 0;
  }
}

/**
 * The form of a payload of `length` bytes, body and signature; nothing is said of the signature.
 */
export function qrForm(payload: usize, length: usize): u32 {
  if (length < HEADER + SIGNATURE) return fault(LENGTH_WRONG, length);
  const end = length - SIGNATURE;
  if (load<u8>(payload) != VERSION) return fault(VERSION_UNKNOWN, 0);
  const kind = <u32>load<u8>(payload, 1);
  const expected = bodyLength(kind);
  if (expected == 0) return fault(KIND_UNKNOWN, 1);
  if (end != expected) return fault(LENGTH_WRONG, min(end, expected));
  if (kind == 4) {
    for (let at: usize = 3; at < HEADER; at++) {
      if (load<u8>(payload + at) != 0) return fault(RESERVED_NOT_ZERO, at);
    }
    return 0;
  }
  if (load<u32>(payload, 3) == 0) return fault(NUMBER_ZERO, 3);
  if (load<u32>(payload, 7) == 0) return fault(NUMBER_ZERO, 7);
  return kind == 2 || kind == 5 ? requestForm(payload) : 0;
}

function requestForm(payload: usize): u32 {
  const reference = bswap<u64>(load<u64>(payload, 11));
  if (reference >= REFERENCE_LIMIT) return fault(REFERENCE_OUT_OF_RANGE, 11);
  const amount = <u64>load<u32>(payload, 21) | <u64>load<u16>(payload, 25);
  if (amount == 0) return fault(AMOUNT_ZERO, 21);
  const currency = <u32>bswap<u16>(load<u16>(payload, 27));
  if (currency == 0 || currency > CURRENCY_MAX) return fault(CURRENCY_OUT_OF_RANGE, 27);
  return 0;
}

/** Form, then signature. */
export function qrVerify(payload: usize, length: usize, publicKey: usize): u32 {
  const form = qrForm(payload, length);
  if (form != 0) return form;
  const end = length - SIGNATURE;
  memory.copy(MESSAGE, TAG, TAG_BYTES);
  memory.copy(MESSAGE + TAG_BYTES, payload, end);
  const isValid = ed25519Verify(payload + end, publicKey, MESSAGE, TAG_BYTES + end);
  return isValid ? 0 : fault(SIGNATURE_INVALID, end);
}
