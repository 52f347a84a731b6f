/** Files that are sealed and opened a piece at a time: what was written, or nothing at all. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AssertionFailed } from "../../actors/assert.ts";
import { SealedFiles } from "../../src/vault/documents.ts";
import { KeyRing, makeKeyFile } from "../../src/vault/key-ring.ts";
import { PIECE_BYTES, PieceCipher, SALT_BYTES, TAG_BYTES } from "../../src/vault/sealed-stream.ts";

const keyFile = makeKeyFile();
const SEALED = PIECE_BYTES + TAG_BYTES;
let folder: string;
let files: SealedFiles;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "seqr-large-"));
  files = new SealedFiles(new KeyRing(keyFile), folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Bytes that tell their place. */
function bytesOf(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4)).map((_, at) => at * 2_654_435_761 + seed);
  return new Uint8Array(words.buffer).subarray(0, length);
}

function write(bytes: Uint8Array, step = 65_536, owner = "ach_1"): string {
  const writer = files.write(owner);
  for (let at = 0; at < bytes.length; at += step) writer.push(bytes.subarray(at, at + step));
  return writer.finish();
}

function read(token: string, owner = "ach_1"): Uint8Array {
  const pieces = files.read(owner, token);
  if (pieces === undefined) throw new Error("there is no such file");
  return new Uint8Array(Buffer.concat([...pieces]));
}

/** The file as it lies: head, salt, sealed pieces. */
function parts(token: string): { readonly head: Buffer; readonly pieces: readonly Buffer[] } {
  const stored = readFileSync(join(folder, token));
  const from = stored.indexOf("\n") + 1 + SALT_BYTES;
  const pieces: Buffer[] = [];
  for (let at = from; at < stored.length; at += SEALED)
    pieces.push(stored.subarray(at, at + SEALED));
  return { head: stored.subarray(0, from), pieces };
}

describe("a large file", () => {
  test.each([0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, 2_500_000])(
    "of %p bytes comes back, however it was pushed",
    (length) => {
      const bytes = bytesOf(length);
      for (const step of [70_001, PIECE_BYTES, 3 * PIECE_BYTES]) {
        expect(Buffer.compare(read(write(bytes, step)), bytes)).toBe(0);
      }
      expect(readdirSync(folder).filter((name) => name.endsWith(".new"))).toEqual([]);
    },
  );

  test("is unreadable where it lies, for its owner's eyes only, and named by its token", () => {
    const token = write(new TextEncoder().encode("canary-4711 ".repeat(200_000)));
    expect(readdirSync(folder)).toEqual([token]);
    expect(readFileSync(join(folder, token)).includes("canary")).toBe(false);
    expect(statSync(join(folder, token)).mode & 0o077).toBe(0);
    files.destroy([token]);
    expect(files.read("ach_1", token)).toBeUndefined();
  });

  test("is opened in pieces, never whole", () => {
    const token = write(bytesOf(3 * PIECE_BYTES + 5));
    const lengths = [...(files.read("ach_1", token) ?? [])].map(({ length }) => length);
    expect(lengths).toEqual([PIECE_BYTES, PIECE_BYTES, PIECE_BYTES, 5]);
    expect(() => files.open("ach_1", token)).toThrow(AssertionFailed);
  });

  test("that was sealed in one piece is read, too", () => {
    const token = files.put("ach_1", bytesOf(300_000));
    expect(Buffer.compare(read(token), bytesOf(300_000))).toBe(0);
  });

  test("of another owner, of another token or of none does not open", () => {
    const [one, two] = [write(bytesOf(100)), write(bytesOf(100))];
    expect(() => read(one, "ach_2")).toThrow();
    writeFileSync(join(folder, two), readFileSync(join(folder, one)));
    expect(() => read(two)).toThrow();
    expect(files.read("ach_1", `big_${"a".repeat(24)}`)).toBeUndefined();
    expect(() => files.read("ach_1", "big_../../keys.json")).toThrow(AssertionFailed);
  });

  test("opens after a new key-encryption key has come", () => {
    const token = write(bytesOf(2_000_000));
    const [added] = makeKeyFile().keks;
    if (added === undefined) throw new Error("a key file has a key");
    const keks = [...keyFile.keks, { ...added, id: "kek-2" }];
    files = new SealedFiles(new KeyRing({ ...keyFile, keks }), folder);
    expect(Buffer.compare(read(token), bytesOf(2_000_000))).toBe(0);
  });
});

describe("what was changed is found", () => {
  const LENGTH = 3 * PIECE_BYTES;
  const faults: readonly [string, (of: ReturnType<typeof parts>, other: Buffer) => Buffer[]][] = [
    ["cut off behind a piece", ({ head, pieces }) => [head, ...pieces.slice(0, 2)]],
    [
      "cut off inside a piece",
      ({ head, pieces }) => [head, ...pieces].map((p) => p.subarray(0, 9_000)),
    ],
    ["cut off behind its salt", ({ head }) => [head]],
    ["cut off inside its salt", ({ head }) => [head.subarray(0, -1)]],
    ["a piece left out", ({ head, pieces }) => [head, ...pieces.toSpliced(1, 1)]],
    ["two pieces exchanged", ({ head, pieces: [a, b, c] }) => [head, b, a, c] as Buffer[]],
    ["a piece twice", ({ head, pieces: [a, b, c] }) => [head, a, b, b, c] as Buffer[]],
    [
      "a piece of another file",
      ({ head, pieces: [a, , c] }, other) => [head, a, other, c] as Buffer[],
    ],
    ["the last piece twice", ({ head, pieces }) => [head, ...pieces, pieces.at(-1) as Buffer]],
    ["something behind its end", ({ head, pieces }) => [head, ...pieces, Buffer.alloc(40)]],
  ];

  test.each(faults)("%s", (_, change) => {
    const token = write(bytesOf(LENGTH));
    const other = parts(write(bytesOf(LENGTH))).pieces[1] as Buffer;
    const stored = change(parts(token), other);
    writeFileSync(join(folder, token), Buffer.concat(stored));
    expect(() => read(token)).toThrow();
  });

  test("one bit, anywhere", () => {
    const token = write(bytesOf(PIECE_BYTES + 100));
    const stored = readFileSync(join(folder, token));
    const from = stored.indexOf("\n") + 1;
    const places = [
      from,
      from + 31,
      from + 32,
      from + 5_000,
      from + 32 + SEALED,
      stored.length - 1,
    ];
    for (const place of places) {
      const changed = Buffer.from(stored);
      changed[place] = (changed[place] ?? 0) ^ 0x10;
      writeFileSync(join(folder, token), changed);
      expect(() => read(token)).toThrow();
    }
  });

  test("what was being written when the process died is nobody's", () => {
    const writer = files.write("ach_1");
    writer.push(bytesOf(2 * PIECE_BYTES));
    expect(readdirSync(folder)).toHaveLength(1);
    files = new SealedFiles(new KeyRing(keyFile), folder);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("what was not to be leaves nothing", () => {
    const writer = files.write("ach_1");
    writer.push(bytesOf(2 * PIECE_BYTES));
    writer.discard();
    writer.discard();
    expect(readdirSync(folder)).toEqual([]);
  });
});

test("the construction is the published one: another implementation opens it", async () => {
  const { subtle } = crypto;
  const bytes = bytesOf(PIECE_BYTES + 77);
  const token = write(bytes);
  const { head, pieces } = parts(token);
  const [{ id, key } = { id: "", key: "" }] = keyFile.keks;
  const raw = new Uint8Array(Buffer.from(key, "base64url"));
  const material = await subtle.importKey("raw", raw, "HKDF", false, ["deriveKey"]);
  const info = new TextEncoder().encode(`seqr/sealed-stream/v1\ndocument\n${token}\nach_1\n${id}`);
  const salt = new Uint8Array(head.subarray(-SALT_BYTES));
  const aes = { name: "AES-GCM", length: 256 };
  const of = { name: "HKDF", hash: "SHA-256", salt, info };
  const derived = await subtle.deriveKey(of, material, aes, false, ["decrypt"]);
  const opened: Uint8Array[] = [];
  for (const [at, piece] of pieces.entries()) {
    const iv = new Uint8Array(12);
    iv[10] = at;
    iv[11] = at === pieces.length - 1 ? 1 : 0;
    const plain = await subtle.decrypt({ name: "AES-GCM", iv }, derived, new Uint8Array(piece));
    opened.push(new Uint8Array(plain));
  }
  expect(Buffer.compare(Buffer.concat(opened), bytes)).toBe(0);
});

test("a cipher says what it is not for", () => {
  const [kek, salt] = [new Uint8Array(32), new Uint8Array(SALT_BYTES)];
  expect(() => new PieceCipher(kek, salt.subarray(1), "x")).toThrow(AssertionFailed);
  const cipher = new PieceCipher(kek, salt, "x");
  expect(() => cipher.seal(new Uint8Array(5), false)).toThrow("pieces are even");
  expect(() => cipher.open(new Uint8Array(5), true)).toThrow(AssertionFailed);
  cipher.seal(new Uint8Array(5), true);
  expect(() => cipher.seal(new Uint8Array(5), true)).toThrow("nothing comes after");
});
