import { describe, expect, test } from "bun:test";
import { fallBack } from "../../wasm/fall-back.ts";
import type { Implementation } from "../../wasm/implementation.ts";
import { type ShadowedJob, shadowed } from "../../wasm/shadow.ts";
import vectors from "../vectors/protocol.json";
import rfc8032 from "../vectors/rfc8032.json";
import { CORES } from "./cores.ts";

const hex = Uint8Array.fromHex;
const items = rfc8032.vectors.slice(0, 3).map(({ signature, message, publicKey }) => ({
  signature: hex(signature),
  message: hex(message),
  publicKey: hex(publicKey),
}));
const [first] = items as [(typeof items)[0]];
const kpin = hex(vectors.pin.kpin);
const body = hex(vectors.approval.body);
const proof = hex(vectors.pin.proof);
const [code] = vectors.qr.codes as [(typeof vectors.qr.codes)[0]];
const payload = hex(code.body + code.signature);

function watch(fault: Partial<Implementation>, rate: number, random: () => number = Math.random) {
  const alarms: ShadowedJob[] = [];
  const suspect: Implementation = { ...fallBack, name: "wide", ...fault };
  const core = shadowed(suspect, fallBack, { rate, random, alarm: (job) => alarms.push(job) });
  return { core, alarms };
}

/** One lie each, and the question that brings it to light. */
const LIES: readonly (readonly [
  ShadowedJob,
  Partial<Implementation>,
  (core: Implementation) => boolean,
])[] = [
  [
    "ed25519Verify",
    { ed25519Verify: () => false },
    (core) => core.ed25519Verify(first.signature, first.message, first.publicKey),
  ],
  [
    "ed25519VerifyBatch",
    { ed25519VerifyBatch: (given) => ({ ok: false, bad: given.map((_, at) => at) }) },
    (core) => core.ed25519VerifyBatch(items).ok,
  ],
  [
    "verifyQr",
    { verifyQr: () => ({ kind: "signature_invalid", at: 11 }) },
    (core) => core.verifyQr(payload, first.publicKey) === undefined,
  ],
  [
    "verifyPinProof",
    { verifyPinProof: () => false },
    (core) => core.verifyPinProof(kpin, body, proof),
  ],
];

describe("shadow check", () => {
  test.each(LIES)("a wrong %s is put right, told once, and ends the core", (job, lie, ask) => {
    const { core, alarms } = watch(lie, 1);
    expect(core.name).toBe("wide");
    for (let times = 0; times < 3; times++) expect(ask(core)).toBe(true);
    expect(alarms).toEqual([job]);
    expect(core.name).toBe("reference");
  });

  test.each(LIES)("a wrong %s outside the sample stays", (_job, lie, ask) => {
    const { core, alarms } = watch(lie, 0);
    expect(ask(core)).toBe(false);
    expect(alarms).toEqual([]);
  });

  test("looks at the part that it is told", () => {
    let asked = 0;
    const draws = [0.09, 0.1, 0.5, 0.05, 0.99];
    const { alarms } = watch({}, 0.1);
    const reference: Implementation = {
      ...fallBack,
      ed25519Verify(...given) {
        asked++;
        return fallBack.ed25519Verify(...given);
      },
    };
    const core = shadowed({ ...fallBack, name: "wide" }, reference, {
      rate: 0.1,
      random: () => draws.shift() ?? 1,
      alarm: (job) => alarms.push(job),
    });
    for (let times = 0; times < 5; times++) {
      expect(core.ed25519Verify(first.signature, first.message, first.publicKey)).toBe(true);
    }
    expect(asked).toBe(2);
    expect(alarms).toEqual([]);
  });

  test.each(CORES.map((core) => [core.name, core] as const))("%s agrees", (name, real) => {
    const alarms: ShadowedJob[] = [];
    const alarm = (job: ShadowedJob) => alarms.push(job);
    const core = shadowed(real, fallBack, { rate: 1, random: () => 0, alarm });
    for (const [, , ask] of LIES) expect(ask(core)).toBe(true);
    expect(core.verifyQr(payload.subarray(1), first.publicKey)?.kind).toBe("length_wrong");
    expect(core.ed25519VerifyBatch([])).toEqual({ ok: true, bad: [] });
    expect([core.name, alarms]).toEqual([name, []]);
  });
});
