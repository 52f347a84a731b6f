/**
 * Files that are sealed while they are written and opened while they are read, a piece at a time
 * (sealed-stream.ts), in the same folder and under the same keys as documents.ts keeps whole ones.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { assert } from "../../actors/assert.ts";
import { wipe } from "../../wasm/bytes.ts";
import type { KeyRing } from "./key-ring.ts";
import { PIECE_BYTES, PieceCipher, SALT_BYTES, TAG_BYTES } from "./sealed-stream.ts";

export const LARGE_TOKEN = /^big_[A-Za-z0-9_-]{24}$/;

/** Longer than any id of a key. */
const HEAD_BYTES_MAX = 256;

/** Takes the bytes of one file; nobody finds it before it is finished. */
export class LargeFileWriter {
  readonly #token = `big_${randomBytes(18).toString("base64url")}`;
  readonly #piece = new Uint8Array(PIECE_BYTES);
  readonly #cipher: PieceCipher;
  readonly #file: number;
  #filled = 0;
  #isOpen = true;

  constructor(
    keys: KeyRing,
    private readonly folder: string,
    owner: string,
    /** What the name ends with until the file is finished. */
    private readonly unfinished: string,
  ) {
    const { id, key } = keys.currentKek;
    const salt = randomBytes(SALT_BYTES);
    this.#cipher = new PieceCipher(key.expose(), salt, boundTo(this.#token, owner, id));
    this.#file = openSync(this.#path + unfinished, "wx", 0o600);
    writeWhole(this.#file, Buffer.concat([Buffer.from(`${id}\n`), salt]));
  }

  push(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      // A full piece waits until it is known not to be the last.
      if (this.#filled === PIECE_BYTES) this.#write(false);
      const some = bytes.subarray(from, from + PIECE_BYTES - this.#filled);
      this.#piece.set(some, this.#filled);
      this.#filled += some.length;
      from += some.length;
    }
  }

  /** Whole and durable when this returns; gives the token. */
  finish(): string {
    this.#write(true);
    fsyncSync(this.#file);
    this.#end();
    renameSync(this.#path + this.unfinished, this.#path);
    const folder = openSync(this.folder, "r");
    fsyncSync(folder);
    closeSync(folder);
    return this.#token;
  }

  /** It was not to be: nothing of it is left. */
  discard(): void {
    this.#end();
    rmSync(this.#path + this.unfinished, { force: true });
  }

  get #path(): string {
    return join(this.folder, this.#token);
  }

  #write(isLast: boolean): void {
    const { body, tag } = this.#cipher.seal(this.#piece.subarray(0, this.#filled), isLast);
    writeWhole(this.#file, body);
    writeWhole(this.#file, tag);
    this.#filled = 0;
  }

  #end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#file);
    this.#cipher.end();
    wipe(this.#piece);
  }
}

/** The bytes of a file, piece by piece; throws where it is not what was written. */
export function* readLargeFile(
  keys: KeyRing,
  folder: string,
  owner: string,
  token: string,
): Generator<Uint8Array> {
  assert(LARGE_TOKEN.test(token), "a token of a large file has its form");
  const file = openSync(join(folder, token), "r");
  try {
    const head = readAt(file, 0, new Uint8Array(HEAD_BYTES_MAX));
    const saltAt = head.indexOf(0x0a) + 1;
    assert(saltAt > 0, "a sealed file names its key");
    const kekId = new TextDecoder().decode(head.subarray(0, saltAt - 1));
    const kek = keys.kek(kekId);
    assert(kek !== undefined, "the key-encryption key of a file is at hand");
    const salt = readAt(file, saltAt, new Uint8Array(SALT_BYTES));
    const cipher = new PieceCipher(kek.key.expose(), salt, boundTo(token, owner, kekId));
    const { size } = fstatSync(file);
    const sealed = new Uint8Array(PIECE_BYTES + TAG_BYTES);
    try {
      for (let at = saltAt + SALT_BYTES; ; at += sealed.length) {
        const isLast = at + sealed.length >= size;
        yield cipher.open(readAt(file, at, sealed), isLast);
        if (isLast) return;
      }
    } finally {
      cipher.end();
    }
  } finally {
    closeSync(file);
  }
}

function boundTo(token: string, owner: string, kekId: string): string {
  return `document\n${token}\n${owner}\n${kekId}`;
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from);
}

/** Fills `target` from that place on; less of it where the file ends. */
function readAt(file: number, at: number, target: Uint8Array): Uint8Array {
  let length = 0;
  for (;;) {
    const read = readSync(file, target, length, target.length - length, at + length);
    length += read;
    if (read === 0 || length === target.length) return target.subarray(0, length);
  }
}
