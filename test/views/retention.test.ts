/** What a sweep looks at: everything sealed has a day on which its period begins. */
import { describe, expect, test } from "bun:test";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { isNamedDocument, type KeptKind, keptSince, retention } from "../../src/views/retention.ts";
import { MemoryTable } from "./history.ts";

type Told = readonly [ref: string, kind: string, body?: object];

/** Told one after the other, at 1, 2, 3... milliseconds; `account/acc_1` and so on. */
function after(...told: readonly Told[]): MemoryTable {
  const table = new MemoryTable();
  told.forEach(([name, kind, body], at) => {
    const [of = "", ...id] = name.split("/");
    const ref = { kind: of, id: id.join("/") };
    const data = JSON.stringify({ kind, ...body });
    const event = { ref, kind, data, atMs: at + 1, position: at + 1 };
    retention.apply([event as unknown as StoredEvent], table);
  });
  return table;
}

const kept = (table: MemoryTable, kind: KeptKind): readonly [string, number][] =>
  [...keptSince(table, kind, 1_000)].map(({ token, fromMs }) => [token, fromMs]);

describe("a file for the bank", () => {
  const FILE = "ach-file/ach_20261123_A";
  test.each(["FileSettled", "FileRejected", "FileAbandoned"])("ends by %s", (end) => {
    const table = after([FILE, "FileBuilt", { sealed: "big_1" }], [FILE, end]);
    expect(kept(table, "file")).toEqual([["big_1", 2]]);
  });
});

describe("a piece that could not be read", () => {
  const PIECE = "ach-inbound/hash";
  const exception = { number: 1, sealed: "doc_1", money: null };
  test.each(["ExceptionResolved", "ExceptionApplied"])("ends by %s", (end) => {
    const table = after([PIECE, "ExceptionKept", { exception }], [PIECE, end, { number: 1 }]);
    expect(kept(table, "file")).toEqual([["doc_1", 2]]);
  });
});

describe("pictures", () => {
  const picture = (side: string, token: string, documentKind = "passport"): Told => {
    return ["account/acc_1", "IdentityDocumentSubmitted", { documentKind, side, token }];
  };
  const named = (table: MemoryTable) =>
    ["f1", "f2", "r1"].filter((token) => isNamedDocument(table, token));

  test("are named until another one is in their place, or somebody has decided", () => {
    const both = [picture("front", "f1"), picture("rear", "r1")] as const;
    expect(named(after(...both))).toEqual(["f1", "r1"]);
    expect(named(after(...both, picture("front", "f2")))).toEqual(["f2", "r1"]);
    expect(named(after(...both, picture("front", "f2", "identity_card")))).toEqual(["f2"]);
    for (const end of ["IdentityVerified", "IdentityRejected", "AccountClosed"]) {
      expect(named(after(...both, ["account/acc_1", end]))).toEqual([]);
    }
  });
});

test("with another bank account goes all that was sealed with the mandate before it", () => {
  const vault = { person: "p1", bankAccount: "b1", pinKey: "k1" };
  const opened: Told = ["account/acc_1", "AccountOpened", { vault, mandate: { address: "a1" } }];
  const other = { token: "b2", person: "p2", mandate: { address: null } };
  const table = after(opened, ["account/acc_1", "BankAccountReplaced", other]);
  expect([...kept(table, "replaced")].sort()).toEqual([
    ["a1", 2],
    ["b1", 2],
    ["p1", 2],
  ]);
});

test("with another bank account of a merchant goes what was shown of the one before it", () => {
  const set = (token: string, ending: string): Told => {
    return ["merchant/1", "BankAccountSet", { token, ending }];
  };
  expect([...kept(after(set("b1", "e1"), set("b2", "e2")), "replaced")].sort()).toEqual([
    ["b1", 2],
    ["e1", 2],
  ]);
});
