/** AES-256-GCM as NIST SP 800-38D has it, with a fresh IV and bound to a place. */
import { expect, test } from "bun:test";
import { createDecipheriv } from "node:crypto";
import fc from "fast-check";
import { openBytes, sealBytes } from "../../src/vault/seal.ts";

const key = new Uint8Array(32).fill(1);
const bytes = fc.uint8Array({ maxLength: 300 });

test("what is sealed opens as it was, whatever it is and wherever it belongs", () => {
  fc.assert(
    fc.property(bytes, fc.string({ maxLength: 40 }), (plain, bound) => {
      const sealed = sealBytes(key, plain, bound);
      expect(sealed).toHaveLength(plain.length + 28);
      expect(openBytes(key, sealed, bound)).toEqual(plain);
    }),
    { numRuns: 100 },
  );
});

test("another key, another place or another byte does not open it", () => {
  fc.assert(
    fc.property(bytes, fc.nat(), fc.integer({ min: 1, max: 255 }), (plain, where, change) => {
      const sealed = sealBytes(key, plain, "here");
      const other = key.slice();
      other[where % 32] = (other[where % 32] ?? 0) ^ change;
      expect(() => openBytes(other, sealed, "here")).toThrow();
      expect(() => openBytes(key, sealed, "there")).toThrow();
      const at = where % sealed.length;
      sealed[at] = (sealed[at] ?? 0) ^ change;
      expect(() => openBytes(key, sealed, "here")).toThrow();
    }),
    { numRuns: 100 },
  );
});

test("the layout is IV, ciphertext and tag, and the place is its associated data", () => {
  const plain = new TextEncoder().encode("9990000000");
  const sealed = sealBytes(key, plain, "bank-account\nbt_1\nacc_1\nkek-1");
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12));
  decipher.setAAD(Buffer.from("seqr/sealed/v1\nbank-account\nbt_1\nacc_1\nkek-1"));
  decipher.setAuthTag(sealed.subarray(-16));
  const opened = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
  expect(opened.toString()).toBe("9990000000");
});

test("no IV is used twice", () => {
  const ivs = Array.from({ length: 2_000 }, () =>
    Buffer.from(sealBytes(key, new Uint8Array(), "").subarray(0, 12)).toString("hex"),
  );
  expect(new Set(ivs).size).toBe(2_000);
});
