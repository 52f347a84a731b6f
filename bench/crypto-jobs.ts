/** The jobs of `seqr bench crypto`, and who does each: every call is one that the product makes. */
import { present } from "../actors/assert.ts";
import { VerifiedCodes } from "../src/http/verified-codes.ts";
import { asciiBytes, equalBytes } from "../wasm/bytes.ts";
import { makeCore } from "../wasm/choice.ts";
import { coreName, type QrVerdict, verifyQr } from "../wasm/core.ts";
import { fallBack } from "../wasm/fall-back.ts";
import { native } from "../wasm/hash.ts";
import { CORE_NAMES, type Implementation } from "../wasm/implementation.ts";
import { PIN_COST } from "../wasm/pin.ts";
import type { BatchVerdict, SignedMessage } from "../wasm/primitives.ts";
import * as reference from "../wasm/reference.ts";
import { selfTest } from "../wasm/self-test.ts";
import { type Contestant, contestant } from "./contest.ts";
import { BATCH, type Inputs } from "./crypto-inputs.ts";
import {
  importKey,
  nativeArgon2,
  nativeVerify,
  type Sodium,
  sodiumArgon2,
} from "./crypto-rivals.ts";

const CURVE = "Ed25519, ";

export const JOBS = {
  /** The rivals' keys are made ready before; the core never has that. */
  single: `${CURVE}one signature`,
  importing: `${CURVE}one signature, key imported per call`,
  batch: (size: number, keys: "distinct keys" | "one key") => `${CURVE}${size} at once, ${keys}`,
  failing: `${CURVE}${BATCH} at once, one of them bad`,
  stream: "QR scan, lane stickers",
  kept: "QR scan, lane stickers seen before",
  argon2: "argon2id, as for a PIN",
  pin: "PIN proof",
  sha: (bytes: number) => `SHA-256, ${bytes.toLocaleString("en")} bytes`,
  approval: "approval, form only",
  qr: "QR payload, form only",
  choice: "choice: compile and self-test",
} as const;

/** Against whom ratios are given; `itself` is one signature alone by the same implementation. */
export const RIVALS = ["noble", "libsodium.js", "native", "itself"] as const;
export type Rival = (typeof RIVALS)[number];

interface Runner {
  readonly job: string;
  readonly who: string;
}

/** Who did the same for `rival`: signatures at once are measured against signatures alone. */
export function baselineOf({ job, who }: Runner, rival: Rival): Runner | undefined {
  const isCurve = job.startsWith(CURVE);
  if (rival === "itself") return isCurve ? { job: JOBS.single, who } : undefined;
  return { job: isCurve ? JOBS.single : job, who: rival };
}

const SIZES = [2, 4, 8, 16, 32, BATCH] as const;
const SHA_BYTES = [116, 65_536] as const;

/** All contestants; `forms` are the modules that this engine runs. */
export function contestantsOf(
  inputs: Inputs,
  forms: readonly Implementation[],
  sodium: Sodium | undefined,
): readonly Contestant[] {
  return [
    ...singles(inputs, forms, sodium),
    ...forms.flatMap((form) => batches(inputs, form)),
    ...forms.map((form) => failing(inputs, form)),
    ...streams(inputs),
    ...argon2s(forms, sodium),
    ...pins(inputs, [...forms, fallBack]),
    ...SHA_BYTES.flatMap((bytes) => hashes(bytes, forms)),
    ...parsers(inputs, [...forms, fallBack]),
    ...forms.map((form) => choice(form)),
  ];
}

/** The reference is called by what it is made of. */
function whoIs({ name }: Implementation, otherwise: string): string {
  return name === "reference" ? otherwise : name;
}

/** The modules that this engine runs: wide, portable, or fewer. */
export function formsHere(): readonly Implementation[] {
  return CORE_NAMES.filter((name) => name !== "reference").flatMap((name) => {
    try {
      return [makeCore(name)];
    } catch (error) {
      if (error instanceof WebAssembly.CompileError) return [];
      throw error;
    }
  });
}

function of<Item>(items: readonly Item[], at: number): Item {
  return present(items[at % items.length], "an input");
}

const isTrue = (answer: boolean): boolean => answer;
const isFaultless = (answer: unknown): boolean => answer === undefined;

function singles(
  { distinctKeys }: Inputs,
  forms: readonly Implementation[],
  sodium: Sodium | undefined,
): Contestant[] {
  const single = (who: string, call: (item: SignedMessage, at: number) => boolean): Contestant =>
    contestant(JOBS.single, who, 1, (at) => call(of(distinctKeys, at), at), isTrue);
  const keys = distinctKeys.map(({ publicKey }) => importKey(publicKey));
  const sodiums = sodium === undefined ? [] : [sodium];
  const imported = (at: number): boolean => {
    const item = of(distinctKeys, at);
    return nativeVerify(item, importKey(item.publicKey));
  };
  return [
    ...forms.map((form) =>
      single(form.name, (item) => form.ed25519Verify(item.signature, item.message, item.publicKey)),
    ),
    single("noble", (item) =>
      reference.ed25519Verify(item.signature, item.message, item.publicKey),
    ),
    ...sodiums.map((one) =>
      single("libsodium.js", ({ signature, message, publicKey }) =>
        one.crypto_sign_verify_detached(signature, message, publicKey),
      ),
    ),
    single("native", (item, at) => nativeVerify(item, of(keys, at))),
    contestant(JOBS.importing, "native", 1, imported, isTrue),
  ];
}

function batches({ distinctKeys, oneKey }: Inputs, form: Implementation): Contestant[] {
  const isGood = ({ ok, bad }: BatchVerdict): boolean => ok && bad.length === 0;
  const batch = (job: string, items: readonly SignedMessage[]): Contestant =>
    contestant(job, form.name, items.length, () => form.ed25519VerifyBatch(items), isGood);
  return SIZES.flatMap((size) => [
    batch(JOBS.batch(size, "distinct keys"), distinctKeys.slice(0, size)),
    batch(JOBS.batch(size, "one key"), oneKey.slice(0, size)),
  ]);
}

function failing({ oneBad, badAt }: Inputs, form: Implementation): Contestant {
  const isRight = ({ ok, bad }: BatchVerdict): boolean =>
    !ok && bad.length === 1 && bad[0] === badAt;
  const call = () => form.ed25519VerifyBatch(oneBad);
  return contestant(JOBS.failing, form.name, BATCH, call, isRight);
}

/** As the switch does it, by the implementation that this start chose: all, and the first only. */
function streams({ scans, switchKey }: Inputs): Contestant[] {
  const publicKeyOf = () => switchKey;
  const codes = new VerifiedCodes(publicKeyOf, { code: () => {} });
  for (const scan of scans) codes.verify(scan);
  const isRight = ({ kind }: QrVerdict): boolean => kind === "valid";
  const all = (at: number): QrVerdict => verifyQr(of(scans, at), publicKeyOf);
  const first = (at: number): QrVerdict => codes.verify(of(scans, at));
  return [
    contestant(JOBS.stream, coreName(), 1, all, isRight),
    contestant(JOBS.kept, coreName(), 1, first, isRight),
  ];
}

function argon2s(forms: readonly Implementation[], sodium: Sodium | undefined): Contestant[] {
  const password = asciiBytes("4271");
  const salt = Uint8Array.from({ length: 16 }, (_, at) => at + 1);
  const right = reference.argon2id(password, salt, PIN_COST);
  const isRight = (answer: Uint8Array): boolean => equalBytes(answer, right);
  const argon2 = (who: string, call: () => Uint8Array): Contestant =>
    contestant(JOBS.argon2, who, 1, call, isRight);
  const all = forms.map((form) => argon2(form.name, () => form.argon2id(password, salt, PIN_COST)));
  all.push(argon2("noble", () => reference.argon2id(password, salt, PIN_COST)));
  if (sodium !== undefined) {
    all.push(argon2("libsodium.js", () => sodiumArgon2(sodium, password, salt, PIN_COST)));
  }
  const own = nativeArgon2;
  if (own !== undefined) all.push(argon2("native", () => own(password, salt, PIN_COST)));
  return all;
}

function pins({ pins: cases }: Inputs, all: readonly Implementation[]): Contestant[] {
  return all.map((one) => {
    const call = (at: number): boolean => {
      const { pinKey, body, proof } = of(cases, at);
      return one.verifyPinProof(pinKey, body, proof);
    };
    return contestant(JOBS.pin, whoIs(one, "native"), 1, call, isTrue);
  });
}

function hashes(bytes: number, forms: readonly Implementation[]): Contestant[] {
  const message = Uint8Array.from({ length: bytes }, (_, at) => (at * 31) & 0xff);
  const right = reference.sha256(message);
  const hash = (who: string, call: () => Uint8Array): Contestant =>
    contestant(JOBS.sha(bytes), who, 1, call, (answer) => equalBytes(answer, right));
  const all = forms.map((form) => hash(form.name, () => form.sha256(message)));
  all.push(hash("noble", () => reference.sha256(message)));
  const own = native;
  if (own !== undefined) all.push(hash("native", () => own.sha256(message)));
  return all;
}

function parsers({ scans, approvals }: Inputs, all: readonly Implementation[]): Contestant[] {
  return all.flatMap((one) => {
    const who = whoIs(one, "TypeScript");
    const approval = (at: number) => one.approvalFault(of(approvals, at));
    const qr = (at: number) => one.qrFault(of(scans, at));
    return [
      contestant(JOBS.approval, who, 1, approval, isFaultless),
      contestant(JOBS.qr, who, 1, qr, isFaultless),
    ];
  });
}

/** A fresh instance each time; what is undefined is the name of a known answer that was wrong. */
function choice({ name }: Implementation): Contestant {
  return contestant(JOBS.choice, name, 1, () => selfTest(makeCore(name)), isFaultless);
}
