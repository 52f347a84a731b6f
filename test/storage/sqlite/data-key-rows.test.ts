/** Wrapped data keys on disk: durable, and once they are destroyed nothing of them is there. */
import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqliteDataKeyRows } from "../../../src/storage/sqlite/data-key-rows.ts";
import { DataKeys } from "../../../src/vault/data-keys.ts";
import { KeyRing, makeKeyFile, withNewKek } from "../../../src/vault/key-ring.ts";

const file = makeKeyFile();
let folder: string;
let rows: SqliteDataKeyRows;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "seqr-data-keys-"));
  rows = new SqliteDataKeyRows(join(folder, "data-keys.db"));
});
afterEach(() => {
  rows.close();
  rmSync(folder, { recursive: true, force: true });
});

function reopen(): void {
  rows.close();
  rows = new SqliteDataKeyRows(join(folder, "data-keys.db"));
}

/** The bytes of the file and of its write-ahead log. */
function onDisk(): Buffer {
  const names = ["data-keys.db", "data-keys.db-wal"].map((name) => join(folder, name));
  return Buffer.concat(names.filter(existsSync).map((name) => readFileSync(name)));
}

/** The key of a subject, made where it has none. */
function made(keys: DataKeys, subject: string): Uint8Array {
  keys.make([subject]);
  const key = keys.toOpen(subject);
  if (key === undefined) throw new Error("it was made");
  return key.expose();
}

describe("a wrapped key", () => {
  test("is there after a restart", () => {
    const key = made(new DataKeys(new KeyRing(file), rows), "per_1").slice();
    reopen();
    expect(new DataKeys(new KeyRing(file), rows).toOpen("per_1")?.expose()).toEqual(key);
    expect(rows.find("per_2")).toBeUndefined();
  });

  test("that was destroyed is in none of the files", () => {
    const keys = new DataKeys(new KeyRing(file), rows);
    for (const subject of ["per_1", "per_2", "per_3"]) made(keys, subject);
    const { wrapped } = rows.find("per_2") ?? { wrapped: new Uint8Array() };
    expect(onDisk().includes(wrapped)).toBe(true);
    keys.destroy(["per_2", "per_9"]);
    expect(onDisk().includes(wrapped)).toBe(false);
    expect(onDisk().includes("per_2")).toBe(false);
    expect(rows.find("per_3")).toBeDefined();
  });

  test("is in none of them either where a crash came between: it is said once more", () => {
    const keys = new DataKeys(new KeyRing(file), rows);
    for (const subject of ["per_1", "per_2"]) made(keys, subject);
    const { wrapped } = rows.find("per_2") ?? { wrapped: new Uint8Array() };
    const other = new Database(join(folder, "data-keys.db"));
    other.run("PRAGMA secure_delete = ON");
    other.run("DELETE FROM data_keys WHERE subject = 'per_2'");
    expect(onDisk().includes(wrapped)).toBe(true);
    keys.destroy(["per_2"]);
    expect(onDisk().includes(wrapped)).toBe(false);
    other.close();
  });

  test("of a subject that has one is refused", () => {
    rows.insert([{ subject: "per_1", kekId: "kek-1", wrapped: new Uint8Array(60) }]);
    const again = { subject: "per_1", kekId: "kek-1", wrapped: new Uint8Array(60).fill(1) };
    expect(() => rows.insert([{ ...again, subject: "per_2" }, again])).toThrow();
    expect(rows.find("per_2")).toBeUndefined();
  });
});

describe("rewrapping", () => {
  test("goes on after a crash where it was, and leaves no trace of the old wrapping", () => {
    const before = new DataKeys(new KeyRing(file), rows);
    const subjects = Array.from({ length: 10 }, (_, at) => `per_${at}`);
    const plain = subjects.map((subject) => made(before, subject).slice());
    const old = subjects.map((subject) => rows.find(subject)?.wrapped ?? new Uint8Array());
    const both = new KeyRing(withNewKek(file));
    new DataKeys(both, rows).rewrap(4);
    reopen();
    expect([...rows.counts()]).toEqual([
      ["kek-1", 6],
      ["kek-2", 4],
    ]);
    const after = new DataKeys(both, rows);
    expect(subjects.map((subject) => after.toOpen(subject)?.expose())).toEqual(plain);
    while (after.rewrap(4) > 0);
    expect([...rows.counts()]).toEqual([["kek-2", 10]]);
    reopen();
    expect(old.some((wrapped) => onDisk().includes(wrapped))).toBe(false);
  });

  test("changes all keys of a step or none", () => {
    const keys = new DataKeys(new KeyRing(file), rows);
    for (const subject of ["per_1", "per_2"]) made(keys, subject);
    const changed = ["per_1", "per_gone"].map((subject) => {
      return { subject, kekId: "kek-2", wrapped: new Uint8Array(60), from: "kek-1" };
    });
    expect(() => rows.replace(changed)).toThrow("a key that is rewrapped is there");
    expect([...rows.counts()]).toEqual([["kek-1", 2]]);
  });
});
