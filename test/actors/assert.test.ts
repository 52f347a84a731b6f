/** Assertions stop what is wrong, and nothing else. */
import { expect, test } from "bun:test";
import { AssertionFailed, assert, maybe, present, unreachable } from "../../actors/assert.ts";

test("a fact that holds passes, one that does not stops with its sentence", () => {
  assert(true, "the books balance");
  const failing = () => assert(false, "the books balance");
  expect(failing).toThrow(AssertionFailed);
  expect(failing).toThrow("the books balance");
});

test("what may be is never stopped", () => {
  for (const possible of [true, false]) expect(() => maybe(possible)).not.toThrow();
});

test.each([0, "", false, Number.NaN])("%p is present", (value) => {
  expect(present(value, "it")).toBe(value);
});

test.each([undefined, null])("%p is absent", (value) => {
  expect(() => present(value, "a lane")).toThrow(new AssertionFailed("absent: a lane"));
});

test.each([
  [{ kind: "PaymentLost" }, "PaymentLost"],
  [{ kind: 7 }, "object"],
  ["text", "string"],
  [null, "object"],
  [undefined, "undefined"],
])("%p at the end of a switch is named by its kind", (value, name) => {
  const failing = () => unreachable(value as never);
  expect(failing).toThrow(new AssertionFailed(`unreachable: ${name}`));
});
