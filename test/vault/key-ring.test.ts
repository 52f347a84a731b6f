/** The keys of a switch: each for one purpose; QR keys overlap while one replaces another. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { AssertionFailed } from "../../actors/assert.ts";
import { type KeyPurpose, KeyRing, makeKeyFile } from "../../src/vault/key-ring.ts";
import { ed25519Verify } from "../../wasm/core.ts";
import { importP256PublicKey } from "../../wasm/p256.ts";

const file = makeKeyFile();
const ring = new KeyRing(file);
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");
const PURPOSES = Object.keys({
  phone: 0,
  code: 0,
  "api-key": 0,
  session: 0,
  nonce: 0,
  salt: 0,
  reference: 0,
  "bank-account": 0,
} satisfies Record<KeyPurpose, 0>) as readonly KeyPurpose[];

describe("a tag", () => {
  test("is the same from the same cause, and another for every other purpose and key", () => {
    const tags = PURPOSES.map((purpose) => hex(ring.tag(purpose, "a")));
    expect(new Set(tags).size).toBe(PURPOSES.length);
    expect(PURPOSES.map((purpose) => hex(new KeyRing(file).tag(purpose, "a")))).toEqual(tags);
    const other = new KeyRing(makeKeyFile());
    expect(PURPOSES.some((purpose, at) => hex(other.tag(purpose, "a")) === tags[at])).toBe(false);
  });

  test("keeps its parts apart, wherever they end", () => {
    const parts = fc.array(fc.stringMatching(/^[0-9:a]{0,4}$/), { maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (one, two) => {
        const isSame = JSON.stringify(one) === JSON.stringify(two);
        expect(hex(ring.tag("phone", ...one)) === hex(ring.tag("phone", ...two))).toBe(isSame);
      }),
      { numRuns: 500 },
    );
    // Beyond ASCII too: a part has the length of its bytes.
    expect(hex(ring.tag("phone", "é", "x"))).not.toBe(hex(ring.tag("phone", "é1", "x")));
    expect(hex(ring.tag("phone", "é1:x"))).not.toBe(hex(ring.tag("phone", "é", "x")));
  });

  test("of text is that of its bytes", () => {
    for (const text of ["", "+12025550123", "é", "日本"]) {
      expect(hex(ring.tag("phone", text))).toBe(hex(ring.tag("phone", Buffer.from(text))));
    }
  });

  test("is made whatever a stranger's key did before", async () => {
    const tag = hex(ring.tag("session", "a"));
    // Off the curve: WebCrypto refuses it, and leaves its reason where others find it.
    expect(await importP256PublicKey(new Uint8Array(65).fill(4))).toBeUndefined();
    expect(hex(ring.tag("session", "a"))).toBe(tag);
  });

  test("as text is cut to 16 bytes at the shortest", () => {
    expect(ring.tagText("code", 24, "x")).toBe(
      Buffer.from(ring.tag("code", "x").subarray(0, 24)).toString("base64url"),
    );
    for (const bytes of [0, 15, 33]) {
      expect(() => ring.tagText("code", bytes, "x")).toThrow(AssertionFailed);
    }
  });
});

describe("QR keys", () => {
  test("sign so that the core verifies it, under the key of their number", () => {
    const message = new TextEncoder().encode("SEQR-QR-v1\0body");
    const signature = ring.signQr(message);
    const key = ring.qrPublicKey(ring.kid);
    expect(key).toHaveLength(32);
    expect(ed25519Verify(signature, message, key ?? new Uint8Array())).toBe(true);
    message[0] = 0;
    expect(ed25519Verify(signature, message, key ?? new Uint8Array())).toBe(false);
    expect(ring.qrPublicKey(200)).toBeUndefined();
  });

  test("overlap: the last one signs, all of them are known", () => {
    const seed = makeKeyFile().qrKeys[0]?.seed ?? "";
    const both = new KeyRing({ ...file, qrKeys: [...file.qrKeys, { kid: 2, seed }] });
    expect(both.kid).toBe(2);
    expect(both.qrKeys.map(({ kid }) => kid)).toEqual([1, 2]);
    expect(both.qrPublicKey(1)).toEqual(ring.qrPublicKey(1) ?? new Uint8Array());
    const message = Uint8Array.of(1);
    const [one, two] = both.qrKeys.map(({ publicKey }) => publicKey);
    expect(ed25519Verify(both.signQr(message), message, two ?? new Uint8Array())).toBe(true);
    expect(ed25519Verify(both.signQr(message), message, one ?? new Uint8Array())).toBe(false);
  });

  test("are the keys of their seeds (RFC 8032 section 7.1, test 1)", () => {
    const seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    const base64 = Buffer.from(seed, "hex").toString("base64url");
    const known = new KeyRing({ ...file, qrKeys: [{ kid: 7, seed: base64 }] });
    expect(hex(known.qrPublicKey(7))).toBe(key);
    expect(hex(known.signQr(new Uint8Array()))).toStartWith("e5564300c360ac729086e2cc806e828a");
  });
});

test("a file of keys that is not whole is refused", () => {
  const wrong = [
    { ...file, keks: [] },
    { ...file, qrKeys: [] },
    { ...file, master: "AAAA" },
    { ...file, keks: [{ id: "kek-1", key: file.master.slice(1) }] },
    { ...file, qrKeys: [{ kid: 1, seed: "" }] },
  ];
  for (const each of wrong) expect(() => new KeyRing(each)).toThrow(AssertionFailed);
});

test("new keys are new", () => {
  const files = Array.from({ length: 20 }, makeKeyFile);
  const keys = files.flatMap(({ keks, master, qrKeys }) => [keks[0]?.key, master, qrKeys[0]?.seed]);
  expect(new Set(keys).size).toBe(60);
});
