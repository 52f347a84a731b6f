/**
 * The batch equation with coefficients of the test's choice, the coefficients that are really
 * drawn, and the pieces in which a large batch is verified.
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { ARTEFACTS } from "../../wasm/artefacts.ts";
import { instantiate } from "../../wasm/module.ts";
import { BATCH_ITEMS_MAX, type SignedMessage } from "../../wasm/primitives.ts";
import { seededRandom } from "../crash/random.ts";
import { CORES } from "./cores.ts";
import { Forge, flipped, forge, NO_SECRET, secretOf } from "./forge.ts";
import { L, NOT_CANONICAL, raiseS } from "./points.ts";
import { RAW_ITEMS_MAX, Raw } from "./raw.ts";

// Seconds of work, which a busy machine makes many.
setDefaultTimeout(60_000);

const SEED = Number(process.env["SEQR_SEED"] ?? 20_260_601);
const RAWS = CORES.flatMap(({ name }) =>
  name === "reference" ? [] : [[name, new Raw(name)] as const],
);
const from = new Forge(seededRandom(SEED));
const { random } = from;

/** Above 64 bits, below, and at both ends. */
const COEFFICIENTS = [1n, 2n, 2n ** 32n, 2n ** 63n, 2n ** 64n, 2n ** 127n, 2n ** 128n - 1n];
const coefficient = (): bigint =>
  random.chance(30) ? random.pick(COEFFICIENTS) : (from.scalar() >> 124n) % 2n ** 128n;

/** 1 / value modulo L, by Fermat. */
function inverse(value: bigint): bigint {
  let [result, square] = [1n, value % L];
  for (let exponent = L - 2n; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = (result * square) % L;
    square = (square * square) % L;
  }
  return result;
}

/** A y below p that has no x. */
function beyondCurve(): Uint8Array {
  for (;;) {
    const bytes = from.bytes(32);
    bytes[31] = (bytes[31] ?? 0) & 0x3f;
    try {
      ed25519.Point.fromBytes(bytes, false);
    } catch {
      return bytes;
    }
  }
}

/** Honest but for the errors added to S. */
function withErrors(errors: readonly bigint[], keyCount: number): SignedMessage[] {
  const keys = from.keys(keyCount);
  return errors.map((error, at) => {
    const shifts = { shiftA: from.shift(), shiftR: from.shift() };
    const message = from.bytes(at % 80);
    return forge({ key: random.pick(keys), nonce: from.nonce(), message, error, ...shifts });
  });
}

describe.each(RAWS)("the %s equation", (_, raw) => {
  test("holds for right members of any number, keys and torsion", () => {
    for (let count = 0; count <= RAW_ITEMS_MAX; count++) {
      for (const keys of [1, 3, 48]) {
        const items = withErrors(Array<bigint>(count).fill(0n), keys);
        expect([count, raw.verifyBatch(items, items.map(coefficient))]).toEqual([count, true]);
      }
    }
  });

  test("holds for wrong members exactly when the errors times the coefficients add up to 0", () => {
    for (let run = 0; run < 120; run++) {
      const count = random.between(2, 12);
      const coefficients = Array.from({ length: count }, coefficient);
      const errors = coefficients.map(() => from.scalar());
      const last = coefficients.at(-1) ?? 1n;
      const sum = errors.slice(0, -1).reduce((all, error, at) => {
        return (all + error * (coefficients[at] ?? 0n)) % L;
      }, 0n);
      const balanced = ((L - sum) * inverse(last)) % L;
      const keys = random.pick([1, 2, 48]);
      const right = withErrors([...errors.slice(0, -1), balanced], keys);
      expect(raw.verifyBatch(right, coefficients)).toBe(true);
      const wrong = withErrors([...errors.slice(0, -1), (balanced + 1n) % L], keys);
      expect(raw.verifyBatch(wrong, coefficients)).toBe(false);
      // The same members under other coefficients: any one of them matters, and all its bits.
      const at = random.between(0, count - 1);
      const bit = 1n << BigInt(random.between(0, 127));
      const others = coefficients.map((one, n) => (n === at ? one ^ bit : one));
      expect(raw.verifyBatch(right, others)).toBe(false);
    }
  });
});

describe.each(RAWS)("the %s equation with malformed members", (_, raw) => {
  test("fails for a member that is malformed, whatever the sum says", () => {
    const message = from.bytes(9);
    const nonce = from.nonce();
    const honest = forge({ key: from.key(), nonce, message });
    const raisedS = raiseS(honest.signature, 1n) ?? honest.signature;
    const malformed: Readonly<Record<string, SignedMessage>> = {
      "S + L": { ...honest, signature: raisedS },
      ...Object.fromEntries(
        NOT_CANONICAL.flatMap((encoded, at) => [
          [`R ${at}`, forge({ key: from.key(), nonce: NO_SECRET, message, encodedR: encoded })],
          [`A ${at}`, forge({ key: NO_SECRET, nonce, message, encodedA: encoded })],
        ]),
      ),
      ...Object.fromEntries(
        NO_SECRET.points.map((_point, shiftA) => [
          `A of small order ${shiftA}`,
          forge({ key: NO_SECRET, nonce, message, shiftA }),
        ]),
      ),
    };
    for (const [what, item] of Object.entries(malformed)) {
      for (const at of [0, 3, 7]) {
        const items = withErrors(Array<bigint>(8).fill(0n), 3);
        items[at] = item;
        expect([what, raw.verifyBatch(items, items.map(coefficient))]).toEqual([what, false]);
      }
    }
  });

  test("does not take bytes that spell no point for a multiple of one that was read before", () => {
    const before = { key: from.key(), nonce: from.nonce(), message: from.bytes(3) };
    const message = from.bytes(4);
    for (let times = -20n; times <= 20n; times++) {
      const nonce = { ...before.nonce, scalar: times * before.nonce.scalar };
      const key = { ...before.key, scalar: times * before.key.scalar };
      for (const bytes of [beyondCurve(), ...NOT_CANONICAL]) {
        const badR = forge({ key: before.key, nonce, message, encodedR: bytes });
        const badA = forge({ key, nonce: before.nonce, message, encodedA: bytes });
        for (const item of [badR, badA]) {
          const items = [forge(before), item];
          expect(raw.verifyBatch(items, items.map(coefficient))).toBe(false);
        }
      }
    }
  });

  test("tells keys apart that differ in one bit only", () => {
    const key = from.key();
    const first = forge({ key, nonce: from.nonce(), message: from.bytes(9) });
    for (let bit = 0; bit < 256; bit++) {
      // Right for who takes the second key for the first.
      const encodedA = flipped(first.publicKey, bit);
      const second = forge({ key, nonce: from.nonce(), message: from.bytes(8), encodedA });
      expect(raw.verifyBatch([first, second], [coefficient(), coefficient()])).toBe(false);
    }
    const opposite = secretOf(L - key.scalar);
    const second = forge({ key: opposite, nonce: from.nonce(), message: from.bytes(8) });
    expect(second.publicKey).toEqual(flipped(first.publicKey, 255));
    expect(raw.verifyBatch([first, second], [coefficient(), coefficient()])).toBe(true);
  });

  test("takes no more members than there is room for", () => {
    const items = withErrors(Array<bigint>(RAW_ITEMS_MAX + 1).fill(0n), 48);
    expect(raw.verifyBatch(items, items.map(coefficient))).toBe(false);
    // The table of one R too many would be that of the first key: here they are the same point.
    const key = from.key();
    const same = items.map(({ message }) => forge({ key, nonce: key, message }));
    expect(raw.verifyBatch(same, same.map(coefficient))).toBe(false);
    expect(raw.verifyBatch(same.slice(1), same.map(coefficient))).toBe(true);
  });
});

describe.each(RAWS)("the coefficients of %s", (form) => {
  test("are 128 random bits, new for each member of each call", () => {
    const core = instantiate(form, ARTEFACTS[form]());
    const items = withErrors(Array<bigint>(RAW_ITEMS_MAX).fill(0n), 48);
    const drawn: string[] = [];
    for (let call = 0; call < 16; call++) {
      expect(core.ed25519VerifyBatch(items).ok).toBe(true);
      for (const { signature, publicKey } of items) {
        const at = Buffer.from(core.memory.buffer).indexOf(Buffer.concat([signature, publicKey]));
        drawn.push(core.memory.slice(at + 96, at + 112).toHex());
      }
    }
    expect(new Set(drawn).size).toBe(16 * RAW_ITEMS_MAX);
    // Of 1,024 fair bits 368 to 656 are set, but for one chance in 10^18.
    for (let bit = 0n; bit < 128n; bit++) {
      const set = drawn.filter((hex) => ((BigInt(`0x${hex}`) >> bit) & 1n) === 1n).length;
      expect(set).toBeGreaterThan(368);
      expect(set).toBeLessThan(656);
    }
  });
});

const MODULES = CORES.filter(({ name }) => name !== "reference");

describe.each(MODULES.map((core) => [core.name, core] as const))("%s in pieces", (_, core) => {
  test("names the bad ones of a large batch, at the seams too", () => {
    const good = withErrors(Array<bigint>(BATCH_ITEMS_MAX).fill(0n), 48);
    expect(core.ed25519VerifyBatch(good)).toEqual({ ok: true, bad: [] });
    const bad = [0, 62, 63, 64, 65, 127, 128, 500, BATCH_ITEMS_MAX - 1];
    const items = good.map((item, at) => {
      return bad.includes(at) ? { ...item, message: from.bytes(81) } : item;
    });
    expect(core.ed25519VerifyBatch(items)).toEqual({ ok: false, bad });
  });

  test("takes messages that fill the room, do not fit beside others, or not at all", () => {
    const sizes = [65_420, 65_421, 100, 40_000, 25_304, 40_000, 25_305, 7, 70_000, 9, 65_440, 0];
    const items = sizes.map((size) =>
      forge({ key: from.key(), nonce: from.nonce(), message: from.bytes(size) }),
    );
    expect(core.ed25519VerifyBatch(items)).toEqual({ ok: true, bad: [] });
    for (const at of items.keys()) {
      const spoilt = items.map((item, n) =>
        n === at ? { ...item, message: Buffer.concat([item.message, Buffer.of(1)]) } : item,
      );
      expect(core.ed25519VerifyBatch(spoilt)).toEqual({ ok: false, bad: [at] });
    }
  });

  test("writes nothing behind its room", () => {
    const { name } = core;
    if (name === "reference") throw new Error("it has no room");
    const module = instantiate(name, ARTEFACTS[name]());
    const end = new Raw(name).inputEnd;
    const key = from.key();
    for (const sizes of [
      [65_420, 1],
      [65_300, 4, 0, 0],
      [30_000, 35_304],
      [30_000, 35_305],
      [65_441, 9],
    ]) {
      const items = sizes.map((size) => {
        return forge({ key, nonce: from.nonce(), message: new Uint8Array(size).fill(0xa5) });
      });
      expect(module.ed25519VerifyBatch(items).ok).toBe(true);
      expect(module.memory.subarray(end, end + 128).every((byte) => byte === 0)).toBe(true);
    }
  });

  test("finds members of wrong lengths between others", () => {
    const items = withErrors(Array<bigint>(9).fill(0n), 3);
    const [first, second] = [items[2], items[6]];
    if (first === undefined || second === undefined) throw new Error("there are nine");
    items[2] = { ...first, signature: first.signature.slice(1) };
    items[6] = { ...second, publicKey: Buffer.concat([second.publicKey, Buffer.of(0)]) };
    expect(core.ed25519VerifyBatch(items)).toEqual({ ok: false, bad: [2, 6] });
  });
});
