import { describe, expect, test } from "bun:test";
import { AchCheck, checkAch } from "../../../src/rails/ach-check/check.ts";
import { bytesOf } from "./file-maker.ts";
import { GOOD, good } from "./good-files.ts";

describe("a good file is accepted", () => {
  test.each([...GOOD.keys()])("%s", (name) => {
    const lines = good(name);
    const verdict = checkAch(bytesOf(lines), {}, "foreign");
    expect(verdict).toEqual(checkAch(bytesOf(lines)));
    const { findings, ok, isOwn, unlisted, ...figures } = verdict;
    expect(findings).toEqual([]);
    expect({ ok, isOwn, unlisted }).toEqual({ ok: true, isOwn: true, unlisted: 0 });
    const control = lines.findLast((line) => line.startsWith("9") && line.includes(" ")) ?? "";
    expect(figures).toEqual({
      lines: lines.length,
      batches: Number(control.slice(1, 7)),
      entries: lines.filter((line) => line.startsWith("6")).length,
      debitCents: Number(control.slice(31, 43)),
      creditCents: Number(control.slice(43, 55)),
    });
  });
});

test("a file that arrives in pieces of any size gets the same verdict", () => {
  for (const [ending, lineEnding] of [
    ["\n", "lf"],
    ["\r\n", "crlf"],
  ] as const) {
    const bytes = bytesOf(good("several batches"), ending);
    const whole = checkAch(bytes, { lineEnding });
    expect(whole.ok).toBe(true);
    for (const size of [1, 2, 7, 93, 94, 95, 96, 97, 189, 190, 191, 1_000, bytes.length]) {
      const check = new AchCheck({ lineEnding });
      for (let at = 0; at < bytes.length; at += size) check.push(bytes.subarray(at, at + size));
      expect(check.end()).toEqual(whole);
    }
  }
});

test("lines end with CRLF where the profile says so, and only there", () => {
  const lines = good("POS");
  const crlf = bytesOf(lines, "\r\n");
  expect(checkAch(crlf, { lineEnding: "crlf" }).findings).toEqual([]);
  for (const [bytes, lineEnding] of [
    [crlf, "lf"],
    [bytesOf(lines), "crlf"],
  ] as const) {
    const { findings } = checkAch(bytes, { lineEnding });
    expect(findings.map(({ line, from, to, rule }) => ({ line, from, to, rule }))).toEqual(
      lines.map((_, at) => ({ line: at + 1, from: 95, to: 95, rule: "line_ending" })),
    );
  }
});
