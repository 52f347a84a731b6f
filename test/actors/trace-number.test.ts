import { expect, test } from "bun:test";
import fc from "fast-check";
import { AssertionFailed } from "../../actors/assert.ts";
import { parseTraceNumber, traceNumber } from "../../actors/trace-number.ts";

const sequences = fc.integer({ min: 0, max: 9_999_999 });
const banks = fc.stringMatching(/^[0-9]{8}$/);

test("a trace number is its bank and seven digits, leading zeros and all", () => {
  expect(traceNumber("09140060", 7) as string).toBe("091400600000007");
  fc.assert(
    fc.property(banks, sequences, (odfi, sequence) => {
      const trace = traceNumber(odfi, sequence);
      expect(trace.slice(0, 8)).toBe(odfi);
      expect(Number(trace.slice(8))).toBe(sequence);
      expect(parseTraceNumber(trace)).toBe(trace);
    }),
  );
});

test("anything but fifteen digits is none", () => {
  for (const text of [
    "",
    "12345678901234",
    "1234567890123456",
    "12345678901234x",
    " ".repeat(15),
  ]) {
    expect([text, parseTraceNumber(text)]).toEqual([text, undefined]);
  }
});

test("a bank of another length and a sequence beyond seven digits are bugs", () => {
  for (const [odfi, sequence] of [
    ["1234567", 1],
    ["123456789", 1],
    ["1234567x", 1],
    ["12345678", 10_000_000],
    ["12345678", -1],
    ["12345678", 1.5],
  ] as const) {
    expect(() => traceNumber(odfi, sequence)).toThrow(AssertionFailed);
  }
});
