/** Files of other originators: how they differ from ours is told, and their faults are faults. */
import { describe, expect, test } from "bun:test";
import { checkAch } from "../../../src/rails/ach-check/check.ts";
import { isOwnRule } from "../../../src/rails/ach-check/rules.ts";
import { bytesOf } from "./file-maker.ts";
import { good } from "./good-files.ts";

const NAMES = ["POS", "WEB goods", "CCD settlement", "PPD refund", "several batches"];

function put(line: string, column: number, text: string): string {
  return line.slice(0, column - 1) + text + line.slice(column - 1 + text.length);
}

/** The same file of a company that has never heard of this switch. */
function foreign(name: string): readonly string[] {
  return good(name).map((line) => {
    if (!line.startsWith("5")) return line;
    const named = put(put(line, 5, "Corner Shop     "), 21, "".padEnd(20));
    return put(named, 54, "Vndr Pay  ");
  });
}

describe.each(NAMES)("%s of somebody else", (name) => {
  const lines = foreign(name);
  const judge = (changed: readonly string[]) => checkAch(bytesOf(changed), {}, "foreign");

  test("is good, and how it differs from ours is told", () => {
    const { ok, isOwn, findings } = judge(lines);
    expect([ok, isOwn]).toEqual([true, false]);
    const rules = new Set(findings.map(({ rule }) => rule));
    for (const rule of ["company_name", "discretionary_data", "description"] as const) {
      expect(rules).toContain(rule);
    }
    expect([...rules].filter((rule) => !isOwnRule(rule))).toEqual([]);
    // Where it is to be ours it is refused, with the same findings.
    expect(checkAch(bytesOf(lines))).toMatchObject({ ok: false, isOwn: true, findings });
  });

  test("may have lines that are cut after their last character", () => {
    const cut = lines.map((line) => line.trimEnd());
    expect(judge(cut)).toMatchObject({ ok: true, isOwn: false });
  });

  test("is refused for what is wrong in any file", () => {
    const entry = lines.findIndex((line) => line.startsWith("6"));
    const control = lines.findIndex((line) => line.startsWith("8"));
    const at = (index: number, column: number, text: string) =>
      lines.with(index, put(lines[index] ?? "", column, text));
    const wrong: readonly (readonly [string, readonly string[]])[] = [
      ["rdfi", at(entry, 12, lines[entry]?.[11] === "0" ? "1" : "0")],
      ["trace_odfi", at(entry, 80, "11111111")],
      ["number", at(entry, 30, "00C")],
      ["control_hash", at(control, 11, "0000000001")],
    ];
    for (const [rule, changed] of wrong) {
      const { ok, isOwn, findings } = judge(changed);
      expect([rule, ok, isOwn]).toEqual([rule, false, false]);
      expect(findings.map((finding) => finding.rule as string)).toContain(rule);
    }
  });
});

test("one batch with a mark of ours makes it a file of ours", () => {
  const ours = good("several batches");
  const theirs = foreign("several batches");
  const first = ours.findIndex((line) => line.startsWith("5"));
  const mixed = theirs.with(first, ours[first] ?? "");
  expect(checkAch(bytesOf(mixed), {}, "foreign")).toMatchObject({ ok: false, isOwn: true });
});
