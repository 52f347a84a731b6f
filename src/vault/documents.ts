/**
 * Sealed files outside the databases: identity pictures, destroyed after the decision, each sealed
 * in one piece; and ACH files, of any length, which are never whole in memory (large-files.ts).
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { assert } from "../../actors/assert.ts";
import type { KeyRing } from "./key-ring.ts";
import { LARGE_TOKEN, LargeFileWriter, readLargeFile } from "./large-files.ts";
import { openBytes, sealBytes } from "./seal.ts";

export interface DocumentStore {
  /** Seals the picture and gives its token. It is durable when this returns. */
  put(owner: string, bytes: Uint8Array): string;
  open(owner: string, token: string): Uint8Array | undefined;
  /** Seals what is pushed until it is finished; its token opens with `read`. */
  write(owner: string): LargeFileWriter;
  /** The bytes of a file, piece by piece; undefined where there is none of that token. */
  read(owner: string, token: string): Iterable<Uint8Array> | undefined;
  destroy(tokens: readonly string[]): void;
}

const TOKEN_FORM = /^(doc|big)_[A-Za-z0-9_-]{24}$/;

/** Of a file that is being written; what is left of one after a crash is nobody's. */
const UNFINISHED = ".new";

export class SealedFiles implements DocumentStore {
  constructor(
    private readonly keys: KeyRing,
    private readonly folder: string,
  ) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder)) {
      if (name.endsWith(UNFINISHED)) rmSync(join(folder, name));
    }
  }

  put(owner: string, bytes: Uint8Array): string {
    const token = `doc_${randomBytes(18).toString("base64url")}`;
    const kek = this.keys.currentKek;
    const sealed = sealBytes(kek.key.expose(), bytes, `document\n${token}\n${owner}\n${kek.id}`);
    this.#write(token, Buffer.concat([Buffer.from(`${kek.id}\n`), sealed]));
    return token;
  }

  open(owner: string, token: string): Uint8Array | undefined {
    return openWhole(this.keys, this.folder, owner, token);
  }

  write(owner: string): LargeFileWriter {
    return new LargeFileWriter(this.keys, this.folder, owner, UNFINISHED);
  }

  read(owner: string, token: string): Iterable<Uint8Array> | undefined {
    return readSealedFile(this.keys, this.folder, owner, token);
  }

  /** Of everything that is there, finished and whole. */
  tokens(): readonly string[] {
    return readdirSync(this.folder).filter((name) => TOKEN_FORM.test(name));
  }

  destroy(tokens: readonly string[]): void {
    for (const token of tokens) rmSync(this.#file(token), { force: true });
  }

  /** Whole and durable, or not at all: the account is about to say that it has the picture. */
  #write(token: string, bytes: Uint8Array): void {
    const beside = this.#file(token) + UNFINISHED;
    try {
      writeFileSync(beside, bytes, { mode: 0o600, flag: "wx", flush: true });
      renameSync(beside, this.#file(token));
    } finally {
      rmSync(beside, { force: true });
    }
    const folder = openSync(this.folder, "r");
    fsyncSync(folder);
    closeSync(folder);
  }

  #file(token: string): string {
    return fileOf(this.folder, token);
  }
}

/** How many files of the folder the key-encryption key seals. */
export function filesSealedBy(folder: string, kekId: string): number {
  if (!existsSync(folder)) return 0;
  const begin = Buffer.from(`${kekId}\n`);
  const head = Buffer.alloc(begin.length);
  return readdirSync(folder).filter((name) => {
    const file = openSync(join(folder, name), "r");
    try {
      return readSync(file, head, 0, head.length, 0) === head.length && head.equals(begin);
    } finally {
      closeSync(file);
    }
  }).length;
}

/**
 * What was sealed under the token, piece by piece, also for a reader beside the switch: nothing in
 * the folder changes. Undefined where there is none; throws where it cannot be opened.
 */
export function readSealedFile(
  keys: KeyRing,
  folder: string,
  owner: string,
  token: string,
): Iterable<Uint8Array> | undefined {
  if (LARGE_TOKEN.test(token)) {
    return existsSync(fileOf(folder, token))
      ? readLargeFile(keys, folder, owner, token)
      : undefined;
  }
  const bytes = openWhole(keys, folder, owner, token);
  return bytes && [bytes];
}

function openWhole(
  keys: KeyRing,
  folder: string,
  owner: string,
  token: string,
): Uint8Array | undefined {
  const file = fileOf(folder, token);
  assert(!LARGE_TOKEN.test(token), "what was sealed in pieces is read in pieces");
  if (!existsSync(file)) return undefined;
  const stored = readFileSync(file);
  const end = stored.indexOf("\n");
  const kekId = stored.subarray(0, end).toString();
  const kek = keys.kek(kekId);
  assert(kek !== undefined, "the key-encryption key of a picture is at hand");
  const sealed = stored.subarray(end + 1);
  return openBytes(kek.key.expose(), sealed, `document\n${token}\n${owner}\n${kekId}`);
}

function fileOf(folder: string, token: string): string {
  assert(TOKEN_FORM.test(token), "a document token has its form");
  return join(folder, token);
}
