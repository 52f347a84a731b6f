/**
 * SHA-256 and HMAC-SHA-256 for the hot path: native where Bun runs (a tenth of the time), the
 * reference elsewhere. Same bytes either way; a browser bundle sees no import of a runtime module.
 */
import type { Primitives } from "./primitives.ts";
import * as reference from "./reference.ts";

type Hashes = Pick<Primitives, "sha256" | "hmacSha256">;
type BunRuntime = Pick<typeof Bun, "SHA256" | "CryptoHasher">;

/** The hashes of the runtime; undefined where it has none that answer at once. */
export const native: Hashes | undefined = nativeHashes((globalThis as { Bun?: BunRuntime }).Bun);

/** 32 bytes; and 32 bytes (RFC 2104). */
export const { sha256, hmacSha256 }: Hashes = native ?? reference;

function nativeHashes(runtime: BunRuntime | undefined): Hashes | undefined {
  if (runtime === undefined) return undefined;
  return {
    sha256(message) {
      const digest = new Uint8Array(32);
      runtime.SHA256.hash(message, digest);
      return digest;
    },
    hmacSha256(key, message) {
      try {
        return hmac(runtime, key, message);
      } catch {
        // Not its own fault: the engine throws once for what another call has left in OpenSSL's
        // queue of errors, such as a device key that is no point of the curve.
        return hmac(runtime, key, message);
      }
    },
  };
}

/** The digest is a Buffer over its own memory; callers get plain bytes. */
function hmac({ CryptoHasher }: BunRuntime, key: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(new CryptoHasher("sha256", key).update(message).digest());
}
