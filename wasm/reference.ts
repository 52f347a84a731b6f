/**
 * The reference implementation of the core, on @noble/curves and @noble/hashes: the oracle that any
 * other implementation must equal, and the fall-back where none runs. It also signs, for tests and
 * for phones without native Ed25519; the core itself never does.
 *
 * Ed25519 here is **strict cofactored** (docs/protocol.md section 2): S < L, A and R canonical, A
 * not of small order, [8]([S]B - R - [k]A) = 0. @noble/curves 2.4.0 with `zip215: false` checks all
 * four in `abstract/edwards.js`: y < p and no negative zero in `fromBytes`, S < L in
 * `multiplyUnsafe`, then `isSmallOrder`, then the equation times the cofactor. It throws on a wrong
 * length, so lengths are checked here. R may be of small order: the rule does not forbid it.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { argon2id as nobleArgon2id } from "@noble/hashes/argon2.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256, sha512 as nobleSha512 } from "@noble/hashes/sha2.js";
import { assert } from "./assert.ts";
import { isWhole } from "./bytes.ts";
import {
  type Argon2Cost,
  BATCH_ITEMS_MAX,
  type BatchVerdict,
  type SignedMessage,
} from "./primitives.ts";

const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const STRICT = { zip215: false } as const;
/** RFC 5869 section 2.3: at most 255 blocks of 32 bytes. */
const HKDF_BYTES_MAX = 255 * 32;
/** A single call may not take more than 1 GiB. */
const ARGON2_KIB_MAX = 1024 * 1024;

export function ed25519Verify(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  if (signature.length !== SIGNATURE_BYTES || publicKey.length !== PUBLIC_KEY_BYTES) return false;
  return ed25519.verify(signature, message, publicKey, STRICT);
}

/** One by one: the definition that a true batch equation must agree with. */
export function ed25519VerifyBatch(items: readonly SignedMessage[]): BatchVerdict {
  assert(items.length <= BATCH_ITEMS_MAX, "a batch has at most BATCH_ITEMS_MAX items");
  const bad: number[] = [];
  for (const [index, { signature, message, publicKey }] of items.entries()) {
    if (!ed25519Verify(signature, message, publicKey)) bad.push(index);
  }
  return { ok: bad.length === 0, bad };
}

/** Signs as RFC 8032 5.1.6. `secretKey` is the 32-byte seed. */
export function ed25519Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
  assert(secretKey.length === 32, "an Ed25519 secret key is a seed of 32 bytes");
  return ed25519.sign(message, secretKey);
}

/** The 32 bytes of the public key of a 32-byte seed (RFC 8032 5.1.5). */
export function ed25519PublicKey(secretKey: Uint8Array): Uint8Array {
  assert(secretKey.length === 32, "an Ed25519 secret key is a seed of 32 bytes");
  return ed25519.getPublicKey(secretKey);
}

export function sha256(message: Uint8Array): Uint8Array {
  return nobleSha256(message);
}

export function sha512(message: Uint8Array): Uint8Array {
  return nobleSha512(message);
}

export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return hmac(nobleSha256, key, message);
}

export function hkdfSha256(
  ikm: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  assert(isWhole(length, HKDF_BYTES_MAX), "HKDF-SHA-256 gives at most 8160 bytes");
  return hkdf(nobleSha256, ikm, salt, info, length);
}

export function argon2id(password: Uint8Array, salt: Uint8Array, cost: Argon2Cost): Uint8Array {
  assertArgon2(salt, cost);
  const { memoryKiB, passes, lanes, length, secret, associatedData } = cost;
  return nobleArgon2id(password, salt, {
    m: memoryKiB,
    t: passes,
    p: lanes,
    dkLen: length,
    version: 0x13,
    ...(secret === undefined ? {} : { key: secret }),
    ...(associatedData === undefined ? {} : { personalization: associatedData }),
  });
}

/** What RFC 9106 section 3.1 asks of the caller, and a bound on the memory. */
export function assertArgon2(salt: Uint8Array, cost: Argon2Cost): void {
  const { memoryKiB, passes, lanes, length } = cost;
  assert(salt.length >= 8, "an argon2 salt has at least 8 bytes");
  assert(isWhole(lanes - 1, 254), "argon2 runs 1 to 255 lanes");
  assert(isWhole(passes - 1, 254), "argon2 makes 1 to 255 passes");
  assert(memoryKiB >= 8 * lanes, "argon2 takes at least 8 KiB a lane");
  assert(isWhole(memoryKiB, ARGON2_KIB_MAX), "argon2 takes at most 1 GiB");
  assert(isWhole(length - 4, 1020), "an argon2 tag has 4 to 1024 bytes");
}
