/**
 * The key store of a simulated phone: Ed25519 from seeds that the run gives. WebCrypto's own keys
 * are of chance that nobody can give it, and its answers come from other threads in any order.
 */
import type { KeyObject } from "node:crypto";

const KEYS = new WeakMap<object, KeyObject>();
/** RFC 8410 section 7: the PKCS #8 wrapping of an Ed25519 seed. */
const PKCS8_PREFIX = Uint8Array.fromHex("302e020100300506032b657004220420");
const SEED_BYTES = 32;

/** In the place of `crypto.subtle`, as far as phones use it. */
export async function installDeviceKeys(): Promise<void> {
  const { createPrivateKey, createPublicKey, sign } = await import("node:crypto");
  const keyOf = (key: object): KeyObject => {
    const known = KEYS.get(key);
    if (known === undefined) throw new Error("a key of this store");
    return known;
  };
  const subtle = {
    generateKey: async ({ name }: { readonly name: string }) => {
      if (name !== "Ed25519") throw new Error("simulated phones sign with Ed25519");
      const seed = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
      const der = Buffer.concat([PKCS8_PREFIX, seed]);
      const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
      const [privateKey, publicKey] = [{ algorithm: { name } }, { algorithm: { name } }];
      KEYS.set(privateKey, key);
      KEYS.set(publicKey, createPublicKey(key));
      return { privateKey, publicKey };
    },
    exportKey: async (_form: string, key: object) => {
      const { x = "" } = keyOf(key).export({ format: "jwk" }) as { x?: string };
      return Uint8Array.fromBase64(x, { alphabet: "base64url" }).buffer;
    },
    sign: async (_algorithm: unknown, key: object, message: Uint8Array) => {
      return new Uint8Array(sign(null, message, keyOf(key))).buffer;
    },
  };
  Object.defineProperty(crypto, "subtle", { value: subtle });
}
