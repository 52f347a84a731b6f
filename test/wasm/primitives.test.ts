import { describe, expect, test } from "bun:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { AssertionFailed } from "../../wasm/assert.ts";
import { concatBytes } from "../../wasm/bytes.ts";
import type { Implementation } from "../../wasm/implementation.ts";
import { BATCH_ITEMS_MAX, type SignedMessage } from "../../wasm/primitives.ts";
import * as reference from "../../wasm/reference.ts";
import { seededRandom } from "../crash/random.ts";
import rfc4231 from "../vectors/rfc4231.json";
import rfc5869 from "../vectors/rfc5869.json";
import rfc6234 from "../vectors/rfc6234.json";
import rfc8032 from "../vectors/rfc8032.json";
import rfc9106 from "../vectors/rfc9106.json";
import { CORES } from "./cores.ts";
import { Forge, forge } from "./forge.ts";
import { craft, L, NOT_CANONICAL, raiseS, SMALL_ORDER } from "./points.ts";

const hex = Uint8Array.fromHex;
const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
const scalars = fc.bigInt({ min: 1n, max: L - 1n });
const messages = fc.uint8Array({ maxLength: 64 });

function signed(seed: Uint8Array, message: Uint8Array): SignedMessage {
  const publicKey = reference.ed25519PublicKey(seed);
  return { signature: reference.ed25519Sign(message, seed), message, publicKey };
}

/** What a lenient verifier says: proof that an attack below works without the strict rule. */
function lenient({ signature, message, publicKey }: SignedMessage): boolean {
  return ed25519.verify(signature, message, publicKey, { zip215: true });
}

/** The module and what falls back, under their names. */
const EACH = CORES.map((core) => [core.name, core] as const);

function verify(core: Implementation, { signature, message, publicKey }: SignedMessage): boolean {
  return core.ed25519Verify(signature, message, publicKey);
}

describe.each(EACH)("%s: published vectors", (_name, core) => {
  test("Ed25519 keys, signatures and verdicts are those of RFC 8032 section 7.1", () => {
    for (const vector of rfc8032.vectors) {
      const [secretKey, message] = [hex(vector.secretKey), hex(vector.message)];
      expect(reference.ed25519PublicKey(secretKey).toHex()).toBe(vector.publicKey);
      expect(reference.ed25519Sign(message, secretKey).toHex()).toBe(vector.signature);
      const publicKey = hex(vector.publicKey);
      expect(verify(core, { signature: hex(vector.signature), message, publicKey })).toBe(true);
    }
  });

  test("SHA-256 and SHA-512 are those of RFC 6234 section 8.5", () => {
    for (const { message, repeat, digest } of rfc6234.sha256) {
      expect(core.sha256(hex(message.repeat(repeat))).toHex()).toBe(digest);
    }
    for (const { message, repeat, digest } of rfc6234.sha512) {
      expect(core.sha512(hex(message.repeat(repeat))).toHex()).toBe(digest);
    }
  });

  test("HMAC-SHA-256 is that of RFC 4231", () => {
    for (const { key, message, tag } of rfc4231.vectors) {
      const whole = core.hmacSha256(hex(key), hex(message)).toHex();
      expect(whole.slice(0, tag.length)).toBe(tag);
    }
  });

  test("HKDF-SHA-256 is that of RFC 5869", () => {
    for (const { ikm, salt, info, length, okm } of rfc5869.vectors) {
      expect(core.hkdfSha256(hex(ikm), hex(salt), hex(info), length).toHex()).toBe(okm);
    }
  });

  test("argon2id is that of RFC 9106 and of the argon2 reference implementation", () => {
    for (const { password, salt, secret, associatedData, tag, ...cost } of rfc9106.vectors) {
      const { memoryKiB, passes, lanes, length } = cost;
      const extras = { secret: hex(secret), associatedData: hex(associatedData) };
      const all = { memoryKiB, passes, lanes, length, ...extras };
      expect(core.argon2id(hex(password), hex(salt), all).toHex()).toBe(tag);
    }
  });
});

describe.each(EACH)("%s: strict cofactored Ed25519", (_name, core) => {
  test("an honest signature verifies, and a wrong length is false without a throw", () => {
    fc.assert(
      fc.property(seeds, messages, fc.nat(130), (seed, message, length) => {
        const item = signed(seed, message);
        expect(verify(core, item)).toBe(true);
        const padded = new Uint8Array(length);
        padded.set(item.signature.subarray(0, length));
        if (length !== 64) expect(verify(core, { ...item, signature: padded })).toBe(false);
        const key = new Uint8Array(length);
        key.set(item.publicKey.subarray(0, length));
        if (length !== 32) expect(verify(core, { ...item, publicKey: key })).toBe(false);
      }),
      { numRuns: 20 },
    );
  });

  test("any bytes of the right length get a verdict, never a throw", () => {
    const any64 = fc.uint8Array({ minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(any64, messages, seeds, (signature, message, publicKey) => {
        expect(verify(core, { signature, message, publicKey })).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  test("a longer signature or key does not put its own key in the place of another", () => {
    const theirs = reference.ed25519PublicKey(new Uint8Array(32).fill(1));
    const message = new Uint8Array(60).fill(7);
    // What would be read if the parts lay in one row and nobody looked at their lengths.
    const row = concatBytes(theirs, message).slice(0, message.length);
    const forged = signed(new Uint8Array(32).fill(2), row);
    expect(verify(core, forged)).toBe(true);
    const { signature, publicKey } = forged;
    const long = concatBytes(signature, publicKey);
    expect(core.ed25519Verify(long, message, theirs)).toBe(false);
    expect(core.ed25519Verify(signature, message, concatBytes(publicKey, theirs))).toBe(false);
  });
});

describe.each(EACH)("%s: strict cofactored Ed25519, of hostile input", (_name, core) => {
  test("S plus any multiple of L is refused", () => {
    const item = signed(new Uint8Array(32).fill(3), new Uint8Array(9));
    let raised = 0;
    for (let times = 1n; times <= 16n; times++) {
      const signature = raiseS(item.signature, times);
      if (signature === undefined) continue;
      raised++;
      expect(verify(core, { ...item, signature })).toBe(false);
    }
    expect(raised).toBeGreaterThanOrEqual(14);
  });

  test("a public key of small order is refused, though the equation holds for S = 0", () => {
    const message = new TextEncoder().encode("pay anybody");
    const signature = new Uint8Array(64);
    signature[0] = 1;
    for (const publicKey of [...SMALL_ORDER, ...NOT_CANONICAL]) {
      expect(lenient({ signature, message, publicKey })).toBe(true);
      expect(verify(core, { signature, message, publicKey })).toBe(false);
    }
  });

  test("an R that is not canonical is refused, though the equation holds", () => {
    fc.assert(
      fc.property(scalars, messages, fc.constantFrom(...NOT_CANONICAL), (a, message, encodedR) => {
        const item = craft({ a, r: 0n, message, encodedR });
        expect(lenient(item)).toBe(true);
        expect(verify(core, item)).toBe(false);
      }),
      { numRuns: 20 },
    );
  });

  test("bytes that spell no point are not taken for a multiple of one that was read before", () => {
    const from = new Forge(seededRandom(1), 1, 1);
    const before = { key: from.key(), nonce: from.nonce(), message: from.bytes(3) };
    for (let times = -20n; times <= 20n; times++) {
      const nonce = { ...before.nonce, scalar: times * before.nonce.scalar };
      const key = { ...before.key, scalar: times * before.key.scalar };
      const [spelling = from.bytes(32)] = NOT_CANONICAL.slice(Number(times + 20n) % 6);
      for (const change of [
        { nonce, encodedR: spelling },
        { key, encodedA: spelling },
      ]) {
        expect(verify(core, forge(before))).toBe(true);
        expect(verify(core, forge({ ...before, ...change }))).toBe(false);
      }
    }
  });

  test("torsion on A or R passes, as the equation says, unless A is nothing else", () => {
    const shift = fc.integer({ min: 0, max: 7 });
    fc.assert(
      fc.property(scalars, scalars, messages, shift, shift, (a, r, message, shiftA, shiftR) => {
        expect(verify(core, craft({ a, r, message, shiftA, shiftR }))).toBe(true);
        expect(verify(core, craft({ a, r: 0n, message, shiftA, shiftR }))).toBe(true);
        expect(verify(core, craft({ a: 0n, r, message, shiftA, shiftR }))).toBe(false);
      }),
      { numRuns: 20 },
    );
  });
});

describe.each(EACH)("%s: batch", (_name, core) => {
  test("the verdict is the AND of the singles, and the bad ones are named", () => {
    const good = Array.from({ length: 8 }, (_, at) =>
      signed(new Uint8Array(32).fill(at + 1), new Uint8Array(at)),
    );
    const spoilt = fc.array(fc.boolean(), { maxLength: 8 });
    fc.assert(
      fc.property(spoilt, fc.nat(63), (spoil, at) => {
        const items = good.slice(0, spoil.length).map((item, index) => {
          if (spoil[index] !== true) return item;
          const signature = item.signature.slice();
          signature[at] = (signature[at] ?? 0) ^ 0x10;
          return { ...item, signature };
        });
        const bad = items.flatMap((item, index) => (verify(core, item) ? [] : [index]));
        expect(bad).toEqual(spoil.flatMap((isBad, index) => (isBad ? [index] : [])));
        expect(core.ed25519VerifyBatch(items)).toEqual({ ok: bad.length === 0, bad });
      }),
      { numRuns: 15 },
    );
  });

  test("two errors that cancel in a sum of the equations are both named", () => {
    const left = craft({ a: 5n, r: 7n, message: Uint8Array.of(1) });
    const right = craft({ a: 5n, r: 9n, message: Uint8Array.of(2) });
    const addToS = (item: SignedMessage, delta: number): SignedMessage => {
      const signature = item.signature.slice();
      signature[34] = (signature[34] ?? 0) + delta;
      return { ...item, signature };
    };
    const items = [addToS(left, 1), addToS(right, -1)];
    expect(core.ed25519VerifyBatch(items)).toEqual({ ok: false, bad: [0, 1] });
  });

  test("no items are all right, wrong lengths are bad, and the limit holds", () => {
    const empty = new Uint8Array(0);
    const nothing = { signature: empty, message: empty, publicKey: empty };
    expect(core.ed25519VerifyBatch([])).toEqual({ ok: true, bad: [] });
    expect(core.ed25519VerifyBatch([nothing])).toEqual({ ok: false, bad: [0] });
    const many = Array.from({ length: BATCH_ITEMS_MAX + 1 }, () => nothing);
    expect(() => core.ed25519VerifyBatch(many)).toThrow(AssertionFailed);
  });
});

describe.each(EACH)("%s: PIN proof", (_name, core) => {
  test("of another length is wrong, though it begins right or ends in zeros", () => {
    const [key, body] = [new Uint8Array(32).fill(1), new Uint8Array(116)];
    let right = reference.hmacSha256(key, body);
    // One proof in 256 ends in a zero, which a shorter one might borrow from cleared memory.
    for (let tries = 0; right[31] !== 0; tries++) {
      new DataView(body.buffer).setUint32(0, tries);
      right = reference.hmacSha256(key, body);
    }
    expect(core.verifyPinProof(key, body, right)).toBe(true);
    expect(core.verifyPinProof(key, body, concatBytes(right, Uint8Array.of(0)))).toBe(false);
    expect(core.verifyPinProof(key, body, right.subarray(0, 31))).toBe(false);
  });
});

describe.each(EACH)("%s: limits of our own arguments", (_name, core) => {
  test("HKDF gives nothing to 8160 bytes and stops a caller that asks for more", () => {
    const ikm = new Uint8Array(22);
    expect(core.hkdfSha256(ikm, ikm, ikm, 0).length).toBe(0);
    expect(core.hkdfSha256(ikm, ikm, ikm, 8160).length).toBe(8160);
    for (const length of [8161, -1, 1.5, Number.NaN]) {
      expect(() => core.hkdfSha256(ikm, ikm, ikm, length)).toThrow(AssertionFailed);
    }
  });

  test("argon2id stops a caller with a short salt or an impossible cost", () => {
    const cost = { memoryKiB: 8, passes: 1, lanes: 1, length: 32 };
    const salt = new Uint8Array(8);
    expect(core.argon2id(salt, salt, cost).length).toBe(32);
    expect(() => core.argon2id(salt, new Uint8Array(7), cost)).toThrow(AssertionFailed);
    for (const wrong of [{ memoryKiB: 7 }, { passes: 0 }, { lanes: 0 }, { length: 3 }]) {
      expect(() => core.argon2id(salt, salt, { ...cost, ...wrong })).toThrow(AssertionFailed);
    }
  });
});
