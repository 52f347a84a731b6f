import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { concatBytes } from "../../wasm/bytes.ts";
import {
  exportP256PublicKey,
  generateP256KeyPair,
  importP256PublicKey,
  signP256,
  verifyP256,
} from "../../wasm/p256.ts";

// SEC 2 section 2.4.2: the order of the P-256 base point.
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const message = new TextEncoder().encode("body and proof");

function big(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytes.toHex()}`);
}

function bytes32(value: bigint): Uint8Array {
  return Uint8Array.fromHex(value.toString(16).padStart(64, "0"));
}

describe("P-256 device signatures", () => {
  test("a fresh key signs, and its exported half verifies after import", async () => {
    const { privateKey, publicKey } = await generateP256KeyPair();
    const signature = await signP256(privateKey, message);
    expect(signature.length).toBe(64);
    const raw = await exportP256PublicKey(publicKey);
    const imported = await importP256PublicKey(raw);
    if (imported === undefined) throw new Error("a fresh key imports");
    expect(await verifyP256(imported, message, signature)).toBe(true);
    expect(await verifyP256(imported, message.subarray(1), signature)).toBe(false);
    expect(await exportP256PublicKey(imported)).toEqual(raw);
  });

  test("the private half does not leave WebCrypto unless a test asks for it", async () => {
    expect((await generateP256KeyPair()).privateKey.extractable).toBe(false);
    expect((await generateP256KeyPair(true)).privateKey.extractable).toBe(true);
  });

  test("both s and n - s verify, so a signature is no key of anything", async () => {
    const { privateKey, publicKey } = await generateP256KeyPair();
    const signature = await signP256(privateKey, message);
    const mirrored = N - big(signature.subarray(32));
    const other = concatBytes(signature.subarray(0, 32), bytes32(mirrored));
    expect(await verifyP256(publicKey, message, signature)).toBe(true);
    expect(await verifyP256(publicKey, message, other)).toBe(true);
  });

  test("flipped bits and every other length are false, never a throw", async () => {
    const { privateKey, publicKey } = await generateP256KeyPair();
    const signature = await signP256(privateKey, message);
    for (let bit = 0; bit < 512; bit += 3) {
      const flipped = signature.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await verifyP256(publicKey, message, flipped)).toBe(false);
    }
    const any = fc.uint8Array({ maxLength: 130 });
    await fc.assert(
      fc.asyncProperty(any, async (bytes) => {
        expect(await verifyP256(publicKey, message, bytes)).toBe(false);
      }),
    );
  });

  test("points off the curve, compressed points and foreign bytes do not import", async () => {
    const { publicKey } = await generateP256KeyPair();
    const raw = await exportP256PublicKey(publicKey);
    const offCurve = raw.slice();
    offCurve[64] = (offCurve[64] ?? 0) ^ 1;
    const infinity = new Uint8Array(65);
    const compressed = concatBytes(Uint8Array.of(2), raw.subarray(1, 33));
    const hybrid = concatBytes(Uint8Array.of(6), raw.subarray(1));
    const foreignSpki = concatBytes(new Uint8Array(26), raw);
    for (const bytes of [offCurve, infinity, compressed, hybrid, foreignSpki, new Uint8Array(0)]) {
      expect(await importP256PublicKey(bytes)).toBeUndefined();
    }
  });

  test("a SubjectPublicKeyInfo imports as the same key", async () => {
    const { publicKey } = await generateP256KeyPair();
    const spki = new Uint8Array(await crypto.subtle.exportKey("spki", publicKey));
    const imported = await importP256PublicKey(spki);
    if (imported === undefined) throw new Error("an exported key imports");
    expect(await exportP256PublicKey(imported)).toEqual(await exportP256PublicKey(publicKey));
    expect(await importP256PublicKey(spki.subarray(0, 90))).toBeUndefined();
  });
});
