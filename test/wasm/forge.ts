/**
 * Signatures in numbers: keys and nonces whose secret scalars are known, with their points shifted
 * by every torsion, made once; a signature is then one hash and one product. Nothing here touches
 * the code under test.
 */
import { concatBytes } from "../../wasm/bytes.ts";
import type { SignedMessage } from "../../wasm/primitives.ts";
import type { Random } from "../crash/random.ts";
import { encode, L, littleEndian, multiple, torsion } from "./points.ts";

/** A secret scalar, and the encodings of its point plus 0 to 7 times the point of order 8. */
export interface Secret {
  readonly scalar: bigint;
  readonly points: readonly Uint8Array[];
}

export interface Recipe {
  readonly key: Secret;
  readonly nonce: Secret;
  readonly message: Uint8Array;
  readonly shiftA?: number;
  readonly shiftR?: number;
  /** Other bytes in place of those of the point. */
  readonly encodedA?: Uint8Array | undefined;
  readonly encodedR?: Uint8Array | undefined;
  /** Added to S. */
  readonly error?: bigint;
}

const SHIFTS = Array.from({ length: 8 }, (_, times) => torsion(times));

export function secretOf(scalar: bigint): Secret {
  const point = multiple(scalar);
  return { scalar, points: SHIFTS.map((shift) => point.add(shift).toBytes()) };
}

/** The secret 0: its points are those of small order. */
export const NO_SECRET = secretOf(0n);

/** SHA-512(R || A || M) modulo L. */
export function challengeOf(encodedR: Uint8Array, publicKey: Uint8Array, message: Uint8Array) {
  const hasher = new Bun.CryptoHasher("sha512");
  hasher.update(encodedR).update(publicKey).update(message);
  return littleEndian(new Uint8Array(hasher.digest())) % L;
}

/** S = r + k a + error, with k over the bytes as sent. */
export function forge(recipe: Recipe): SignedMessage {
  const { key, nonce, message, shiftA = 0, shiftR = 0, error = 0n } = recipe;
  const publicKey = recipe.encodedA ?? pointOf(key, shiftA);
  const encodedR = recipe.encodedR ?? pointOf(nonce, shiftR);
  const k = challengeOf(encodedR, publicKey, message);
  const s = (((nonce.scalar + k * key.scalar + error) % L) + L) % L;
  return { signature: concatBytes(encodedR, encode(s)), message, publicKey };
}

export function pointOf({ points }: Secret, shift: number): Uint8Array {
  const point = points[shift % 8];
  if (point === undefined) throw new Error("a shift is 0 to 7");
  return point;
}

/** Keys and nonces to draw from. A nonce used twice betrays its key: here all are known anyway. */
export class Forge {
  readonly #keys: readonly Secret[];
  readonly #nonces: readonly Secret[];

  constructor(
    readonly random: Random,
    keys = 48,
    nonces = 96,
  ) {
    this.#keys = Array.from({ length: keys }, () => secretOf(this.scalar()));
    this.#nonces = Array.from({ length: nonces }, () => secretOf(this.scalar()));
  }

  key(): Secret {
    return this.random.pick(this.#keys);
  }

  keys(count: number): readonly Secret[] {
    return this.#keys.slice(0, count);
  }

  nonce(): Secret {
    return this.random.pick(this.#nonces);
  }

  shift(): number {
    return this.random.between(0, 7);
  }

  /** From 1 to L - 1. */
  scalar(): bigint {
    return (littleEndian(this.bytes(40)) % (L - 1n)) + 1n;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 4) {
      const word = this.random.between(0, 0xffff_ffff);
      for (let n = 0; n < 4 && at + n < length; n++) bytes[at + n] = word >>> (8 * n);
    }
    return bytes;
  }

  message(bytesMax = 120): Uint8Array {
    return this.bytes(this.random.between(0, bytesMax));
  }
}

/** A copy with one bit flipped. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
