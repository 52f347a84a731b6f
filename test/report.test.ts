import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closingLine, judge, readTotals } from "./report.ts";

const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="7" assertions="1" failures="1" skipped="2" time="0.006">
  <testsuite name="a.test.ts" tests="7" assertions="1" failures="1" skipped="2" time="0.001">
    <testcase name="passes" classname="" time="0.1" />
    <testcase name="waits &lt;here&gt;" classname="inner &gt; outer" time="0">
      <skipped />
    </testcase>
    <testcase name="later" classname="" time="0">
      <skipped message="TODO" />
    </testcase>
    <testcase name="fails" classname="" time="0"><failure type="AssertionError" message="1" />
    </testcase>
  </testsuite>
</testsuites>`;

describe("totals of a report", () => {
  test("passed, failed and skipped add up to the tests", () => {
    const totals = readTotals(REPORT);
    expect(totals).toEqual({
      passed: 4,
      failed: 1,
      skipped: ["outer > inner > waits <here>", "later"],
    });
    expect(closingLine(totals)).toBe("4 passed, 1 failed, 2 skipped");
  });

  test("an absent report has nothing in it", () => {
    expect(readTotals("")).toEqual({ passed: 0, failed: 0, skipped: [] });
  });
});

describe("a failing run never closes with 0 failed", () => {
  const passed = { passed: 3, failed: 0, skipped: [] };
  const none = { passed: 0, failed: 0, skipped: ["x"] };
  test.each([
    ["all passed", passed, 0, "3 passed, 0 failed, 0 skipped"],
    ["an error outside of tests", passed, 1, "3 passed, 1 failed, 0 skipped"],
    ["a crash", { ...none, skipped: [] }, 139, "0 passed, 1 failed, 0 skipped"],
    ["nothing but skipped tests", none, 0, "0 passed, 1 failed, 1 skipped"],
    ["failed tests", { ...passed, failed: 2 }, 2, "3 passed, 2 failed, 0 skipped"],
  ] as const)("%s", (_name, found, exitCode, line) => {
    expect(closingLine(judge(found, exitCode).totals)).toBe(line);
  });
});

describe("a run", () => {
  function runIn(files: Record<string, string>): { code: number; lines: string[] } {
    const folder = mkdtempSync(join(tmpdir(), "seqr-report-"));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const report = join(import.meta.dir, "report.ts");
    const { TEST_REPORT_DIR: _kept, ...env } = process.env;
    const ran = Bun.spawnSync([process.execPath, report, "--timeout=2000"], { cwd: folder, env });
    rmSync(folder, { recursive: true });
    return { code: ran.exitCode, lines: ran.stdout.toString().trimEnd().split("\n") };
  }
  const test1 = 'import { test } from "bun:test";\n';

  test("closes with its totals, the skipped tests by name before them", () => {
    const body = 'test("one", () => {});\ntest.skipIf(process.pid > 0)("two", () => {});';
    const { code, lines } = runIn({ "a.test.ts": test1 + body });
    expect(code).toBe(0);
    expect(lines.slice(-2)).toEqual(["skipped: two", "1 passed, 0 failed, 1 skipped"]);
  });

  test("fails when a file does not load", () => {
    const good = 'test("one", () => {});';
    const { code, lines } = runIn({
      "a.test.ts": test1 + good,
      "b.test.ts": 'import "./gone.ts";',
    });
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe("1 passed, 1 failed, 0 skipped");
  });

  test("fails when there is no test", () => {
    const { code, lines } = runIn({ "a.ts": "" });
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe("0 passed, 1 failed, 0 skipped");
  });

  test.each([
    [REPORT, ["skipped: outer > inner > waits <here>; later", "4 passed, 1 failed, 2 skipped"]],
    [undefined, ["no test ran", "0 passed, 1 failed, 0 skipped"]],
  ])("is told again from its report", (report, lines) => {
    const folder = mkdtempSync(join(tmpdir(), "seqr-report-"));
    const file = join(folder, "report.xml");
    if (report !== undefined) writeFileSync(file, report);
    const words = [join(import.meta.dir, "report.ts"), "--totals", file];
    const { exitCode, stdout } = Bun.spawnSync([process.execPath, ...words]);
    rmSync(folder, { recursive: true });
    expect({ exitCode, lines: stdout.toString().trimEnd().split("\n") }).toEqual({
      exitCode: 0,
      lines,
    });
  });
});
