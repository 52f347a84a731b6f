/**
 * Checks device signatures under the accounts' keys: P-256 natively, where imported keys are kept,
 * for import is slow; Ed25519 in the core, several at once where several come together.
 */
import type { Device } from "../../actors/account-state.ts";
import type { AccountId } from "../../actors/ids.ts";
import { importP256PublicKey, verifyP256 } from "../../wasm/p256.ts";
import { fromBase64Url } from "./bytes.ts";
import type { SignatureQueue } from "./signature-queue.ts";

const KEYS_MAX = 20_000;

export class DeviceKeys {
  readonly #imported = new Map<string, CryptoKey>();

  constructor(private readonly queue: SignatureQueue) {}

  /** False for a wrong signature and for a key that is no key. */
  async verify(
    accountId: AccountId,
    { algorithm, publicKey }: Device,
    message: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean> {
    if (algorithm === "ed25519") {
      const bytes = fromBase64Url(publicKey);
      if (bytes === undefined) return false;
      return await this.queue.verify({ signature, message, publicKey: bytes }, accountId);
    }
    const key = this.#imported.get(publicKey) ?? (await this.#import(publicKey));
    return key !== undefined && (await verifyP256(key, message, signature));
  }

  async #import(publicKey: string): Promise<CryptoKey | undefined> {
    const bytes = fromBase64Url(publicKey);
    const key = bytes === undefined ? undefined : await importP256PublicKey(bytes);
    if (key === undefined) return undefined;
    if (this.#imported.size >= KEYS_MAX) this.#imported.clear();
    this.#imported.set(publicKey, key);
    return key;
  }
}
