/**
 * The data directory: keys, configuration, operators and the databases, readable by its owner only.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { apiKeyTag, makeApiKey } from "./http/auth.ts";
import type { Operator } from "./http/services.ts";
import { type KeyFile, KeyRing, makeKeyFile } from "./vault/key-ring.ts";

export interface DataFiles {
  readonly keys: string;
  readonly operators: string;
  readonly lock: string;
  readonly events: string;
  readonly views: string;
  readonly vault: string;
  readonly dataKeys: string;
  readonly documents: string;
  /** ACH files, sealed. */
  readonly ach: string;
  readonly sandboxClock: string;
  readonly sandboxBank: string;
}

export function dataFiles(dataDir: string): DataFiles {
  return {
    keys: join(dataDir, "keys.json"),
    operators: join(dataDir, "operators.json"),
    lock: join(dataDir, "owner.lock"),
    events: join(dataDir, "events.db"),
    views: join(dataDir, "views.db"),
    vault: join(dataDir, "vault.db"),
    dataKeys: join(dataDir, "data-keys.db"),
    documents: join(dataDir, "documents"),
    ach: join(dataDir, "ach"),
    sandboxClock: join(dataDir, "sandbox-clock.json"),
    sandboxBank: join(dataDir, "sandbox-bank.json"),
  };
}

export class DirectoryRefused extends Error {
  override readonly name = "DirectoryRefused";
}

export function isInitialised(dataDir: string): boolean {
  return existsSync(dataFiles(dataDir).keys);
}

/**
 * Makes the directory and its keys. Throws DirectoryRefused when it has keys already, or has lost
 * them: what is sealed under lost keys stays sealed, and new ones would hide that.
 */
export function initialise(dataDir: string): void {
  const files = dataFiles(dataDir);
  if (isInitialised(dataDir)) throw keysExist(dataDir);
  for (const file of [files.events, files.vault, files.dataKeys]) {
    if (existsSync(file)) {
      throw new DirectoryRefused(`${file} is there and its keys are not: restore keys.json`);
    }
  }
  makeFolder(dataDir);
  if (!existsSync(files.operators)) writePrivate(files.operators, [], renameSync);
  // Last: a directory with keys is a whole one. A link never replaces the keys of somebody faster.
  try {
    writePrivate(files.keys, makeKeyFile(), linkSync);
  } catch (error) {
    throw isInitialised(dataDir) ? keysExist(dataDir) : error;
  }
}

function makeFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const code = String((error as { code?: unknown }).code ?? "failed");
    throw new DirectoryRefused(`${dataDir} cannot be made: ${FOLDER_FAULTS[code] ?? code}`);
  }
  chmodSync(dataDir, 0o700);
}

/** What the operating system says (errno(3)), for people. */
const FOLDER_FAULTS: Readonly<Record<string, string>> = {
  EEXIST: "a file is in its place",
  ENOTDIR: "a file is in its way",
  ENOENT: "no folder can be made there",
  EACCES: "permission denied",
  EROFS: "nothing can be written there",
};

function keysExist(dataDir: string): DirectoryRefused {
  return new DirectoryRefused(`${dataDir} has keys already; nothing was changed`);
}

export function readKeys(dataDir: string): KeyRing {
  const keyFile = readKeyFile(dataDir);
  try {
    return new KeyRing(keyFile);
  } catch {
    // What an assertion or a parser says may quote what it read, and these are keys.
    throw unreadableKeys(dataDir);
  }
}

/** As it lies there. Throws DirectoryRefused where it is not to be read, or by too many. */
export function readKeyFile(dataDir: string): KeyFile {
  const file = dataFiles(dataDir).keys;
  if (!existsSync(file)) throw new DirectoryRefused(`${dataDir} has no keys: run seqr init`);
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new DirectoryRefused(`${file} can be read by others: chmod 600 it`);
  }
  const text = readFileSync(file, "utf8");
  try {
    return JSON.parse(text) as KeyFile;
  } catch {
    throw unreadableKeys(dataDir);
  }
}

function unreadableKeys(dataDir: string): DirectoryRefused {
  const file = dataFiles(dataDir).keys;
  return new DirectoryRefused(`${file} holds no keys that can be read: restore your copy`);
}

/** In the place of the old one, whole or not at all. Only the owner of the directory may. */
export function writeKeyFile(dataDir: string, keyFile: KeyFile): void {
  writePrivate(dataFiles(dataDir).keys, keyFile, renameSync);
}

/** Nobody, where the file is lost: operators get new keys. */
export function readOperators(dataDir: string): readonly Operator[] {
  const file = dataFiles(dataDir).operators;
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  try {
    const operators: unknown = JSON.parse(text);
    if (Array.isArray(operators)) return operators as Operator[];
  } catch {
    // Told below, without what the parser quotes.
  }
  throw new DirectoryRefused(`${file} is not a JSON list: remove it and add the operators again`);
}

/** Gives an operator a new desk key, which is shown once; an older key of the name is void. */
export function addOperator(
  dataDir: string,
  keys: KeyRing,
  name: string,
  mode: "live" | "sandbox",
): string {
  const key = makeApiKey(keys, "operator", name, mode, crypto.randomUUID());
  const others = readOperators(dataDir).filter((other) => other.name !== name);
  const operators = [...others, { name, keyTag: apiKeyTag(keys, key) }];
  writePrivate(dataFiles(dataDir).operators, operators, renameSync);
  return key;
}

/** Replaces a file of JSON, for its owner only. Durable when it returns. */
export function writeWhole(file: string, content: unknown): void {
  writePrivate(file, content, renameSync);
}

/** Whole or not at all, power loss included: written beside, then put into place. */
function writePrivate(
  file: string,
  content: unknown,
  place: (from: string, to: string) => void,
): void {
  const beside = `${file}.${crypto.randomUUID()}.new`;
  try {
    writeFileSync(beside, `${JSON.stringify(content, null, 2)}\n`, {
      mode: 0o600,
      flag: "wx",
      flush: true,
    });
    place(beside, file);
  } finally {
    rmSync(beside, { force: true });
  }
  // The name is in the directory once the directory is on disk.
  const directory = openSync(dirname(file), "r");
  fsyncSync(directory);
  closeSync(directory);
}
