/** A secret prints as `[secret]`, however carelessly it is written down. */
import { expect, test } from "bun:test";
import { inspect } from "node:util";
import { KeyRing, makeKeyFile } from "../../src/vault/key-ring.ts";
import { Secret } from "../../src/vault/secret.ts";

const secret = new Secret("canary-4711");

test("every way of printing it gives its name and not its value", () => {
  const printed = [
    String(secret),
    `${secret}`,
    secret.toString(),
    JSON.stringify(secret),
    JSON.stringify({ deep: [{ secret }] }),
    Bun.inspect(secret),
    Bun.inspect({ deep: [{ secret }] }, { depth: 9 }),
    inspect(secret),
    inspect({ deep: [{ secret }] }, { depth: 9, showHidden: true }),
    new Error(`it failed with ${secret}`).message,
  ];
  for (const text of printed) {
    expect(text).toContain("[secret]");
    expect(text).not.toContain("canary");
  }
});

test("taking it apart gives nothing", () => {
  expect(Object.keys(secret)).toEqual([]);
  expect(Object.getOwnPropertyNames({ ...secret })).toEqual([]);
  expect(Object.entries(secret)).toEqual([]);
  expect(JSON.stringify(structuredClone(secret))).not.toContain("canary");
});

test("the one way to the value is to say so", () => {
  expect(secret.expose()).toBe("canary-4711");
  const bytes = new Uint8Array([1, 2, 3]);
  expect(new Secret(bytes).expose()).toBe(bytes);
});

test("the keys of a switch are secrets: printing the ring shows none of them", () => {
  const file = makeKeyFile();
  const ring = new KeyRing(file);
  const printed = [
    Bun.inspect(ring, { depth: 9 }),
    Bun.inspect(ring.currentKek, { depth: 9 }),
    inspect(ring, { depth: 9, showHidden: true }),
    inspect(ring.currentKek, { depth: 9 }),
    JSON.stringify([ring, ring.currentKek]),
  ];
  const keys = [...file.keks.map(({ key }) => key), file.master, file.qrKeys[0]?.seed ?? ""];
  for (const text of printed) {
    for (const key of keys) {
      const bytes = Buffer.from(key, "base64url");
      expect(text).not.toContain(key);
      expect(text).not.toContain([...bytes.subarray(0, 4)].join(", "));
      expect(text).not.toContain([...bytes.subarray(0, 4)].join(","));
    }
  }
});
