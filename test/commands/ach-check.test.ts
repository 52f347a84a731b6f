/** `seqr ach check`: exit codes, findings for people and for programs, and what is told it. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesOf, put } from "../rails/ach-check/file-maker.ts";
import { good } from "../rails/ach-check/good-files.ts";
import { type Folder, hasStackTrace, seqr, temporaryFolder } from "./cli.ts";

setDefaultTimeout(40_000);
let folder: Folder;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

function keep(name: string, content: Uint8Array | string): string {
  const path = join(folder.path, name);
  writeFileSync(path, content);
  return path;
}

const GOOD = good("several batches");
const ENTRY = GOOD.findIndex((line) => line.startsWith("6"));
const BROKEN = GOOD.with(ENTRY, put(GOOD[ENTRY] ?? "", 13, " ".repeat(17)));

describe("a file", () => {
  test("that is good ends with 0 and its sums", async () => {
    const ran = await seqr(["ach", "check", keep("good.ach", bytesOf(GOOD))]);
    expect({ ...ran, stdout: ran.stdout.replace(/\d[\d.]*/g, "N") }).toEqual({
      code: 0,
      stderr: "",
      stdout: "good: lines N, batches N, entries N, debits $N, credits $N\n",
    });
  });

  test("that is not ends with 1, each finding a line", async () => {
    const { code, stdout, stderr } = await seqr(["ach", "check", keep("bad.ach", bytesOf(BROKEN))]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    const [finding, summary] = stdout.split("\n");
    expect(finding).toStartWith(`${ENTRY + 1}:13-29 account_number `);
    expect(summary).toStartWith("1 finding: lines ");
  });

  test("gets the same verdict as one object", async () => {
    const path = keep("json.ach", bytesOf(BROKEN));
    const { code, stdout } = await seqr(["ach", "check", path, "--json"]);
    expect(code).toBe(1);
    const lines = BROKEN.length;
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, unlisted: 0, lines, batches: 6 });
    expect(JSON.parse(stdout).findings).toEqual([
      { line: ENTRY + 1, from: 13, to: 29, rule: "account_number", message: expect.any(String) },
    ]);
  });

  test("of many findings tells how many it does not list", async () => {
    const { code, stdout } = await seqr(["ach", "check", keep("lines", "x\n".repeat(5_000))]);
    expect(code).toBe(1);
    expect(stdout.split("\n").length).toBeLessThan(100);
    expect(stdout).toMatch(/\n\d+ findings and \d{4,} more: lines 5000, batches 0,/);
  });

  test("that cannot be read ends with 1 and why", async () => {
    for (const path of [join(folder.path, "absent"), folder.path]) {
      const { code, stdout, stderr } = await seqr(["ach", "check", path]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      const why = path === folder.path ? "it is a folder" : "there is no such file";
      expect(stderr).toBe(`seqr ach: ${path} cannot be read: ${why}\n`);
      expect(hasStackTrace(stderr)).toBe(false);
    }
  });
});

describe("what is known beside the file", () => {
  test("comes from --today and --expect, the word before the file", async () => {
    const file = keep("known.ach", bytesOf(GOOD));
    const expectations = keep(
      "bank.json",
      JSON.stringify({
        today: "2026-11-24",
        odfi: "12104288",
        entries: { R000000001: { statementName: "BAKERY" } },
      }),
    );
    const [late, dated] = await Promise.all([
      seqr(["ach", "check", file, "--expect", expectations]),
      seqr(["ach", "check", file, "--expect", expectations, "--today", "2026-11-20"]),
    ]);
    expect(late.stdout).toContain(" effective_date_past ");
    expect(dated.stdout).not.toContain(" effective_date_past ");
    expect(dated.stdout).toStartWith("2:5-20 statement_name ");
    expect([late.code, dated.code]).toEqual([1, 1]);
  });

  test("that is misspelt or no JSON is refused: it would check nothing", async () => {
    const file = keep("file.ach", bytesOf(GOOD));
    const cases: readonly (readonly [readonly string[], string])[] = [
      [["--today", "tomorrow"], "today is a date: YYYY-MM-DD"],
      [["--today", "2026-02-30"], "today is a date: YYYY-MM-DD"],
      [["--today", ""], "--today is empty"],
      [["--expect", keep("odd.json", '{"oddi":"12104288"}')], "--expect: not as docs/ach.md says"],
      [["--expect", keep("list.json", "[]")], "--expect: not as docs/ach.md says"],
      [["--expect", keep("deep.json", '{"channels":{"lane":{"sec":"XYZ"}}}')], "channels.lane"],
      [["--expect", keep("text.json", "odfi")], "--expect: name a file of JSON"],
      [["--expect", folder.path], "--expect: name a file of JSON"],
    ];
    const runs = cases.map(([words]) => seqr(["ach", "check", file, ...words]));
    for (const [at, { code, stdout, stderr }] of (await Promise.all(runs)).entries()) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(cases[at]?.[1] ?? "?");
      expect(hasStackTrace(stderr)).toBe(false);
    }
  });
});

test("a word that is none, and a check of nothing, end with 2", async () => {
  for (const words of [["ach"], ["ach", "chekc", "x"], ["ach", "constructor", "x"]]) {
    const { code, stderr } = await seqr(words);
    expect(code).toBe(2);
    expect(stderr).toContain("say one of: ");
  }
  const { code, stderr } = await seqr(["ach", "check"]);
  expect(code).toBe(2);
  expect(stderr).toStartWith("seqr ach: name a file");
});
