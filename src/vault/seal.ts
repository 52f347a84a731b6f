/** AES-256-GCM with a random 96-bit IV: IV, ciphertext and tag in one piece (NIST SP 800-38D). */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { assert } from "../../actors/assert.ts";

const IV_BYTES = 12;
const TAG_BYTES = 16;

export function sealBytes(key: Uint8Array, bytes: Uint8Array, bound: string): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(Buffer.from(`seqr/sealed/v1\n${bound}`));
  const body = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return new Uint8Array(Buffer.concat([iv, body, cipher.getAuthTag()]));
}

/** Throws when key, bytes or `bound` are not those it was sealed with. */
export function openBytes(key: Uint8Array, sealed: Uint8Array, bound: string): Uint8Array {
  assert(sealed.length >= IV_BYTES + TAG_BYTES, "what is sealed has IV and tag");
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, IV_BYTES));
  decipher.setAAD(Buffer.from(`seqr/sealed/v1\n${bound}`));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  // In one piece, for the caller to wipe: GCM holds nothing back for the end but its verdict.
  const plain = decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES));
  const rest = decipher.final();
  assert(rest.length === 0, "GCM gives as many bytes as it takes");
  return new Uint8Array(plain.buffer, plain.byteOffset, plain.length);
}
