/**
 * Our files on their way to the bank: whole under their name, never twice. A name that was used is
 * on record before its file can be seen, and stays so when the file is gone.
 */
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { assert } from "../../../actors/assert.ts";
import type { FileContent, HandOverOutcome } from "../../collection/bank-gateway.ts";
import { ACH } from "./documents.ts";
import {
  contentOf,
  isFile,
  makeFolder,
  moveFile,
  PART,
  removeFile,
  syncFolder,
  writeWhole,
} from "./folders.ts";

/** What is on record of a name. */
interface UsedName {
  /** Hex, of the whole file. */
  readonly sha256: string;
  readonly bytes: number;
  readonly outcome: HandOverOutcome;
}

const PIECE_BYTES = 1_048_576;
/** Of a record whose name is not used yet. */
const UNUSED = ".new";
const NAME_FORM = /^ach_[0-9]{8}_[A-Z0-9]$/;

export class Outbound {
  readonly #folder: string;
  readonly #names: string;

  constructor(root: string) {
    this.#folder = makeFolder(join(root, "outbound"));
    this.#names = makeFolder(join(root, "names"));
    this.#recover();
  }

  /** `unknown`: the file is there for the bank, and nobody has spoken of it. */
  async put(name: string, content: FileContent): Promise<HandOverOutcome> {
    assert(NAME_FORM.test(name), "a file has a name of ours");
    const known = this.#used(name);
    if (known !== undefined) return known.outcome;
    const part = `${this.#file(name)}.${crypto.randomUUID()}${PART}`;
    try {
      const written = await writeTo(part, content);
      // Once the name is used, a crash is followed by the file in its place, once.
      if (this.#use(name, { ...written, outcome: "unknown" })) moveFile(part, this.#file(name));
    } finally {
      // What could not be put there is never sent later, when people have said that it was not.
      removeFile(part);
    }
    return this.#used(name)?.outcome ?? "unknown";
  }

  /** The bank has spoken: the file is of no use here any more, and holds account numbers. */
  acknowledge(name: string, outcome: "accepted" | "rejected"): void {
    const known = NAME_FORM.test(name) ? this.#used(name) : undefined;
    if (known === undefined) return;
    writeWhole(join(this.#names, name), JSON.stringify({ ...known, outcome } satisfies UsedName));
    removeFile(this.#file(name));
  }

  /** The same where the bank says nothing; what it has said stands. */
  conclude(name: string, outcome: "accepted" | "rejected"): void {
    const known = NAME_FORM.test(name) ? this.#used(name) : undefined;
    if (known?.outcome === "unknown") this.acknowledge(name, outcome);
  }

  /** What was being put when the process died: in its place, if it used its name; else gone. */
  #recover(): void {
    for (const name of readdirSync(this.#names)) {
      if (!NAME_FORM.test(name)) removeFile(join(this.#names, name));
    }
    for (const part of readdirSync(this.#folder)) {
      if (!part.endsWith(PART)) continue;
      const path = join(this.#folder, part);
      const name = part.slice(0, part.indexOf(ACH));
      const used = NAME_FORM.test(name) ? this.#used(name) : undefined;
      // The bank cannot have had it: then it would not lie here.
      const isIt = used?.outcome === "unknown" && !isFile(this.#file(name));
      if (isIt && hashOf(path) === used.sha256) moveFile(path, this.#file(name));
      else removeFile(path);
    }
  }

  /** False when it is used already. The record is whole before it can be seen. */
  #use(name: string, used: UsedName): boolean {
    const path = join(this.#names, name);
    writeWhole(path + UNUSED, JSON.stringify(used));
    try {
      // A link never takes the place of what is there.
      linkSync(path + UNUSED, path);
    } catch (error) {
      if ((error as { code?: string }).code !== "EEXIST") throw error;
      return false;
    } finally {
      removeFile(path + UNUSED);
    }
    syncFolder(this.#names);
    return true;
  }

  #used(name: string): UsedName | undefined {
    const text = contentOf(join(this.#names, name));
    return text === undefined ? undefined : (JSON.parse(text) as UsedName);
  }

  #file(name: string): string {
    return join(this.#folder, name + ACH);
  }
}

/** Read in pieces: it may be larger than memory. */
function hashOf(path: string): string {
  const hash = new Bun.CryptoHasher("sha256");
  const file = openSync(path, "r");
  const piece = new Uint8Array(PIECE_BYTES);
  try {
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
      hash.update(piece.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}

/** Durable when it resolves. */
async function writeTo(
  path: string,
  content: FileContent,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const hash = new Bun.CryptoHasher("sha256");
  const file = openSync(path, "w", 0o600);
  let bytes = 0;
  try {
    for await (const piece of content) {
      for (let from = 0; from < piece.length; ) from += writeSync(file, piece, from);
      hash.update(piece);
      bytes += piece.length;
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return { sha256: hash.digest("hex"), bytes };
}
