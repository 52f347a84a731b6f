/**
 * Checks a device signature under the account's key; imported keys are kept, for import is slow.
 */
import type { Device } from "../../actors/account-state.ts";
import { ed25519Verify } from "../../wasm/core.ts";
import { importP256PublicKey, verifyP256 } from "../../wasm/p256.ts";
import { fromBase64Url } from "./bytes.ts";

const KEYS_MAX = 20_000;
const imported = new Map<string, CryptoKey>();

/** False for a wrong signature and for a key that is no key. */
export async function verifyDevice(
  { algorithm, publicKey }: Device,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (algorithm === "ed25519") {
    const bytes = fromBase64Url(publicKey);
    return bytes !== undefined && ed25519Verify(signature, message, bytes);
  }
  const key = imported.get(publicKey) ?? (await importKey(publicKey));
  return key !== undefined && (await verifyP256(key, message, signature));
}

async function importKey(publicKey: string): Promise<CryptoKey | undefined> {
  const bytes = fromBase64Url(publicKey);
  const key = bytes === undefined ? undefined : await importP256PublicKey(bytes);
  if (key === undefined) return undefined;
  if (imported.size >= KEYS_MAX) imported.clear();
  imported.set(publicKey, key);
  return key;
}
