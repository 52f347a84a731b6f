/**
 * What a secret leaves behind in the module: nothing. Two ways to look. The whole memory is the
 * same after a call whatever the secrets were, so no bit of it depends on them; and no eight bytes
 * in a row of a secret, or of what is made of it on the way, stand anywhere.
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { blake2b } from "@noble/hashes/blake2.js";
import { ARTEFACTS } from "../../wasm/artefacts.ts";
import { concatBytes } from "../../wasm/bytes.ts";
import { type CoreModule, instantiate } from "../../wasm/module.ts";
import { PIN_COST } from "../../wasm/pin.ts";
import * as reference from "../../wasm/reference.ts";
import vectors from "../vectors/protocol.json";
import rfc8032 from "../vectors/rfc8032.json";
import { CORES } from "./cores.ts";
import { differences, traces } from "./traces.ts";

// Seconds of work, which a busy machine makes many.
setDefaultTimeout(60_000);

const FORMS = CORES.flatMap(({ name }) => (name === "reference" ? [] : [name]));
const body = Uint8Array.fromHex(vectors.approval.body);
const bytes = (length: number, seed: number): Uint8Array => {
  const seeds = Uint8Array.of(seed, length & 0xff, length >> 8);
  return reference.hkdfSha256(seeds, seeds, seeds, length);
};
const digits = (text: string) => new TextEncoder().encode(text);

type Secrets = Readonly<Record<string, Uint8Array>>;

interface Job {
  readonly what: string;
  /** Two sets of secrets of the same lengths; the second is for comparison only. */
  readonly secrets: (seed: number) => Secrets;
  /** Whether the call gave the right answer. */
  readonly run: (core: CoreModule, secrets: Secrets) => boolean;
  /** What the call makes of the secrets on its way. */
  readonly between: (secrets: Secrets) => Secrets;
}

const NOTHING = new Uint8Array(0);
const part = (secrets: Secrets, name: string): Uint8Array => secrets[name] ?? NOTHING;
const isSame = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0;

/** HMAC (RFC 2104): both padded keys, the inner hash, and the states between the blocks. */
function hmacParts(key: Uint8Array, message: Uint8Array): Secrets {
  const short = key.length > 64 ? reference.sha256(key) : key;
  const padded = (value: number) => {
    return Uint8Array.from({ length: 64 }, (_, at) => (short[at] ?? 0) ^ value);
  };
  const [inner, outer] = [padded(0x36), padded(0x5c)];
  const innerHash = reference.sha256(concatBytes(inner, message));
  const blocks = { inner: inner.subarray(0, short.length), outer: outer.subarray(0, short.length) };
  return { ...blocks, innerHash, tag: reference.sha256(concatBytes(outer, innerHash)) };
}

function proofJob(what: string, spoil: (proof: Uint8Array) => Uint8Array): Job {
  return {
    what,
    secrets: (seed) => ({ key: bytes(32, seed) }),
    run(core, secrets) {
      const key = part(secrets, "key");
      const right = reference.hmacSha256(key, body);
      const proof = spoil(right);
      return core.verifyPinProof(key, body, proof) === isSame(right, proof);
    },
    between: (secrets) => hmacParts(part(secrets, "key"), body),
  };
}

function hmacJob(keyBytes: number, messageBytes: number): Job {
  return {
    what: `hmacSha256 with a key of ${keyBytes} over ${messageBytes} bytes`,
    secrets: (seed) => ({ key: bytes(keyBytes, seed), message: bytes(messageBytes, seed + 1) }),
    run(core, { key = NOTHING, message = NOTHING }) {
      return isSame(core.hmacSha256(key, message), reference.hmacSha256(key, message));
    },
    between: ({ key = NOTHING, message = NOTHING }) => hmacParts(key, message),
  };
}

function hkdfJob(saltBytes: number, length: number): Job {
  const info = digits("seqr/pin-key/v1");
  return {
    what: `hkdfSha256 with a salt of ${saltBytes} bytes for ${length}`,
    secrets: (seed) => ({ material: bytes(32, seed), salt: bytes(saltBytes, seed + 1) }),
    run(core, { material = NOTHING, salt = NOTHING }) {
      const expected = reference.hkdfSha256(material, salt, info, length);
      return isSame(core.hkdfSha256(material, salt, info, length), expected);
    },
    between({ material = NOTHING, salt = NOTHING }) {
      const pseudoRandomKey = reference.hmacSha256(salt, material);
      const pieces = reference.hkdfSha256(material, salt, info, 32 * Math.ceil(length / 32));
      const first = hmacParts(pseudoRandomKey, concatBytes(info, Uint8Array.of(1)));
      const extract = hmacParts(salt, material);
      const named = Object.entries(extract).map(([name, value]) => [`extract ${name}`, value]);
      return { pseudoRandomKey, pieces, ...first, ...Object.fromEntries(named) };
    },
  };
}

const number32 = (value: number) => new Uint8Array(Uint32Array.of(value).buffer);

/** RFC 9106 section 3.2 step 1, and the first two blocks of the first lane (steps 3 and 4). */
function argon2Parts(password: Uint8Array, salt: Uint8Array, secret: Uint8Array, cost: Cost) {
  const { lanes, length, memoryKiB, passes } = cost;
  const numbers = [lanes, length, memoryKiB, passes, 0x13, 2].map(number32);
  const fields = [password, salt, secret, NOTHING].flatMap((field) => {
    return [number32(field.length), field];
  });
  const seed = blake2b(concatBytes(...numbers, ...fields));
  /** H' of section 3.3. */
  const block = (column: number): Uint8Array => {
    const pieces: Uint8Array[] = [];
    let chain = blake2b(concatBytes(number32(1024), seed, number32(column), number32(0)));
    for (let left = 1024; left > 64; left -= 32) {
      pieces.push(chain.subarray(0, 32));
      chain = blake2b(chain);
    }
    return concatBytes(...pieces, chain);
  };
  return { seed, first: block(0), second: block(1) };
}

type Cost = typeof PIN_COST | Parameters<typeof reference.argon2id>[2];

function argon2Job(what: string, given: (seed: number) => Secrets, cost: Cost): Job {
  const salt = bytes(16, 99);
  const { memoryKiB, passes, lanes, length } = cost;
  const all = (secret: Uint8Array) => ({ memoryKiB, passes, lanes, length, secret });
  // Half a second in the reference, so once for each password.
  const known = new Map<string, Uint8Array>();
  const tagOf = (password: Uint8Array, secret: Uint8Array): Uint8Array => {
    const tag = known.get(password.toHex()) ?? reference.argon2id(password, salt, all(secret));
    known.set(password.toHex(), tag);
    return tag;
  };
  return {
    what: `argon2id of ${what}`,
    secrets: given,
    run(core, { password = NOTHING, secret = NOTHING }) {
      return isSame(core.argon2id(password, salt, all(secret)), tagOf(password, secret));
    },
    between({ password = NOTHING, secret = NOTHING }) {
      const tag = tagOf(password, secret);
      return { tag, ...argon2Parts(password, salt, secret, cost) };
    },
  };
}

const SMALL = { memoryKiB: 64, passes: 2, lanes: 2, length: 100 };
const JOBS: readonly Job[] = [
  proofJob("a right PIN proof", (proof) => proof),
  proofJob("a wrong PIN proof", (proof) => proof.map((byte) => byte ^ 0x5a)),
  proofJob("a PIN proof wrong in its last bit", (proof) => {
    return proof.map((byte, at) => (at === 31 ? byte ^ 1 : byte));
  }),
  ...[
    [32, 116],
    [64, 64],
    [65, 200],
    [100, 55],
    [16, 1_000],
  ].map(([key = 0, message = 0]) => hmacJob(key, message)),
  ...[
    [32, 32],
    [16, 20],
    [80, 100],
    [64, 8_160],
  ].map(([salt = 0, length = 0]) => hkdfJob(salt, length)),
  argon2Job(
    "a PIN at its real cost",
    (seed) => {
      return { password: digits(seed === 1 ? "271828" : "903564") };
    },
    PIN_COST,
  ),
  argon2Job(
    "a password and a secret in lanes",
    (seed) => {
      return { password: bytes(150, seed), secret: bytes(40, seed + 1) };
    },
    SMALL,
  ),
];

/** A module that has worked on public things, as it has when a secret comes. */
function used(form: "wide" | "portable"): CoreModule {
  const core = instantiate(form, ARTEFACTS[form]());
  const items = rfc8032.vectors.map(({ signature, message, publicKey }) => ({
    signature: Uint8Array.fromHex(signature),
    message: Uint8Array.fromHex(message),
    publicKey: Uint8Array.fromHex(publicKey),
  }));
  for (const { signature, message, publicKey } of items) {
    expect(core.ed25519Verify(signature, message, publicKey)).toBe(true);
  }
  expect(core.approvalFault(body)).toBeUndefined();
  return core;
}

describe.each(FORMS)("the memory of the %s module", (form) => {
  test.each(JOBS.map((job) => [job.what, job] as const))("does not depend on: %s", (_, job) => {
    const [left, right] = [used(form), used(form)];
    expect(differences(left.memory, right.memory)).toEqual([]);
    expect(job.run(left, job.secrets(1))).toBe(true);
    expect(job.run(right, job.secrets(2))).toBe(true);
    expect(differences(left.memory, right.memory)).toEqual([]);
  });

  test.each(JOBS.map((job) => [job.what, job] as const))("keeps nothing of: %s", (_, job) => {
    const core = used(form);
    const secrets = job.secrets(1);
    expect(job.run(core, secrets)).toBe(true);
    expect(traces(core.memory, { ...secrets, ...job.between(secrets) })).toEqual([]);
  });

  test("shows to both ways of looking what is not wiped: a hash of something public", () => {
    const [left, right] = [used(form), used(form)];
    const message = bytes(32, 5);
    left.sha256(message);
    right.sha256(bytes(32, 6));
    expect(differences(left.memory, right.memory).length).toBeGreaterThan(0);
    const found = traces(left.memory, { message, other: bytes(32, 7) });
    expect(new Set(found.map(({ name }) => name))).toEqual(new Set(["message"]));
    left.sha256(digits("271828"));
    expect(traces(left.memory, { pin: digits("271828") }).length).toBeGreaterThan(0);
  });
});
