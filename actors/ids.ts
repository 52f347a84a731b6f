/**
 * Branded ids, parsed once at the edge. Random ids are 16 bytes (UUID version 7 layout) written as
 * a prefix and 26 characters of lower-case Crockford base32, so that they sort by time and cannot
 * be mistaken for one another. Merchants and lanes have numbers, because the QR payload carries
 * numbers (docs/protocol.md section 2); their ids are a prefix and the decimal number.
 */
import { assert } from "./assert.ts";

declare const idBrand: unique symbol;
type Id<Name extends string> = string & { readonly [idBrand]: Name };

export type AccountId = Id<"AccountId">;
export type PersonId = Id<"PersonId">;
export type DeviceId = Id<"DeviceId">;
export type PaymentId = Id<"PaymentId">;
export type PaymentRequestId = Id<"PaymentRequestId">;
export type LaneId = Id<"LaneId">;
export type MerchantId = Id<"MerchantId">;
export type RegistrationId = Id<"RegistrationId">;
export type RefundId = Id<"RefundId">;
export type SettlementId = Id<"SettlementId">;
/** `ach_20261123_A`: creation date and file id modifier, which the bank knows it by. */
export type AchFileId = Id<"AchFileId">;

/** The prefix of every id that is 16 random or derived bytes. */
export const ID_PREFIX = {
  account: "acc",
  person: "per",
  device: "dev",
  payment: "pay",
  paymentRequest: "preq",
  registration: "reg",
  refund: "rfd",
} as const;

interface IdOf {
  account: AccountId;
  person: PersonId;
  device: DeviceId;
  payment: PaymentId;
  paymentRequest: PaymentRequestId;
  registration: RegistrationId;
  refund: RefundId;
}

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter, value]));
export const ID_BYTES = 16;
const ID_LETTERS = 26;
/** The greatest lane or merchant number: four bytes in the QR payload. */
export const NUMBER_MAX = 0xffff_ffff;

/** 16 bytes as 26 letters: 128 bits behind two zero bits, five bits a letter. */
export function encodeId<Name extends keyof IdOf>(name: Name, bytes: Uint8Array): IdOf[Name] {
  assert(bytes.length === ID_BYTES, "an id has 16 bytes");
  let letters = "";
  let bits = 2;
  let value = 0;
  // By index: the iterator of a typed array costs more than the letters.
  for (let at = 0; at < ID_BYTES; at++) {
    value = ((value << 8) | (bytes[at] ?? 0)) & 0x1fff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      letters += ALPHABET[(value >> bits) & 31];
    }
  }
  assert(letters.length === ID_LETTERS, "an id has 26 letters");
  return `${ID_PREFIX[name]}_${letters}` as IdOf[Name];
}

/** The id when `text` is one spelling-perfect id of that name; undefined otherwise. */
export function parseId<Name extends keyof IdOf>(name: Name, text: string): IdOf[Name] | undefined {
  return decodeLetters(ID_PREFIX[name], text) === undefined ? undefined : (text as IdOf[Name]);
}

/** The 16 bytes of an id made by `encodeId` or accepted by `parseId`. */
export function idBytes(id: IdOf[keyof IdOf]): Uint8Array {
  const bytes = decodeLetters(id.slice(0, id.indexOf("_")), id);
  assert(bytes !== undefined, "a branded id is well formed");
  return bytes;
}

function decodeLetters(prefix: string, text: string): Uint8Array | undefined {
  const start = prefix.length + 1;
  if (text.length !== start + ID_LETTERS || !text.startsWith(`${prefix}_`)) return undefined;
  const bytes = new Uint8Array(ID_BYTES);
  let bits = -2;
  let value = 0;
  let length = 0;
  for (let at = start; at < text.length; at++) {
    const letter = VALUES.get(text.charAt(at));
    if (letter === undefined) return undefined;
    if (at === start && letter > 7) return undefined;
    value = ((value << 5) | letter) & 0x1fff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = value >> bits;
    }
  }
  return bytes;
}

export function laneId(number: number): LaneId {
  assertNumber(number);
  return `lane_${number}` as LaneId;
}

export function merchantId(number: number): MerchantId {
  assertNumber(number);
  return `mer_${number}` as MerchantId;
}

export function parseLaneId(text: string): LaneId | undefined {
  return numberAfter("lane_", text) === undefined ? undefined : (text as LaneId);
}

export function parseMerchantId(text: string): MerchantId | undefined {
  return numberAfter("mer_", text) === undefined ? undefined : (text as MerchantId);
}

/** `set_3-12`: the merchant's number and that of its payout, as `actors/settlement.ts` names it. */
export function settlementId(payoutId: string): SettlementId {
  const id = parseSettlementId(`set_${payoutId}`);
  assert(id !== undefined, "a payout is named by two numbers");
  return id;
}

export function parseSettlementId(text: string): SettlementId | undefined {
  return /^set_[1-9][0-9]{0,9}-[1-9][0-9]{0,9}$/.test(text) ? (text as SettlementId) : undefined;
}

export function payoutIdOf(id: SettlementId): string {
  return id.slice("set_".length);
}

/** The number inside a lane or merchant id. */
export function numberOf(id: LaneId | MerchantId): number {
  const number = numberAfter(id.slice(0, id.indexOf("_") + 1), id);
  assert(number !== undefined, "a branded id is well formed");
  return number;
}

function assertNumber(number: number): void {
  assert(Number.isInteger(number), "a merchant or lane number is whole");
  assert(number >= 1 && number <= NUMBER_MAX, "a merchant or lane number fits four bytes");
}

function numberAfter(prefix: string, text: string): number | undefined {
  if (!text.startsWith(prefix) || !/^[1-9][0-9]{0,9}$/.test(text.slice(prefix.length))) {
    return undefined;
  }
  const number = Number(text.slice(prefix.length));
  return number <= NUMBER_MAX ? number : undefined;
}

/**
 * A payment request id is a UUID version 7 whose random part begins with the lane number, so that a
 * request finds its lane without an index. `random` supplies the remaining 42 bits.
 */
export function makePaymentRequestId(
  lane: LaneId,
  nowMs: number,
  random: Uint8Array,
): PaymentRequestId {
  assert(random.length === ID_BYTES, "16 random bytes");
  const bytes = random.slice();
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint16(0, Math.floor(nowMs / 2 ** 32));
  view.setUint32(2, nowMs % 2 ** 32);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  // RFC 9562 5.7: the variant bits 10, then 62 free bits; ours start with the lane number.
  const number = numberOf(lane);
  bytes[8] = 0x80 | (number >>> 26);
  view.setUint32(9, ((number << 6) | ((bytes[12] ?? 0) & 0x3f)) >>> 0);
  return encodeId("paymentRequest", bytes);
}

/** The lane that opened this payment request; undefined when no lane can have this number. */
export function laneOfPaymentRequest(id: PaymentRequestId): LaneId | undefined {
  const bytes = idBytes(id);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const number = ((view.getUint8(8) & 0x3f) * 2 ** 26 + (view.getUint32(9) >>> 6)) >>> 0;
  return number >= 1 ? laneId(number) : undefined;
}
