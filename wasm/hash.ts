/**
 * SHA-256 and HMAC-SHA-256 for the hot path: native where Bun runs (a tenth of the time), the
 * reference elsewhere. Same bytes either way; a browser bundle sees no import of a runtime module.
 */
import { hmacSha256 as referenceHmac, sha256 as referenceSha256 } from "./reference.ts";

type BunRuntime = Pick<typeof Bun, "SHA256" | "CryptoHasher">;

const runtime = (globalThis as { Bun?: BunRuntime }).Bun;

/** 32 bytes. */
export const sha256: (message: Uint8Array) => Uint8Array =
  runtime === undefined ? referenceSha256 : nativeSha256(runtime);

/** 32 bytes (RFC 2104). */
export const hmacSha256: (key: Uint8Array, message: Uint8Array) => Uint8Array =
  runtime === undefined ? referenceHmac : nativeHmac(runtime);

function nativeSha256(bun: BunRuntime) {
  return (message: Uint8Array): Uint8Array => {
    const digest = new Uint8Array(32);
    bun.SHA256.hash(message, digest);
    return digest;
  };
}

function nativeHmac(bun: BunRuntime) {
  // The digest is a Buffer over its own memory; callers get plain bytes.
  return (key: Uint8Array, message: Uint8Array): Uint8Array =>
    new Uint8Array(new bun.CryptoHasher("sha256", key).update(message).digest());
}
