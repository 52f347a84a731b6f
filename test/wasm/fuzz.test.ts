/** A short fuzz run on every check of the house; `npm run fuzz:crypto` is the long one. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { APPROVAL_FAULTS } from "../../wasm/approval.ts";
import type { Implementation } from "../../wasm/implementation.ts";
import { QR_FAULTS } from "../../wasm/qr.ts";
import { seededRandom } from "../crash/random.ts";
import { fuzzBatches } from "./batch-fuzz.ts";
import { CORES } from "./cores.ts";
import { Forge } from "./forge.ts";
import { fuzzApprovals, fuzzBase32, fuzzPayloads } from "./form-fuzz.ts";
import { compareLengths, fuzzArgon2, fuzzHashes } from "./hash-fuzz.ts";
import { Raw } from "./raw.ts";
import { fuzzSignatures, KINDS } from "./signature-fuzz.ts";
import { Difference, Tally } from "./tally.ts";

// Seconds of work, which a busy machine makes many.
setDefaultTimeout(60_000);

const SEED = Number(process.env["SEQR_SEED"] ?? 20_260_601);
const forgeOf = (offset: number) => new Forge(seededRandom(SEED + offset));
const raws = CORES.flatMap(({ name }) => (name === "reference" ? [] : [new Raw(name)]));

function fuzzed(fuzz: (tally: Tally) => void): Tally {
  const tally = new Tally();
  fuzz(tally);
  expect(tally.oneSided()).toEqual([]);
  return tally;
}

describe(`${CORES.map(({ name }) => name).join(" = ")}, seed ${SEED}`, () => {
  test("signatures of every kind", () => {
    const tally = fuzzed((all) => fuzzSignatures(forgeOf(0), 1_500, CORES, all));
    expect(tally.counts.size).toBe(Object.keys(KINDS).length);
    const { valid = 0, invalid = 0 } = tally.counts.get("signature: mixed") ?? {};
    expect(Math.min(valid, invalid)).toBeGreaterThan(20);
  });

  test("payloads, and approvals with every fault", () => {
    const tally = fuzzed((all) => {
      fuzzPayloads(forgeOf(1), 2_000, CORES, all);
      fuzzApprovals(forgeOf(2), 10_000, CORES, all);
    });
    const kinds = [...tally.counts.keys()];
    for (const fault of QR_FAULTS) expect(kinds).toContain(`payload: ${fault}`);
    for (const fault of APPROVAL_FAULTS) expect(kinds).toContain(`approval: ${fault}`);
  });

  test("base32", () => {
    fuzzed((all) => fuzzBase32(forgeOf(3), 3_000, CORES, all));
  });

  test("hashes of every length up to 300, keyed hashes, derived keys and PIN proofs", () => {
    fuzzed((all) => {
      compareLengths(forgeOf(4), 300, CORES, all);
      fuzzHashes(forgeOf(5), 300, CORES, all);
    });
  });

  test("argon2id at small costs", () => {
    fuzzed((all) => fuzzArgon2(forgeOf(6), 80, CORES, all));
  });

  test("batches", () => {
    fuzzed((all) => fuzzBatches(forgeOf(7), 150, CORES, raws, all));
  });
});

describe("a core that errs", () => {
  const [core] = CORES;
  if (core === undefined) throw new Error("the reference runs everywhere");
  /** What a fuzz run over a core and the same one with a fault ends in. */
  const against = (fault: Partial<Implementation>, run: (cores: Implementation[]) => void) => {
    const other: Implementation = { ...core, ...fault };
    return () => run([core, other]);
  };

  test("once in a thousand signatures is caught, with the case in hex", () => {
    let asked = 0;
    const lie = against(
      { ed25519Verify: (...given) => core.ed25519Verify(...given) !== (++asked % 1_000 === 0) },
      (cores) => fuzzSignatures(forgeOf(8), 1_000, cores, new Tally()),
    );
    expect(lie).toThrow(Difference);
    expect(lie).toThrow(/"signature":"[0-9a-f]{2,}","message":"[0-9a-f]*","publicKey":"[0-9a-f]/);
  });

  test("by one in the offset of a fault is caught", () => {
    const beside = against(
      {
        approvalFault(body) {
          const fault = core.approvalFault(body);
          return fault?.kind === "currency_out_of_range" ? { ...fault, at: 69 } : fault;
        },
      },
      (cores) => fuzzApprovals(forgeOf(9), 2_000, cores, new Tally()),
    );
    expect(beside).toThrow(Difference);
  });

  test("in one member of a batch is caught", () => {
    const lie = against(
      { ed25519VerifyBatch: (items) => ({ ok: core.ed25519VerifyBatch(items).ok, bad: [] }) },
      (cores) => fuzzBatches(forgeOf(10), 20, cores, [], new Tally()),
    );
    expect(lie).toThrow(Difference);
  });
});
