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
/** What the first 200 worlds did not meet is looked for in more, up to so many. */
const SEEDS_MAX = 600;
/** Within so many worlds a planted bug shows; most show in the first. */
const SEEDS_FOR_A_BUG = 120;

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

async function inParts(first: number): Promise<Report[]> {
  const part = SEEDS / PARTS;
  const firsts = Array.from({ length: PARTS }, (_, at) => first + at * part);
  return await Promise.all(firsts.map((from) => reportOf(from, part)));
}

/** The rare states that some world has met, and those that none has. */
function stateNames(reports: readonly Report[]): [string[], string[]] {
  const states = Object.keys(reports[0]?.rare ?? {});
  const isUnmet = (state: string): boolean => reports.every(({ rare }) => rare[state] === 0);
  return [states.filter((state) => !isUnmet(state)), states.filter(isUnmet)];
}

describe("a simulated switch", () => {
  test(
    `holds in ${SEEDS} worlds, and they are rare enough`,
    async () => {
      const reports = await inParts(1);
      let [met, unmet] = stateNames(reports);
      expect(met.length + unmet.length).toBeGreaterThan(100);
      for (let first = SEEDS + 1; unmet.length > 0 && first <= SEEDS_MAX; first += SEEDS) {
        console.log(`  not met in ${first - 1} worlds: ${unmet.join(", ")}`);
        reports.push(...(await inParts(first)));
        [met, unmet] = stateNames(reports);
      }
      expect(reports.flatMap(({ failed }) => failed)).toEqual([]);
      expect(unmet).toEqual([]);
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
      const { lines } = await simulate("--planted", "8", "--seeds", `${SEEDS_FOR_A_BUG}`);
      for (const line of lines) console.log(`  ${line}`);
      expect(lines.at(-1)).toBe("8 planted, 0 missed");
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
      expect(lines[0]?.slice(replay.length)).toMatch(/^ {3}# at [^:]+: \S/);
    },
    TIMEOUT_MS,
  );
});
