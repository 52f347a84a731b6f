/**
 * The WebAssembly module as the core calls it: bytes are copied in, one call does the job, the
 * answer is copied out. An instance is single-threaded and holds no secret after a call: the module
 * wipes what it was given, and what it gave is wiped here once it is copied.
 */
import { APPROVAL_BYTES, APPROVAL_FAULTS, type ApprovalFault } from "./approval.ts";
import { assert } from "./assert.ts";
import { base32Decode as decodeText } from "./base32.ts";
import { isWhole, viewOf } from "./bytes.ts";
import type { Implementation, SignatureFault } from "./implementation.ts";
import {
  type Argon2Cost,
  BATCH_ITEMS_MAX,
  type BatchVerdict,
  type SignedMessage,
} from "./primitives.ts";
import { QR_FAULTS, type QrFault } from "./qr.ts";
import * as reference from "./reference.ts";

/** What the module exports; lengths and statuses are 32-bit numbers. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  init(): void;
  input(): number;
  output(): number;
  verify(length: number): number;
  verifyBatch(count: number): number;
  sha256(length: number): void;
  sha512(length: number): void;
  hmacSha256(keyLength: number, length: number): void;
  hkdfSha256(material: number, salt: number, info: number, length: number): void;
  argon2id(
    password: number,
    salt: number,
    secret: number,
    associated: number,
    memoryKib: number,
    passes: number,
    lanes: number,
    length: number,
  ): void;
  base32Decode(length: number): number;
  parseQr(length: number): number;
  verifyQr(length: number): number;
  parseApproval(length: number): number;
  verifyPinProof(): number;
}

/** One instance of the module. */
export interface CoreModule extends Implementation {
  /** The whole memory, for the test that looks for secrets. */
  readonly memory: Uint8Array;
}

const INPUT_BYTES = 65_536;
const SIGNATURE_BYTES = 64;
const PUBLIC_KEY_BYTES = 32;
/** Items that the module takes at once, and what stands before each message. */
const MODULE_ITEMS_MAX = 64;
const ITEM_HEAD_BYTES = 116;
const COEFFICIENT_BYTES = 16;
const ARGON2_KIB_MAX = 19_456;
const HKDF_BYTES_MAX = 255 * 32;
const PIN_KEY_BYTES = 32;
const PROOF_BYTES = 32;
const VERIFY_FAULTS = [...QR_FAULTS, "signature_invalid"] as const;
const encoder = new TextEncoder();

/** Instantiates an artefact, synchronously, and builds its tables. Throws where it cannot run. */
export function instantiate(
  name: "wide" | "portable",
  artefact: Uint8Array<ArrayBuffer>,
): CoreModule {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(artefact), {});
  return new Instance(name, exports as unknown as Exports);
}

class Instance implements CoreModule {
  readonly memory: Uint8Array;
  readonly #view: DataView;
  readonly #input: number;
  readonly #output: number;

  constructor(
    readonly name: "wide" | "portable",
    private readonly module: Exports,
  ) {
    module.init();
    // The memory is fixed, so these views stay.
    this.memory = new Uint8Array(module.memory.buffer);
    this.#view = new DataView(module.memory.buffer);
    this.#input = module.input();
    this.#output = module.output();
  }

  ed25519Verify = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean => {
    if (signature.length !== SIGNATURE_BYTES || publicKey.length !== PUBLIC_KEY_BYTES) return false;
    if (!this.#fits(SIGNATURE_BYTES + PUBLIC_KEY_BYTES + message.length)) {
      return reference.ed25519Verify(signature, message, publicKey);
    }
    this.#put(signature, publicKey, message);
    return this.module.verify(message.length) !== 0;
  };

  /** In pieces of what the module takes; a piece that fails is looked through one by one. */
  ed25519VerifyBatch = (items: readonly SignedMessage[]): BatchVerdict => {
    assert(items.length <= BATCH_ITEMS_MAX, "a batch has at most BATCH_ITEMS_MAX items");
    const bad: number[] = [];
    let from = 0;
    while (from < items.length) {
      const end = this.#pieceEnd(items, from);
      // A piece of one costs less alone; so does an item that is too large for any piece.
      if (end - from < 2 || !this.#verifyPiece(items, from, end)) {
        for (let at = from; at < Math.max(end, from + 1); at++) {
          const item = items[at] as SignedMessage;
          if (!this.ed25519Verify(item.signature, item.message, item.publicKey)) bad.push(at);
        }
      }
      from = Math.max(end, from + 1);
    }
    return { ok: bad.length === 0, bad };
  };

  /** Where the piece from `from` ends: room, number, and only items of the right lengths. */
  #pieceEnd(items: readonly SignedMessage[], from: number): number {
    let bytes = 0;
    let at = from;
    for (; at < items.length && at - from < MODULE_ITEMS_MAX; at++) {
      const { signature, publicKey, message } = items[at] as SignedMessage;
      bytes += ITEM_HEAD_BYTES + message.length;
      const isFit =
        signature.length === SIGNATURE_BYTES &&
        publicKey.length === PUBLIC_KEY_BYTES &&
        this.#fits(bytes);
      if (!isFit) break;
    }
    return at;
  }

  #verifyPiece(items: readonly SignedMessage[], from: number, end: number): boolean {
    const coefficients = randomCoefficients(end - from);
    let at = this.#input;
    for (let index = from; index < end; index++) {
      const { signature, publicKey, message } = items[index] as SignedMessage;
      const start = (index - from) * COEFFICIENT_BYTES;
      this.memory.set(signature, at);
      this.memory.set(publicKey, at + SIGNATURE_BYTES);
      this.memory.set(coefficients.subarray(start, start + COEFFICIENT_BYTES), at + 96);
      this.#view.setUint32(at + 112, message.length, true);
      this.memory.set(message, at + ITEM_HEAD_BYTES);
      at += ITEM_HEAD_BYTES + message.length;
    }
    return this.module.verifyBatch(end - from) !== 0;
  }

  sha256 = (message: Uint8Array): Uint8Array => {
    if (!this.#fits(message.length)) return reference.sha256(message);
    this.#put(message);
    this.module.sha256(message.length);
    return this.#take(32);
  };

  sha512 = (message: Uint8Array): Uint8Array => {
    if (!this.#fits(message.length)) return reference.sha512(message);
    this.#put(message);
    this.module.sha512(message.length);
    return this.#take(64);
  };

  hmacSha256 = (key: Uint8Array, message: Uint8Array): Uint8Array => {
    if (!this.#fits(key.length + message.length)) return reference.hmacSha256(key, message);
    this.#put(key, message);
    this.module.hmacSha256(key.length, message.length);
    return this.#take(32);
  };

  hkdfSha256 = (
    ikm: Uint8Array,
    salt: Uint8Array,
    info: Uint8Array,
    length: number,
  ): Uint8Array => {
    assert(isWhole(length, HKDF_BYTES_MAX), "HKDF-SHA-256 gives at most 8160 bytes");
    if (!this.#fits(ikm.length + salt.length + info.length)) {
      return reference.hkdfSha256(ikm, salt, info, length);
    }
    this.#put(ikm, salt, info);
    this.module.hkdfSha256(ikm.length, salt.length, info.length, length);
    return this.#take(length);
  };

  argon2id = (password: Uint8Array, salt: Uint8Array, cost: Argon2Cost): Uint8Array => {
    const { memoryKiB, passes, lanes, length } = cost;
    const { secret = NO_BYTES, associatedData = NO_BYTES } = cost;
    reference.assertArgon2(salt, cost);
    const given = password.length + salt.length + secret.length + associatedData.length;
    // What no phone of ours asks for is left to the reference.
    if (memoryKiB > ARGON2_KIB_MAX || !this.#fits(given)) {
      return reference.argon2id(password, salt, cost);
    }
    this.#put(password, salt, secret, associatedData);
    this.module.argon2id(
      password.length,
      salt.length,
      secret.length,
      associatedData.length,
      memoryKiB,
      passes,
      lanes,
      length,
    );
    return this.#take(length);
  };

  base32Decode = (text: string): Uint8Array | undefined => {
    // A letter beyond ASCII takes more bytes and is no letter of base32.
    if (text.length > INPUT_BYTES / 8) return decodeText(text);
    const { written } = encoder.encodeInto(text, this.memory.subarray(this.#input));
    const length = this.module.base32Decode(written);
    return length < 0 ? undefined : this.#take(length);
  };

  qrFault = (payload: Uint8Array): QrFault | undefined => {
    this.#put(cut(payload));
    return faultOf(QR_FAULTS, this.module.parseQr(Math.min(payload.length, FORM_BYTES_MAX)));
  };

  verifyQr = (payload: Uint8Array, publicKey: Uint8Array): QrFault | SignatureFault | undefined => {
    if (publicKey.length !== PUBLIC_KEY_BYTES) {
      const at = payload.length - SIGNATURE_BYTES;
      return this.qrFault(payload) ?? { kind: "signature_invalid", at };
    }
    this.#put(publicKey, cut(payload));
    const status = this.module.verifyQr(Math.min(payload.length, FORM_BYTES_MAX));
    return faultOf(VERIFY_FAULTS, status);
  };

  approvalFault = (body: Uint8Array): ApprovalFault | undefined => {
    this.#put(cut(body));
    return faultOf(
      APPROVAL_FAULTS,
      this.module.parseApproval(Math.min(body.length, FORM_BYTES_MAX)),
    );
  };

  verifyPinProof = (pinKey: Uint8Array, body: Uint8Array, proof: Uint8Array): boolean => {
    assert(pinKey.length === PIN_KEY_BYTES, "a PIN key has 32 bytes");
    assert(body.length === APPROVAL_BYTES, "a PIN proof covers an approval body");
    if (proof.length !== PROOF_BYTES) return false;
    this.#put(pinKey, body, proof);
    return this.module.verifyPinProof() !== 0;
  };

  #fits(bytes: number): boolean {
    return bytes <= INPUT_BYTES;
  }

  #put(...parts: readonly Uint8Array[]): void {
    let at = this.#input;
    for (const part of parts) {
      this.memory.set(part, at);
      at += part.length;
    }
  }

  /** A copy of the output, which is then wiped. */
  #take(length: number): Uint8Array {
    const end = this.#output + length;
    const copy = this.memory.slice(this.#output, end);
    this.memory.fill(0, this.#output, end);
    return copy;
  }
}

const NO_BYTES = new Uint8Array();
/** Longer than any payload or approval: what is beyond changes nothing about the fault. */
const FORM_BYTES_MAX = 255;

function cut(bytes: Uint8Array): Uint8Array {
  return bytes.length > FORM_BYTES_MAX ? bytes.subarray(0, FORM_BYTES_MAX) : bytes;
}

/** A status is 0, or the number of a fault, from 1, with its offset above the lowest byte. */
function faultOf<K extends string>(
  kinds: readonly K[],
  status: number,
): { readonly kind: K; readonly at: number } | undefined {
  if (status === 0) return undefined;
  const kind = kinds[(status & 0xff) - 1];
  assert(kind !== undefined, "the module gives faults that are listed");
  return { kind, at: status >>> 8 };
}

/** 128 random bits each, none of them zero. */
function randomCoefficients(count: number): Uint8Array {
  const bytes = crypto.getRandomValues(new Uint8Array(count * COEFFICIENT_BYTES));
  const view = viewOf(bytes);
  for (let at = 0; at < bytes.length; at += COEFFICIENT_BYTES) {
    // One chance in 2^128; a zero would leave its item out.
    while (view.getBigUint64(at) === 0n && view.getBigUint64(at + 8) === 0n) {
      crypto.getRandomValues(bytes.subarray(at, at + COEFFICIENT_BYTES));
    }
  }
  return bytes;
}
