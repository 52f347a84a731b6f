/**
 * Hashes, keyed hashes and derived keys of every length around the blocks. An answer counts as
 * valid when all implementations give it; there is no refusal here.
 */
import type { Implementation } from "../../wasm/implementation.ts";
import type { Forge } from "./forge.ts";
import { agreed, type Tally } from "./tally.ts";

type Cores = readonly Implementation[];
type Work = (core: Implementation) => Uint8Array;

function compare(kind: string, cores: Cores, tally: Tally, given: Given, work: Work): void {
  const asked = () => {
    const entries = Object.entries(given).map(([name, value]) => {
      return [name, value instanceof Uint8Array ? value.toHex() : `${value}`];
    });
    return Object.fromEntries(entries);
  };
  agreed(
    kind,
    cores.map((core) => [core.name, work(core).toHex()] as const),
    asked,
  );
  tally.count(kind, "valid", true);
}

type Given = Readonly<Record<string, Uint8Array | number>>;

/** A length within two of the end of a block, or any. */
function lengthOf({ random }: Forge): number {
  const block = random.pick([64, 128]) * random.between(0, 20);
  const near = block + random.pick([-17, -16, -9, -8, -2, -1, 0, 1, 2]);
  return random.chance(60) ? Math.max(0, near) : random.between(0, 1_000);
}

/** SHA-256, SHA-512 and HMAC of one message of each length from 0 to `most`. */
export function compareLengths(from: Forge, most: number, cores: Cores, tally: Tally): void {
  for (let length = 0; length <= most; length++) {
    const message = from.bytes(length);
    const key = from.bytes(length % 150);
    compare("hash: sha256, each length", cores, tally, { message }, (core) => core.sha256(message));
    compare("hash: sha512, each length", cores, tally, { message }, (core) => core.sha512(message));
    compare("hash: hmac, each length", cores, tally, { key, message }, (core) =>
      core.hmacSha256(key, message),
    );
    compare("hash: hmac, each key", cores, tally, { key: message, message: key }, (core) =>
      core.hmacSha256(message, key),
    );
  }
}

/** `cases` hashes, keyed hashes, PIN proofs and derived keys. */
export function fuzzHashes(from: Forge, cases: number, cores: Cores, tally: Tally): void {
  const { random } = from;
  for (let n = 0; n < cases; n++) {
    const length = random.chance(99) ? lengthOf(from) : random.pick([65_535, 65_536, 65_537]);
    const message = from.bytes(length);
    const key = from.bytes(random.pick([0, 16, 32, 63, 64, 65, 100, 128]));
    const [ikm, salt] = [from.bytes(lengthOf(from) % 200), from.bytes(random.between(0, 100))];
    const info = from.bytes(random.between(0, 150));
    const out = random.chance(90) ? random.between(0, 200) : random.between(0, 8_160);
    compare("hash: sha256", cores, tally, { message }, (core) => core.sha256(message));
    compare("hash: sha512", cores, tally, { message }, (core) => core.sha512(message));
    compare("hash: hmac", cores, tally, { key, message }, (core) => core.hmacSha256(key, message));
    compare("hash: hkdf", cores, tally, { ikm, salt, info, out }, (core) =>
      core.hkdfSha256(ikm, salt, info, out),
    );
    proof(from, cores, tally);
  }
}

function proof(from: Forge, cores: Cores, tally: Tally): void {
  const { random } = from;
  const [key, body] = [from.bytes(32), from.bytes(116)];
  const right = new Uint8Array(new Bun.CryptoHasher("sha256", key).update(body).digest());
  const given = right.slice();
  const isRight = random.chance(50);
  if (!isRight) {
    const [at, mask] = [random.between(0, 31), random.between(1, 255)];
    given[at] = (given[at] ?? 0) ^ mask;
    // Two equal differences must not cancel.
    const other = (at + random.pick([1, 4, 8, 16])) % 32;
    if (random.chance(30)) given[other] = (given[other] ?? 0) ^ mask;
  }
  const asked = () => ({ key: key.toHex(), body: body.toHex(), proof: given.toHex() });
  const answers = cores.map((core) => [core.name, core.verifyPinProof(key, body, given)] as const);
  tally.count("hash: PIN proof", "both", agreed("PIN proof", answers, asked));
}

/** `cases` stretched passwords at small costs: every number of lanes, passes, lengths of output. */
export function fuzzArgon2(from: Forge, cases: number, cores: Cores, tally: Tally): void {
  const { random } = from;
  for (let n = 0; n < cases; n++) {
    const lanes = random.pick([1, 1, 1, 2, 3, 4, 7]);
    const memoryKiB = 8 * lanes + random.pick([0, 1, 3, 4, random.between(0, 40), 600]);
    const passes = random.pick([1, 2, 2, 3]);
    const length = random.pick([4, 16, 31, 32, 33, 63, 64, 65, 95, 96, 97, 128, 200, 1_024]);
    const password = from.bytes(random.pick([0, 1, 4, 6, 32, 127, 128, 129, 300]));
    const [salt, secret] = [from.bytes(random.between(8, 64)), from.bytes(random.pick([0, 8, 70]))];
    const associatedData = from.bytes(random.pick([0, 12, 130]));
    const cost = { memoryKiB, passes, lanes, length, secret, associatedData };
    compare("hash: argon2id", cores, tally, { password, salt, ...cost }, (core) =>
      core.argon2id(password, salt, cost),
    );
  }
}
