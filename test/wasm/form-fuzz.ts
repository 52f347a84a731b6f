/**
 * QR payloads, approval bodies and base32 letters, well formed and broken in one or more places:
 * every implementation must name the same fault at the same offset.
 */
import { APPROVAL_BYTES } from "../../wasm/approval.ts";
import { base32Encode } from "../../wasm/base32.ts";
import { asciiBytes, concatBytes } from "../../wasm/bytes.ts";
import type { Implementation } from "../../wasm/implementation.ts";
import { qrSigningMessage } from "../../wasm/qr.ts";
import { type Forge, flipped, forge } from "./forge.ts";
import { agreed, type Tally } from "./tally.ts";

/** Values at the edge of what a field takes, by its width in bytes. */
const EDGES: Readonly<Record<number, readonly string[]>> = {
  1: ["00", "01", "02", "03", "04", "05", "06", "ff"],
  2: ["0000", "0001", "03e7", "03e8", "ffff", "0100"],
  4: ["00000000", "00000001", "01000000", "00010000", "ffffffff"],
  6: ["000000000000", "000000000001", "010000000000", "000000010000", "ffffffffffff"],
  8: [
    "0000000000000000",
    "00038d7ea4c67fff",
    "00038d7ea4c68000",
    "001fffffffffffff",
    "0020000000000000",
    "8000000000000000",
    "ffffffffffffffff",
  ],
};

interface Field {
  readonly at: number;
  readonly size: number;
}

const QR_HEAD: readonly Field[] = [
  { at: 0, size: 1 },
  { at: 1, size: 1 },
  { at: 2, size: 1 },
  { at: 3, size: 4 },
  { at: 7, size: 4 },
];
const QR_REQUEST: readonly Field[] = [
  { at: 11, size: 8 },
  { at: 19, size: 2 },
  { at: 21, size: 6 },
  { at: 27, size: 2 },
  { at: 29, size: 4 },
];
const APPROVAL_FIELDS: readonly Field[] = [
  ...[0, 1, 7, 8, 9].map((at) => ({ at, size: 1 })),
  ...[10, 60, 68, 70].map((at) => ({ at, size: 2 })),
  { at: 62, size: 6 },
  { at: 88, size: 8 },
  { at: 96, size: 8 },
];

const TAG = asciiBytes("SEQRAPV1");
/** By the number of the kind, from 1. */
const BODY_BYTES = [0, 11, 33, 11, 27, 49] as const;
const REFERENCE_MAX = 10 ** 15 - 1;

function qrBody(from: Forge): Uint8Array {
  const { random } = from;
  const kind = random.between(1, 5);
  const body = from.bytes(BODY_BYTES[kind] ?? 0);
  body[0] = 1;
  body[1] = kind;
  if (kind === 4) body.fill(0, 3, 11);
  else for (const at of [3, 7]) body[at + random.between(0, 3)] = random.between(1, 255);
  if (kind === 2 || kind === 5) {
    const view = new DataView(body.buffer);
    view.setBigUint64(11, BigInt(Math.floor(random.next() * REFERENCE_MAX)));
    body[21 + random.between(0, 5)] = random.between(1, 255);
    view.setUint16(27, random.between(1, 999));
  }
  return body;
}

function approvalBody(from: Forge): Uint8Array {
  const { random } = from;
  const body = from.bytes(APPROVAL_BYTES);
  body.set(TAG);
  body[8] = random.between(1, 4);
  body[9] = 0;
  body[62 + random.between(0, 5)] = random.between(1, 255);
  const view = new DataView(body.buffer);
  view.setUint16(68, random.between(1, 999));
  view.setUint16(70, 0);
  for (const at of [88, 96]) view.setUint32(at, random.between(0, 0x1f_ffff));
  return body;
}

/** Sets fields to values at their edges, or single bytes to any. */
function spoil(from: Forge, bytes: Uint8Array, fields: readonly Field[]): void {
  const { random } = from;
  for (let times = random.pick([1, 1, 1, 2, 3]); times > 0; times--) {
    if (random.chance(30)) {
      bytes[random.between(0, bytes.length - 1)] = random.between(0, 255);
      continue;
    }
    const { at, size } = random.pick(fields);
    const value = Uint8Array.fromHex(random.pick(EDGES[size] ?? []));
    if (at + size <= bytes.length) bytes.set(value, at);
  }
}

/** Shorter, longer, or of any length up to beyond what is cut. */
function resized(from: Forge, bytes: Uint8Array): Uint8Array {
  const { random } = from;
  const near = bytes.length + random.pick([-1, 1, -2, 2, 16, -16, 22, -22, 38]);
  const length = random.chance(70) ? Math.max(0, near) : random.between(0, 400);
  const other = from.bytes(length);
  other.set(bytes.subarray(0, length));
  return other;
}

type Cores = readonly Implementation[];

/** `cases` payloads: form first, then the signature under the key that made it or another. */
export function fuzzPayloads(from: Forge, cases: number, cores: Cores, tally: Tally): void {
  const { random } = from;
  for (let n = 0; n < cases; n++) {
    const body = qrBody(from);
    const fields = body.length > 27 ? [...QR_HEAD, ...QR_REQUEST] : QR_HEAD;
    const isSpoilt = random.chance(65);
    if (isSpoilt && random.chance(80)) spoil(from, body, fields);
    const key = from.key();
    const item = forge({ key, nonce: from.nonce(), message: qrSigningMessage(body) });
    let payload = concatBytes(body, item.signature);
    if (isSpoilt && random.chance(30)) payload = resized(from, payload);
    if (random.chance(10) && payload.length > 0) {
      payload = flipped(payload, random.between(0, 8 * payload.length - 1));
    }
    const other = random.pick([from.key().points[0] ?? body, body.subarray(0, 5), item.signature]);
    const publicKey = random.chance(85) ? item.publicKey : other;
    const asked = () => ({ payload: payload.toHex(), publicKey: publicKey.toHex() });
    const forms = cores.map((core) => [core.name, core.qrFault(payload)] as const);
    const form = agreed("form of a payload", forms, asked);
    const faults = cores.map((core) => [core.name, core.verifyQr(payload, publicKey)] as const);
    const fault = agreed("payload", faults, asked);
    tally.count(`payload: ${form?.kind ?? "well formed"}`, form ? "invalid" : "both", !fault);
  }
}

/** `cases` approval bodies. */
export function fuzzApprovals(from: Forge, cases: number, cores: Cores, tally: Tally): void {
  const { random } = from;
  for (let n = 0; n < cases; n++) {
    let body = approvalBody(from);
    const isSpoilt = random.chance(80);
    if (isSpoilt) spoil(from, body, APPROVAL_FIELDS);
    if (isSpoilt && random.chance(15)) body = resized(from, body);
    const faults = cores.map((core) => [core.name, core.approvalFault(body)] as const);
    const fault = agreed("approval", faults, () => ({ body: body.toHex() }));
    const nature = fault === undefined ? "valid" : "invalid";
    tally.count(`approval: ${fault?.kind ?? "well formed"}`, nature, fault === undefined);
  }
}

const OTHERS = [
  "a",
  "z",
  "0",
  "1",
  "8",
  "9",
  "=",
  " ",
  "@",
  "[",
  "`",
  "/",
  ":",
  "\0",
  "\x7f",
].concat(["Ä", "ı", "\u{1f600}", "\ud800", "Ⅰ"]);
const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"];

/** `cases` texts: canonical, one letter another, a letter more or less, any letters. */
export function fuzzBase32(from: Forge, cases: number, cores: Cores, tally: Tally): void {
  const { random } = from;
  for (let n = 0; n < cases; n++) {
    const length = random.chance(99) ? random.between(0, 120) : random.between(5_000, 5_300);
    let text = base32Encode(from.bytes(length));
    const at = random.between(0, Math.max(0, text.length - 1));
    const way = random.pick(["canonical", "letter", "foreign letter", "length"] as const);
    if (way === "letter") text = text.slice(0, -1) + random.pick(LETTERS);
    if (way === "foreign letter")
      text = text.slice(0, at) + random.pick(OTHERS) + text.slice(at + 1);
    if (way === "length")
      text = random.chance(50) ? text.slice(0, at) : text + random.pick(LETTERS);
    const decoded = cores.map((core) => [core.name, core.base32Decode(text)?.toHex()] as const);
    const hex = agreed("base32", decoded, () => ({ text: JSON.stringify(text) }));
    const natures = { canonical: "valid", "foreign letter": "invalid" } as const;
    const nature = way === "letter" || way === "length" ? "both" : natures[way];
    tally.count(`base32: ${way}`, nature, hex !== undefined);
  }
}
