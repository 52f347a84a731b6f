import { expect, test } from "bun:test";
import {
  DOCUMENT_KINDS,
  DOCUMENT_SIDES,
  documentTokens,
  type Identity,
  isComplete,
  NO_IDENTITY,
  REJECTION_REASONS,
  withDocument,
} from "../../actors/identity.ts";

test("identity card, driving licence and passport, each front and rear (FAQ)", () => {
  const named: readonly string[] = [...DOCUMENT_KINDS, ...DOCUMENT_SIDES, ...REJECTION_REASONS];
  expect(named).toEqual([
    "identity_card",
    "driving_licence",
    "passport",
    "front",
    "rear",
    "not_sharp",
    "glare",
    "distorted",
    "not_accepted",
    "no_match",
  ]);
});

test("a document is complete with both its sides, in either order", () => {
  for (const [first, second] of [
    ["front", "rear"],
    ["rear", "front"],
  ] as const) {
    const half = withDocument(NO_IDENTITY, "passport", first, "one");
    expect(isComplete(half)).toBe(false);
    const whole = withDocument({ kind: "none", documents: half }, "passport", second, "two");
    expect(isComplete(whole)).toBe(true);
    const kept = new Set(documentTokens({ kind: "pending", documents: whole, sinceMs: 0 }));
    expect(kept).toEqual(new Set(["one", "two"]));
  }
});

test("the same side again replaces the picture; another document starts anew", () => {
  const before: Identity = {
    kind: "pending",
    documents: { documentKind: "passport", frontToken: "f", rearToken: "r" },
    sinceMs: 0,
  };
  expect(withDocument(before, "passport", "front", "f2")).toEqual({
    documentKind: "passport",
    frontToken: "f2",
    rearToken: "r",
  });
  expect(withDocument(before, "identity_card", "rear", "r2")).toEqual({
    documentKind: "identity_card",
    frontToken: undefined,
    rearToken: "r2",
  });
});

test("pictures are known, front first, until the identity is verified", () => {
  const documents = { documentKind: "passport", frontToken: "f", rearToken: "r" } as const;
  expect(documentTokens(NO_IDENTITY)).toEqual([]);
  expect(
    documentTokens({ kind: "none", documents: { ...documents, frontToken: undefined } }),
  ).toEqual(["r"]);
  expect(documentTokens({ kind: "pending", documents, sinceMs: 0 })).toEqual(["f", "r"]);
  expect(documentTokens({ kind: "rejected", reason: "glare", documents: undefined })).toEqual([]);
  expect(documentTokens({ kind: "verified", atMs: 0 })).toEqual([]);
});
