/**
 * Ed25519 input that no honest signer makes: small-order points, shifted by torsion, and scalars of
 * the forger's choice. Written against the definition in docs/protocol.md section 2.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { concatBytes } from "../../wasm/bytes.ts";
import { sha512 } from "../../wasm/reference.ts";

const { Point } = ed25519;
export const L = Point.Fn.ORDER;

/** A point of order 8: its multiples are the eight points of small order. */
const GENERATOR = Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");

/** The canonical encodings of the eight points of small order. */
export const SMALL_ORDER = Array.from({ length: 8 }, (_, times) => torsion(times).toBytes());

/** Encodings with y >= p or a negative zero: each a second spelling of a small-order point. */
export const NOT_CANONICAL = [
  "0100000000000000000000000000000000000000000000000000000000000080",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
].map((hex) => Uint8Array.fromHex(hex));

export interface Crafted {
  readonly signature: Uint8Array;
  readonly message: Uint8Array;
  readonly publicKey: Uint8Array;
}

/**
 * A signature with secret scalar `a` and nonce scalar `r`, where A and R are shifted by a multiple
 * of the order-8 point, or R is spelt as the given bytes: S = r + k a, k over the bytes as sent.
 */
export function craft(recipe: {
  readonly a: bigint;
  readonly r: bigint;
  readonly message: Uint8Array;
  readonly shiftA?: number;
  readonly shiftR?: number;
  readonly encodedR?: Uint8Array;
}): Crafted {
  const { a, r, message, shiftA = 0, shiftR = 0 } = recipe;
  const publicKey = multiple(a).add(torsion(shiftA)).toBytes();
  const encodedR = recipe.encodedR ?? multiple(r).add(torsion(shiftR)).toBytes();
  const k = littleEndian(sha512(concatBytes(encodedR, publicKey, message))) % L;
  return { signature: concatBytes(encodedR, encode((r + k * a) % L)), message, publicKey };
}

/** The same signature with S raised by `times` L; undefined when that takes more than 32 bytes. */
export function raiseS(signature: Uint8Array, times: bigint): Uint8Array | undefined {
  const raised = littleEndian(signature.subarray(32)) + times * L;
  return raised < 2n ** 256n ? concatBytes(signature.subarray(0, 32), encode(raised)) : undefined;
}

export function torsion(times: number) {
  let point = Point.ZERO;
  for (let turn = 0; turn < times; turn++) point = point.add(GENERATOR);
  return point;
}

export function multiple(scalar: bigint) {
  return Point.BASE.multiplyUnsafe(scalar % L);
}

export function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytes.toReversed().toHex() || "0"}`);
}

/** 32 bytes, little-endian. */
export function encode(value: bigint): Uint8Array {
  return Uint8Array.fromHex(value.toString(16).padStart(64, "0")).reverse();
}
