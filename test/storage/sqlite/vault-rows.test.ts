/** The vault's file: rows of the first version are found in it, opened, and moved. */

import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "../../../src/storage/sqlite/migrate.ts";
import { SqliteVaultRows, VAULT_MIGRATIONS } from "../../../src/storage/sqlite/vault-rows.ts";
import { blindTags } from "../../../src/vault/blind-index.ts";
import { DataKeys } from "../../../src/vault/data-keys.ts";
import { KeyRing, makeKeyFile } from "../../../src/vault/key-ring.ts";
import { sealBytes } from "../../../src/vault/seal.ts";
import { SealedRows } from "../../../src/vault/sealed-rows.ts";
import { MemoryDataKeys } from "../../vault/memory-rows.ts";

const SECRET = new TextEncoder().encode("Zenobia Quackenbush");
const keys = new KeyRing(makeKeyFile());
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "seqr-vault-"));
  file = join(folder, "vault.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A file as the first version of the program left it. */
function writeVersion1(owners: readonly string[], kind = "person", secret = SECRET): void {
  const database = new Database(file, { create: true });
  migrate(database, VAULT_MIGRATIONS.slice(0, 1));
  const { id, key } = keys.currentKek;
  for (const owner of owners) {
    const token = `pt_${owner}`;
    const sealed = sealBytes(key.expose(), secret, `${kind}\n${token}\n${owner}\n${id}`);
    database.run("INSERT INTO sealed (token, kind, owner, kek_id, sealed) VALUES (?, ?, ?, ?, ?)", [
      token,
      kind,
      owner,
      id,
      sealed,
    ]);
  }
  database.close();
}

test("rows of the first version open, and open as before once they are moved", () => {
  const owners = ["acc_1", "acc_2", "acc_3"];
  writeVersion1(owners);
  const keyRows = new MemoryDataKeys();
  let rows = new SqliteVaultRows(file);
  let vault = new SealedRows(new DataKeys(keys, keyRows), rows, keys, blindTags(keys));
  const opened = () => owners.map((owner) => vault.open(`pt_${owner}`, "person", owner));
  const all = owners.map(() => SECRET);
  expect(opened()).toEqual(all);
  expect([...rows.countsOfVersion1()]).toEqual([["kek-1", 3]]);
  expect(vault.renew(2)).toBe(2);
  // As after a crash between two steps.
  rows.close();
  rows = new SqliteVaultRows(file);
  vault = new SealedRows(new DataKeys(keys, keyRows), rows, keys, blindTags(keys));
  expect(opened()).toEqual(all);
  expect([vault.renew(2), vault.renew(2)]).toEqual([1, 0]);
  expect(opened()).toEqual(all);
  expect(rows.countsOfVersion1().size).toBe(0);
  rows.close();
});

test("a row keeps its version, person and place; a shredded person leaves no row", () => {
  const rows = new SqliteVaultRows(file);
  const keyRows = new MemoryDataKeys();
  const vault = new SealedRows(new DataKeys(keys, keyRows), rows, keys, blindTags(keys));
  const item = (person: string) =>
    ({ kind: "person", owner: "acc_1", person, bytes: SECRET }) as const;
  const [one = "", two = ""] = vault.put([item("per_1"), item("per_2")]);
  const row = rows.find(one);
  expect(row).toMatchObject({ version: 2, token: one, owner: "acc_1", person: "per_1" });
  const { sealed } = row ?? { sealed: new Uint8Array() };
  vault.shred("per_1");
  expect([rows.find(one), rows.hasRowOf("per_1"), rows.hasRowOf("per_2")]).toEqual([
    undefined,
    false,
    true,
  ]);
  expect(vault.open(two, "person", "acc_1")).toEqual(SECRET);
  rows.close();
  const files = [file, `${file}-wal`].filter(existsSync).map((name) => readFileSync(name));
  expect(files.some((bytes) => bytes.includes(sealed))).toBe(false);
});

test("a row that was removed is in none of the files once they are tidied", () => {
  const rows = new SqliteVaultRows(file);
  const sealed = new TextEncoder().encode("sealed, and of no use any more");
  const place = { kind: "bank-account", owner: "acc_1", person: "per_1", version: 2 } as const;
  rows.insert([{ ...place, token: "bt_1", sealed }]);
  const isThere = () =>
    [file, `${file}-wal`].some((name) => existsSync(name) && readFileSync(name).includes(sealed));
  rows.remove(["bt_1"]);
  expect(isThere()).toBe(true);
  rows.tidy();
  expect(isThere()).toBe(false);
  rows.close();
});

test("rows that come together are stored together, or not at all", () => {
  const rows = new SqliteVaultRows(file);
  const place = { kind: "person", owner: "acc_1", person: "per_1", sealed: new Uint8Array(28) };
  const row = (token: string) => ({ ...place, token, version: 2 }) as never;
  expect(() => rows.insert([row("pt_1"), row("pt_2"), row("pt_1")])).toThrow();
  expect([rows.find("pt_1"), rows.find("pt_2")]).toEqual([undefined, undefined]);
  rows.close();
});

describe("the blind index", () => {
  const accountOf = (account: string, routing = "021000021", kind = "checking") =>
    Buffer.from(JSON.stringify({ routing_number: routing, account_number: account, kind }));

  function open() {
    const rows = new SqliteVaultRows(file);
    const keyRows = new MemoryDataKeys();
    return new SealedRows(new DataKeys(keys, keyRows), rows, keys, blindTags(keys));
  }
  const put = (vault: SealedRows, owner: string, bytes: Uint8Array) =>
    vault.put([{ kind: "bank-account", owner, bytes }])[0] ?? "";

  test("finds everybody with the same bank account, and nobody with another", () => {
    const vault = open();
    const [one, two] = ["acc_1", "acc_2"].map((owner) => put(vault, owner, accountOf("123")));
    const savings = put(vault, "acc_3", accountOf("123", "021000021", "savings"));
    const others = [
      put(vault, "acc_4", accountOf("124")),
      put(vault, "acc_5", accountOf("123", "091000019")),
      // The parts are kept apart: what one lends the other makes another bank account.
      put(vault, "acc_6", accountOf("1123", "02100002")),
    ];
    for (const token of [one, two, savings]) {
      expect(vault.ownersSharing(token ?? "")).toEqual(["acc_1", "acc_2", "acc_3"]);
    }
    const owners = ["acc_4", "acc_5", "acc_6"];
    expect(others.map((token) => vault.ownersSharing(token))).toEqual(owners.map((id) => [id]));
    expect(vault.ownersSharing("bt_unknown")).toEqual([]);
  });

  test("forgets a bank account with its row, and a person with all of them", () => {
    const vault = open();
    const [one = "", two = ""] = ["acc_1", "acc_2"].map((owner) => {
      return put(vault, owner, accountOf("123"));
    });
    vault.destroy([two]);
    expect(vault.ownersSharing(one)).toEqual(["acc_1"]);
    put(vault, "acc_3", accountOf("123"));
    vault.shred("acc_3");
    expect(vault.ownersSharing(one)).toEqual(["acc_1"]);
  });

  test("knows a bank account of the first version once its row is moved", () => {
    writeVersion1(["acc_1"], "bank-account", accountOf("123"));
    const vault = open();
    const token = put(vault, "acc_2", accountOf("123"));
    expect(vault.ownersSharing(token)).toEqual(["acc_2"]);
    vault.renew(10);
    expect(vault.ownersSharing(token)).toEqual(["acc_1", "acc_2"]);
  });

  test("holds neither number nor a hash of it that anybody could try", () => {
    const vault = open();
    put(vault, "acc_1", accountOf("48151623420815"));
    const plain = createHash("sha256").update("02100002148151623420815").digest();
    const bytes = [file, `${file}-wal`].filter(existsSync).map((name) => readFileSync(name));
    expect(bytes.some((each) => each.includes("48151623420815") || each.includes(plain))).toBe(
      false,
    );
  });
});
