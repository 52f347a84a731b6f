/** Numbers modulo L, and the two tricks of a verification, against arithmetic on whole numbers. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Random, seededRandom } from "../crash/random.ts";
import { buildParts } from "./parts.ts";
import { L } from "./points.ts";

// Seconds of work, which a busy machine makes many.
setDefaultTimeout(60_000);

const PARTS = (await buildParts()).map((parts) => [parts.form, parts] as const);
const SEED = Number(process.env["SEQR_SEED"] ?? 20_260_601);

const POWERS = Array.from({ length: 16 }, (_, n) => 2n ** BigInt(16 * (n + 1)));
const EXTREMES = [0n, 1n, 2n, 3n, 8n, L / 2n, L / 2n + 1n, L - 2n, L - 1n, L, L + 1n, 2n * L - 1n]
  .concat([2n * L, 7n * L - 1n, 15n * L, 15n * L + 1n, 2n ** 252n, 2n ** 253n - 1n])
  .concat(POWERS.flatMap((power) => [power - 1n, power % 2n ** 256n]));

function randomBits(random: Random, bits: number): bigint {
  let value = 0n;
  for (let at = 0; at < bits; at += 32) {
    const word = random.pick([0, 0xffff_ffff, random.between(0, 0xffff_ffff)]);
    value = (value << 32n) | BigInt(word);
  }
  return BigInt.asUintN(bits, value);
}

describe.each(PARTS)("scalars of the %s form", (_form, parts) => {
  const { call } = parts;
  const random = seededRandom(SEED);
  const some = [...EXTREMES, ...Array.from({ length: 60 }, () => randomBits(random, 256))];

  test("a number is canonical exactly below L", () => {
    const near = Array.from({ length: 9 }, (_, n) => L - 4n + BigInt(n));
    const limbs = Array.from({ length: 8 }, (_, n) => 1n << BigInt(32 * n));
    for (const value of [...some, ...near, ...limbs.flatMap((one) => [L - one, L + one])]) {
      parts.put(0, value);
      expect(call.scalarBelow(0) !== 0).toBe(value < L);
    }
  });

  test("64 bytes are reduced to the one number below L", () => {
    const more = Array.from({ length: 20_000 }, () => randomBits(random, 512));
    // Multiples of L and their neighbours: where the estimated quotient is most easily wrong.
    const multiples = more.slice(0, 5_000).flatMap((value) => {
      const multiple = (value / L) * L;
      return multiple === 0n ? [] : [multiple, multiple - 1n, multiple - L + 1n];
    });
    const full = [2n ** 512n - 1n, ((2n ** 512n - 1n) / L) * L, ((2n ** 512n - 1n) / L) * L - 1n];
    for (const value of [...some, ...full, ...more, ...multiples]) {
      parts.put(0, value, 64);
      call.reduce(1, 0);
      expect(parts.get(1)).toBe(value % L);
    }
  });

  test("products of any 32 bytes and sums below L are right", () => {
    for (const left of some) {
      for (const right of some) {
        parts.put(0, left);
        parts.put(1, right);
        call.product(2, 0, 1);
        expect(parts.get(2)).toBe((left * right) % L);
        parts.put(0, left % L);
        parts.put(1, right % L);
        call.accumulate(0, 1);
        expect(parts.get(0)).toBe(((left % L) + (right % L)) % L);
      }
    }
  });
});

describe.each(PARTS)("scalars of the %s form, split", (_form, parts) => {
  const { call } = parts;
  const random = seededRandom(SEED + 1);
  const some = [...EXTREMES, ...Array.from({ length: 60 }, () => randomBits(random, 256))];

  test("a scalar is split into two of half the length, with the sign that was told", () => {
    const more = Array.from({ length: 20_000 }, () => randomBits(random, 256));
    const nearL = Array.from({ length: 252 }, (_, n) => L - (1n << BigInt(n)));
    const ratios = Array.from({ length: 200 }, (_, n) => (L / BigInt(n + 2)) * BigInt(n + 1));
    for (const given of [...some, ...nearL, ...ratios, ...more]) {
      const k = given % L;
      parts.put(2, k);
      const isNegative = call.halve(0, 1, 2) !== 0;
      const [u, v] = [parts.get(0), parts.get(1)];
      expect(v % L).not.toBe(0n);
      expect((k * v + (isNegative ? u : -u)) % L).toBe(0n);
      expect(v).toBeLessThan(2n ** 127n);
      // Where one number of the algorithm is 2^62 times the next, the way ends there.
      if (u >= 2n ** 127n) expect(u * v).toBeLessThan(L >> 61n);
    }
  });

  test("k of half the length or less, and quotients beyond a word, end at once", () => {
    const gaps = Array.from({ length: 252 }, (_, n) => 2n ** BigInt(n));
    for (const k of [...gaps, ...gaps.map((gap) => gap + 1n), ...gaps.map((gap) => L / gap)]) {
      parts.put(2, k % L);
      const isNegative = call.halve(0, 1, 2) !== 0;
      const [u, v] = [parts.get(0), parts.get(1)];
      expect(((k % L) * v + (isNegative ? u : -u)) % L).toBe(0n);
      expect(u).toBeLessThan(2n ** 191n);
    }
  });

  test("the digits of a number are odd, far apart, below the bound, and add up", () => {
    const more = Array.from({ length: 500 }, () => randomBits(random, 253));
    const runs = Array.from({ length: 254 }, (_, n) => 2n ** BigInt(n) - 1n);
    for (const given of [...some, ...more, ...runs]) {
      const value = given % 2n ** 254n;
      for (const width of [5, 8]) {
        parts.put(0, value);
        const count = call.digits(1, 0, width);
        const digits = parts.signed(1, 264);
        const sum = digits.reduceRight((total, digit) => 2n * total + BigInt(digit), 0n);
        expect(sum).toBe(value);
        expect(digits.findLastIndex((digit) => digit !== 0)).toBe(count - 1);
        let last = -width;
        for (const [at, digit] of digits.entries()) {
          if (digit === 0) continue;
          expect([digit & 1, at - last >= width, Math.abs(digit) < 1 << (width - 1)]).toEqual([
            1,
            true,
            true,
          ]);
          last = at;
        }
      }
    }
  });
});
