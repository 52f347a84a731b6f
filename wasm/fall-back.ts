/**
 * The implementation without WebAssembly: noble for the curve and the slow hash, native hashes
 * where there are some, TypeScript for the forms. It is right everywhere and fast nowhere.
 */
import { approvalFault } from "./approval.ts";
import { base32Decode } from "./base32.ts";
import { equalBytes, wipe } from "./bytes.ts";
import * as hash from "./hash.ts";
import type { Implementation } from "./implementation.ts";
import { parseQrPayload, QR_SIGNATURE_BYTES } from "./qr.ts";
import * as reference from "./reference.ts";

export const fallBack: Implementation = {
  name: "reference",
  ed25519Verify: reference.ed25519Verify,
  ed25519VerifyBatch: reference.ed25519VerifyBatch,
  sha256: hash.sha256,
  sha512: reference.sha512,
  hmacSha256: hash.hmacSha256,
  hkdfSha256: reference.hkdfSha256,
  argon2id: reference.argon2id,
  base32Decode,
  approvalFault,
  qrFault(payload) {
    const parsed = parseQrPayload(payload);
    return parsed.kind === "parsed" ? undefined : parsed;
  },
  verifyQr(payload, publicKey) {
    const parsed = parseQrPayload(payload);
    if (parsed.kind !== "parsed") return parsed;
    const isGenuine = reference.ed25519Verify(parsed.signature, parsed.message, publicKey);
    if (isGenuine) return undefined;
    return { kind: "signature_invalid", at: payload.length - QR_SIGNATURE_BYTES };
  },
  verifyPinProof(pinKey, body, proof) {
    const expected = hash.hmacSha256(pinKey, body);
    const isRight = equalBytes(expected, proof);
    wipe(expected);
    return isRight;
  },
};
