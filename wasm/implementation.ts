/**
 * What stands behind wasm/core.ts: the primitives, and the jobs made of them that run in one call.
 * There are two kinds: the WebAssembly module (wasm/module.ts, portable and wide) and what runs
 * where it cannot (wasm/fall-back.ts). The same rules hold as for primitives.
 */
import type { ApprovalFault } from "./approval.ts";
import type { Primitives } from "./primitives.ts";
import type { QrFault } from "./qr.ts";

/** In the order in which they are tried. */
export const CORE_NAMES = ["wide", "portable", "reference"] as const;
export type CoreName = (typeof CORE_NAMES)[number];

/** The signature does not verify; `at` is its offset. */
export interface SignatureFault {
  readonly kind: "signature_invalid";
  readonly at: number;
}

export interface Implementation extends Primitives {
  readonly name: CoreName;
  /** Canonical RFC 4648 base32, or undefined. */
  base32Decode(text: string): Uint8Array | undefined;
  /** Undefined for a payload of right form; nothing is said of its signature. */
  qrFault(payload: Uint8Array): QrFault | undefined;
  /** Form, then signature; undefined for a payload that is genuine under the 32-byte key. */
  verifyQr(payload: Uint8Array, publicKey: Uint8Array): QrFault | SignatureFault | undefined;
  /** Undefined for a body of right form. */
  approvalFault(body: Uint8Array): ApprovalFault | undefined;
  /** In constant time. The key has 32 bytes, the body 116; a proof of another length is wrong. */
  verifyPinProof(pinKey: Uint8Array, body: Uint8Array, proof: Uint8Array): boolean;
}
