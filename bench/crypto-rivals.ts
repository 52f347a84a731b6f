/** Whom the core is measured against: the runtime's own cryptography, and libsodium.js. */
import { argon2Sync, createPublicKey, type KeyObject, verify } from "node:crypto";
import { concatBytes } from "../wasm/bytes.ts";
import type { Argon2Cost, SignedMessage } from "../wasm/primitives.ts";
import { isBinary } from "./child.ts";

/** RFC 8410: what stands before the 32 bytes of an Ed25519 public key in an SPKI. */
const SPKI_HEAD = Uint8Array.fromHex("302a300506032b6570032100");

export function importKey(publicKey: Uint8Array): KeyObject {
  const key = Buffer.from(concatBytes(SPKI_HEAD, publicKey));
  return createPublicKey({ key, format: "der", type: "spki" });
}

export function nativeVerify({ message, signature }: SignedMessage, key: KeyObject): boolean {
  return verify(null, message, key, signature);
}

type NativeArgon2 = (password: Uint8Array, salt: Uint8Array, cost: Argon2Cost) => Uint8Array;

/** Undefined where the runtime has none. */
export const nativeArgon2: NativeArgon2 | undefined =
  typeof argon2Sync === "function" ? runtimeArgon2 : undefined;

function runtimeArgon2(password: Uint8Array, salt: Uint8Array, cost: Argon2Cost): Uint8Array {
  const { memoryKiB, passes, lanes, length } = cost;
  return argon2Sync("argon2id", {
    message: password,
    nonce: salt,
    memory: memoryKiB,
    passes,
    parallelism: lanes,
    tagLength: length,
  });
}

export type Sodium = typeof import("libsodium-wrappers-sumo").default;

/**
 * A development package: absent from the single binary (src/build.ts leaves it out) and where only
 * the product was installed. Then its rows are left out, and the report says so.
 */
export async function loadSodium(): Promise<Sodium | undefined> {
  if (isBinary) return undefined;
  try {
    const { default: sodium } = await import("libsodium-wrappers-sumo");
    await sodium.ready;
    return sodium;
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

/** libsodium counts memory in bytes and always runs one lane. */
export function sodiumArgon2(
  sodium: Sodium,
  password: Uint8Array,
  salt: Uint8Array,
  { memoryKiB, passes, length }: Argon2Cost,
): Uint8Array {
  const kind = sodium.crypto_pwhash_ALG_ARGON2ID13;
  return sodium.crypto_pwhash(length, password, salt, passes, memoryKiB * 1_024, kind);
}
