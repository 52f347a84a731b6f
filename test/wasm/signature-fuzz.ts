/**
 * Signatures of many kinds, honest, hostile and malformed, whose verdict is known from how they
 * were made; every implementation must give it.
 */
import { concatBytes } from "../../wasm/bytes.ts";
import type { Implementation } from "../../wasm/implementation.ts";
import type { SignedMessage } from "../../wasm/primitives.ts";
import { type Forge, flipped, forge, NO_SECRET, pointOf } from "./forge.ts";
import { encode, L, NOT_CANONICAL, raiseS } from "./points.ts";
import { agreed, Difference, type Nature, type Tally } from "./tally.ts";

export interface Case {
  readonly item: SignedMessage;
  readonly isValid: boolean;
}

export interface Kind {
  readonly nature: Nature;
  /** How often, beside the others. */
  readonly weight: number;
  readonly make: (from: Forge) => Case;
}

const invalid = (item: SignedMessage): Case => ({ item, isValid: false });
const valid = (item: SignedMessage): Case => ({ item, isValid: true });

function honest(from: Forge): SignedMessage {
  return forge({ key: from.key(), nonce: from.nonce(), message: from.message() });
}

function withS({ signature, message, publicKey }: SignedMessage, s: bigint): SignedMessage {
  return { signature: concatBytes(signature.subarray(0, 32), encode(s)), message, publicKey };
}

const S_EXTREMES = [0n, 1n, L - 1n, L, L + 1n, 2n ** 252n, 2n ** 253n - 1n, 2n ** 255n].concat([
  2n ** 255n - 19n,
  2n ** 256n - 1n,
]);

function raised(from: Forge, item: SignedMessage): SignedMessage {
  // S + 15 L fits 32 bytes for few S only; S + 14 L for all.
  const signature = raiseS(item.signature, BigInt(from.random.between(1, 15)));
  return { ...item, signature: signature ?? raiseS(item.signature, 1n) ?? item.signature };
}

function oneBitFlipped(from: Forge, item: SignedMessage): SignedMessage {
  const { random } = from;
  const { signature, publicKey, message } = item;
  const part = random.between(0, message.length === 0 ? 2 : 3);
  if (part === 0) return { ...item, signature: flipped(signature, random.between(0, 255)) };
  if (part === 1) return { ...item, signature: flipped(signature, random.between(256, 511)) };
  if (part === 2) return { ...item, publicKey: flipped(publicKey, random.between(0, 255)) };
  return { ...item, message: flipped(message, random.between(0, 8 * message.length - 1)) };
}

function ofLength(from: Forge, bytes: Uint8Array, length: number): Uint8Array {
  const resized = from.bytes(length);
  resized.set(bytes.subarray(0, length));
  return resized;
}

function wrongLength(from: Forge): SignedMessage {
  const { random } = from;
  const item = honest(from);
  const other = (right: number) => {
    const near = random.pick([0, 1, right - 1, right + 1, 2 * right, random.between(0, 2 * right)]);
    return near === right ? right + 1 : near;
  };
  const what = random.between(0, 2);
  const signature = what === 0 ? item.signature : ofLength(from, item.signature, other(64));
  const publicKey = what === 1 ? item.publicKey : ofLength(from, item.publicKey, other(32));
  return { signature, message: item.message, publicKey };
}

/** Two signatures that exchange a part. */
function exchanged(from: Forge): SignedMessage {
  const { random } = from;
  const key = from.key();
  const left = forge({ key, nonce: from.nonce(), message: from.bytes(20) });
  let right = left;
  // With the same nonce an exchanged R would be no change.
  while (Buffer.compare(right.signature.subarray(0, 32), left.signature.subarray(0, 32)) === 0) {
    const other = random.chance(50) ? key : from.key();
    right = forge({ key: other, nonce: from.nonce(), message: from.bytes(21) });
  }
  const half = (item: SignedMessage, at: number) => item.signature.subarray(at, at + 32);
  return random.pick([
    { ...left, signature: concatBytes(half(left, 0), half(right, 32)) },
    { ...left, signature: concatBytes(half(right, 0), half(left, 32)) },
    { ...left, signature: concatBytes(half(left, 32), half(left, 0)) },
    { ...left, message: right.message },
    { ...left, signature: right.signature },
  ]);
}

/** 2^255 - 19 + 0..18 with any sign: second spellings, whether or not they are on the curve. */
function beyondP(from: Forge): Uint8Array {
  const y = 2n ** 255n - 19n + BigInt(from.random.between(0, 18));
  return encode(y | (BigInt(from.random.between(0, 1)) << 255n));
}

/** Any of the changes above, few at a time; the verdict is that of the worst. */
function mixed(from: Forge): Case {
  const { random } = from;
  const hasNoSecret = random.chance(10);
  const encodedR = random.chance(7) ? random.pick(NOT_CANONICAL) : undefined;
  const isWrong = random.chance(10);
  let item = forge({
    key: hasNoSecret ? NO_SECRET : from.key(),
    nonce: encodedR !== undefined || random.chance(15) ? NO_SECRET : from.nonce(),
    message: from.message(200),
    shiftA: random.chance(60) ? from.shift() : 0,
    shiftR: random.chance(60) ? from.shift() : 0,
    encodedR,
    error: isWrong ? random.pick([1n, -1n, 8n, L / 2n, from.scalar()]) : 0n,
  });
  let isValid = !(hasNoSecret || isWrong || encodedR !== undefined);
  if (random.chance(7)) [item, isValid] = [oneBitFlipped(from, item), false];
  if (random.chance(7)) [item, isValid] = [raised(from, item), false];
  return { item, isValid };
}

/** Messages around the blocks of SHA-512 (64 bytes stand before them), and long ones. */
function lengths(from: Forge): Case {
  const { random } = from;
  const blocks = 128 * random.between(1, 12) - 64 + random.between(-18, 2);
  const long = random.pick([4_096, 65_439, 65_440, 65_441, 70_000]) + random.between(-1, 1);
  const length = random.chance(98) ? random.pick([blocks, random.between(0, 300)]) : long;
  const item = forge({ key: from.key(), nonce: from.nonce(), message: from.bytes(length) });
  if (length === 0 || random.chance(60)) return valid(item);
  const at = random.pick([0, 8 * length - 1, random.between(0, 8 * length - 1)]);
  return invalid({ ...item, message: flipped(item.message, at) });
}

export const KINDS: Readonly<Record<string, Kind>> = {
  honest: { nature: "valid", weight: 12, make: (from) => valid(honest(from)) },
  "torsion on A or R": {
    nature: "valid",
    weight: 14,
    make: (from) => {
      const [shiftA, shiftR] = [from.shift(), from.shift()];
      const { key, nonce, message } = {
        key: from.key(),
        nonce: from.nonce(),
        message: from.message(),
      };
      return valid(forge({ key, nonce, message, shiftA, shiftR }));
    },
  },
  "A of small order": {
    nature: "invalid",
    weight: 6,
    make(from) {
      const nonce = from.random.chance(50) ? from.nonce() : NO_SECRET;
      const shifts = { shiftA: from.shift(), shiftR: from.shift() };
      return invalid(forge({ key: NO_SECRET, nonce, message: from.message(), ...shifts }));
    },
  },
  "R of small order": {
    nature: "valid",
    weight: 6,
    make(from) {
      const shifts = { shiftA: from.shift(), shiftR: from.shift() };
      return valid(
        forge({ key: from.key(), nonce: NO_SECRET, message: from.message(), ...shifts }),
      );
    },
  },
  "S plus a multiple of L": {
    nature: "invalid",
    weight: 6,
    make: (from) => invalid(raised(from, honest(from))),
  },
  "S off by something": {
    nature: "invalid",
    weight: 6,
    make(from) {
      const error = from.random.pick([1n, -1n, 8n, -8n, L / 2n, L / 8n, from.scalar()]);
      const { random } = from;
      const shifts = random.chance(50) ? { shiftA: from.shift(), shiftR: from.shift() } : {};
      return invalid(
        forge({ key: from.key(), nonce: from.nonce(), message: from.message(), error, ...shifts }),
      );
    },
  },
  "S at an extreme": {
    nature: "invalid",
    weight: 3,
    make: (from) => invalid(withS(honest(from), from.random.pick(S_EXTREMES))),
  },
  "one bit flipped": {
    nature: "invalid",
    weight: 12,
    make: (from) => invalid(oneBitFlipped(from, honest(from))),
  },
  "a part exchanged": { nature: "invalid", weight: 6, make: (from) => invalid(exchanged(from)) },
  "wrong length": { nature: "invalid", weight: 3, make: (from) => invalid(wrongLength(from)) },
  "R not canonical": {
    nature: "invalid",
    weight: 5,
    make(from) {
      const { random } = from;
      const encodedR = random.chance(60) ? random.pick(NOT_CANONICAL) : beyondP(from);
      return invalid(
        forge({ key: from.key(), nonce: NO_SECRET, message: from.message(), encodedR }),
      );
    },
  },
  "A not canonical": {
    nature: "invalid",
    weight: 5,
    make(from) {
      const { random } = from;
      const encodedA = random.chance(60) ? random.pick(NOT_CANONICAL) : beyondP(from);
      return invalid(
        forge({ key: NO_SECRET, nonce: from.nonce(), message: from.message(), encodedA }),
      );
    },
  },
  "A or R negated": {
    nature: "invalid",
    weight: 3,
    make(from) {
      const { item } = valid(honest(from));
      const { signature, publicKey } = item;
      return invalid(
        from.random.chance(50)
          ? { ...item, signature: flipped(signature, 255) }
          : { ...item, publicKey: flipped(publicKey, 255) },
      );
    },
  },
  "any bytes": {
    nature: "invalid",
    weight: 3,
    make(from) {
      const s = from.random.chance(50) ? encode(from.scalar()) : from.bytes(32);
      const publicKey = from.random.chance(50) ? pointOf(from.key(), 0) : from.bytes(32);
      const signature = concatBytes(from.bytes(32), s);
      return invalid({ signature, message: from.message(), publicKey });
    },
  },
  "message lengths": { nature: "both", weight: 6, make: lengths },
  mixed: { nature: "both", weight: 14, make: mixed },
};

const NAMES = Object.entries(KINDS).flatMap(([name, { weight }]) =>
  Array<string>(weight).fill(name),
);

/** A kind by its weight. */
export function anyKind(from: Forge): readonly [string, Kind] {
  const name = from.random.pick(NAMES);
  const kind = KINDS[name];
  if (kind === undefined) throw new Error("kinds are listed by name");
  return [name, kind];
}

/** `cases` signatures, each verified by every core. */
export function fuzzSignatures(
  from: Forge,
  cases: number,
  cores: readonly Implementation[],
  tally: Tally,
): void {
  for (let n = 0; n < cases; n++) {
    const [name, kind] = anyKind(from);
    const { item, isValid } = kind.make(from);
    const { signature, message, publicKey } = item;
    const asked = () => ({
      signature: signature.toHex(),
      message: message.toHex(),
      publicKey: publicKey.toHex(),
    });
    const answers = cores.map((core) => {
      return [core.name, core.ed25519Verify(signature, message, publicKey)] as const;
    });
    const verdict = agreed(name, answers, asked);
    if (verdict !== isValid) throw new Difference(name, asked(), { verdict, isValid });
    tally.count(`signature: ${name}`, kind.nature, verdict);
  }
}
