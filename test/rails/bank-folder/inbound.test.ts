/** What a bank puts into its folder for us: taken as documented, or put aside with the reason. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BankFolder } from "../../../src/rails/bank-folder/bank-folder.ts";

const DAY_MS = 86_400_000;
let root: string;
let bank: BankFolder;
let aheadMs: number;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "seqr-bank-"));
  aheadMs = 0;
  bank = new BankFolder(root, { nowMs: () => Date.now() + aheadMs });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** `age`: seconds since it was written. */
function arrive(name: string, content: string | object, age = 0): void {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  const path = join(root, "inbound", name);
  writeFileSync(path, text, { mode: 0o644 });
  const at = Date.now() / 1_000 - age;
  utimesSync(path, at, at);
}

const names = (folder: string): readonly string[] =>
  readdirSync(join(root, folder)).map((name) => name.replace(/^[0-9a-f-]{36}-/, ""));

const ACK = { kind: "acknowledgement", file: "ach_20261123_A.ach", outcome: "accepted" };
const LINE = { file: "ach_20261123_A.ach", debit_cents: 129_900, credit_cents: 0 };
const STATEMENT = { kind: "statement", date: "2026-11-24", lines: [LINE] };

describe("a piece", () => {
  test("of each kind is given as what it is", async () => {
    arrive("returns.ach", "101 returns", 30);
    arrive("ack.json", ACK, 20);
    arrive("statement.JSON", JSON.stringify(STATEMENT, null, 2), 10);
    expect(await bank.inbound()).toMatchObject([
      { kind: "returns", bytes: new TextEncoder().encode("101 returns") },
      { kind: "acknowledgement", fileName: "ach_20261123_A", outcome: "accepted" },
      {
        kind: "statement",
        date: "2026-11-24",
        lines: [{ fileName: "ach_20261123_A", debitCents: 129_900, creditCents: 0 }],
      },
    ]);
    expect(names("inbound")).toEqual([]);
    for (const name of readdirSync(join(root, "reading"))) {
      expect(statSync(join(root, "reading", name)).mode & 0o777).toBe(0o600);
    }
  });

  test("is given until it is taken, also after a restart, and in its order", async () => {
    for (const [at, name] of ["c.ach", "a.ach", "b.ach"].entries()) arrive(name, name, 30 - at);
    const first = await bank.inbound();
    arrive("0.ach", "newer", 100);
    bank = new BankFolder(root, { nowMs: () => Date.now() });
    const second = await bank.inbound();
    expect(second.slice(0, 3)).toEqual([...first]);
    expect(second).toHaveLength(4);
    await bank.taken(second[1]?.id ?? "");
    await bank.taken(second[1]?.id ?? "");
    await bank.taken("../../keys.json");
    const left = (await bank.inbound()) as readonly { readonly bytes: Uint8Array }[];
    expect(left.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([
      "c.ach",
      "b.ach",
      "newer",
    ]);
    expect(names("taken")).toEqual(["a.ach"]);
  });

  test("that is half written does not count, nor a hidden one", async () => {
    arrive("returns.ach.part", "101 ret");
    arrive(".returns.ach.swp", "x");
    expect(await bank.inbound()).toEqual([]);
    expect([...names("inbound")].sort()).toEqual([".returns.ach.swp", "returns.ach.part"]);
    expect([names("refused"), bank.hasRefused]).toEqual([[], false]);
  });

  test("of a name that comes again is another one, also while the first is read", async () => {
    arrive("returns.ach", "first");
    const [first] = await bank.inbound();
    arrive("returns.ach", "second");
    await bank.taken(first?.id ?? "");
    const [second, ...more] = await bank.inbound();
    expect(more).toEqual([]);
    expect(second).toMatchObject({ bytes: new TextEncoder().encode("second") });
  });

  test("that cannot be taken hides none: they are given page by page", async () => {
    for (let at = 0; at < 130; at++) arrive(`r${at}.ach`, String(at), 200 - at);
    const first = await bank.inbound();
    expect(first).toHaveLength(100);
    const rest = await bank.inbound(100);
    expect(rest[0]).toMatchObject({ bytes: new TextEncoder().encode("100") });
    expect(rest).toHaveLength(30);
    expect(await bank.inbound(130)).toEqual([]);
  });

  test("that was taken is kept for 75 days", async () => {
    arrive("returns.ach", "x");
    for (const { id } of await bank.inbound()) await bank.taken(id);
    aheadMs = 74 * DAY_MS;
    await bank.inbound();
    expect(names("taken")).toEqual(["returns.ach"]);
    aheadMs = 76 * DAY_MS;
    await bank.inbound();
    expect(names("taken")).toEqual([]);
  });
});

describe("the name of a piece", () => {
  test("that the bank gave goes into no event: it is known by one of ours", async () => {
    arrive("4000 1234 5678 ADA LOVELACE.ach", "x");
    const [item] = await bank.inbound();
    expect(item?.id).toMatch(/^[0-9a-f-]{36}$/);
    await bank.taken(item?.id ?? "");
    expect(names("taken")).toEqual(["4000_1234_5678_ADA_LOVELACE.ach"]);
  });

  test("may be the longest there is, or no UTF-8: it is read like any other", async () => {
    arrive("first.ach", "first", 30);
    arrive(`${"r".repeat(251)}.ach`, "long", 20);
    writeFileSync(
      Buffer.concat([Buffer.from(`${root}/inbound/R`), Buffer.from([0xfc]), Buffer.from("ck.ach")]),
      "latin",
    );
    arrive(`${"j".repeat(250)}.json`, "{");
    const given = (await bank.inbound()) as readonly { readonly bytes: Uint8Array }[];
    expect(given.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([
      "first",
      "long",
      "latin",
    ]);
    expect(names("inbound")).toEqual([]);
    expect([names("refused").length, bank.hasRefused]).toEqual([2, true]);
  });
});

describe("what is not as documented is put aside with its reason", () => {
  const { outcome: _, ...noOutcome } = ACK;
  test.each<[string, string, string | object]>([
    ["unknown_kind", "readme.txt", "hello"],
    ["unknown_kind", "noextension", "hello"],
    ["not_json", "a.json", "{"],
    ["not_json", "a.json", ""],
    ["not_json", "a.json", '{"kind":"acknowledgement","kind":"statement"}'],
    ["not_json", "a.json", JSON.stringify(STATEMENT).replace("129900", "129900.0")],
    ["not_json", "a.json", JSON.stringify(STATEMENT).replace("129900", "1.299e5")],
    ["not_json", "a.json", JSON.stringify(ACK).replace("accepted", "\\u0061ccepted")],
    ["not_as_documented", "a.json", "[]"],
    ["not_as_documented: kind", "a.json", { kind: "balance" }],
    ["not_as_documented: fields", "a.json", { ...ACK, note: "x" }],
    ["not_as_documented: fields", "a.json", noOutcome],
    ["not_as_documented: outcome", "a.json", { ...ACK, outcome: "ok" }],
    ["not_as_documented: file", "a.json", { ...ACK, file: "" }],
    ["not_as_documented: file", "a.json", { ...ACK, file: "two words" }],
    ["not_as_documented: file", "a.json", { ...ACK, file: ".ach" }],
    ["not_as_documented: date", "a.json", { ...STATEMENT, date: "2026-11-31" }],
    ["not_as_documented: lines", "a.json", { ...STATEMENT, lines: {} }],
    ["not_as_documented: lines[1]", "a.json", { ...STATEMENT, lines: [LINE, {}] }],
    [
      "not_as_documented: lines[0]",
      "a.json",
      { ...STATEMENT, lines: [{ ...LINE, debit_cents: -1 }] },
    ],
    [
      "not_as_documented: lines[0]",
      "a.json",
      { ...STATEMENT, lines: [{ ...LINE, debit_cents: 0.5 }] },
    ],
    [
      "not_as_documented: lines[0]",
      "a.json",
      { ...STATEMENT, lines: [{ ...LINE, debit_cents: "1" }] },
    ],
  ])("%s: %s", async (reason, name, content) => {
    arrive("before.ach", "x", 10);
    arrive(name, content);
    expect((await bank.inbound()).map(({ kind }) => kind)).toEqual(["returns"]);
    expect([...names("refused")].sort()).toEqual([name, `${name}.reason`]);
    const beside = readdirSync(join(root, "refused")).find((one) => one.endsWith(".reason")) ?? "";
    expect(readFileSync(join(root, "refused", beside), "utf8")).toBe(`${reason}\n`);
    expect(bank.hasRefused).toBe(true);
    for (const one of readdirSync(join(root, "refused"))) rmSync(join(root, "refused", one));
    expect(bank.hasRefused).toBe(false);
  });

  test("what is no file, and what is too large", async () => {
    mkdirSync(join(root, "inbound", "folder.ach"));
    symlinkSync("/etc/hostname", join(root, "inbound", "link.ach"));
    arrive("large.json", "x");
    truncateSync(join(root, "inbound", "large.json"), 1_048_577);
    arrive("large.ach", "x");
    truncateSync(join(root, "inbound", "large.ach"), 67_108_865);
    expect(await bank.inbound()).toEqual([]);
    const reasons = readdirSync(join(root, "refused"))
      .filter((name) => name.endsWith(".reason"))
      .map((name) => [
        name.slice(37, -7),
        readFileSync(join(root, "refused", name), "utf8").trim(),
      ]);
    expect(Object.fromEntries(reasons)).toEqual({
      "folder.ach": "not_a_file",
      "link.ach": "not_a_file",
      "large.json": "too_large",
      "large.ach": "too_large",
    });
  });
});

test("a folder that is gone is something to look at, and hides no other alarm", () => {
  rmSync(root, { recursive: true });
  expect(bank.hasRefused).toBe(true);
});
