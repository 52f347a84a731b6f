/** Identity pictures: sealed, for one owner, for a short life. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AssertionFailed } from "../../actors/assert.ts";
import { SealedFiles } from "../../src/vault/documents.ts";
import { KeyRing, makeKeyFile } from "../../src/vault/key-ring.ts";

const PICTURE = new TextEncoder().encode("a face, and the words canary-4711");
const file = makeKeyFile();
let folder: string;
let documents: SealedFiles;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "seqr-documents-"));
  documents = new SealedFiles(new KeyRing(file), join(folder, "documents"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = (): readonly string[] => readdirSync(join(folder, "documents"));

describe("a picture", () => {
  test("opens for its owner, as it was", () => {
    const token = documents.put("acc_1", PICTURE);
    expect(documents.open("acc_1", token)).toEqual(PICTURE);
    expect(() => documents.open("acc_2", token)).toThrow();
  });

  test("is unreadable where it lies, for its owner's eyes only, and named by its token", () => {
    const token = documents.put("acc_1", PICTURE);
    expect(files()).toEqual([token]);
    const path = join(folder, "documents", token);
    expect(readFileSync(path).includes("canary")).toBe(false);
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(statSync(join(folder, "documents")).mode & 0o077).toBe(0);
  });

  test("is gone when it is destroyed, and destroying it again is nothing", () => {
    const [one, two] = [documents.put("acc_1", PICTURE), documents.put("acc_1", PICTURE)];
    documents.destroy([one]);
    documents.destroy([one]);
    expect(documents.open("acc_1", one)).toBeUndefined();
    expect(files()).toEqual([two]);
  });

  test("under another name does not open", () => {
    const [one, two] = [documents.put("acc_1", PICTURE), documents.put("acc_1", PICTURE)];
    renameSync(join(folder, "documents", one), join(folder, "documents", two));
    expect(() => documents.open("acc_1", two)).toThrow();
  });

  test("of any size and content comes back", () => {
    for (const bytes of [new Uint8Array(), new Uint8Array(300_000).fill(10), PICTURE]) {
      expect(documents.open("acc_1", documents.put("acc_1", bytes))).toEqual(bytes);
    }
  });

  test("opens after a new key-encryption key has come", () => {
    const token = documents.put("acc_1", PICTURE);
    const [added] = makeKeyFile().keks;
    if (added === undefined) throw new Error("a key file has a key");
    const keks = [...file.keks, { ...added, id: "kek-2" }];
    const renewed = new SealedFiles(new KeyRing({ ...file, keks }), join(folder, "documents"));
    expect(renewed.open("acc_1", token)).toEqual(PICTURE);
    const fresh = renewed.put("acc_1", PICTURE);
    expect(() => documents.open("acc_1", fresh)).toThrow(AssertionFailed);
  });
});

test("a picture that was being written when the process died is gone at the next start", () => {
  const token = documents.put("acc_1", PICTURE);
  writeFileSync(join(folder, "documents", `${token}.new`), "half a face");
  const again = new SealedFiles(new KeyRing(file), join(folder, "documents"));
  expect(files()).toEqual([token]);
  expect(again.open("acc_1", token)).toEqual(PICTURE);
});

test("a token is a name in this folder and never a way out of it", () => {
  const wrong = [
    "../keys.json",
    "doc_../../../../etc/passwd",
    "",
    "doc_",
    `doc_${"a".repeat(23)}/`,
  ];
  for (const token of wrong) {
    expect(() => documents.open("acc_1", token)).toThrow(AssertionFailed);
    expect(() => documents.destroy([token])).toThrow(AssertionFailed);
  }
  expect(documents.open("acc_1", `doc_${"a".repeat(24)}`)).toBeUndefined();
});
