/** The vault: what is sealed opens in its place, for its owner, and nowhere else. */
import { describe, expect, test } from "bun:test";
import { AssertionFailed } from "../../actors/assert.ts";
import { KeyRing, makeKeyFile } from "../../src/vault/key-ring.ts";
import { type SealedKind, Vault } from "../../src/vault/vault.ts";
import { MemoryRows } from "./memory-rows.ts";

const SECRET = "Zenobia Quackenbush, +12025558731";
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes);

function vaultWith(file = makeKeyFile()) {
  const rows = new MemoryRows();
  return { rows, vault: new Vault(new KeyRing(file), rows), file };
}

function putOne(vault: Vault, kind: SealedKind = "person", owner = "acc_1"): string {
  const [token = ""] = vault.put([{ kind, owner, bytes: bytesOf(SECRET) }]);
  return token;
}

describe("what is sealed", () => {
  test("opens for its kind and owner, and for no other", () => {
    const { vault } = vaultWith();
    for (const kind of ["person", "bank-account", "pin-key", "message"] as const) {
      const token = putOne(vault, kind, "acc_1");
      expect(textOf(vault.open(token, kind, "acc_1"))).toBe(SECRET);
      expect(vault.open(token, kind, "acc_2")).toBeUndefined();
      expect(vault.open(token, kind === "person" ? "message" : "person", "acc_1")).toBeUndefined();
    }
    expect(vault.open("pt_unknown", "person", "acc_1")).toBeUndefined();
  });

  test("is unreadable where it lies, and never twice the same", () => {
    const { vault, rows } = vaultWith();
    const tokens = Array.from({ length: 20 }, () => putOne(vault));
    expect(new Set(tokens).size).toBe(20);
    const sealed = tokens.map((token) => Buffer.from(rows.at(token).sealed));
    expect(new Set(sealed.map((bytes) => bytes.toString("hex"))).size).toBe(20);
    for (const bytes of sealed) {
      expect(bytes.includes("Zenobia")).toBe(false);
      expect(bytes).toHaveLength(12 + SECRET.length + 16);
    }
  });

  test("is gone when it is destroyed, once and for all", () => {
    const { vault } = vaultWith();
    const [one, two] = [putOne(vault), putOne(vault)];
    vault.destroy([one, "pt_unknown"]);
    vault.destroy([one]);
    expect(vault.open(one, "person", "acc_1")).toBeUndefined();
    expect(textOf(vault.open(two, "person", "acc_1"))).toBe(SECRET);
  });

  test("together is stored together, in order, or not at all", () => {
    const { vault, rows } = vaultWith();
    const items = (["person", "bank-account", "pin-key"] as const).map((kind) => ({
      kind,
      owner: "acc_1",
      bytes: bytesOf(kind),
    }));
    const tokens = vault.put(items);
    const opened = items.map(({ kind }, at) => vault.open(tokens[at] ?? "", kind, "acc_1"));
    expect(opened.map(textOf)).toEqual(["person", "bank-account", "pin-key"]);
    rows.failure = new Error("disk full");
    expect(() => vault.put(items)).toThrow("disk full");
    expect(rows.rows.size).toBe(3);
  });

  test("as a message opens for the one who delivers it, and nothing else does", () => {
    const { vault } = vaultWith();
    expect(textOf(vault.openMessage(putOne(vault, "message", "reg_1")))).toBe(SECRET);
    for (const kind of ["person", "bank-account", "pin-key"] as const) {
      expect(vault.openMessage(putOne(vault, kind))).toBeUndefined();
    }
    expect(vault.openMessage("mt_unknown")).toBeUndefined();
  });
});

describe("a row that was tampered with does not open:", () => {
  test("any byte changed", () => {
    const { vault, rows } = vaultWith();
    const token = putOne(vault);
    const row = rows.at(token);
    for (let at = 0; at < row.sealed.length; at++) {
      const sealed = row.sealed.slice();
      sealed[at] = (sealed[at] ?? 0) ^ 1;
      rows.rows.set(token, { ...row, sealed });
      expect(() => vault.open(token, "person", "acc_1")).toThrow();
    }
    for (const sealed of [row.sealed.slice(1), row.sealed.slice(0, 27), new Uint8Array()]) {
      rows.rows.set(token, { ...row, sealed });
      expect(() => vault.open(token, "person", "acc_1")).toThrow();
    }
  });

  test("moved to another token, owner or kind", () => {
    const { vault, rows } = vaultWith();
    const [mine, theirs] = [putOne(vault), putOne(vault, "person", "acc_2")];
    const row = rows.at(mine);
    rows.rows.set(theirs, { ...row, token: theirs });
    expect(() => vault.open(theirs, "person", "acc_1")).toThrow();
    rows.rows.set(mine, { ...row, owner: "acc_2" });
    expect(() => vault.open(mine, "person", "acc_2")).toThrow();
    rows.rows.set(mine, { ...row, kind: "message" });
    expect(() => vault.openMessage(mine)).toThrow();
    rows.rows.set(mine, row);
    expect(textOf(vault.open(mine, "person", "acc_1"))).toBe(SECRET);
  });
});

describe("a new key-encryption key", () => {
  test("seals what is new, and the old one opens what is old", () => {
    const { vault, rows, file } = vaultWith();
    const old = putOne(vault);
    const [added] = makeKeyFile().keks;
    if (added === undefined) throw new Error("a key file has a key");
    const keks = [...file.keks, { ...added, id: "kek-2" }];
    const renewed = new Vault(new KeyRing({ ...file, keks }), rows);
    const fresh = putOne(renewed);
    expect([rows.at(old).kekId, rows.at(fresh).kekId]).toEqual(["kek-1", "kek-2"]);
    for (const token of [old, fresh]) {
      expect(textOf(renewed.open(token, "person", "acc_1"))).toBe(SECRET);
    }
    // A row that says it was sealed by the other key does not open.
    rows.rows.set(old, { ...rows.at(old), kekId: "kek-2" });
    expect(() => renewed.open(old, "person", "acc_1")).toThrow();
  });

  test("that was lost takes what it sealed with it, and says so", () => {
    const { rows } = vaultWith();
    const token = putOne(new Vault(new KeyRing(makeKeyFile()), rows));
    rows.rows.set(token, { ...rows.at(token), kekId: "kek-9" });
    const other = new Vault(new KeyRing(makeKeyFile()), rows);
    expect(() => other.open(token, "person", "acc_1")).toThrow(AssertionFailed);
    rows.rows.set(token, { ...rows.at(token), kekId: "kek-1" });
    expect(() => other.open(token, "person", "acc_1")).toThrow();
  });
});
