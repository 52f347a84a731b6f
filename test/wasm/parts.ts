/**
 * The parts inside the module, compiled on their own from the same sources: field and scalars as
 * functions that a test can call with numbers of its choice, at the limits of their limbs.
 */
import { buildCore, type Form } from "../../wasm/build.ts";
import { CORES } from "./cores.ts";

/** p of RFC 8032 section 5.1. */
export const P = 2n ** 255n - 19n;

/** Everything takes places: numbers of slots of SLOT_BYTES. */
const ENTRY = `
import {
  FIELD_BYTES, fieldAdd, fieldEqual, fieldFromBytes, fieldInvert, fieldIsOdd, fieldIsZero,
  fieldMultiply, fieldNegate, fieldPower58, fieldSquare, fieldSubtract, fieldToBytes, isCanonical,
} from "./field";
import { pointDecompress, pointInit } from "./point";
import {
  scalarAccumulate, scalarDigits, scalarHalve, scalarIsCanonical, scalarMultiply, scalarReduce,
} from "./scalar";
const SLOTS = memory.data(4096, 16);
function at(n: usize): usize { return SLOTS + n * 512; }
export function init(): void { pointInit(); }
export function slots(): usize { return SLOTS; }
export function fieldBytes(): usize { return FIELD_BYTES; }
export function add(o: usize, l: usize, r: usize): void { fieldAdd(at(o), at(l), at(r)); }
export function subtract(o: usize, l: usize, r: usize): void { fieldSubtract(at(o), at(l), at(r)); }
export function multiply(o: usize, l: usize, r: usize): void { fieldMultiply(at(o), at(l), at(r)); }
export function square(o: usize, v: usize): void { fieldSquare(at(o), at(v)); }
export function negate(o: usize, v: usize): void { fieldNegate(at(o), at(v)); }
export function invert(o: usize, v: usize): void { fieldInvert(at(o), at(v)); }
export function power58(o: usize, v: usize): void { fieldPower58(at(o), at(v)); }
export function fromBytes(o: usize, v: usize): void { fieldFromBytes(at(o), at(v)); }
export function toBytes(o: usize, v: usize): void { fieldToBytes(at(o), at(v)); }
export function canonical(v: usize): bool { return isCanonical(at(v)); }
export function odd(v: usize): bool { return fieldIsOdd(at(v)); }
export function zero(v: usize): bool { return fieldIsZero(at(v)); }
export function equal(l: usize, r: usize): bool { return fieldEqual(at(l), at(r)); }
export function decompress(o: usize, v: usize): bool { return pointDecompress(at(o), at(v)); }
export function coordinate(o: usize, v: usize, n: usize): void {
  memory.copy(at(o), at(v) + n * FIELD_BYTES, FIELD_BYTES);
}
export function scalarBelow(v: usize): bool { return scalarIsCanonical(at(v)); }
export function reduce(o: usize, v: usize): void { scalarReduce(at(o), at(v)); }
export function product(o: usize, l: usize, r: usize): void { scalarMultiply(at(o), at(l), at(r)); }
export function accumulate(o: usize, v: usize): void { scalarAccumulate(at(o), at(v)); }
export function halve(u: usize, v: usize, k: usize): bool {
  return scalarHalve(at(u), at(v), at(k));
}
export function digits(o: usize, v: usize, width: u32): i32 {
  return scalarDigits(at(o), at(v), width);
}
`;

type Two = (out: number, value: number) => void;
type Three = (out: number, left: number, right: number) => void;
type Ask = (value: number) => number;

export interface Functions {
  readonly add: Three;
  readonly subtract: Three;
  readonly multiply: Three;
  readonly square: Two;
  readonly negate: Two;
  readonly invert: Two;
  readonly power58: Two;
  readonly fromBytes: Two;
  readonly toBytes: Two;
  readonly canonical: Ask;
  readonly odd: Ask;
  readonly zero: Ask;
  readonly equal: (left: number, right: number) => number;
  /** Whether a point is spelt; its X, Y, Z and T are the coordinates 0 to 3. */
  readonly decompress: (out: number, value: number) => number;
  readonly coordinate: (out: number, value: number, which: number) => void;
  readonly scalarBelow: Ask;
  readonly reduce: Two;
  readonly product: Three;
  readonly accumulate: Two;
  readonly halve: (u: number, v: number, k: number) => number;
  readonly digits: (out: number, value: number, width: number) => number;
}

const SLOT_BYTES = 512;

/** How a form keeps a number of the field. */
const LIMBS = {
  portable: { count: 8, bits: 32, bytes: 4 },
  wide: { count: 5, bits: 51, bytes: 8 },
} as const;

export class Parts {
  readonly call: Functions;
  readonly limbCount: number;
  readonly limbBits: number;
  readonly #limbBytes: number;
  readonly #memory: Uint8Array;
  readonly #view: DataView;

  constructor(
    readonly form: Form,
    artefact: Uint8Array<ArrayBuffer>,
  ) {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(artefact));
    this.call = exports as unknown as Functions;
    const { memory, init, slots, fieldBytes } = exports as unknown as {
      memory: WebAssembly.Memory;
      init(): void;
      slots(): number;
      fieldBytes(): number;
    };
    init();
    this.#memory = new Uint8Array(memory.buffer, slots());
    this.#view = new DataView(memory.buffer, slots());
    const { count, bits, bytes } = LIMBS[form];
    if (fieldBytes() !== count * bytes) throw new Error(`${form}: other limbs than expected`);
    this.limbCount = count;
    this.limbBits = bits;
    this.#limbBytes = bytes;
  }

  /** Writes a number as `bytes` bytes, little-endian; a multiple of 8. */
  put(slot: number, value: bigint, bytes = 32): void {
    for (let at = 0; at < bytes; at += 8) {
      const word = BigInt.asUintN(64, value >> BigInt(8 * at));
      this.#view.setBigUint64(slot * SLOT_BYTES + at, word, true);
    }
  }

  /** Reads `bytes` bytes, little-endian; a multiple of 8. */
  get(slot: number, bytes = 32): bigint {
    let value = 0n;
    for (let at = bytes - 8; at >= 0; at -= 8) {
      value = (value << 64n) | this.#view.getBigUint64(slot * SLOT_BYTES + at, true);
    }
    return value;
  }

  /** Signed bytes, as recodings have them. */
  signed(slot: number, count: number): number[] {
    return [...new Int8Array(this.#memory.slice(slot * SLOT_BYTES, slot * SLOT_BYTES + count))];
  }

  putLimbs(slot: number, limbs: readonly bigint[]): void {
    const width = BigInt(8 * this.#limbBytes);
    const packed = limbs.reduceRight((value, limb) => (value << width) | limb, 0n);
    this.put(slot, packed, this.limbCount * this.#limbBytes);
  }

  limbs(slot: number): bigint[] {
    const packed = this.get(slot, this.limbCount * this.#limbBytes);
    const width = 8 * this.#limbBytes;
    return Array.from({ length: this.limbCount }, (_, n) =>
      BigInt.asUintN(width, packed >> BigInt(n * width)),
    );
  }

  /** What limbs mean, not reduced. */
  valueOf(limbs: readonly bigint[]): bigint {
    return limbs.reduceRight((value, limb) => (value << BigInt(this.limbBits)) + limb, 0n);
  }

  /** The limbs of a number that has none above its place. */
  limbsOf(value: bigint): bigint[] {
    return Array.from({ length: this.limbCount }, (_, n) =>
      BigInt.asUintN(this.limbBits, value >> BigInt(n * this.limbBits)),
    );
  }
}

/** Both forms; only those that this engine compiles. */
export async function buildParts(): Promise<readonly Parts[]> {
  const forms = CORES.flatMap(({ name }) => (name === "reference" ? [] : [name]));
  const parts: Parts[] = [];
  for (const form of forms)
    parts.push(new Parts(form, new Uint8Array(await buildCore(form, ENTRY))));
  return parts;
}
