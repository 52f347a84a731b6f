import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { base32Decode, base32Encode, base32Letters } from "../../wasm/base32.ts";

// RFC 4648 section 10, with the padding taken off.
const VECTORS = [
  ["", ""],
  ["f", "MY"],
  ["fo", "MZXQ"],
  ["foo", "MZXW6"],
  ["foob", "MZXW6YQ"],
  ["fooba", "MZXW6YTB"],
  ["foobar", "MZXW6YTBOI"],
] as const;

describe("base32", () => {
  test("the vectors of RFC 4648 section 10 are spelt and read", () => {
    for (const [plain, text] of VECTORS) {
      const bytes = new TextEncoder().encode(plain);
      expect(base32Encode(bytes)).toBe(text);
      expect(base32Decode(text)).toEqual(bytes);
    }
  });

  test("every byte string comes back, in the announced number of letters", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 128 }), (bytes) => {
        const text = base32Encode(bytes);
        expect(text).toMatch(/^[A-Z2-7]*$/);
        expect(text.length).toBe(base32Letters(bytes.length));
        expect(base32Decode(text)).toEqual(bytes);
      }),
    );
  });

  test("a text is either refused or the only spelling of its bytes", () => {
    const letter = fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
    fc.assert(
      fc.property(fc.string({ unit: letter, maxLength: 24 }), (text) => {
        const bytes = base32Decode(text);
        if (bytes !== undefined) expect(base32Encode(bytes)).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  test("unused bits that are not zero are refused", () => {
    for (const text of ["MZ", "MZXR", "MZXW7", "MZXW6YR"]) {
      expect(base32Decode(text)).toBeUndefined();
    }
  });

  test("lengths that no byte string has are refused", () => {
    for (const length of [1, 3, 6, 9, 11, 14]) {
      expect(base32Decode("A".repeat(length))).toBeUndefined();
    }
  });

  test("lower case, padding, blanks, 0, 1, 8, 9 and foreign letters are refused", () => {
    for (const text of [
      "my",
      "MY======",
      "M Y",
      "M0",
      "M1",
      "M8",
      "M9",
      "MÄ",
      "Mı",
      "M\u{1f600}",
    ]) {
      expect(base32Decode(text)).toBeUndefined();
    }
  });
});
