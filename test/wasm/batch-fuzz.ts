/**
 * Batches whose bad members are known from how they were made: errors that cancel when coefficients
 * are equal, dropped or reused, torsion that cancels, and members of every kind of
 * signature-fuzz.ts. The verdict must be the AND, and `bad` the bad ones.
 */
import type { Implementation } from "../../wasm/implementation.ts";
import type { SignedMessage } from "../../wasm/primitives.ts";
import * as reference from "../../wasm/reference.ts";
import { challengeOf, type Forge, forge, type Recipe, type Secret } from "./forge.ts";
import { L } from "./points.ts";
import { RAW_ITEMS_MAX, type Raw } from "./raw.ts";
import { anyKind, type Case } from "./signature-fuzz.ts";
import { Difference, type Nature, type Tally } from "./tally.ts";

/** What draws the keys of a set: one for all, a few, or any. */
const MIXES = ["one key", "few keys", "many keys"] as const;

interface Spoil {
  /** Of a batch that holds it and otherwise good members. */
  readonly nature: Nature;
  readonly make: (from: Forge, keys: readonly Secret[]) => readonly Case[];
}

const bad = (recipe: Recipe): Case => ({ item: forge(recipe), isValid: false });
const good = (recipe: Recipe): Case => ({ item: forge(recipe), isValid: true });

function recipe(from: Forge, keys: readonly Secret[]): Recipe {
  return { key: from.random.pick(keys), nonce: from.nonce(), message: from.message(80) };
}

/** S + d and S - d: what is wrong with the sum of the equations is nothing. */
function cancellingPair(from: Forge, keys: readonly Secret[]): readonly Case[] {
  const error = from.random.pick([1n, 8n, L / 2n, from.scalar()]);
  const pair = [recipe(from, keys), recipe(from, keys)] as const;
  return [bad({ ...pair[0], error }), bad({ ...pair[1], error: -error })];
}

/** Errors that cancel under the coefficients n and m. */
function weightedPair(from: Forge, keys: readonly Secret[]): readonly Case[] {
  const [left, right] = [BigInt(from.random.between(1, 9)), BigInt(from.random.between(1, 9))];
  const error = from.scalar();
  return [
    bad({ ...recipe(from, keys), error: error * right }),
    bad({ ...recipe(from, keys), error: -error * left }),
  ];
}

function cancellingTriple(from: Forge, keys: readonly Secret[]): readonly Case[] {
  const [first, second] = [from.scalar(), from.scalar()];
  return [first, second, -first - second].map((error) => bad({ ...recipe(from, keys), error }));
}

/** S of one message under the challenge of the other, with one key: the sum is right. */
function exchangedChallenges(from: Forge, keys: readonly Secret[]): readonly Case[] {
  const key = from.random.pick(keys);
  const pair = [0, 1].map((n) => ({ key, nonce: from.nonce(), message: from.bytes(30 + n) }));
  const [left, right] = pair.map((one) => {
    const { signature, publicKey, message } = forge(one);
    return challengeOf(signature.subarray(0, 32), publicKey, message);
  }) as [bigint, bigint];
  return pair.map((one, at) => {
    return bad({ ...one, error: (at === 0 ? right - left : left - right) * key.scalar });
  });
}

/** R shifted by a torsion and by its opposite: both are valid, as [8] takes it away. */
function torsionPair(from: Forge, keys: readonly Secret[]): readonly Case[] {
  const shiftR = from.random.between(1, 7);
  const shiftA = from.shift();
  return [
    good({ ...recipe(from, keys), shiftR, shiftA }),
    good({ ...recipe(from, keys), shiftR: 8 - shiftR, shiftA: (8 - shiftA) % 8 }),
  ];
}

function anyMember(from: Forge): Case {
  const [, kind] = anyKind(from);
  return kind.make(from);
}

const SPOILS: Readonly<Record<string, Spoil>> = {
  nothing: { nature: "valid", make: () => [] },
  "a cancelling pair": { nature: "invalid", make: cancellingPair },
  "a weighted pair": { nature: "invalid", make: weightedPair },
  "a cancelling triple": { nature: "invalid", make: cancellingTriple },
  "exchanged challenges": { nature: "invalid", make: exchangedChallenges },
  "opposite torsion": { nature: "valid", make: torsionPair },
  "one of any kind": { nature: "both", make: (from) => [anyMember(from)] },
  "some of any kind": {
    nature: "both",
    make: (from) => Array.from({ length: 3 }, () => anyMember(from)),
  },
};
const NAMES = Object.keys(SPOILS);

function shuffle<T>(from: Forge, items: T[]): T[] {
  for (let at = items.length - 1; at > 0; at--) {
    const other = from.random.between(0, at);
    [items[at], items[other]] = [items[other] as T, items[at] as T];
  }
  return items;
}

interface Batch {
  readonly kind: string;
  readonly nature: Nature;
  readonly cases: readonly Case[];
}

function makeBatch(from: Forge): Batch {
  const { random } = from;
  const mix = random.pick(MIXES);
  const keys = from.keys(mix === "one key" ? 1 : mix === "few keys" ? 4 : 48);
  const name = random.pick(NAMES);
  const spoil = SPOILS[name];
  if (spoil === undefined) throw new Error("names are those of the table");
  const spoilt = spoil.make(from, keys);
  // Beyond 64 the module takes pieces.
  const size = random.chance(95) ? random.between(0, 64) : random.between(65, 150);
  const hasTorsion = random.chance(40);
  const rest = Array.from({ length: Math.max(0, size - spoilt.length) }, () => {
    const shifts = hasTorsion ? { shiftA: from.shift(), shiftR: from.shift() } : {};
    return good({ ...recipe(from, keys), ...shifts });
  });
  const cases = shuffle(from, [...spoilt, ...rest]);
  // The same member again, good or bad.
  const [again] = cases;
  if (again !== undefined && random.chance(10)) cases.push(again);
  return { kind: `batch: ${mix}, ${name}`, nature: spoil.nature, cases };
}

/** What the module itself may be asked: right lengths, and no more than fit. */
function fitsRaw(items: readonly SignedMessage[]): boolean {
  const bytes = items.reduce((sum, { message }) => sum + 116 + message.length, 0);
  return (
    items.length <= RAW_ITEMS_MAX &&
    bytes <= 65_536 &&
    items.every(({ signature, publicKey }) => signature.length === 64 && publicKey.length === 32)
  );
}

/** One member in so many is verified alone by noble: what was made is what was meant. */
const NOBLE_EVERY = 50;

/** `count` batches, each by every module; and by the batch equation itself, each a third. */
export function fuzzBatches(
  from: Forge,
  count: number,
  cores: readonly Implementation[],
  raws: readonly Raw[],
  tally: Tally,
): void {
  const modules = cores.filter(({ name }) => name !== "reference");
  for (let n = 0; n < count; n++) {
    const { kind, nature, cases } = makeBatch(from);
    const items = cases.map(({ item }) => item);
    const expected = cases.flatMap(({ isValid }, at) => (isValid ? [] : [at]));
    const asked = () => ({
      items: items
        .map((item) => [item.signature, item.publicKey, item.message].map((part) => part.toHex()))
        .join(" "),
    });
    for (const core of modules) {
      const { ok, bad: named } = core.ed25519VerifyBatch(items);
      if (ok !== (expected.length === 0) || named.join() !== expected.join()) {
        throw new Difference(kind, asked(), { [core.name]: named, expected });
      }
    }
    for (const raw of raws) {
      if (!from.random.chance(33) || !fitsRaw(items)) continue;
      const coefficients = items.map(() => from.scalar() >> 124n);
      const isAllValid = raw.verifyBatch(items, coefficients);
      if (isAllValid !== (expected.length === 0)) {
        throw new Difference(kind, asked(), { raw: isAllValid, expected });
      }
      tally.count(`equation: ${raw.form}`, "both", isAllValid);
    }
    for (const { item, isValid } of cases) {
      if (from.random.between(1, NOBLE_EVERY) !== 1) continue;
      const verdict = reference.ed25519Verify(item.signature, item.message, item.publicKey);
      if (verdict !== isValid) throw new Difference(kind, asked(), { verdict, isValid });
      tally.count("member: alone by noble", "both", verdict);
    }
    tally.count(kind, nature, expected.length === 0);
  }
}
