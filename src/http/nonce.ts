/**
 * The server nonce of a payment request (docs/protocol.md section 5): four bytes of expiry and
 * eight of keyed hash over request, version, account, device and expiry. Nothing is stored; it is
 * of use once, because a request is paid once and the device counter only rises.
 */
import type { AccountId, DeviceId, PaymentRequestId } from "../../actors/ids.ts";
import { equalBytes } from "../../wasm/bytes.ts";
import type { KeyRing } from "../vault/key-ring.ts";

export const NONCE_BYTES = 12;
const EXPIRY_BYTES = 4;

export interface NonceSubject {
  readonly requestId: PaymentRequestId;
  readonly version: number;
  readonly accountId: AccountId;
  readonly deviceId: DeviceId;
}

export function makeNonce(keys: KeyRing, subject: NonceSubject, expiresAtMs: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  const seconds = Math.floor(expiresAtMs / 1000);
  new DataView(nonce.buffer).setUint32(0, seconds);
  const { requestId, version, accountId, deviceId } = subject;
  const tag = keys.tag("nonce", requestId, String(version), accountId, deviceId, String(seconds));
  nonce.set(tag.subarray(0, NONCE_BYTES - EXPIRY_BYTES), EXPIRY_BYTES);
  return nonce;
}

export type NonceVerdict = "valid" | "expired" | "invalid";

export function checkNonce(
  keys: KeyRing,
  subject: NonceSubject,
  nonce: Uint8Array,
  nowMs: number,
): NonceVerdict {
  if (nonce.length !== NONCE_BYTES) return "invalid";
  const expiresAtMs = new DataView(nonce.buffer, nonce.byteOffset).getUint32(0) * 1000;
  if (!equalBytes(makeNonce(keys, subject, expiresAtMs), nonce)) return "invalid";
  return nowMs < expiresAtMs ? "valid" : "expired";
}
