import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  concatBytes,
  equalBytes,
  getSafeUint64,
  getUint48,
  setSafeUint64,
  setUint48,
  viewOf,
  wipe,
} from "../../wasm/bytes.ts";

describe("bytes", () => {
  test("a 6-byte integer comes back and is big-endian", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (value) => {
        const bytes = new Uint8Array(8);
        setUint48(viewOf(bytes), 1, value);
        expect(getUint48(viewOf(bytes), 1)).toBe(value);
        expect(bytes.toHex()).toBe(`00${value.toString(16).padStart(12, "0")}00`);
      }),
    );
  });

  test("an 8-byte integer comes back up to 2^53 - 1 and is undefined above", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        const view = viewOf(new Uint8Array(8));
        view.setBigUint64(0, value);
        const read = getSafeUint64(view, 0);
        if (value > BigInt(Number.MAX_SAFE_INTEGER)) return expect(read).toBeUndefined();
        setSafeUint64(view, 0, Number(value));
        expect(view.getBigUint64(0)).toBe(value);
        expect(read).toBe(Number(value));
      }),
    );
    const limit = viewOf(new Uint8Array(8));
    limit.setBigUint64(0, 2n ** 53n);
    expect(getSafeUint64(limit, 0)).toBeUndefined();
  });

  test("equality is of every byte and of the length", () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(equalBytes(bytes, Uint8Array.of(1, 2, 3))).toBe(true);
    expect(equalBytes(bytes, Uint8Array.of(1, 2, 4))).toBe(false);
    expect(equalBytes(bytes, Uint8Array.of(129, 2, 3))).toBe(false);
    expect(equalBytes(bytes, Uint8Array.of(1, 2))).toBe(false);
    expect(equalBytes(bytes, Uint8Array.of(1, 2, 3, 0))).toBe(false);
    expect(equalBytes(Uint8Array.of(1, 2, 3, 0), bytes)).toBe(false);
    expect(equalBytes(new Uint8Array(0), new Uint8Array(0))).toBe(true);
  });

  test("parts are joined in order, and wiping leaves zeros", () => {
    const whole = concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3));
    expect([...whole]).toEqual([1, 2, 3]);
    wipe(whole);
    expect([...whole]).toEqual([0, 0, 0]);
  });
});
