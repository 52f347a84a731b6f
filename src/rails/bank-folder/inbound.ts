/**
 * What the bank puts down for us. A piece is taken out of its sight first, under a name of its own,
 * so that another one of the same name cannot take its place while it is read; then it is given
 * until it is taken. What cannot be read as documented is put aside with the reason.
 */
import { chmodSync, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { InboundItem } from "../../collection/bank-gateway.ts";
import { ACH, readDocument } from "./documents.ts";
import {
  fetchFile,
  filesByAge,
  isFile,
  makeFolder,
  moveFile,
  namesIn,
  removeFile,
  syncFolder,
  writeWhole,
} from "./folders.ts";

/** Pieces that are given at once, and their bytes together. */
const ITEMS_MAX = 100;
const BYTES_MAX = 67_108_864;
/** The largest document: a statement of a thousand lines has a seventh of it. */
const DOCUMENT_BYTES_MAX = 1_048_576;
const JSON_END = ".json";
/** Beside a refused piece. */
const REASON = ".reason";
/** money.md, section 9: ACH files are kept for 75 days. */
const KEPT_MS = 75 * 86_400_000;

type Read = InboundItem | { readonly kind: "refused"; readonly why: string };

export class Inbound {
  readonly #inbound: string;
  readonly #reading: string;
  readonly #taken: string;
  readonly #refused: string;

  constructor(root: string) {
    this.#inbound = makeFolder(join(root, "inbound"));
    this.#reading = makeFolder(join(root, "reading"));
    this.#taken = makeFolder(join(root, "taken"));
    this.#refused = makeFolder(join(root, "refused"));
  }

  /** Oldest first, without the first `skip`. */
  items(skip: number): readonly InboundItem[] {
    this.#claim();
    const items: InboundItem[] = [];
    let bytes = 0;
    let passed = 0;
    for (const name of namesIn(this.#reading)) {
      const path = join(this.#reading, name);
      const size = lstatSync(path).size;
      if (items.length === ITEMS_MAX || (items.length > 0 && bytes + size > BYTES_MAX)) break;
      const item = read(path, name);
      if (item.kind === "refused") this.#refuse(name, item.why);
      else if (passed++ >= skip) {
        items.push(item);
        bytes += size;
      }
    }
    return items;
  }

  /** The piece as it is read; undefined for one that was taken. */
  find(id: string): InboundItem | undefined {
    const name = this.#nameOf(id);
    if (name === undefined) return undefined;
    const item = read(join(this.#reading, name), name);
    return item.kind === "refused" ? undefined : item;
  }

  take(id: string): void {
    const name = this.#nameOf(id);
    if (name === undefined) return;
    moveFile(join(this.#reading, name), join(this.#taken, name));
  }

  /** Somebody must look at them, or at the folder; they stay until somebody has. */
  get areRefused(): boolean {
    try {
      return namesIn(this.#refused).some((name) => name.endsWith(REASON));
    } catch {
      return true;
    }
  }

  /** What was taken so long ago that it may not be kept any more. */
  forget(nowMs: number): void {
    for (const name of namesIn(this.#taken)) {
      if (nowMs - claimedAtMs(name) > KEPT_MS) removeFile(join(this.#taken, name));
    }
  }

  #nameOf(id: string): string | undefined {
    return namesIn(this.#reading).find((name) => idOf(name) === id);
  }

  /** Names of version 7 ascend with time (RFC 9562): pieces keep their order. */
  #claim(): void {
    const found = filesByAge(this.#inbound);
    for (const { name, path } of found) {
      const to = join(this.#reading, `${Bun.randomUUIDv7()}-${shortName(name)}`);
      if (fetchFile(path, to) && isFile(to)) chmodSync(to, 0o600);
    }
    if (found.length > 0) syncFolder(this.#inbound);
  }

  #refuse(name: string, why: string): void {
    writeWhole(join(this.#refused, name + REASON), `${why}\n`);
    moveFile(join(this.#reading, name), join(this.#refused, name));
  }
}

const UUID_CHARACTERS = 36;
/** A file system takes 255 bytes: ours stand before the bank's own name and behind it. */
const NAME_MAX = 100;

/** Of the bank's name its end, which says what it is, in letters that every shell takes. */
function shortName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]/g, "_").slice(-NAME_MAX);
}

/** Ours alone: what the bank calls a piece gets into no event. */
function idOf(name: string): string {
  return name.slice(0, UUID_CHARACTERS);
}

function claimedAtMs(name: string): number {
  return Number.parseInt(idOf(name).replaceAll("-", "").slice(0, 12), 16);
}

function read(path: string, name: string): Read {
  const id = idOf(name);
  const refused = (why: string): Read => ({ kind: "refused", why });
  if (!isFile(path)) return refused("not_a_file");
  const { size } = lstatSync(path);
  const lower = name.toLowerCase();
  if (lower.endsWith(ACH)) {
    if (size > BYTES_MAX) return refused("too_large");
    return { id, kind: "returns", bytes: new Uint8Array(readFileSync(path)) };
  }
  if (!lower.endsWith(JSON_END)) return refused("unknown_kind");
  if (size > DOCUMENT_BYTES_MAX) return refused("too_large");
  const document = readDocument(readFileSync(path, "utf8"));
  return document.kind === "refused" ? refused(document.why) : { id, ...document };
}
