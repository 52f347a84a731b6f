/**
 * Codes that were verified before: a sticker is scanned a thousand times and signed once. Only
 * genuine payloads are kept, by all their bytes, and each stands only as long as the key it was
 * verified under is the one that its kid names; the least recently scanned goes first.
 */
import { type PublicKeyOf, type QrVerdict, verifyQr } from "../../wasm/core.ts";
import type { QrPayload } from "../../wasm/qr.ts";
import type { Metrics } from "./metrics.ts";

const KEPT_MAX = 20_000;
/** No genuine payload is longer (docs/protocol.md section 2). */
const PAYLOAD_BYTES_MAX = 113;

interface Kept {
  readonly payload: QrPayload;
  readonly publicKey: Uint8Array;
}

export class VerifiedCodes {
  readonly #kept = new Map<string, Kept>();

  constructor(
    private readonly publicKeyOf: PublicKeyOf,
    private readonly metrics: Pick<Metrics, "code">,
    private readonly keptMax = KEPT_MAX,
  ) {}

  /** As `verifyQr`. */
  verify(bytes: Uint8Array): QrVerdict {
    if (bytes.length > PAYLOAD_BYTES_MAX) return verifyQr(bytes, this.publicKeyOf);
    const name = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    const kept = this.#kept.get(name);
    if (kept !== undefined) {
      this.#kept.delete(name);
      if (this.publicKeyOf(kept.payload.kid) === kept.publicKey) {
        this.#kept.set(name, kept);
        this.metrics.code("kept");
        return { kind: "valid", payload: kept.payload };
      }
    }
    return this.#verify(bytes, name);
  }

  #verify(bytes: Uint8Array, name: string): QrVerdict {
    let publicKey: Uint8Array | undefined;
    const verdict = verifyQr(bytes, (kid) => {
      publicKey = this.publicKeyOf(kid);
      return publicKey;
    });
    this.metrics.code(verdict.kind === "valid" ? "verified" : "refused");
    if (verdict.kind !== "valid" || publicKey === undefined) return verdict;
    this.#kept.set(name, { payload: verdict.payload, publicKey });
    if (this.#kept.size > this.keptMax) {
      for (const [oldest] of this.#kept) {
        this.#kept.delete(oldest);
        break;
      }
    }
    return verdict;
  }
}
