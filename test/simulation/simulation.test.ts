/**
 * Whole switches in whole worlds: 200 seeds on every check, thousands by `npm run simulate`. The
 * worlds run in processes of their own, where time and chance are theirs.
 */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Report } from "./main.ts";

const SEEDS = 200;
/** Of as many processes as there are cores on a small machine. */
const PARTS = 2;
const TIMEOUT_MS = 900_000;
/** Of more than a hundred rare states. */
const UNMET_MAX = 3;
/** Of eight planted bugs, within so few seeds. */
const MISSED_MAX = 1;

interface Ended {
  readonly code: number;
  readonly lines: readonly string[];
}

async function simulate(...args: readonly string[]): Promise<Ended> {
  const script = join(import.meta.dir, "simulate.ts");
  const child = Bun.spawn([process.execPath, script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const text = await new Response(child.stdout).text();
  return { code: await child.exited, lines: text.trim().split("\n") };
}

async function reportOf(first: number, seeds: number): Promise<Report> {
  const { lines } = await simulate("--seed", `${first}`, "--seeds", `${seeds}`, "--json");
  return JSON.parse(lines.at(-1) ?? "") as Report;
}

describe("a simulated switch", () => {
  test(
    `holds in ${SEEDS} worlds, and they are rare enough`,
    async () => {
      const part = SEEDS / PARTS;
      const firsts = Array.from({ length: PARTS }, (_, at) => 1 + at * part);
      const reports = await Promise.all(firsts.map((first) => reportOf(first, part)));
      expect(reports.flatMap(({ failed }) => failed)).toEqual([]);
      const states = Object.keys(reports[0]?.rare ?? {});
      const unmet = states.filter((state) => reports.every(({ rare }) => rare[state] === 0));
      expect(states.length).toBeGreaterThan(100);
      // Few seeds meet nearly all of them; a long run of the script meets them all.
      expect({ unmet, isFew: unmet.length <= UNMET_MAX }).toEqual({ unmet, isFew: true });
    },
    TIMEOUT_MS,
  );

  test(
    "does the same again with the same seed, to the last byte of its log",
    async () => {
      const { code, lines } = await simulate("--seed", "1", "--seeds", "6", "--twice");
      expect([code, lines]).toEqual([0, [expect.stringMatching(/^6 seeds, 0 failed/)]]);
    },
    TIMEOUT_MS,
  );

  test(
    "is found out when there is a bug in it",
    async () => {
      const { lines } = await simulate("--planted", "8", "--seeds", "30");
      for (const line of lines) console.log(`  ${line}`);
      const [, missed] = /^8 planted, ([0-9]+) missed$/.exec(lines.at(-1) ?? "") ?? [];
      expect(Number(missed)).toBeLessThanOrEqual(MISSED_MAX);
    },
    TIMEOUT_MS,
  );

  test(
    "tells in one line how a failing seed is replayed",
    async () => {
      const bug = "the statement is ignored";
      const { code, lines } = await simulate("--seed", "1", "--planted", bug);
      expect(code).toBe(1);
      const replay = `npm run simulate -- --seed 1 --planted "${bug}" --verbose`;
      expect(lines[0]).toStartWith(`${replay}   # at `);
      expect(lines[0]).toEndWith(": every file ends: []");
    },
    TIMEOUT_MS,
  );
});
