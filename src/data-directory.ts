/**
 * The data directory: keys, configuration, operators and the databases, readable by its owner only.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
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
  readonly documents: string;
}

export function dataFiles(dataDir: string): DataFiles {
  return {
    keys: join(dataDir, "keys.json"),
    operators: join(dataDir, "operators.json"),
    lock: join(dataDir, "owner.lock"),
    events: join(dataDir, "events.db"),
    views: join(dataDir, "views.db"),
    vault: join(dataDir, "vault.db"),
    documents: join(dataDir, "documents"),
  };
}

export class DirectoryRefused extends Error {
  override readonly name = "DirectoryRefused";
}

export function isInitialised(dataDir: string): boolean {
  return existsSync(dataFiles(dataDir).keys);
}

/** Makes the directory and its keys. Throws DirectoryRefused when it has keys already. */
export function initialise(dataDir: string): void {
  if (isInitialised(dataDir)) {
    throw new DirectoryRefused(`${dataDir} has keys already; nothing was changed`);
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  chmodSync(dataDir, 0o700);
  const files = dataFiles(dataDir);
  writePrivate(files.operators, []);
  // Last: a directory with keys is a whole one.
  writePrivate(files.keys, makeKeyFile());
}

export function readKeys(dataDir: string): KeyRing {
  const file = dataFiles(dataDir).keys;
  if (!existsSync(file)) throw new DirectoryRefused(`${dataDir} has no keys: run seqr init`);
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new DirectoryRefused(`${file} can be read by others: chmod 600 it`);
  }
  return new KeyRing(JSON.parse(readFileSync(file, "utf8")) as KeyFile);
}

export function readOperators(dataDir: string): readonly Operator[] {
  return JSON.parse(readFileSync(dataFiles(dataDir).operators, "utf8")) as Operator[];
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
  writePrivate(dataFiles(dataDir).operators, operators);
  return key;
}

/** Whole or not at all: written beside, then moved into place. */
function writePrivate(file: string, content: unknown): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
