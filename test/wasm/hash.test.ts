import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import * as hash from "../../wasm/hash.ts";
import { importP256PublicKey } from "../../wasm/p256.ts";
import * as reference from "../../wasm/reference.ts";

const bytes = fc.uint8Array({ maxLength: 300 });

describe("native hashes", () => {
  test("SHA-256 equals the reference and answers with plain bytes", () => {
    fc.assert(
      fc.property(bytes, (message) => {
        const digest = hash.sha256(message);
        expect(digest).toEqual(reference.sha256(message));
        expect(digest.constructor).toBe(Uint8Array);
      }),
    );
  });

  test("HMAC-SHA-256 equals the reference for every key, empty and longer than a block too", () => {
    fc.assert(
      fc.property(bytes, bytes, (key, message) => {
        const tag = hash.hmacSha256(key, message);
        expect(tag).toEqual(reference.hmacSha256(key, message));
        expect(tag.constructor).toBe(Uint8Array);
        expect(tag.buffer.byteLength).toBe(32);
      }),
    );
    const none = new Uint8Array(0);
    expect(hash.hmacSha256(none, none)).toEqual(reference.hmacSha256(none, none));
  });

  test("a key that is no point, sent by somebody else, breaks no HMAC after it", async () => {
    const key = new Uint8Array(32).fill(1);
    const message = new Uint8Array(3).fill(2);
    const expected = reference.hmacSha256(key, message);
    const wrong = new Uint8Array(65).fill(4);
    for (let round = 0; round < 3; round++) {
      expect(await importP256PublicKey(wrong)).toBeUndefined();
      expect(hash.hmacSha256(key, message)).toEqual(expected);
    }
  });

  test("a window into a larger buffer hashes like its own copy", () => {
    const larger = Uint8Array.from({ length: 200 }, (_, at) => at);
    const part = larger.subarray(13, 130);
    expect(hash.sha256(part)).toEqual(reference.sha256(part.slice()));
    expect(hash.hmacSha256(part, part)).toEqual(reference.hmacSha256(part.slice(), part.slice()));
  });
});
