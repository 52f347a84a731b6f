/**
 * The cryptographic core as the switch and the phone call it: one interface, and behind it the
 * implementation that this start chose (wasm/choice.ts). Whatever bytes come from outside, nothing
 * here throws: the answer is `false`, undefined or a named fault.
 */
import {
  APPROVAL_BYTES,
  type ApprovalFault,
  type ApprovalFields,
  readApproval,
} from "./approval.ts";
import { type Choice, chooseCore, coreNameOf } from "./choice.ts";
import { fallBack } from "./fall-back.ts";
import * as hash from "./hash.ts";
import type { CoreName, Implementation, SignatureFault } from "./implementation.ts";
import type { Argon2Cost, BatchVerdict, SignedMessage } from "./primitives.ts";
import { type QrFault, type QrPayload, readQrPayload } from "./qr.ts";
import { type Shadow, shadowed } from "./shadow.ts";

export type { CoreName } from "./implementation.ts";
export type { Argon2Cost, BatchVerdict, SignedMessage } from "./primitives.ts";
export { BATCH_ITEMS_MAX } from "./primitives.ts";

export type ApprovalResult =
  | { readonly kind: "parsed"; readonly approval: ApprovalFields }
  | ApprovalFault;

export type QrVerdict =
  | { readonly kind: "valid"; readonly payload: QrPayload }
  | QrFault
  | SignatureFault
  /** Nobody published a key for its kid. */
  | { readonly kind: "key_unknown"; readonly at: number };

/** The public key of a kid, 32 bytes; undefined when unknown or revoked. */
export type PublicKeyOf = (kid: number) => Uint8Array | undefined;

const KID_AT = 2;
const KPIN_BYTES = 32;

type Environment = Readonly<Record<string, string | undefined>>;

let choice: Choice | undefined;
let active: Implementation | undefined;

/** Chosen at first use: not every command has something to verify. */
function implementation(): Implementation {
  active ??= chosen().implementation;
  return active;
}

function chosen(): Choice {
  const { process } = globalThis as { process?: { env: Environment } };
  choice ??= chooseCore(coreNameOf(process?.env["SEQR_CORE"]));
  return choice;
}

/** Which implementation answers. */
export function coreName(): CoreName {
  return implementation().name;
}

/** Those that were tried before the one that answers, and why each was not taken. */
export function coreRefused(): Choice["refused"] {
  return chosen().refused;
}

/** Has a sample of the verdicts computed again by the reference from now on. */
export function shadowCore(shadow: Shadow): void {
  active = shadowed(chosen().implementation, fallBack, shadow);
}

/** Strict cofactored Ed25519 (docs/protocol.md section 2). */
export function ed25519Verify(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  return implementation().ed25519Verify(signature, message, publicKey);
}

/** At most BATCH_ITEMS_MAX items. */
export function ed25519VerifyBatch(items: readonly SignedMessage[]): BatchVerdict {
  return implementation().ed25519VerifyBatch(items);
}

/** 32 bytes (RFC 6234). Native where there is a native one: the module is no faster at hashing. */
export function sha256(message: Uint8Array): Uint8Array {
  return (hash.native ?? implementation()).sha256(message);
}

/** 64 bytes (RFC 6234). */
export function sha512(message: Uint8Array): Uint8Array {
  return implementation().sha512(message);
}

/** 32 bytes (RFC 2104). Native where there is a native one. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return (hash.native ?? implementation()).hmacSha256(key, message);
}

/** RFC 5869; `length` 0 to 8160 bytes. */
export function hkdfSha256(
  ikm: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  return implementation().hkdfSha256(ikm, salt, info, length);
}

/** RFC 9106, version 0x13; the salt has at least 8 bytes. */
export function argon2id(password: Uint8Array, salt: Uint8Array, cost: Argon2Cost): Uint8Array {
  return implementation().argon2id(password, salt, cost);
}

/** Canonical RFC 4648 base32, or undefined. */
export function base32Decode(text: string): Uint8Array | undefined {
  return implementation().base32Decode(text);
}

/** Reads the 116 bytes of an approval; the ids in the answer are copies. */
export function parseApproval(bytes: Uint8Array): ApprovalResult {
  const fault = implementation().approvalFault(bytes);
  return fault ?? { kind: "parsed", approval: readApproval(bytes) };
}

/** `bytes` is body and signature. Looks at the form, asks for the key, does curve work last. */
export function verifyQr(bytes: Uint8Array, publicKeyOf: PublicKeyOf): QrVerdict {
  const core = implementation();
  const malformed = core.qrFault(bytes);
  if (malformed !== undefined) return malformed;
  const publicKey = publicKeyOf(bytes[KID_AT] ?? 0);
  if (publicKey === undefined) return { kind: "key_unknown", at: KID_AT };
  const fault = core.verifyQr(bytes, publicKey);
  return fault ?? { kind: "valid", payload: readQrPayload(bytes) };
}

/** Whether `proof` is the PIN proof of the 116-byte `body` under `kpin`, in constant time. */
export function verifyPinProof(kpin: Uint8Array, body: Uint8Array, proof: Uint8Array): boolean {
  if (kpin.length !== KPIN_BYTES || body.length !== APPROVAL_BYTES) return false;
  return implementation().verifyPinProof(kpin, body, proof);
}
