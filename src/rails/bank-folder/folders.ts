/** Files that are whole and durable, or not there at all, and moved so that a crash loses none. */
import {
  chmodSync,
  closeSync,
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
import { dirname, join } from "node:path";

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
  return readdirSync(folder)
    .filter((name) => !name.endsWith(PART) && !name.startsWith("."))
    .sort();
}

/** Names of the folder by the time of their last change, oldest first. */
export function namesByAge(folder: string): readonly string[] {
  const ages = namesIn(folder).flatMap((name) => {
    const stat = lstatSync(join(folder, name), { throwIfNoEntry: false });
    return stat === undefined ? [] : [{ name, atMs: stat.mtimeMs }];
  });
  return ages.sort((a, b) => a.atMs - b.atMs).map(({ name }) => name);
}
