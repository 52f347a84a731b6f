/**
 * The primitives of the core: what an implementation computes, knowing nothing of QR codes and
 * approvals. wasm/reference.ts is one; a WebAssembly module is to be another.
 *
 * Bytes from outside never make a function throw: a wrong length or a bad point is `false`. A
 * broken promise of our own code (an output length, an argon2 cost) is a bug and throws
 * AssertionFailed. Results are fresh arrays; arguments are neither changed nor kept.
 */

export interface SignedMessage {
  /** 64 bytes, R and S. */
  readonly signature: Uint8Array;
  readonly message: Uint8Array;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

export interface BatchVerdict {
  /** The AND of the single verdicts; true for no items at all. */
  readonly ok: boolean;
  /** Indices of the items that fail alone, rising; empty when `ok`. */
  readonly bad: readonly number[];
}

export interface Argon2Cost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
  /** Bytes of output. */
  readonly length: number;
  /** RFC 9106 section 3.1, K: absent and empty are the same. */
  readonly secret?: Uint8Array;
  /** RFC 9106 section 3.1, X: absent and empty are the same. */
  readonly associatedData?: Uint8Array;
}

/** The greatest batch of one call. */
export const BATCH_ITEMS_MAX = 1024;

export interface Primitives {
  /** Strict cofactored Ed25519 (docs/protocol.md section 2). */
  ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
  /** At most BATCH_ITEMS_MAX items. */
  ed25519VerifyBatch(items: readonly SignedMessage[]): BatchVerdict;
  /** 32 bytes (RFC 6234). */
  sha256(message: Uint8Array): Uint8Array;
  /** 64 bytes (RFC 6234). */
  sha512(message: Uint8Array): Uint8Array;
  /** 32 bytes (RFC 2104). */
  hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array;
  /** RFC 5869; `length` 0 to 8160 bytes. */
  hkdfSha256(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  /** RFC 9106, version 0x13; the salt has at least 8 bytes. */
  argon2id(password: Uint8Array, salt: Uint8Array, cost: Argon2Cost): Uint8Array;
}
