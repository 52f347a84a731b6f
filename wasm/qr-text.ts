/**
 * The letters in a QR code: `HTTP://<HOST>/D/<BASE32>` (docs/protocol.md section 2). We write upper
 * case throughout, because the alphanumeric mode of a QR code has no other and existing SEQR
 * clients replace the leading `HTTP://`. The text never holds `= & % #`.
 */
import { assert } from "./assert.ts";
import { base32Decode, base32Encode } from "./base32.ts";

/** A text that is refused, and the index of the letter at which the refused part starts. */
export interface QrTextFault {
  readonly kind: "text_too_long" | "scheme_wrong" | "host_wrong" | "path_wrong" | "base32_wrong";
  readonly at: number;
}

export type QrTextResult =
  /** `host` in lower case; `bytes` is body and signature, neither parsed nor verified. */
  { readonly kind: "parsed"; readonly host: string; readonly bytes: Uint8Array } | QrTextFault;

/** Longer than the text of any payload behind a host name of full length. */
const TEXT_LETTERS_MAX = 512;
const SCHEME = "HTTP://";
const PATH = "/D/";
/** A host name or IPv4 address, then at most a port: all of it fits the alphanumeric mode. */
const HOST = /^[A-Z0-9](?:[A-Z0-9.-]{0,251}[A-Z0-9])?(?::[1-9][0-9]{0,4})?$/i;

/** The text of a payload. `host` in any case, with a port where one is needed. */
export function qrText(host: string, payload: Uint8Array): string {
  assert(HOST.test(host), "a host is a name or an IPv4 address, with at most a port");
  const text = SCHEME + host.toUpperCase() + PATH + base32Encode(payload);
  assert(text.length <= TEXT_LETTERS_MAX, "a QR text has at most 512 letters");
  return text;
}

/**
 * Reads the text of a QR code. Scheme, host and path may stand in either case, because phones and
 * servers rewrite those; the base32 part has one spelling.
 */
export function parseQrText(text: string): QrTextResult {
  if (text.length > TEXT_LETTERS_MAX) return { kind: "text_too_long", at: TEXT_LETTERS_MAX };
  if (!/^http:\/\//i.test(text)) return { kind: "scheme_wrong", at: 0 };
  const slash = text.indexOf("/", SCHEME.length);
  const hostEnd = slash === -1 ? text.length : slash;
  const host = text.slice(SCHEME.length, hostEnd);
  if (!HOST.test(host)) return { kind: "host_wrong", at: SCHEME.length };
  const base32At = hostEnd + PATH.length;
  if (!/^\/d\/$/i.test(text.slice(hostEnd, base32At))) return { kind: "path_wrong", at: hostEnd };
  const bytes = base32Decode(text.slice(base32At));
  if (bytes === undefined) return { kind: "base32_wrong", at: base32At };
  return { kind: "parsed", host: host.toLowerCase(), bytes };
}
