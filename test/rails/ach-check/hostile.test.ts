/** Any bytes at all: the checker answers, in a time that goes with their number. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { AchCheck, checkAch, LINES_MAX } from "../../../src/rails/ach-check/check.ts";
import { LISTED_PER_RULE_MAX } from "../../../src/rails/ach-check/findings.ts";
import { ACH_RULES } from "../../../src/rails/ach-check/rules.ts";
import { bytesOf } from "./file-maker.ts";
import { GOOD, good } from "./good-files.ts";

/** What holds for every verdict, whatever was read. */
function expectSound(bytes: Uint8Array): void {
  const { findings, ok, unlisted, lines } = checkAch(bytes);
  expect(ok).toBe(findings.length === 0);
  expect(ok && unlisted > 0).toBe(false);
  for (const { line, from, to, rule, message } of findings) {
    expect(line >= 1 && line <= lines + 1 && from >= 1 && from <= to).toBe(true);
    expect(message).toStartWith(ACH_RULES[rule].says);
  }
}

test("no bytes are too strange", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), expectSound), { numRuns: 2_000 });
});

test("no order of lines is too strange, nor what stands in them", () => {
  const pool = [...GOOD.values()].flat();
  const line = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...pool) },
    { weight: 1, arbitrary: fc.string({ maxLength: 120 }) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(
          fc.constantFrom("1", "5", "6", "702", "705", "799", "8", "9"),
          fc.string({ minLength: 93 }),
        )
        .map(([start, rest]) => (start + rest).slice(0, 94)),
    },
  );
  const file = fc.array(line, { maxLength: 60 }).map((lines) => bytesOf(lines));
  fc.assert(fc.property(file, expectSound), { numRuns: 1_000 });
});

test("an empty file is a finding, not a good file", () => {
  const { ok, findings } = checkAch(new Uint8Array());
  expect(ok).toBe(false);
  expect(findings.map(({ line, rule }) => [line, rule])).toEqual([[1, "record_order"]]);
});

test("a rule lists its first findings and counts the rest", () => {
  const entry = good("POS").find((line) => line.startsWith("6")) ?? "";
  const { findings, unlisted } = checkAch(bytesOf(new Array(1_000).fill(entry)));
  const listed = findings.filter(({ rule }) => rule === "record_order");
  expect(listed.slice(0, -1).map(({ line }) => line)).toEqual(
    Array.from({ length: LISTED_PER_RULE_MAX - 1 }, (_, at) => at + 1),
  );
  // The thousand and the missing file control.
  expect(listed.length + unlisted).toBe(1_001);
});

describe("a large file of one thing ends soon", () => {
  const MEGABYTES = 4;
  const [header = "", batch = "", entry = "", addenda = ""] = good("POS");
  test.each([
    ["one endless line", "6"],
    ["line endings", "\n"],
    ["carriage returns", "\r"],
    ["CRLF", "\r\n"],
    ["nines", `${"9".repeat(94)}\n`],
    ["zero bytes", "\0"],
    ["file headers", `${header}\n`],
    ["batch headers", `${batch}\n`],
    ["entries outside a batch", `${entry}\n`],
    ["addenda", `${addenda}\n`],
  ])(
    "%s",
    (_, piece) => {
      const text = piece.repeat(Math.floor((MEGABYTES << 20) / piece.length));
      const bytes = new TextEncoder().encode(text);
      const start = performance.now();
      expect(checkAch(bytes).ok).toBe(false);
      // Measured: 0.01 to 0.7 s. A quadratic step would take hours.
      expect(performance.now() - start).toBeLessThan(20_000);
    },
    30_000,
  );

  test("a batch in which one trace comes again and again", () => {
    const bytes = bytesOf([header, batch, ...new Array(40_000).fill([entry, addenda]).flat()]);
    const { findings, unlisted } = checkAch(bytes);
    expect(findings.filter(({ rule }) => rule === "trace_unique").length).toBe(LISTED_PER_RULE_MAX);
    expect(unlisted).toBeGreaterThan(70_000);
  });

  test("a file of more lines than its control can count", () => {
    const check = new AchCheck();
    const block = new Uint8Array(999_999).fill(0x0a);
    for (let at = 0; at < 11; at++) check.push(block);
    const { findings, lines } = check.end();
    expect(lines).toBe(11 * block.length);
    expect(findings.filter(({ rule }) => rule === "file_size")).toEqual([
      { line: LINES_MAX + 1, from: 1, to: 94, rule: "file_size", message: expect.any(String) },
    ]);
  }, 60_000);
});
