/**
 * The module: one call per job; lengths in, a status out. The caller writes at `input()` and reads
 * at `output()`. It imports nothing and its memory is fixed.
 */
import { argon2id as argon2idAt } from "./argon2id";
import { APPROVAL_BYTES, approvalForm, pinProofIsRight } from "./approval";
import { base32Decode as base32DecodeAt } from "./base32";
import { BATCH_ITEMS_MAX, ed25519Init, ed25519Verify, ed25519VerifyBatch } from "./ed25519";
import { hkdfSha256 as hkdfAt, hmacSha256 as hmacAt, hmacWipe } from "./hmac";
import { qrForm, qrVerify } from "./qr";
import { sha256Finish, sha256Start, sha256Update } from "./sha256";
import { sha512Finish, sha512Start, sha512Update } from "./sha512";

const INPUT_BYTES = 65536;
const OUTPUT_BYTES = 8192;
const INPUT = memory.data(INPUT_BYTES, 16);
const OUTPUT = memory.data(OUTPUT_BYTES, 16);
const PARTS = memory.data(32, 16);

/** Builds the tables; once, before anything else. */
export function init(): void {
  ed25519Init();
}

export function input(): usize {
  return INPUT;
}

export function output(): usize {
  return OUTPUT;
}

/** Signature (64), public key (32), message of `length`. */
export function verify(length: usize): bool {
  return ed25519Verify(INPUT, INPUT + 64, INPUT + 96, length);
}

/** `count` items one behind the other, each as ed25519.ts says. */
export function verifyBatch(count: usize): bool {
  return count <= BATCH_ITEMS_MAX && ed25519VerifyBatch(INPUT, count);
}

export function sha256(length: usize): void {
  sha256Start();
  sha256Update(INPUT, length);
  sha256Finish(OUTPUT);
}

export function sha512(length: usize): void {
  sha512Start();
  sha512Update(INPUT, length);
  sha512Finish(OUTPUT);
}

/** Key, then message. The input is wiped; the output is the caller's to wipe. */
export function hmacSha256(keyLength: usize, length: usize): void {
  hmacAt(OUTPUT, INPUT, keyLength, INPUT + keyLength, length);
  hmacWipe();
  memory.fill(INPUT, 0, keyLength + length);
}

/** Key material, salt, info. The input is wiped; the output is the caller's to wipe. */
export function hkdfSha256(
  materialLength: usize,
  saltLength: usize,
  infoLength: usize,
  length: usize,
): void {
  const salt = INPUT + materialLength;
  const info = salt + saltLength;
  hkdfAt(OUTPUT, length, INPUT, materialLength, salt, saltLength, info, infoLength);
  hmacWipe();
  memory.fill(INPUT, 0, materialLength + saltLength + infoLength);
}

/**
 * Password, salt, secret, associated data. The input is wiped; the output is the caller's to wipe.
 */
export function argon2id(
  passwordLength: u32,
  saltLength: u32,
  secretLength: u32,
  associatedLength: u32,
  memoryKib: u32,
  passes: u32,
  lanes: u32,
  length: u32,
): void {
  let at = <u32>INPUT;
  store<u32>(PARTS, at);
  store<u32>(PARTS, passwordLength, 4);
  at += passwordLength;
  store<u32>(PARTS, at, 8);
  store<u32>(PARTS, saltLength, 12);
  at += saltLength;
  store<u32>(PARTS, at, 16);
  store<u32>(PARTS, secretLength, 20);
  at += secretLength;
  store<u32>(PARTS, at, 24);
  store<u32>(PARTS, associatedLength, 28);
  at += associatedLength;
  argon2idAt(OUTPUT, length, PARTS, memoryKib, passes, lanes);
  memory.fill(INPUT, 0, <usize>at - INPUT);
}

/** Letters in, bytes out: their number, or -1. */
export function base32Decode(length: usize): i32 {
  return base32DecodeAt(OUTPUT, INPUT, length);
}

/** Payload of `length` bytes: 0, or the fault of its form. */
export function parseQr(length: usize): u32 {
  return qrForm(INPUT, length);
}

/** Public key (32), then the payload of `length` bytes: 0, or the fault. */
export function verifyQr(length: usize): u32 {
  return qrVerify(INPUT + 32, length, INPUT);
}

/** Body of `length` bytes: 0, or the fault. */
export function parseApproval(length: usize): u32 {
  return approvalForm(INPUT, length);
}

/** PIN key (32), body (116), proof (32). The input is wiped. */
export function verifyPinProof(): bool {
  const body = INPUT + 32;
  const isRight = pinProofIsRight(INPUT, body, body + APPROVAL_BYTES);
  memory.fill(INPUT, 0, 32 + APPROVAL_BYTES + 32);
  return isRight;
}
