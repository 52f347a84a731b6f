/** Texts of mandates: kept once, by their hash. */
import { expect, test } from "bun:test";
import { AssertionFailed } from "../../actors/assert.ts";
import { mandateTextActor } from "../../actors/mandate-text.ts";
import { Drive } from "./drive.ts";
import { NOON_MS } from "./samples.ts";

const HASH = "ab".repeat(32);
const keep = { kind: "KeepMandateText", version: "2026-11", text: "I authorise" } as const;

test("a text is kept once and given back as it was", () => {
  const drive = new Drive(mandateTextActor, HASH, NOON_MS).table([
    [{ kind: "DescribeMandateText" }, "mandate_text_not_found"],
    [keep, "noted"],
    [keep, "noted"],
    [{ kind: "DescribeMandateText" }, { version: "2026-11", text: "I authorise" }],
  ]);
  expect(drive.eventKinds).toEqual(["MandateTextKept"]);
  expect(() => drive.tell({ ...keep, text: "another" })).toThrow("one hash is of one text");
});

test("a name that is no hash, and an event of an unknown version, are bugs", () => {
  expect(() => new Drive(mandateTextActor, "2026-11", NOON_MS).tell(keep)).toThrow(AssertionFailed);
  const stored = { kind: "MandateTextKept", version: 2, body: {} };
  expect(() => mandateTextActor.upcast(stored)).toThrow(AssertionFailed);
});
