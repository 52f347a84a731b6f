/**
 * The QR payload, version 1: the bytes that a phone reads from a lane sticker, a till's display, a
 * shop item, another person's phone or a receipt (docs/protocol.md section 2). A payload is a body
 * and 64 bytes of Ed25519 signature; this file knows the bodies, wasm/core.ts the signature and
 * wasm/qr-text.ts the letters. All integers are big-endian.
 *
 * | offset | size | field                                                               |
 * |--------|------|---------------------------------------------------------------------|
 * | 0      | 1    | version = 1                                                         |
 * | 1      | 1    | kind 1 lane sticker, 2 payment request, 3 shop item, 4 person,      |
 * |        |      | 5 outcome receipt                                                   |
 * | 2      | 1    | kid, the number of the switch's key                                 |
 * | 3      | 4    | merchant number, from 1; kind 4: reserved = 0                       |
 * | 7      | 4    | lane number, from 1; kind 3: item number; kind 4: reserved = 0      |
 * | 11     |      | kinds 1 and 3 end here: 11 bytes                                    |
 * | 11     | 16   | kind 4: receive token, and the end: 27 bytes                        |
 * | 11     | 8    | kinds 2 and 5: payment request reference, below 10^15               |
 * | 19     | 2    | payment request version                                             |
 * | 21     | 6    | amount in minor units, from 1                                       |
 * | 27     | 2    | currency, ISO 4217 numeric, 1 to 999 (840: US dollar)               |
 * | 29     | 4    | kind 2: expires, Unix seconds, and the end: 33 bytes                |
 * | 29     | 4    | kind 5: paid at, Unix seconds                                       |
 * | 33     | 16   | kind 5: payment id, and the end: 49 bytes                           |
 *
 * A receive token is 16 random bytes that the switch maps to an account: a photograph of the code
 * tells nothing about the person, and a new token retires every printed copy.
 */
import { assert } from "./assert.ts";
import {
  asciiBytes,
  concatBytes,
  getUint48,
  isWhole,
  setUint48,
  UINT48_MAX,
  viewOf,
} from "./bytes.ts";

export { parseQrText, type QrTextFault, type QrTextResult, qrText } from "./qr-text.ts";

export const QR_SIGNATURE_BYTES = 64;
/** Length of the body of each kind, in bytes. */
export const QR_BODY_BYTES = {
  lane_sticker: 11,
  payment_request: 33,
  shop_item: 11,
  person: 27,
  outcome_receipt: 49,
} as const;

export interface LaneSticker {
  readonly kind: "lane_sticker";
  readonly kid: number;
  readonly merchantNumber: number;
  readonly laneNumber: number;
}

export interface ShopItem {
  readonly kind: "shop_item";
  readonly kid: number;
  readonly merchantNumber: number;
  readonly itemNumber: number;
}

/** What kinds 2 and 5 say about the payment request, in the same places. */
interface RequestFields {
  readonly kid: number;
  readonly merchantNumber: number;
  readonly laneNumber: number;
  /** 15 decimal digits, leading zeros kept. */
  readonly reference: string;
  readonly version: number;
  /** Minor units of `currency`; a copy for the payer's eyes, the switch knows what is charged. */
  readonly amountCents: number;
  /** ISO 4217 numeric. */
  readonly currency: number;
}

export interface PaymentRequestCode extends RequestFields {
  readonly kind: "payment_request";
  readonly expiresAtSeconds: number;
}

export interface PersonCode {
  readonly kind: "person";
  readonly kid: number;
  /** 16 bytes. */
  readonly receiveToken: Uint8Array;
}

export interface OutcomeReceipt extends RequestFields {
  readonly kind: "outcome_receipt";
  readonly paidAtSeconds: number;
  /** 16 bytes. */
  readonly paymentId: Uint8Array;
}

export type QrPayload = LaneSticker | PaymentRequestCode | ShopItem | PersonCode | OutcomeReceipt;

/** In the order of their numbers in wasm/assembly/qr.ts, which start at 1. */
export const QR_FAULTS = [
  "length_wrong",
  "version_unknown",
  "kind_unknown",
  "reserved_not_zero",
  "number_zero",
  "reference_out_of_range",
  "amount_zero",
  "currency_out_of_range",
] as const;

/** A payload that is refused, and the offset of the byte that is at fault. */
export interface QrFault {
  readonly kind: (typeof QR_FAULTS)[number];
  readonly at: number;
}

/** A payload taken apart: `message` is what the 64 bytes of `signature` must cover. */
export interface SignedQr {
  readonly kind: "parsed";
  readonly payload: QrPayload;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

export type QrPayloadResult = SignedQr | QrFault;
export type QrBodyResult = { readonly kind: "parsed"; readonly payload: QrPayload } | QrFault;

const VERSION = 1;
const HEADER_BYTES = 11;
const TOKEN_BYTES = 16;
const REFERENCE_DIGITS = 15;
const REFERENCE_LIMIT = 10n ** BigInt(REFERENCE_DIGITS);
const CURRENCY_MAX = 999;
/** In the order of their numbers on the wire, which start at 1. */
const KINDS = [
  "lane_sticker",
  "payment_request",
  "shop_item",
  "person",
  "outcome_receipt",
] as const;
/** Ends in a zero byte, so that no other tag can begin with it. */
const SIGNING_TAG = concatBytes(asciiBytes("SEQR-QR-v1"), Uint8Array.of(0));

/** What the switch signs with the key `kid`: the tag, a zero byte and the body. */
export function qrSigningMessage(body: Uint8Array): Uint8Array {
  return concatBytes(SIGNING_TAG, body);
}

/** The payload: the body and its signature. */
export function qrPayload(body: Uint8Array, signature: Uint8Array): Uint8Array {
  assert(signature.length === QR_SIGNATURE_BYTES, "an Ed25519 signature has 64 bytes");
  return concatBytes(body, signature);
}

/** The body of `payload`. Fields out of range are a bug of the caller and throw. */
export function encodeQrBody(payload: QrPayload): Uint8Array {
  const body = new Uint8Array(QR_BODY_BYTES[payload.kind]);
  const view = viewOf(body);
  assert(isWhole(payload.kid, 0xff), "kid is one byte");
  view.setUint8(0, VERSION);
  view.setUint8(1, KINDS.indexOf(payload.kind) + 1);
  view.setUint8(2, payload.kid);
  switch (payload.kind) {
    case "lane_sticker":
      setNumbers(view, payload.merchantNumber, payload.laneNumber);
      break;
    case "shop_item":
      setNumbers(view, payload.merchantNumber, payload.itemNumber);
      break;
    case "person":
      assert(payload.receiveToken.length === TOKEN_BYTES, "a receive token has 16 bytes");
      body.set(payload.receiveToken, HEADER_BYTES);
      break;
    case "payment_request":
      setRequest(view, payload);
      setSeconds(view, payload.expiresAtSeconds);
      break;
    case "outcome_receipt":
      setRequest(view, payload);
      setSeconds(view, payload.paidAtSeconds);
      assert(payload.paymentId.length === TOKEN_BYTES, "a payment id has 16 bytes");
      body.set(payload.paymentId, 33);
      break;
  }
  return body;
}

/** Reads a body of exactly the right length; says nothing about the signature. */
export function parseQrBody(body: Uint8Array): QrBodyResult {
  if (body.length < HEADER_BYTES) return { kind: "length_wrong", at: body.length };
  const view = viewOf(body);
  if (view.getUint8(0) !== VERSION) return { kind: "version_unknown", at: 0 };
  const kind = KINDS[view.getUint8(1) - 1];
  if (kind === undefined) return { kind: "kind_unknown", at: 1 };
  const length = QR_BODY_BYTES[kind];
  if (body.length !== length) {
    return { kind: "length_wrong", at: Math.min(body.length, length) };
  }
  const fault = kind === "person" ? reservedFault(view) : numbersFault(view);
  if (fault !== undefined) return fault;
  if (kind === "payment_request" || kind === "outcome_receipt") {
    const requestAtFault = requestFault(view);
    if (requestAtFault !== undefined) return requestAtFault;
  }
  return { kind: "parsed", payload: read(kind, view, body) };
}

/** Splits a payload into the parsed body, the message under the signature, and the signature. */
export function parseQrPayload(
  bytes: Uint8Array,
): { kind: "parsed"; payload: QrPayload; message: Uint8Array; signature: Uint8Array } | QrFault {
  const end = bytes.length - QR_SIGNATURE_BYTES;
  if (end < HEADER_BYTES) return { kind: "length_wrong", at: bytes.length };
  const body = bytes.subarray(0, end);
  const parsed = parseQrBody(body);
  if (parsed.kind !== "parsed") return parsed;
  const { payload } = parsed;
  return { kind: "parsed", payload, message: qrSigningMessage(body), signature: bytes.slice(end) };
}

/** The fields of a payload whose form is known to be right. */
export function readQrPayload(bytes: Uint8Array): QrPayload {
  const body = bytes.subarray(0, bytes.length - QR_SIGNATURE_BYTES);
  const view = viewOf(body);
  const kind = KINDS[view.getUint8(1) - 1];
  assert(kind !== undefined && body.length === QR_BODY_BYTES[kind], "the form is right");
  return read(kind, view, body);
}

function reservedFault(view: DataView): QrFault | undefined {
  for (let at = 3; at < HEADER_BYTES; at++) {
    if (view.getUint8(at) !== 0) return { kind: "reserved_not_zero", at };
  }
  return undefined;
}

function numbersFault(view: DataView): QrFault | undefined {
  if (view.getUint32(3) === 0) return { kind: "number_zero", at: 3 };
  if (view.getUint32(7) === 0) return { kind: "number_zero", at: 7 };
  return undefined;
}

function requestFault(view: DataView): QrFault | undefined {
  if (view.getBigUint64(11) >= REFERENCE_LIMIT) return { kind: "reference_out_of_range", at: 11 };
  if (getUint48(view, 21) === 0) return { kind: "amount_zero", at: 21 };
  const currency = view.getUint16(27);
  if (currency === 0 || currency > CURRENCY_MAX) return { kind: "currency_out_of_range", at: 27 };
  return undefined;
}

function read(kind: QrPayload["kind"], view: DataView, body: Uint8Array): QrPayload {
  const kid = view.getUint8(2);
  const merchantNumber = view.getUint32(3);
  const laneNumber = view.getUint32(7);
  switch (kind) {
    case "lane_sticker":
      return { kind, kid, merchantNumber, laneNumber };
    case "shop_item":
      return { kind, kid, merchantNumber, itemNumber: laneNumber };
    case "person":
      return { kind, kid, receiveToken: body.slice(11, 27) };
    case "payment_request":
      return { kind, ...readRequest(view), expiresAtSeconds: view.getUint32(29) };
    case "outcome_receipt":
      return {
        kind,
        ...readRequest(view),
        paidAtSeconds: view.getUint32(29),
        paymentId: body.slice(33, 49),
      };
  }
}

function readRequest(view: DataView): RequestFields {
  return {
    kid: view.getUint8(2),
    merchantNumber: view.getUint32(3),
    laneNumber: view.getUint32(7),
    reference: view.getBigUint64(11).toString().padStart(REFERENCE_DIGITS, "0"),
    version: view.getUint16(19),
    amountCents: getUint48(view, 21),
    currency: view.getUint16(27),
  };
}

function setNumbers(view: DataView, merchantNumber: number, secondNumber: number): void {
  assert(isWhole(merchantNumber - 1, 0xffff_fffe), "a merchant number is 1 to 2^32 - 1");
  assert(isWhole(secondNumber - 1, 0xffff_fffe), "a lane or item number is 1 to 2^32 - 1");
  view.setUint32(3, merchantNumber);
  view.setUint32(7, secondNumber);
}

function setRequest(view: DataView, request: RequestFields): void {
  setNumbers(view, request.merchantNumber, request.laneNumber);
  assert(/^[0-9]{15}$/.test(request.reference), "a reference has 15 decimal digits");
  assert(isWhole(request.version, 0xffff), "a payment request version fits two bytes");
  assert(isWhole(request.amountCents - 1, UINT48_MAX - 1), "an amount is 1 to 2^48 - 1");
  assert(isWhole(request.currency - 1, CURRENCY_MAX - 1), "a currency is 1 to 999");
  view.setBigUint64(11, BigInt(request.reference));
  view.setUint16(19, request.version);
  setUint48(view, 21, request.amountCents);
  view.setUint16(27, request.currency);
}

function setSeconds(view: DataView, seconds: number): void {
  assert(isWhole(seconds, 0xffff_ffff), "Unix seconds fit four bytes");
  view.setUint32(29, seconds);
}
