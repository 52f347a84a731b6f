/**
 * Both forms of the field against arithmetic on whole numbers, at the limits of their limbs: where
 * a carry that honest input meets once in a hundred million products is met on every line.
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Random, seededRandom } from "../crash/random.ts";
import { buildParts, P, type Parts } from "./parts.ts";

// Seconds of work, which a busy machine makes many.
setDefaultTimeout(60_000);

const PARTS = (await buildParts()).map((parts) => [parts.form, parts] as const);
const SEED = Number(process.env["SEQR_SEED"] ?? 20_260_601);
/** 2^256 = 38 modulo p, so a form of 256 bits counts modulo 2p. */
const TWO_P = 2n * P;
const FULL = 2n ** 256n - 1n;

/** assembly/field-wide.ts: the greatest limb of a product, and what a product takes. */
const WIDE_PRODUCT = 2n ** 51n + 2n ** 13n - 1n;
const WIDE_FACTOR = 2n ** 54n - 1n;
/** The least limb of 4p there: what may be subtracted. */
const WIDE_SUBTRAHEND = 2n ** 53n - 76n;

const modulo = (value: bigint): bigint => ((value % P) + P) % P;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = modulo(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

/** Numbers at which a form may go wrong. */
const WHOLE = [0n, 1n, 2n, 18n, 19n, 20n, 37n, 38n, 39n, 2n ** 51n - 1n, 2n ** 51n, 2n ** 128n]
  .concat([P - 19n, P - 2n, P - 1n, P, P + 1n, P + 18n])
  .concat([2n ** 254n, 2n ** 255n - 1n]);
/** The same beyond 255 bits. */
const LARGE = [
  2n ** 255n,
  2n ** 255n + 18n,
  2n ** 255n + 19n,
  TWO_P - 19n,
  TWO_P - 1n,
  TWO_P,
].concat([TWO_P + 1n, 2n ** 256n - 37n, 2n ** 256n - 19n, 2n ** 256n - 2n, 2n ** 256n - 1n]);

const LIMB_EXTREMES = {
  portable: [0n, 1n, 37n, 38n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 38n, 2n ** 32n - 1n],
  wide: [0n, 1n, 19n, 2n ** 51n - 1n, 2n ** 51n, WIDE_PRODUCT, 2n ** 53n, WIDE_FACTOR],
} as const;

function randomBits(random: Random, bits: number): bigint {
  let value = 0n;
  for (let at = 0; at < bits; at += 32) {
    value = (value << 32n) | BigInt(random.between(0, 0xffff_ffff));
  }
  return BigInt.asUintN(bits, value);
}

/** Limbs that multiply takes: all extreme, all random, or mixed. */
function randomLimbs(random: Random, { form, limbCount }: Parts): bigint[] {
  const extremes = LIMB_EXTREMES[form];
  const percent = random.pick([0, 50, 100]);
  return Array.from({ length: limbCount }, () =>
    random.chance(percent) ? random.pick(extremes) : randomBits(random, form === "wide" ? 54 : 32),
  );
}

/** Limbs of the numbers above, every limb at one extreme, and random ones. */
function inputs(random: Random, parts: Parts, count: number): bigint[][] {
  const whole = parts.form === "wide" ? WHOLE : [...WHOLE, ...LARGE];
  return [
    ...whole.map((value) => parts.limbsOf(value)),
    ...LIMB_EXTREMES[parts.form].map((limb) => Array<bigint>(parts.limbCount).fill(limb)),
    ...Array.from({ length: count }, () => randomLimbs(random, parts)),
  ];
}

/** What a product or any result of the portable form obeys. */
function expectProduct(parts: Parts, slot: number, value: bigint): void {
  const limbs = parts.limbs(slot);
  if (parts.form === "wide") {
    for (const limb of limbs) expect(limb).toBeLessThanOrEqual(WIDE_PRODUCT);
  }
  expect(modulo(parts.valueOf(limbs))).toBe(modulo(value));
}

describe.each(PARTS)("%s field", (form, parts) => {
  const { call } = parts;

  test("products and squares are right for limbs up to the bound, also in place", () => {
    const all = inputs(seededRandom(SEED), parts, 100);
    for (const left of all) {
      const a = parts.valueOf(left);
      parts.putLimbs(0, left);
      call.square(2, 0);
      expectProduct(parts, 2, a * a);
      call.square(0, 0);
      expect(parts.limbs(0)).toEqual(parts.limbs(2));
      for (const right of all) {
        parts.putLimbs(0, left);
        parts.putLimbs(1, right);
        call.multiply(2, 0, 1);
        expectProduct(parts, 2, a * parts.valueOf(right));
        call.multiply(0, 0, 1);
        expect(parts.limbs(0)).toEqual(parts.limbs(2));
        parts.putLimbs(0, left);
        call.multiply(1, 0, 1);
        expect(parts.limbs(1)).toEqual(parts.limbs(2));
      }
    }
  });

  test("sums and differences are right up to the bound, also in place", () => {
    const all = inputs(seededRandom(SEED + 1), parts, 100);
    const isWide = form === "wide";
    for (const left of all) {
      for (const right of all) {
        const [a, b] = [parts.valueOf(left), parts.valueOf(right)];
        parts.putLimbs(0, left);
        parts.putLimbs(1, right);
        call.add(2, 0, 1);
        expect(modulo(parts.valueOf(parts.limbs(2)))).toBe(modulo(a + b));
        call.add(1, 0, 1);
        expect(parts.limbs(1)).toEqual(parts.limbs(2));
        if (isWide && right.some((limb) => limb > WIDE_SUBTRAHEND)) continue;
        parts.putLimbs(1, right);
        call.subtract(2, 0, 1);
        expect(modulo(parts.valueOf(parts.limbs(2)))).toBe(modulo(a - b));
        call.subtract(1, 0, 1);
        expect(parts.limbs(1)).toEqual(parts.limbs(2));
        parts.putLimbs(1, right);
        call.negate(1, 1);
        expect(modulo(parts.valueOf(parts.limbs(1)))).toBe(modulo(-b));
      }
    }
  });

  test("any chain of operations within the bounds gives the right number", () => {
    for (let run = 0; run < 40; run++) {
      const random = seededRandom(SEED + 100 + run);
      chain(parts, random, 300);
    }
  });
});

describe.each(PARTS)("%s field, as bytes", (_form, parts) => {
  const { call } = parts;

  test("32 bytes are read without bit 255, and written as the one number below p", () => {
    const random = seededRandom(SEED + 2);
    const more = Array.from({ length: 300 }, () => randomBits(random, 256));
    for (const value of [...WHOLE, ...LARGE, ...more]) {
      parts.put(0, value);
      call.fromBytes(1, 0);
      expect(parts.valueOf(parts.limbs(1))).toBe(BigInt.asUintN(255, value));
      call.toBytes(0, 1);
      expect(parts.get(0)).toBe(modulo(BigInt.asUintN(255, value)));
    }
  });

  test("limbs up to the bound are written as the one number below p, even or odd", () => {
    for (const limbs of inputs(seededRandom(SEED + 3), parts, 2_000)) {
      const value = modulo(parts.valueOf(limbs));
      parts.putLimbs(0, limbs);
      call.toBytes(1, 0);
      expect(parts.get(1)).toBe(value);
      expect(parts.limbs(0)).toEqual(limbs);
      expect(call.odd(0) !== 0).toBe((value & 1n) === 1n);
      expect(call.zero(0) !== 0).toBe(value === 0n);
    }
  });

  test("two spellings of a number are equal, its neighbours are not", () => {
    const random = seededRandom(SEED + 4);
    for (let n = 0; n < 300; n++) {
      const limbs = randomLimbs(random, parts);
      const value = modulo(parts.valueOf(limbs));
      parts.putLimbs(0, limbs);
      parts.putLimbs(1, parts.limbsOf(value));
      expect(call.equal(0, 1)).toBe(1);
      for (const bit of [0, 7, 8, 100, 247, 254]) {
        parts.putLimbs(1, parts.limbsOf(value ^ (1n << BigInt(bit))));
        expect(call.equal(0, 1)).toBe(0);
      }
    }
  });

  test("32 bytes are canonical exactly below p, whatever bit 255 says", () => {
    const random = seededRandom(SEED + 5);
    const near = Array.from({ length: 60 }, (_, n) => P - 41n + BigInt(n));
    // One byte less than p is enough, wherever it stands.
    const below = Array.from({ length: 32 }, (_, n) => P - (1n << BigInt(8 * n)));
    const more = Array.from({ length: 200 }, () => randomBits(random, 255));
    for (const value of [...WHOLE, ...near, ...below, ...more]) {
      for (const sign of [0n, 1n]) {
        parts.put(0, BigInt.asUintN(255, value) | (sign << 255n));
        expect(call.canonical(0) !== 0).toBe(BigInt.asUintN(255, value) < P);
      }
    }
  });

  test("the inverse and the power for roots are those of Fermat, and 0 for 0", () => {
    for (const limbs of inputs(seededRandom(SEED + 6), parts, 60)) {
      const value = parts.valueOf(limbs);
      parts.putLimbs(0, limbs);
      call.invert(1, 0);
      expectProduct(parts, 1, power(value, P - 2n));
      call.power58(2, 0);
      expectProduct(parts, 2, power(value, (P - 5n) / 8n));
      call.multiply(3, 0, 1);
      expectProduct(parts, 3, modulo(value) === 0n ? 0n : 1n);
    }
  });
});

/**
 * Random operations on eight slots whose bounds are known; in the wide form an operation waits
 * until its operands are within them.
 */
function chain(parts: Parts, random: Random, steps: number): void {
  const { call, form } = parts;
  const isWide = form === "wide";
  const first = Array.from({ length: 8 }, () => randomLimbs(random, parts));
  const slots = first.map((limbs) => ({
    value: modulo(parts.valueOf(limbs)),
    bound: isWide ? limbs.reduce((most, limb) => (limb > most ? limb : most)) : 0n,
  }));
  for (const [slot, limbs] of first.entries()) parts.putLimbs(slot, limbs);
  for (let step = 0; step < steps; step++) {
    const [out, left, right] = [random.between(0, 7), random.between(0, 7), random.between(0, 7)];
    const [a, b] = [slots[left], slots[right]];
    if (a === undefined || b === undefined) throw new Error("there are eight slots");
    const kind = random.pick(["multiply", "square", "add", "add", "subtract", "subtract"] as const);
    let now = { value: 0n, bound: WIDE_PRODUCT };
    if (kind === "multiply") {
      call.multiply(out, left, right);
      now = { value: modulo(a.value * b.value), bound: WIDE_PRODUCT };
    } else if (kind === "square") {
      call.square(out, left);
      now = { value: modulo(a.value * a.value), bound: WIDE_PRODUCT };
    } else if (kind === "add") {
      if (isWide && a.bound + b.bound > WIDE_FACTOR) continue;
      call.add(out, left, right);
      now = { value: modulo(a.value + b.value), bound: a.bound + b.bound };
    } else {
      if (isWide && (b.bound > WIDE_SUBTRAHEND || a.bound + 2n ** 53n > WIDE_FACTOR)) continue;
      call.subtract(out, left, right);
      now = { value: modulo(a.value - b.value), bound: a.bound + 2n ** 53n };
    }
    slots[out] = now;
    const limbs = parts.limbs(out);
    expect(modulo(parts.valueOf(limbs))).toBe(now.value);
    if (isWide) for (const limb of limbs) expect(limb).toBeLessThanOrEqual(now.bound);
  }
}

/**
 * The last carries of the portable form. It counts modulo 2p = 2^256 - 38, and a carry runs on when
 * what is added for 2^256 overflows the lowest limb again: when the result modulo 2p has a small
 * lowest limb, and runs through to the top when it is a small number altogether.
 */
const portable = PARTS.filter(([form]) => form === "portable").map(([, parts]) => parts);

describe.each(portable.map((parts) => [parts]))("the last carry", (parts) => {
  const { call } = parts;
  /** Small lowest limbs, under zeros up to the top or up to somewhere. */
  const results = (random: Random): bigint[] => {
    const small = Array.from({ length: 39 }, (_, n) => BigInt(38 * n + random.between(0, 37)));
    return small.flatMap((low) =>
      [32, 64, 128, 224, 256].map(
        (from) => low + (((randomBits(random, 256) >> BigInt(from)) << BigInt(from)) % TWO_P),
      ),
    );
  };

  test("of a product runs through", () => {
    const random = seededRandom(SEED + 7);
    for (const result of results(random)) {
      for (let n = 0; n < 6; n++) {
        const a = (randomBits(random, 256) | 1n) % TWO_P;
        const inverse = power(a, P - 2n);
        // The inverse modulo 2p is the odd one of the two.
        const b = (result * ((inverse & 1n) === 1n ? inverse : inverse + P)) % TWO_P;
        expect((a * b) % TWO_P).toBe(result % TWO_P);
        parts.put(0, a);
        parts.put(1, b);
        call.multiply(2, 0, 1);
        expect(parts.get(2) % P).toBe(result % P);
      }
    }
  });

  test("of a square runs through", () => {
    const random = seededRandom(SEED + 8);
    let squares = 0;
    for (const result of results(random)) {
      const root = squareRoot(result % P);
      if (root === undefined) continue;
      squares++;
      for (const value of [root, P - root, root + P, TWO_P - root]) {
        parts.put(0, value);
        call.square(1, 0);
        expect(parts.get(1) % P).toBe(result % P);
      }
    }
    expect(squares).toBeGreaterThan(50);
  });

  test("of a sum or difference runs through", () => {
    const random = seededRandom(SEED + 9);
    const met = { sums: 0, differences: 0 };
    for (const result of results(random)) {
      for (let n = 0; n < 6; n++) {
        const a = n === 0 ? FULL : randomBits(random, 256);
        parts.put(0, a);
        for (const other of [result, result + TWO_P, result + 2n ** 256n]) {
          const addend = other - a;
          if (addend >= 0n && addend <= FULL) {
            met.sums++;
            parts.put(1, addend);
            call.add(2, 0, 1);
            expect(parts.get(2) % P).toBe(modulo(other));
          }
          const subtrahend = a - other + 2n ** 256n;
          if (subtrahend >= 0n && subtrahend <= FULL) {
            met.differences++;
            parts.put(1, subtrahend);
            call.subtract(2, 0, 1);
            expect(parts.get(2) % P).toBe(modulo(other - 2n ** 256n));
          }
        }
      }
    }
    expect(Math.min(met.sums, met.differences)).toBeGreaterThan(1_000);
  });
});

/** Undefined for what is no square (p = 5 modulo 8). */
function squareRoot(value: bigint): bigint | undefined {
  const candidate = power(value, (P + 3n) / 8n);
  for (const root of [candidate, (candidate * power(2n, (P - 1n) / 4n)) % P]) {
    if ((root * root) % P === value) return root;
  }
  return undefined;
}
