import { describe, expect, test } from "bun:test";
import { AssertionFailed } from "../../wasm/assert.ts";
import { chooseCore, coreNameOf, makeCore } from "../../wasm/choice.ts";
import { fallBack } from "../../wasm/fall-back.ts";
import type { CoreName, Implementation } from "../../wasm/implementation.ts";
import { selfTest } from "../../wasm/self-test.ts";
import { CORES } from "./cores.ts";

/** The reference under another name, with one function replaced. */
function faulty(name: CoreName, fault: Partial<Implementation>): Implementation {
  return { ...fallBack, name, ...fault };
}

/** A lie in every function: what a broken engine or compiler might do. */
const LIES: Readonly<Record<string, Partial<Implementation>>> = {
  "every signature is right": { ed25519Verify: () => true },
  "no signature is right": { ed25519Verify: () => false },
  "every batch is right": { ed25519VerifyBatch: () => ({ ok: true, bad: [] }) },
  "every member of a batch is bad": {
    ed25519VerifyBatch: (items) => ({ ok: false, bad: items.map((_, at) => at) }),
  },
  "every payload is genuine": { verifyQr: () => undefined },
  "no payload is genuine": { verifyQr: () => ({ kind: "signature_invalid", at: 11 }) },
  "no payload is malformed": { qrFault: () => undefined },
  "every approval is well formed": { approvalFault: () => undefined },
  "every proof is right": { verifyPinProof: () => true },
  "no proof is right": { verifyPinProof: () => false },
  "hashes are zero": { sha256: () => new Uint8Array(32) },
  "long hashes are zero": { sha512: () => new Uint8Array(64) },
  "tags are zero": { hmacSha256: () => new Uint8Array(32) },
  "keys are zero": { hkdfSha256: (_ikm, _salt, _info, length) => new Uint8Array(length) },
  "argon2id is zero": { argon2id: (_password, _salt, { length }) => new Uint8Array(length) },
  "every base32 is canonical": { base32Decode: () => new TextEncoder().encode("foobar") },
};

describe("self-test", () => {
  test.each(CORES.map((core) => [core.name, core] as const))("%s passes", (_name, core) => {
    expect(selfTest(core)).toBeUndefined();
  });

  test.each(Object.entries(LIES))("finds that %s", (_what, lie) => {
    expect(selfTest(faulty("wide", lie))).toBeString();
  });
});

describe("chooseCore", () => {
  test("takes the first that gives right answers, and says why not those before", () => {
    const lie = faulty("wide", { ed25519Verify: () => true });
    const choice = chooseCore("wide", (name) => (name === "wide" ? lie : fallBack));
    expect(choice.implementation).toBe(fallBack);
    expect(choice.refused).toEqual([{ name: "wide", why: "known answer: a changed signature" }]);
  });

  test("goes on past what the engine cannot compile", () => {
    const none = (name: CoreName): Implementation => {
      if (name !== "reference") throw new WebAssembly.CompileError("no such instruction");
      return fallBack;
    };
    expect(chooseCore("wide", none).refused.map(({ why }) => why)).toEqual([
      "this engine does not compile it",
      "this engine does not compile it",
    ]);
  });

  test("begins where it is told", () => {
    expect(chooseCore("portable").implementation.name).toBe("portable");
    expect(chooseCore("reference").implementation).toBe(fallBack);
    expect(makeCore("reference")).toBe(fallBack);
    expect(coreNameOf("portable")).toBe("portable");
    for (const text of [undefined, "", "Wide", "constructor"]) {
      expect(coreNameOf(text)).toBeUndefined();
    }
  });

  test("does not start without a right one", () => {
    const lie = faulty("reference", { ed25519Verify: () => true });
    expect(() => chooseCore("wide", () => lie)).toThrow(AssertionFailed);
  });
});
