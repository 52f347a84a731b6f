/**
 * The key of a phone, in WebCrypto (docs/protocol.md section 1): ECDSA P-256 where there is
 * hardware for it, Ed25519 where a key lives in software. The private half cannot be exported.
 */
import { exportP256PublicKey, generateP256KeyPair, signP256 } from "./p256.ts";

export type DeviceAlgorithm = "p256" | "ed25519";

const ED25519 = { name: "Ed25519" } as const;

export async function generateDeviceKey(algorithm: DeviceAlgorithm): Promise<CryptoKeyPair> {
  if (algorithm === "p256") return await generateP256KeyPair();
  return (await crypto.subtle.generateKey(ED25519, false, ["sign", "verify"])) as CryptoKeyPair;
}

export function deviceAlgorithm({ privateKey }: CryptoKeyPair): DeviceAlgorithm {
  return privateKey.algorithm.name === ED25519.name ? "ed25519" : "p256";
}

/** 65 bytes for P-256 (SEC 1 section 2.3.3), 32 for Ed25519 (RFC 8032 section 5.1.5). */
export async function exportDeviceKey({ publicKey }: CryptoKeyPair): Promise<Uint8Array> {
  return await exportP256PublicKey(publicKey);
}

/** 64 bytes: r and s, or R and S. */
export async function signWithDevice(
  keyPair: CryptoKeyPair,
  message: Uint8Array,
): Promise<Uint8Array> {
  const { privateKey } = keyPair;
  if (deviceAlgorithm(keyPair) === "p256") return await signP256(privateKey, message);
  return new Uint8Array(await crypto.subtle.sign(ED25519, privateKey, new Uint8Array(message)));
}
