/** Bytes in JSON are base64url without padding; ids are random bytes with a time in front. */
import { randomBytes } from "node:crypto";
import { encodeId, ID_BYTES, type LaneId, makePaymentRequestId } from "../../actors/ids.ts";
import { equalBytes } from "../../wasm/bytes.ts";
import type { Clock } from "../runtime/clock.ts";

/** Undefined unless `text` is the one spelling of some bytes. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(Buffer.from(text, "base64url"));
  return toBase64Url(bytes) === text ? bytes : undefined;
}

export function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");
}

const encoder = new TextEncoder();

/** Keys, tokens and tags of them are compared in constant time (house-style rule 19). */
export function isSameText(given: string, right: string): boolean {
  return equalBytes(encoder.encode(given), encoder.encode(right));
}

type RandomName = Parameters<typeof encodeId>[0];

/** A new id: a UUID version 7 (RFC 9562 section 5.7) on the switch's clock. */
export function randomId<Name extends RandomName>(
  name: Name,
  clock: Clock,
): ReturnType<typeof encodeId<Name>> {
  const bytes = new Uint8Array(randomBytes(ID_BYTES));
  new DataView(bytes.buffer).setBigUint64(0, (BigInt(clock.nowMs()) << 16n) | 0x7000n);
  bytes.set(randomBytes(2), 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return encodeId(name, bytes);
}

export function randomPaymentRequestId(lane: LaneId, clock: Clock) {
  return makePaymentRequestId(lane, clock.nowMs(), new Uint8Array(randomBytes(ID_BYTES)));
}
