/** Data keys: one a subject, wrapped where they lie, bounded and wiped where they are used. */
import { describe, expect, test } from "bun:test";
import { DataKeys } from "../../src/vault/data-keys.ts";
import { KeyRing, makeKeyFile, withNewKek } from "../../src/vault/key-ring.ts";
import { MemoryDataKeys } from "./memory-rows.ts";

const file = makeKeyFile();

function keysWith(cachedMax = 100, rows = new MemoryDataKeys(), keyFile = file) {
  return { rows, keys: new DataKeys(new KeyRing(keyFile), rows, cachedMax) };
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");

/** The key of a subject, made where it has none. */
function made(keys: DataKeys, subject: string): Uint8Array {
  keys.make([subject]);
  const key = keys.toOpen(subject);
  if (key === undefined) throw new Error("it was made");
  return key.expose();
}

describe("a data key", () => {
  test("is made once for a subject, random, and the same after a restart", () => {
    const { rows, keys } = keysWith();
    const both = ["per_1", "per_2"].map((subject) => hex(made(keys, subject)));
    expect(both[0]).toHaveLength(64);
    expect(both[0]).not.toBe(both[1]);
    expect(hex(made(keys, "per_1"))).toBe(both[0] ?? "");
    const again = keysWith(100, rows).keys;
    expect(hex(again.toOpen("per_1")?.expose())).toBe(both[0] ?? "");
    expect(again.toOpen("per_3")).toBeUndefined();
  });

  test("lies wrapped, and under another subject's name it does not open", () => {
    const { rows, keys } = keysWith();
    const plain = made(keys, "per_1").slice();
    const row = rows.rows.get("per_1");
    if (row === undefined) throw new Error("there is a row");
    expect(row.wrapped).toHaveLength(60);
    expect(Buffer.from(row.wrapped).includes(plain)).toBe(false);
    rows.rows.set("per_2", { ...row, subject: "per_2" });
    expect(() => keys.toOpen("per_2")).toThrow();
  });

  test("that is destroyed is gone from memory too, and wiped", () => {
    const { rows, keys } = keysWith();
    const key = made(keys, "per_1");
    keys.destroy(["per_1", "per_2"]);
    expect(rows.rows.size).toBe(0);
    expect(keys.toOpen("per_1")).toBeUndefined();
    expect(hex(key)).toBe("00".repeat(32));
  });
});

describe("the cache", () => {
  test("holds so many, lets the one go that was not used for longest, and wipes it", () => {
    const { rows, keys } = keysWith(2);
    const [one, two] = ["per_1", "per_2"].map((subject) => made(keys, subject));
    const kept = hex(one);
    rows.finds = 0;
    keys.toOpen("per_1");
    made(keys, "per_3");
    expect(rows.finds).toBe(1);
    expect(hex(two)).toBe("00".repeat(32));
    expect(hex(keys.toOpen("per_1")?.expose())).toBe(kept);
    expect(rows.finds).toBe(1);
    expect(keys.toOpen("per_2")?.expose()).not.toEqual(new Uint8Array(32));
    expect(rows.finds).toBe(2);
  });

  test("is wiped when the vault is closed, and prints nothing of what it holds", () => {
    const { keys } = keysWith();
    const key = made(keys, "per_1");
    const plain = key.slice();
    const printed = Bun.inspect(keys, { depth: 9 }) + JSON.stringify(keys);
    expect(printed).not.toContain([...plain.subarray(0, 4)].join(", "));
    keys.close();
    expect(hex(key)).toBe("00".repeat(32));
  });
});

describe("a new key-encryption key", () => {
  test("wraps all data keys anew, so many at once, and changes none of them", () => {
    const { rows, keys } = keysWith();
    const subjects = Array.from({ length: 5 }, (_, at) => `per_${at}`);
    const plain = subjects.map((subject) => hex(made(keys, subject)));
    const both = withNewKek(file);
    const renewed = keysWith(100, rows, both).keys;
    expect([...renewed.counts()]).toEqual([["kek-1", 5]]);
    expect([renewed.rewrap(2), renewed.rewrap(2), renewed.rewrap(2)]).toEqual([2, 2, 1]);
    expect(renewed.rewrap(2)).toBe(0);
    expect([...renewed.counts()]).toEqual([["kek-2", 5]]);
    expect(subjects.map((subject) => hex(renewed.toOpen(subject)?.expose()))).toEqual(plain);
    // Of the old key nothing is needed any more.
    const alone = keysWith(100, rows, { ...both, keks: both.keks.slice(1) }).keys;
    expect(subjects.map((subject) => hex(alone.toOpen(subject)?.expose()))).toEqual(plain);
  });
});
