import { expect, test } from "bun:test";
import { isRefusal, REFUSAL_KINDS } from "../../actors/refusals.ts";

test("every refusal is listed once, as a fact in small letters", () => {
  expect(new Set(REFUSAL_KINDS).size).toBe(REFUSAL_KINDS.length);
  for (const kind of REFUSAL_KINDS) expect(kind).toMatch(/^[a-z]+(_[a-z]+)+$/);
});

test("a refusal is known by its name among the replies", () => {
  for (const kind of REFUSAL_KINDS) expect(isRefusal({ kind })).toBe(true);
  for (const kind of ["payment_captured", "payment_request", "noted", "later", "", "toString"]) {
    expect(isRefusal({ kind })).toBe(false);
  }
});
