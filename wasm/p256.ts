/**
 * Device signatures: ECDSA over P-256 with SHA-256 (docs/protocol.md section 5). Phones sign in
 * their secure hardware and the PWA in WebCrypto, so these run natively and outside the core. A
 * signature is 64 bytes, r then s; both s and n - s verify, so it is never an idempotency key.
 * Importing a key costs more than a verification is worth: callers keep the CryptoKey.
 */
import { equalBytes } from "./bytes.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;
const SIGNATURE_BYTES = 64;
const POINT_BYTES = 65;
const UNCOMPRESSED = 0x04;
/** RFC 5480 section 2: the DER before the point, one spelling for every P-256 key. */
const SPKI_PREFIX = Uint8Array.of(
  ...[0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06],
  ...[0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00],
);

/**
 * The key in `bytes`: an uncompressed point of 65 bytes (SEC 1 section 2.3.3), or the same behind
 * the 26 bytes of a SubjectPublicKeyInfo. Undefined for anything else, and for a point off the
 * curve.
 */
export async function importP256PublicKey(bytes: Uint8Array): Promise<CryptoKey | undefined> {
  const point = pointIn(bytes);
  if (point === undefined) return undefined;
  try {
    return await crypto.subtle.importKey("raw", unshared(point), ALGORITHM, true, ["verify"]);
  } catch {
    // WebCrypto section 23.8: a point that is not on the curve is a DataError.
    return undefined;
  }
}

/** The 65 bytes of a public key, as `importP256PublicKey` reads them. */
export async function exportP256PublicKey(publicKey: CryptoKey): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
}

/** Whether `signature` is 64 bytes that verify; false for every other length. */
export async function verifyP256(
  publicKey: CryptoKey,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (signature.length !== SIGNATURE_BYTES) return false;
  return crypto.subtle.verify(SIGNING, publicKey, unshared(signature), unshared(message));
}

/** A new device key. The private half leaves WebCrypto only when `extractable`, for tests. */
export async function generateP256KeyPair(extractable = false): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, extractable, ["sign", "verify"]);
}

/** 64 bytes, r then s. */
export async function signP256(privateKey: CryptoKey, message: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign(SIGNING, privateKey, unshared(message)));
}

function pointIn(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length === POINT_BYTES) return bytes[0] === UNCOMPRESSED ? bytes : undefined;
  if (bytes.length !== SPKI_PREFIX.length + POINT_BYTES) return undefined;
  if (!equalBytes(bytes.subarray(0, SPKI_PREFIX.length), SPKI_PREFIX)) return undefined;
  return pointIn(bytes.subarray(SPKI_PREFIX.length));
}

/** A copy in memory that no worker shares: WebCrypto takes no other. */
function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
