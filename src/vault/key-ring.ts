/**
 * The keys of a switch. They live outside the databases, in a file that only its owner may read (or
 * behind another KeyProvider), so that a stolen database is of no use (docs/protocol.md section 6).
 */
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign } from "node:crypto";
import { assert } from "../../actors/assert.ts";
import { hmacSha256 } from "../../wasm/core.ts";
import type { KeyProvider, WrappedKey } from "./key-provider.ts";
import { openBytes, sealBytes } from "./seal.ts";
import { Secret } from "./secret.ts";

export const KEY_BYTES = 32;

/** What each derived key is for; a new purpose gets a new name, never an old key. */
export type KeyPurpose =
  /** Names phone numbers in the directory. */
  | "phone"
  /** Activation codes. */
  | "code"
  /** API keys of merchants, lanes and operators. */
  | "api-key"
  /** Session tokens and challenges. */
  | "session"
  /** Server nonces of payment requests. */
  | "nonce"
  /** Salts of PIN keys. */
  | "salt"
  /** Payment references. */
  | "reference"
  /** Bank accounts in the blind index. */
  | "bank-account";

/** The file of keys, as JSON: 32 bytes each, in base64url. */
export interface KeyFile {
  /** Key-encryption keys by id; the last one wraps what is new. */
  readonly keks: readonly { readonly id: string; readonly key: string }[];
  /** The master of all keyed hashes. It is never changed: hashes are names. */
  readonly master: string;
  /** Ed25519 seeds that sign QR payloads; two are live while one replaces the other. */
  readonly qrKeys: readonly { readonly kid: number; readonly seed: string }[];
}

export interface Kek {
  readonly id: string;
  readonly key: Secret<Uint8Array>;
}

export interface QrKey {
  readonly kid: number;
  /** 32 bytes, raw. */
  readonly publicKey: Uint8Array;
}

/** New random keys. */
export function makeKeyFile(): KeyFile {
  const random = (): string => randomBytes(KEY_BYTES).toString("base64url");
  return {
    keks: [{ id: "kek-1", key: random() }],
    master: random(),
    qrKeys: [{ kid: 1, seed: random() }],
  };
}

/** With one more key-encryption key, which wraps from then on; the older ones unwrap. */
export function withNewKek(file: KeyFile): KeyFile {
  const numbers = file.keks.map(({ id }) => Number(/^kek-([0-9]{1,6})$/.exec(id)?.[1] ?? 0));
  const id = `kek-${Math.max(...numbers) + 1}`;
  const [added] = makeKeyFile().keks;
  assert(added !== undefined, "a new file has a key-encryption key");
  return { ...file, keks: [...file.keks, { ...added, id }] };
}

export function withoutKek(file: KeyFile, id: string): KeyFile {
  const keks = file.keks.filter((kek) => kek.id !== id);
  assert(keks.length >= 1, "a key-encryption key is left");
  return { ...file, keks };
}

export class KeyRing implements KeyProvider {
  readonly #keks: ReadonlyMap<string, Kek>;
  readonly #currentKek: Kek;
  readonly #purposes = new Map<KeyPurpose, Uint8Array>();
  readonly #master: Uint8Array;
  readonly #signer: KeyObject;
  readonly qrKeys: readonly QrKey[];
  /** The key that signs now. */
  readonly kid: number;

  constructor(file: KeyFile) {
    const keks = file.keks.map(({ id, key }) => ({ id, key: new Secret(keyBytes(key)) }));
    this.#keks = new Map(keks.map((kek) => [kek.id, kek]));
    const current = keks.at(-1);
    assert(current !== undefined, "there is a key-encryption key");
    assert(this.#keks.size === keks.length, "key-encryption keys have different ids");
    this.#currentKek = current;
    this.#master = keyBytes(file.master);
    const signers = file.qrKeys.map(({ kid, seed }) => ({ kid, key: ed25519Key(keyBytes(seed)) }));
    const signer = signers.at(-1);
    assert(signer !== undefined, "there is a QR key");
    this.#signer = signer.key;
    this.kid = signer.kid;
    this.qrKeys = signers.map(({ kid, key }) => ({ kid, publicKey: rawPublicKey(key) }));
  }

  get currentKek(): Kek {
    return this.#currentKek;
  }

  get currentKekId(): string {
    return this.#currentKek.id;
  }

  get kekIds(): readonly string[] {
    return [...this.#keks.keys()];
  }

  wrap(subject: string, dataKey: Uint8Array): WrappedKey {
    const { id: kekId, key } = this.#currentKek;
    return { kekId, wrapped: sealBytes(key.expose(), dataKey, dataKeyPlace(subject, kekId)) };
  }

  unwrap(subject: string, { kekId, wrapped }: WrappedKey): Uint8Array {
    const kek = this.kek(kekId);
    assert(kek !== undefined, "the key-encryption key of a data key is at hand");
    return openBytes(kek.key.expose(), wrapped, dataKeyPlace(subject, kekId));
  }

  kek(id: string): Kek | undefined {
    return this.#keks.get(id);
  }

  /** Keyed hash for one purpose: HMAC-SHA-256 under a key derived for it, 32 bytes. */
  tag(purpose: KeyPurpose, ...parts: readonly (string | Uint8Array)[]): Uint8Array {
    return hmacSha256(this.#keyFor(purpose), framed(parts));
  }

  /** The same as base64url text, cut to `bytes`. */
  tagText(purpose: KeyPurpose, bytes: number, ...parts: readonly string[]): string {
    assert(bytes >= 16 && bytes <= KEY_BYTES, "a tag has 16 to 32 bytes");
    return Buffer.from(this.tag(purpose, ...parts).subarray(0, bytes)).toString("base64url");
  }

  /** Ed25519 signature with the current QR key, 64 bytes. */
  signQr(message: Uint8Array): Uint8Array {
    return new Uint8Array(sign(null, message, this.#signer));
  }

  qrPublicKey(kid: number): Uint8Array | undefined {
    return this.qrKeys.find((key) => key.kid === kid)?.publicKey;
  }

  #keyFor(purpose: KeyPurpose): Uint8Array {
    const known = this.#purposes.get(purpose);
    if (known !== undefined) return known;
    const key = hmacSha256(this.#master, Buffer.from(`seqr/${purpose}/v1`));
    this.#purposes.set(purpose, key);
    return key;
  }
}

/** Each part behind its length in bytes, which keeps neighbours apart. */
function framed(parts: readonly (string | Uint8Array)[]): Uint8Array {
  let text = "";
  const pieces: Uint8Array[] = [];
  for (const part of parts) {
    if (typeof part === "string") text += `${Buffer.byteLength(part)}:${part}`;
    else {
      pieces.push(Buffer.from(`${text}${part.length}:`), part);
      text = "";
    }
  }
  // Most have no bytes among them.
  const last = Buffer.from(text);
  return pieces.length === 0 ? last : Buffer.concat([...pieces, last]);
}

/** Binds a wrapped key to its subject: it is nobody else's. */
function dataKeyPlace(subject: string, kekId: string): string {
  return `data-key\n${subject}\n${kekId}`;
}

function keyBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(text, "base64url"));
  assert(bytes.length === KEY_BYTES, "a key has 32 bytes");
  return bytes;
}

/** RFC 8410 section 7: the PKCS #8 wrapping of an Ed25519 seed. */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
/** RFC 8410 section 4: what stands before the 32 bytes of a public key. */
const SPKI_PREFIX_BYTES = 12;

function ed25519Key(seed: Uint8Array): KeyObject {
  const key = Buffer.concat([PKCS8_PREFIX, seed]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

function rawPublicKey(key: KeyObject): Uint8Array {
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return new Uint8Array(spki.subarray(SPKI_PREFIX_BYTES));
}
