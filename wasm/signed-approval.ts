/**
 * A signed approval without what else is known of it: of 116 bytes of approval, 32 of proof and 64
 * of signature these 132 remain, and with the rest (whose it is, for what, how much, the counter)
 * they are the bytes again, as the phone signed them. A payment is named by the hash of its
 * approval, so whoever puts it together sees at once whether it is the one.
 *
 * | offset | size | field                                  |
 * |--------|------|----------------------------------------|
 * | 0      | 16   | payee tag                              |
 * | 16     | 8    | client time, Unix ms                   |
 * | 24     | 12   | nonce                                  |
 * | 36     | 32   | proof                                  |
 * | 68     | 64   | signature                              |
 */
import { type ApprovalFields, encodeApproval, readApproval } from "./approval.ts";
import { assert } from "./assert.ts";
import { concatBytes, getSafeUint64, setSafeUint64, viewOf } from "./bytes.ts";

export const PACKED_BYTES = 132;
const PROOF_BYTES = 32;
const SIGNATURE_BYTES = 64;

export interface SignedBytes {
  /** 116 bytes. */
  readonly approval: Uint8Array;
  /** 32 bytes. */
  readonly proof: Uint8Array;
  /** 64 bytes, over approval and proof. */
  readonly signature: Uint8Array;
}

/** What an approval says that stands elsewhere too. */
export type KnownFields = Omit<ApprovalFields, "payeeTag" | "clientTimeMs" | "nonce">;

export function packSigned({ approval, proof, signature }: SignedBytes): Uint8Array {
  assert(proof.length === PROOF_BYTES, "a proof has 32 bytes");
  assert(signature.length === SIGNATURE_BYTES, "a signature has 64 bytes");
  const { payeeTag, clientTimeMs, nonce } = readApproval(approval);
  const time = new Uint8Array(8);
  setSafeUint64(viewOf(time), 0, clientTimeMs);
  return concatBytes(payeeTag, time, nonce, proof, signature);
}

/** Undefined where the bytes have not their length, or the time is none. */
export function unpackSigned(packed: Uint8Array, known: KnownFields): SignedBytes | undefined {
  if (packed.length !== PACKED_BYTES) return undefined;
  const clientTimeMs = getSafeUint64(viewOf(packed), 16);
  if (clientTimeMs === undefined) return undefined;
  const [payeeTag, nonce] = [packed.slice(0, 16), packed.slice(24, 36)];
  const approval = encodeApproval({ ...known, payeeTag, clientTimeMs, nonce });
  return { approval, proof: packed.slice(36, 68), signature: packed.slice(68) };
}
