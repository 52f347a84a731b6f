/**
 * Project Wycheproof (C2SP/wycheproof, testvectors_v1): the cases that real implementations got
 * wrong. The files are data of others and lie beside the repository, not in it; where they are
 * absent the tests are reported as skipped.
 */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AssertionFailed } from "../../wasm/assert.ts";
import { importP256PublicKey, verifyP256 } from "../../wasm/p256.ts";
import { CORES } from "./cores.ts";

const FOLDER = join(import.meta.dir, "../../../shared/data/wycheproof");
const absent = !existsSync(FOLDER);
if (absent) console.log("Wycheproof vectors are absent: their tests are skipped.");

const hex = Uint8Array.fromHex;

interface Case {
  readonly tcId: number;
  readonly result: "valid" | "invalid" | "acceptable";
}

interface File<Group> {
  readonly numberOfTests: number;
  readonly testGroups: readonly Group[];
}

/** The groups of a file, all of whose cases a test must visit. */
function load<Group extends { readonly tests: readonly Case[] }>(name: string): readonly Group[] {
  const file = JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as File<Group>;
  const cases = file.testGroups.flatMap((group) => group.tests);
  expect(cases.length).toBe(file.numberOfTests);
  return file.testGroups;
}

describe("Wycheproof", () => {
  test.skipIf(absent)("every Ed25519 case gets the published verdict, alone and in batches", () => {
    const groups = load<{
      publicKey: { pk: string };
      tests: (Case & { msg: string; sig: string })[];
    }>("ed25519_test.json");
    for (const { publicKey, tests } of groups) {
      const items = tests.map(({ msg, sig }) => {
        return { signature: hex(sig), message: hex(msg), publicKey: hex(publicKey.pk) };
      });
      const bad = tests.flatMap(({ result }, index) => (result === "valid" ? [] : [index]));
      for (const core of CORES) {
        expect(core.ed25519VerifyBatch(items)).toEqual({ ok: bad.length === 0, bad });
        for (const [index, { signature, message, publicKey: key }] of items.entries()) {
          expect(core.ed25519Verify(signature, message, key)).toBe(!bad.includes(index));
        }
      }
    }
  });

  test.skipIf(absent)("every HMAC-SHA-256 case gets the published verdict", () => {
    const groups = load<{
      tagSize: number;
      tests: (Case & { key: string; msg: string; tag: string })[];
    }>("hmac_sha256_test.json");
    for (const { tagSize, tests } of groups) {
      for (const { tcId, key, msg, tag, result } of tests) {
        for (const core of CORES) {
          const made = core.hmacSha256(hex(key), hex(msg)).subarray(0, tagSize / 8);
          expect([tcId, made.toHex() === tag]).toEqual([tcId, result === "valid"]);
        }
      }
    }
  });

  test.skipIf(absent)("every HKDF-SHA-256 case gives the published key or stops the caller", () => {
    const groups = load<{
      tests: (Case & { ikm: string; salt: string; info: string; size: number; okm: string })[];
    }>("hkdf_sha256_test.json");
    for (const { tests } of groups) {
      for (const { ikm, salt, info, size, okm, result } of tests) {
        for (const core of CORES) {
          const derive = () => core.hkdfSha256(hex(ikm), hex(salt), hex(info), size).toHex();
          if (result === "valid") expect(derive()).toBe(okm);
          else expect(derive).toThrow(AssertionFailed);
        }
      }
    }
  });

  test.skipIf(absent)("every ECDSA P-256 case gets the published verdict", async () => {
    const groups = load<{
      publicKey: { uncompressed: string };
      publicKeyDer: string;
      tests: (Case & { msg: string; sig: string })[];
    }>("ecdsa_secp256r1_sha256_p1363_test.json");
    for (const { publicKey, publicKeyDer, tests } of groups) {
      for (const bytes of [publicKey.uncompressed, publicKeyDer]) {
        const key = await importP256PublicKey(hex(bytes));
        if (key === undefined) throw new Error(`the key of case ${tests[0]?.tcId} imports`);
        for (const { tcId, msg, sig, result } of tests) {
          const verdict = await verifyP256(key, hex(msg), hex(sig));
          expect([tcId, verdict]).toEqual([tcId, result === "valid"]);
        }
      }
    }
  });
});
