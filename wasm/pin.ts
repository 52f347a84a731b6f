/**
 * The PIN on the phone: the key derived from it, the proof made with that key, and the PINs that
 * are too easily guessed (docs/protocol.md sections 3 and 5). The PIN stays in bytes that are
 * overwritten after use and is never a string; the switch knows the derived key and not the PIN.
 */
import { APPROVAL_BYTES } from "./approval.ts";
import { assert } from "./assert.ts";
import { asciiBytes, concatBytes, isWhole, viewOf, wipe } from "./bytes.ts";
import { argon2id, hkdfSha256, hmacSha256 } from "./core.ts";

/** The argon2id cost of a PIN key (RFC 9106): 19 MiB, and half a second in plain JavaScript. */
export const PIN_COST = { memoryKiB: 19_456, passes: 2, lanes: 1, length: 32 } as const;
export const PIN_DIGITS_MIN = 4;
export const PIN_DIGITS_MAX = 6;
const INFO_TAG = asciiBytes("seqr/pin-key/v1");
const DIGIT_ZERO = 0x30;

export interface PinKeyInput {
  /** 4 to 6 ASCII digits. Overwritten with zeros by `derivePinKey`, whatever happens. */
  readonly pin: Uint8Array;
  /** 16 bytes from the switch, for this device and PIN version. */
  readonly salt: Uint8Array;
  /** 32 bytes from the phone's key store: without it a stolen database cannot guess the PIN. */
  readonly deviceSecret: Uint8Array;
  /** 16 bytes. */
  readonly accountId: Uint8Array;
  /** 16 bytes. */
  readonly deviceId: Uint8Array;
  readonly pinVersion: number;
}

/** `Kpin`, 32 bytes; wipe it after the proof. Takes the time and memory of PIN_COST. */
export function derivePinKey(input: PinKeyInput): Uint8Array {
  let stretched: Uint8Array | undefined;
  try {
    assert(isPin(input.pin), "a PIN has 4 to 6 ASCII digits");
    assert(input.salt.length === 16, "a PIN salt has 16 bytes");
    assert(input.deviceSecret.length === 32, "a device secret has 32 bytes");
    const info = pinKeyInfo(input);
    stretched = argon2id(input.pin, input.salt, PIN_COST);
    return hkdfSha256(stretched, input.deviceSecret, info, 32);
  } finally {
    wipe(input.pin);
    if (stretched !== undefined) wipe(stretched);
  }
}

/** HMAC-SHA-256 of the 116-byte approval body under `Kpin`: 32 bytes, never truncated. */
export function pinProof(kpin: Uint8Array, body: Uint8Array): Uint8Array {
  assert(kpin.length === 32, "a PIN key has 32 bytes");
  assert(body.length === APPROVAL_BYTES, "a PIN proof covers an approval body");
  return hmacSha256(kpin, body);
}

/** Whether these are 4 to 6 ASCII digits. */
export function isPin(digits: Uint8Array): boolean {
  if (digits.length < PIN_DIGITS_MIN || digits.length > PIN_DIGITS_MAX) return false;
  return digits.every((digit) => digit >= DIGIT_ZERO && digit <= DIGIT_ZERO + 9);
}

/** A calendar date: `month` and `day` count from 1. */
export interface BirthDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export type WeakPin = "not_4_to_6_digits" | "all_equal" | "run" | "birth_date";

/** Why the phone refuses this PIN (ASCII digits); undefined when it may be used. */
export function weakPin(digits: Uint8Array, birthDate?: BirthDate): WeakPin | undefined {
  if (!isPin(digits)) return "not_4_to_6_digits";
  if (hasStep(digits, 0)) return "all_equal";
  if (hasStep(digits, 1) || hasStep(digits, 9)) return "run";
  if (birthDate !== undefined && isBirthDate(digits, birthDate)) return "birth_date";
  return undefined;
}

/** Whether each digit is the one before plus `step`, modulo ten: 9 is followed by 0 in a run up. */
function hasStep(digits: Uint8Array, step: number): boolean {
  return digits.every(
    (digit, at) => at === 0 || (digit - (digits[at - 1] ?? 0) + 20 - step) % 10 === 0,
  );
}

/** The birth year, MMDD or DDMM; with 6 digits MMDDYY, DDMMYY or YYMMDD. */
function isBirthDate(digits: Uint8Array, { year, month, day }: BirthDate): boolean {
  const year4 = year.toString().padStart(4, "0");
  const year2 = year4.slice(2);
  const month2 = month.toString().padStart(2, "0");
  const day2 = day.toString().padStart(2, "0");
  const spellings = [
    year4,
    month2 + day2,
    day2 + month2,
    month2 + day2 + year2,
    day2 + month2 + year2,
    year2 + month2 + day2,
  ];
  return spellings.some(
    (spelling) =>
      spelling.length === digits.length &&
      digits.every((digit, at) => digit === spelling.charCodeAt(at)),
  );
}

/** The HKDF info: the tag, account, device and PIN version (2 bytes), 49 bytes in all. */
function pinKeyInfo({ accountId, deviceId, pinVersion }: PinKeyInput): Uint8Array {
  assert(accountId.length === 16, "an account id has 16 bytes");
  assert(deviceId.length === 16, "a device id has 16 bytes");
  assert(isWhole(pinVersion, 0xffff), "a PIN version fits two bytes");
  const version = new Uint8Array(2);
  viewOf(version).setUint16(0, pinVersion);
  return concatBytes(INFO_TAG, accountId, deviceId, version);
}
