/**
 * Big-endian fields wider than 32 bits, and the few byte-array operations every layout in wasm/
 * needs. All integers on the wire are big-endian (docs/protocol.md).
 */
import { assert } from "./assert.ts";

const WORD = 2 ** 32;
/** The greatest value of a 6-byte field: every amount on the wire fits a safe integer. */
export const UINT48_MAX = 2 ** 48 - 1;

/** A DataView over exactly these bytes, also when they are a window into a larger buffer. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The 6-byte integer at `at`. */
export function getUint48(view: DataView, at: number): number {
  return view.getUint16(at) * WORD + view.getUint32(at + 2);
}

export function setUint48(view: DataView, at: number, value: number): void {
  assert(isWhole(value, UINT48_MAX), "a 6-byte field holds 0 to 2^48 - 1");
  view.setUint16(at, Math.floor(value / WORD));
  view.setUint32(at + 2, value % WORD);
}

/** The 8-byte integer at `at`; undefined above 2^53 - 1, where numbers stop being exact. */
export function getSafeUint64(view: DataView, at: number): number | undefined {
  const value = view.getUint32(at) * WORD + view.getUint32(at + 4);
  return Number.isSafeInteger(value) ? value : undefined;
}

export function setSafeUint64(view: DataView, at: number, value: number): void {
  assert(isWhole(value, Number.MAX_SAFE_INTEGER), "an 8-byte field holds 0 to 2^53 - 1");
  view.setUint32(at, Math.floor(value / WORD));
  view.setUint32(at + 4, value % WORD);
}

/** Whether `value` is an integer from 0 to `max`. */
export function isWhole(value: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= max;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The bytes of a string of ASCII letters: the tags that separate one use of a key from another. */
export function asciiBytes(text: string): Uint8Array {
  assert(/^[\x20-\x7e]*$/.test(text), "a tag is printable ASCII");
  return new TextEncoder().encode(text);
}

/** Whether both are equal, in a time that depends on the lengths alone (house style, rule 19). */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let at = 0; at < left.length; at++) difference |= (left[at] ?? 0) ^ (right[at] ?? 0);
  return difference === 0;
}

/** Overwrites secrets after use. Copies that the engine made are out of reach. */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}
