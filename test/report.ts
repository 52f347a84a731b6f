/**
 * `npm test`: runs bun test, streams what it prints, and closes with one line that people and
 * machines can read: `N passed, N failed, N skipped`. The totals come from the JUnit report,
 * because bun's own summary spreads them over lines.
 *
 *     bun run test/report.ts [arguments of bun test]
 *     bun run test/report.ts --totals FILE    prints how an earlier run closed
 *
 * TEST_REPORT_DIR keeps the report (test-report.xml) in that folder.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  /** The names of skipped tests, with the groups they stand in. */
  readonly skipped: readonly string[];
}

const REPORT_FILE = "test-report.xml";
const NOTHING: Totals = { passed: 0, failed: 0, skipped: [] };

/** Reads a JUnit report as bun writes it; an absent or empty report has nothing in it. */
export function readTotals(xml: string): Totals {
  const root = /<testsuites\s([^>]*)>/.exec(xml)?.[1];
  if (root === undefined) return NOTHING;
  const tests = numberOf("tests", root);
  const failed = numberOf("failures", root) + numberOf("errors", root);
  const skipped = [...xml.matchAll(/<testcase\s([^>]*?)>\s*<skipped\b/g)].map((match) =>
    fullName(match[1] ?? ""),
  );
  return { passed: tests - failed - skipped.length, failed, skipped };
}

/**
 * What the run amounts to. A run that failed outside of any test (a file that does not load, a
 * crash, coverage below its threshold) or that ran no test counts one failure: no failing run ever
 * closes with `0 failed`.
 */
export function judge(found: Totals, exitCode: number): { totals: Totals; remarks: string[] } {
  const remarks: string[] = [];
  if (found.skipped.length > 0) remarks.push(`skipped: ${found.skipped.join("; ")}`);
  if (found.failed > 0) return { totals: found, remarks };
  if (exitCode !== 0) {
    remarks.push(
      `bun test ended with code ${exitCode} though no test failed: see the output above`,
    );
  } else if (found.passed === 0) {
    remarks.push("no test ran");
  } else {
    return { totals: found, remarks };
  }
  return { totals: { ...found, failed: 1 }, remarks };
}

export function closingLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed, ${skipped.length} skipped`;
}

function numberOf(attribute: string, tag: string): number {
  return Number(new RegExp(`\\b${attribute}="(\\d+)"`).exec(tag)?.[1] ?? 0);
}

/** bun lists the innermost group first: `inner > outer`. People read it from outside. */
function fullName(tag: string): string {
  const text = (attribute: string) =>
    plainText(new RegExp(`\\b${attribute}="([^"]*)"`).exec(tag)?.[1] ?? "");
  const groups = text("classname").split(" > ").reverse();
  return [...groups, text("name")].filter((part) => part !== "").join(" > ");
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  amp: "&",
};

function plainText(text: string): string {
  return text.replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}

function readReport(file: string): Totals {
  try {
    return readTotals(readFileSync(file, "utf8"));
  } catch {
    return NOTHING; // bun ended before it wrote one; its exit code says so
  }
}

function run(args: readonly string[]): number {
  const kept = process.env["TEST_REPORT_DIR"];
  const folder = kept ?? mkdtempSync(join(tmpdir(), "seqr-test-"));
  const file = join(folder, REPORT_FILE);
  mkdirSync(folder, { recursive: true }); // bun does not make it, and would drop the report
  rmSync(file, { force: true });
  const reporter = ["--reporter=junit", `--reporter-outfile=${file}`];
  const bun = Bun.spawnSync([process.execPath, "test", ...reporter, ...args], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const { totals, remarks } = judge(readReport(file), bun.exitCode ?? 1);
  if (kept === undefined) rmSync(folder, { recursive: true });
  print(totals, remarks);
  return totals.failed > 0 ? 1 : 0;
}

/** The closing line is the last. */
function print(totals: Totals, remarks: readonly string[]): void {
  for (const remark of remarks) console.log(remark);
  console.log(closingLine(totals));
}

function main(args: readonly string[]): number {
  const [flag, file] = args;
  if (flag !== "--totals") return run(args);
  const { totals, remarks } = judge(readReport(file ?? REPORT_FILE), 0);
  print(totals, remarks);
  return 0;
}

if (import.meta.main) process.exit(main(process.argv.slice(2)));
