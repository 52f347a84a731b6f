/**
 * The port to whoever keeps the key-encryption keys: a file beside the databases (key-ring.ts), or
 * a key service that hands its keys out when the process starts. What it wraps are data keys; it
 * never sees what those seal.
 */

/** A data key as it may lie in a database. */
export interface WrappedKey {
  readonly kekId: string;
  /** 12 bytes of IV, 32 of ciphertext, 16 of tag. */
  readonly wrapped: Uint8Array;
}

export interface KeyProvider {
  /** The key-encryption key that wraps what is new. */
  readonly currentKekId: string;
  /** All that it can still unwrap with, oldest first. */
  readonly kekIds: readonly string[];
  /** Wraps under the current key, bound to `subject`: under another name it does not unwrap. */
  wrap(subject: string, dataKey: Uint8Array): WrappedKey;
  /** 32 bytes, for the caller to wipe. Throws where the key, its bytes or `subject` are others. */
  unwrap(subject: string, key: WrappedKey): Uint8Array;
}
