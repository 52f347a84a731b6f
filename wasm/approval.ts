/**
 * The approval body, version 1: the 116 bytes that the payer's phone proves with the PIN key and
 * signs with the device key (docs/protocol.md section 5). What the payer sees is what is signed: a
 * changed amount, payee or version makes both invalid (PSD2 RTS Article 5, dynamic linking).
 *
 * | offset | size | field                                                                   |
 * |--------|------|-------------------------------------------------------------------------|
 * | 0      | 8    | ASCII `SEQRAPV1`                                                        |
 * | 8      | 1    | kind: 1 purchase, 2 person to person, 3 shop order, 4 reservation       |
 * | 9      | 1    | reserved = 0                                                            |
 * | 10     | 2    | PIN version                                                             |
 * | 12     | 16   | account id                                                              |
 * | 28     | 16   | device id                                                               |
 * | 44     | 16   | subject: payment request id, transfer id or order id                    |
 * | 60     | 2    | subject version                                                         |
 * | 62     | 6    | amount in minor units, from 1                                           |
 * | 68     | 2    | currency, ISO 4217 numeric, 1 to 999                                    |
 * | 70     | 2    | reserved = 0                                                            |
 * | 72     | 16   | payee tag                                                               |
 * | 88     | 8    | device counter, at most 2^53 - 1                                        |
 * | 96     | 8    | client time, Unix ms, at most 2^53 - 1 (recorded, never trusted)        |
 * | 104    | 12   | server nonce                                                            |
 */
import { assert } from "./assert.ts";
import {
  asciiBytes,
  getSafeUint64,
  getUint48,
  isWhole,
  setSafeUint64,
  setUint48,
  UINT48_MAX,
  viewOf,
} from "./bytes.ts";
import { sha256 } from "./hash.ts";

export const APPROVAL_BYTES = 116;
const ID_BYTES = 16;
const NONCE_BYTES = 12;
const CURRENCY_MAX = 999;
const TAG = asciiBytes("SEQRAPV1");
/** In the order of their numbers on the wire, which start at 1. */
const KINDS = ["purchase", "person_to_person", "shop_order", "reservation"] as const;

export interface ApprovalFields {
  readonly kind: "purchase" | "person_to_person" | "shop_order" | "reservation";
  readonly pinVersion: number;
  /** 16 bytes. */
  readonly accountId: Uint8Array;
  /** 16 bytes. */
  readonly deviceId: Uint8Array;
  /** 16 bytes: the id of the payment request, transfer or order. */
  readonly subject: Uint8Array;
  readonly subjectVersion: number;
  /** Minor units of `currency`. */
  readonly amountCents: number;
  /** ISO 4217 numeric. */
  readonly currency: number;
  /** 16 bytes, made by `payeeTag`. */
  readonly payeeTag: Uint8Array;
  readonly counter: number;
  readonly clientTimeMs: number;
  /** 12 bytes, as the switch gave them. */
  readonly nonce: Uint8Array;
}

/** In the order of their numbers in wasm/assembly/approval.ts, which start at 1. */
export const APPROVAL_FAULTS = [
  "length_wrong",
  "tag_wrong",
  "kind_unknown",
  "reserved_not_zero",
  "amount_zero",
  "currency_out_of_range",
  "counter_out_of_range",
  "client_time_out_of_range",
] as const;

/** A body that is refused, and the offset of the byte or field at fault. */
export interface ApprovalFault {
  readonly kind: (typeof APPROVAL_FAULTS)[number];
  readonly at: number;
}

/** The 116 bytes of an approval. Fields out of range are a bug of the caller and throw. */
export function encodeApproval(fields: ApprovalFields): Uint8Array {
  assert(isWhole(fields.pinVersion, 0xffff), "a PIN version fits two bytes");
  assert(isWhole(fields.subjectVersion, 0xffff), "a subject version fits two bytes");
  assert(isWhole(fields.amountCents - 1, UINT48_MAX - 1), "an amount is 1 to 2^48 - 1");
  assert(isWhole(fields.currency - 1, CURRENCY_MAX - 1), "a currency is 1 to 999");
  assert(fields.accountId.length === ID_BYTES, "an account id has 16 bytes");
  assert(fields.deviceId.length === ID_BYTES, "a device id has 16 bytes");
  assert(fields.subject.length === ID_BYTES, "a subject has 16 bytes");
  assert(fields.payeeTag.length === ID_BYTES, "a payee tag has 16 bytes");
  assert(fields.nonce.length === NONCE_BYTES, "a nonce has 12 bytes");
  const body = new Uint8Array(APPROVAL_BYTES);
  const view = viewOf(body);
  body.set(TAG, 0);
  view.setUint8(8, KINDS.indexOf(fields.kind) + 1);
  view.setUint16(10, fields.pinVersion);
  body.set(fields.accountId, 12);
  body.set(fields.deviceId, 28);
  body.set(fields.subject, 44);
  view.setUint16(60, fields.subjectVersion);
  setUint48(view, 62, fields.amountCents);
  view.setUint16(68, fields.currency);
  body.set(fields.payeeTag, 72);
  setSafeUint64(view, 88, fields.counter);
  setSafeUint64(view, 96, fields.clientTimeMs);
  body.set(fields.nonce, 104);
  return body;
}

/** What is wrong with the form of a body; undefined for a right one. */
export function approvalFault(bytes: Uint8Array): ApprovalFault | undefined {
  if (bytes.length !== APPROVAL_BYTES) {
    return { kind: "length_wrong", at: Math.min(bytes.length, APPROVAL_BYTES) };
  }
  const view = viewOf(bytes);
  const tagAt = TAG.findIndex((letter, at) => bytes[at] !== letter);
  if (tagAt !== -1) return { kind: "tag_wrong", at: tagAt };
  if (KINDS[view.getUint8(8) - 1] === undefined) return { kind: "kind_unknown", at: 8 };
  if (view.getUint8(9) !== 0) return { kind: "reserved_not_zero", at: 9 };
  if (getUint48(view, 62) === 0) return { kind: "amount_zero", at: 62 };
  if (!isWhole(view.getUint16(68) - 1, CURRENCY_MAX - 1)) {
    return { kind: "currency_out_of_range", at: 68 };
  }
  if (view.getUint16(70) !== 0) return { kind: "reserved_not_zero", at: 70 };
  if (getSafeUint64(view, 88) === undefined) return { kind: "counter_out_of_range", at: 88 };
  if (getSafeUint64(view, 96) === undefined) return { kind: "client_time_out_of_range", at: 96 };
  return undefined;
}

/** The fields of a body whose form is known to be right; the ids are copies. */
export function readApproval(bytes: Uint8Array): ApprovalFields {
  const view = viewOf(bytes);
  const kind = KINDS[view.getUint8(8) - 1];
  const counter = getSafeUint64(view, 88);
  const clientTimeMs = getSafeUint64(view, 96);
  assert(kind !== undefined && counter !== undefined && clientTimeMs !== undefined, "right form");
  return {
    kind,
    pinVersion: view.getUint16(10),
    accountId: bytes.slice(12, 28),
    deviceId: bytes.slice(28, 44),
    subject: bytes.slice(44, 60),
    subjectVersion: view.getUint16(60),
    amountCents: getUint48(view, 62),
    currency: view.getUint16(68),
    payeeTag: bytes.slice(72, 88),
    counter,
    clientTimeMs,
    nonce: bytes.slice(104, 116),
  };
}

/**
 * The first half of SHA-256 over the payee line that the payer saw (merchant, lane and place, or
 * the masked recipient), as NFC and UTF-8: what looks the same has the same tag. A lone surrogate
 * counts as U+FFFD, which is also what a screen shows for it.
 */
export function payeeTag(payeeLine: string): Uint8Array {
  return sha256(new TextEncoder().encode(payeeLine.normalize("NFC"))).slice(0, ID_BYTES);
}
