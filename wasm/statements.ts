/**
 * What a phone says under its device key beside approvals (docs/protocol.md section 3): yes to the
 * mandate, and that it leaves. Each begins with a tag of its own, so that no signature of one kind
 * passes for another.
 */
import { assert } from "./assert.ts";
import { asciiBytes, concatBytes } from "./bytes.ts";

const ID_BYTES = 16;
const HASH_BYTES = 32;
const MANDATE_TAG = asciiBytes("SEQR-MANDATE-v1");
const LEAVING_TAG = asciiBytes("SEQR-LEAVE-v1");
const END = Uint8Array.of(0);

/** Yes to the mandate whose text has this SHA-256: 80 bytes. */
export function mandateStatement(
  accountId: Uint8Array,
  deviceId: Uint8Array,
  textHash: Uint8Array,
): Uint8Array {
  assert(textHash.length === HASH_BYTES, "the hash of a text has 32 bytes");
  return concatBytes(MANDATE_TAG, END, idsOf(accountId, deviceId), textHash);
}

/** The account is to be closed: 46 bytes. */
export function leavingStatement(accountId: Uint8Array, deviceId: Uint8Array): Uint8Array {
  return concatBytes(LEAVING_TAG, END, idsOf(accountId, deviceId));
}

function idsOf(accountId: Uint8Array, deviceId: Uint8Array): Uint8Array {
  assert(accountId.length === ID_BYTES, "an account id has 16 bytes");
  assert(deviceId.length === ID_BYTES, "a device id has 16 bytes");
  return concatBytes(accountId, deviceId);
}
