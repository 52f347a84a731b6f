/** The vault: what is sealed opens in its place, for its owner, and nowhere else. */
import { describe, expect, test } from "bun:test";
import { AssertionFailed } from "../../actors/assert.ts";
import { type KeyRing, withNewKek } from "../../src/vault/key-ring.ts";
import { sealBytes } from "../../src/vault/seal.ts";
import type { SealedKind, SealedRow, SealedRows } from "../../src/vault/sealed-rows.ts";
import { MemoryDataKeys, MemoryRows, memoryVault } from "./memory-rows.ts";

const SECRET = "Zenobia Quackenbush, +12025558731";
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes);

function putOne(vault: SealedRows, kind: SealedKind = "person", owner = "acc_1"): string {
  const [token = ""] = vault.put([{ kind, owner, bytes: bytesOf(SECRET) }]);
  return token;
}

describe("what is sealed", () => {
  test("opens for its kind and owner, and for no other", () => {
    const { sealed: vault } = memoryVault();
    for (const kind of ["person", "bank-account", "pin-key", "message"] as const) {
      const token = putOne(vault, kind, "acc_1");
      expect(textOf(vault.open(token, kind, "acc_1"))).toBe(SECRET);
      expect(vault.open(token, kind, "acc_2")).toBeUndefined();
      expect(vault.open(token, kind === "person" ? "message" : "person", "acc_1")).toBeUndefined();
    }
    expect(vault.open("pt_unknown", "person", "acc_1")).toBeUndefined();
  });

  test("is unreadable where it lies, and never twice the same", () => {
    const { sealed: vault, rows } = memoryVault();
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
    const { sealed: vault } = memoryVault();
    const [one, two] = [putOne(vault), putOne(vault)];
    vault.destroy([one, "pt_unknown"]);
    vault.destroy([one]);
    expect(vault.open(one, "person", "acc_1")).toBeUndefined();
    expect(textOf(vault.open(two, "person", "acc_1"))).toBe(SECRET);
  });

  test("together is stored together, in order, or not at all", () => {
    const { sealed: vault, rows } = memoryVault();
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
    const { sealed: vault } = memoryVault();
    expect(textOf(vault.openOfAny(putOne(vault, "message", "reg_1"), "message"))).toBe(SECRET);
    for (const kind of ["person", "bank-account", "pin-key"] as const) {
      expect(vault.openOfAny(putOne(vault, kind), "message")).toBeUndefined();
    }
    expect(vault.openOfAny("mt_unknown", "message")).toBeUndefined();
  });
});

describe("a row that was tampered with does not open:", () => {
  test("any byte changed", () => {
    const { sealed: vault, rows } = memoryVault();
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
    const { sealed: vault, rows } = memoryVault();
    const [mine, theirs] = [putOne(vault), putOne(vault, "person", "acc_2")];
    const row = rows.at(mine);
    rows.rows.set(theirs, { ...row, token: theirs });
    expect(() => vault.open(theirs, "person", "acc_1")).toThrow();
    rows.rows.set(mine, { ...row, owner: "acc_2" });
    expect(() => vault.open(mine, "person", "acc_2")).toThrow();
    rows.rows.set(mine, { ...row, kind: "message" });
    expect(() => vault.openOfAny(mine, "message")).toThrow();
    // Under the data key of somebody else, who has one.
    vault.put([{ kind: "person", owner: "acc_9", person: "per_9", bytes: bytesOf(SECRET) }]);
    rows.rows.set(mine, { ...row, person: "per_9" } as SealedRow);
    expect(() => vault.open(mine, "person", "acc_1")).toThrow();
    rows.rows.set(mine, row);
    expect(textOf(vault.open(mine, "person", "acc_1"))).toBe(SECRET);
  });
});

describe("a person", () => {
  test("has a data key, and everything of that person is sealed under it and no other", () => {
    const { sealed: vault, keyRows } = memoryVault();
    const put = (person: string, owner: string) =>
      vault.put([{ kind: "person", owner, person, bytes: bytesOf(SECRET) }])[0] ?? "";
    const [one, two, three] = [put("per_1", "acc_1"), put("per_1", "acc_2"), put("per_2", "acc_3")];
    expect([...keyRows.rows.keys()]).toEqual(["per_1", "per_2"]);
    vault.shred("per_1");
    for (const [token, owner] of [
      [one, "acc_1"],
      [two, "acc_2"],
    ] as const) {
      expect(vault.open(token, "person", owner)).toBeUndefined();
    }
    expect(textOf(vault.open(three, "person", "acc_3"))).toBe(SECRET);
  });

  test("that is shredded cannot be read from a copy of the rows either", () => {
    const { sealed: vault, rows, keyRows, file } = memoryVault();
    const tokens = (["person", "bank-account", "pin-key"] as const).map((kind) => {
      return (
        vault.put([{ kind, owner: "acc_1", person: "per_1", bytes: bytesOf(SECRET) }])[0] ?? ""
      );
    });
    const copy = new MemoryRows();
    copy.insert([...rows.rows.values()]);
    vault.shred("per_1");
    expect(rows.rows.size).toBe(0);
    const restored = memoryVault(file, copy, keyRows).sealed;
    for (const token of tokens) {
      const { kind } = copy.at(token);
      expect(restored.open(token, kind, "acc_1")).toBeUndefined();
    }
    // A key that is made anew under the name does not open what is old.
    restored.put([{ kind: "person", owner: "acc_1", person: "per_1", bytes: bytesOf("new") }]);
    expect(() => restored.open(tokens[0] ?? "", "person", "acc_1")).toThrow();
  });

  test("of whom no row is left has no data key either", () => {
    const { sealed: vault, keyRows } = memoryVault();
    const [one, two] = [putOne(vault, "message", "reg_1"), putOne(vault, "message", "reg_1")];
    vault.destroy([one]);
    expect(keyRows.rows.size).toBe(1);
    vault.destroy([two]);
    expect(keyRows.rows.size).toBe(0);
  });

  test("loses the data key before the last row: after a crash in between none is left", () => {
    const { sealed: vault, keyRows, rows } = memoryVault();
    const token = putOne(vault, "message", "reg_1");
    const { remove } = rows;
    rows.remove = () => {
      throw new Error("it died");
    };
    expect(() => vault.destroy([token])).toThrow("it died");
    expect(keyRows.rows.size).toBe(0);
    rows.remove = remove;
    vault.destroy([token]);
    expect(rows.rows.size).toBe(0);
  });
});

/** As the first version of the vault sealed it. */
function oldRow(keys: KeyRing, token: string, owner = "acc_1"): SealedRow {
  const { id: kekId, key } = keys.currentKek;
  const bound = `person\n${token}\n${owner}\n${kekId}`;
  const sealed = sealBytes(key.expose(), bytesOf(SECRET), bound);
  return { version: 1, token, kind: "person", owner, kekId, sealed };
}

describe("a row of version 1", () => {
  test("opens under the key-encryption key that it names, and under no other", () => {
    const { sealed: vault, rows, keys, keyRows, file } = memoryVault();
    rows.insert([oldRow(keys, "pt_1")]);
    expect(textOf(vault.open("pt_1", "person", "acc_1"))).toBe(SECRET);
    expect(vault.open("pt_1", "person", "acc_2")).toBeUndefined();
    expect(keyRows.rows.size).toBe(0);
    const both = memoryVault(withNewKek(file), rows).sealed;
    expect(textOf(both.open("pt_1", "person", "acc_1"))).toBe(SECRET);
    rows.insert([{ ...rows.at("pt_1"), kekId: "kek-2" } as SealedRow]);
    expect(() => both.open("pt_1", "person", "acc_1")).toThrow();
    rows.insert([{ ...rows.at("pt_1"), kekId: "kek-9" } as SealedRow]);
    expect(() => both.open("pt_1", "person", "acc_1")).toThrow(AssertionFailed);
  });

  test("moves under its owner's data key, so many at once, and opens as before", () => {
    const { sealed: vault, rows, keys, keyRows } = memoryVault();
    for (const number of [1, 2, 3]) rows.insert([oldRow(keys, `pt_${number}`, `acc_${number}`)]);
    expect([...rows.countsOfVersion1()]).toEqual([["kek-1", 3]]);
    expect([vault.renew(2), vault.renew(2), vault.renew(2)]).toEqual([2, 1, 0]);
    expect([...keyRows.rows.keys()]).toEqual(["acc_1", "acc_2", "acc_3"]);
    expect(rows.countsOfVersion1().size).toBe(0);
    for (const number of [1, 2, 3]) {
      expect(textOf(vault.open(`pt_${number}`, "person", `acc_${number}`))).toBe(SECRET);
    }
  });

  test("is not one of version 2, whatever it says", () => {
    const { sealed: vault, rows, keys } = memoryVault();
    rows.insert([oldRow(keys, "pt_1")]);
    const fresh = putOne(vault);
    const { sealed } = rows.at("pt_1");
    rows.insert([{ ...rows.at(fresh), sealed } as SealedRow]);
    expect(() => vault.open(fresh, "person", "acc_1")).toThrow();
    const { token, kind, owner } = rows.at(fresh);
    rows.insert([
      { version: 1, token, kind, owner, kekId: "kek-1", sealed: rows.at(fresh).sealed },
    ]);
    expect(() => vault.open(fresh, "person", "acc_1")).toThrow();
  });
});

test("keys that are lost take what they sealed with them, and it is said", () => {
  const { sealed: vault, rows, keyRows } = memoryVault();
  const token = putOne(vault);
  expect(() =>
    memoryVault(undefined, rows, keyRows).sealed.open(token, "person", "acc_1"),
  ).toThrow();
  const [key] = keyRows.rows.values();
  if (key === undefined) throw new Error("there is a data key");
  const renamed = new MemoryDataKeys();
  renamed.insert([{ ...key, kekId: "kek-9" }]);
  const other = memoryVault(undefined, rows, renamed).sealed;
  expect(() => other.open(token, "person", "acc_1")).toThrow(AssertionFailed);
});
