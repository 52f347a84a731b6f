/** Files that are whole and durable, or not there at all, and moved so that a crash loses none. */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/** What is being written ends so, here and at the bank: it does not count. */
export const PART = ".part";

export function makeFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  return path;
}

/** The folder's list of names is durable. */
export function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  fsyncSync(folder);
  closeSync(folder);
}

/** Replaces the file in one step. */
export function writeWhole(path: string, content: string): void {
  const beside = path + PART;
  writeFileSync(beside, content, { mode: 0o600, flush: true });
  renameSync(beside, path);
  syncFolder(dirname(path));
}

/** From one folder to another, both durable afterwards. */
export function moveFile(from: string, to: string): void {
  renameSync(from, to);
  syncFolder(dirname(to));
  syncFolder(dirname(from));
}

/** Into another folder, durable afterwards; false where it was taken away meanwhile. */
export function fetchFile(from: Buffer, to: string): boolean {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT" || !existsSync(dirname(to))) throw error;
    return false;
  }
  syncFolder(dirname(to));
  return true;
}

export function removeFile(path: string): void {
  rmSync(path, { force: true });
  syncFolder(dirname(path));
}

/** Undefined where there is none. */
export function contentOf(path: string): string | undefined {
  return isFile(path) ? readFileSync(path, "utf8") : undefined;
}

/** A file itself, and no link to one elsewhere. */
export function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Names that count, in their order: neither half-written ones nor hidden ones. */
export function namesIn(folder: string): readonly string[] {
  return readdirSync(folder).filter(counts).sort();
}

function counts(name: string): boolean {
  return !name.endsWith(PART) && !name.startsWith(".");
}

export interface FoundFile {
  /** As far as it can be read: somebody else gave the name. */
  readonly name: string;
  readonly path: Buffer;
}

/** What counts in the folder by the time of its last change, oldest first. */
export function filesByAge(folder: string): readonly FoundFile[] {
  // Bytes: a name that is no UTF-8 would not be found again by its text.
  const files = readdirSync(folder, { encoding: "buffer" }).flatMap((bytes) => {
    const name = bytes.toString();
    const path = Buffer.concat([Buffer.from(`${folder}/`), bytes]);
    const stat = counts(name) ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
    return stat === undefined ? [] : [{ name, path, atMs: stat.mtimeMs }];
  });
  return files.sort((a, b) => a.atMs - b.atMs || (a.name < b.name ? -1 : 1));
}
