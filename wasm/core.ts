/**
 * The cryptographic core as the switch and the phone call it: one interface, and behind it the
 * implementation that this start chose. Today that is the reference; callers do not change when
 * another one takes its place. Whatever bytes come from outside, nothing here throws: the answer is
 * `false`, undefined or a named fault.
 */
import { APPROVAL_BYTES, type ApprovalResult, parseApproval as parseBody } from "./approval.ts";
import { base32Decode as decodeText } from "./base32.ts";
import { equalBytes, wipe } from "./bytes.ts";
import * as hash from "./hash.ts";
import type { Primitives } from "./primitives.ts";
import { parseQrPayload, QR_SIGNATURE_BYTES, type QrFault, type QrPayload } from "./qr.ts";
import * as reference from "./reference.ts";

export type { Argon2Cost, BatchVerdict, SignedMessage } from "./primitives.ts";
export { BATCH_ITEMS_MAX } from "./primitives.ts";

export type QrVerdict =
  | { readonly kind: "valid"; readonly payload: QrPayload }
  | QrFault
  /** Nobody published a key for its kid, or the signature does not verify; `at` is its offset. */
  | { readonly kind: "key_unknown" | "signature_invalid"; readonly at: number };

/** The public key of a kid, 32 bytes; undefined when unknown or revoked. */
export type PublicKeyOf = (kid: number) => Uint8Array | undefined;

export interface CryptoCore extends Primitives {
  /** Which implementation answers. */
  coreName(): "reference" | "portable" | "wide";
  /** `bytes` is body and signature. Parses, then asks for the key, and does curve work last. */
  verifyQr(bytes: Uint8Array, publicKeyOf: PublicKeyOf): QrVerdict;
  parseApproval(bytes: Uint8Array): ApprovalResult;
  /** Whether `proof` is the PIN proof of the 116-byte `body` under `kpin`, in constant time. */
  verifyPinProof(kpin: Uint8Array, body: Uint8Array, proof: Uint8Array): boolean;
  /** Canonical RFC 4648 base32, or undefined. */
  base32Decode(text: string): Uint8Array | undefined;
}

const KID_AT = 2;
const KPIN_BYTES = 32;

/** The chosen implementation as one value, for workers and for tests that compare two. */
export const core: CryptoCore = {
  coreName: () => "reference",
  ed25519Verify: reference.ed25519Verify,
  ed25519VerifyBatch: reference.ed25519VerifyBatch,
  sha256: hash.sha256,
  sha512: reference.sha512,
  hmacSha256: hash.hmacSha256,
  hkdfSha256: reference.hkdfSha256,
  argon2id: reference.argon2id,
  base32Decode: decodeText,
  parseApproval: parseBody,
  verifyQr(bytes, publicKeyOf) {
    const parsed = parseQrPayload(bytes);
    if (parsed.kind !== "parsed") return parsed;
    const { payload, message, signature } = parsed;
    const publicKey = publicKeyOf(payload.kid);
    if (publicKey === undefined) return { kind: "key_unknown", at: KID_AT };
    if (!reference.ed25519Verify(signature, message, publicKey)) {
      return { kind: "signature_invalid", at: bytes.length - QR_SIGNATURE_BYTES };
    }
    return { kind: "valid", payload };
  },
  verifyPinProof(kpin, body, proof) {
    if (kpin.length !== KPIN_BYTES || body.length !== APPROVAL_BYTES) return false;
    const expected = hash.hmacSha256(kpin, body);
    const right = equalBytes(expected, proof);
    wipe(expected);
    return right;
  },
};

export const {
  coreName,
  ed25519Verify,
  ed25519VerifyBatch,
  sha256,
  sha512,
  hmacSha256,
  hkdfSha256,
  argon2id,
  base32Decode,
  parseApproval,
  verifyQr,
  verifyPinProof,
} = core;
