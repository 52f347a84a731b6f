/** The script behind `npm run simulate`. */
import { parseArgs } from "node:util";
import { coreName } from "../../wasm/core.ts";
import { Rare } from "../invariants/rare.ts";
import { installDeviceKeys } from "./device-keys.ts";
import { installFullDisk } from "./disk.ts";
import { Finding } from "./finding.ts";
import { PLANTED, type PlantedBug } from "./planted.ts";
import { RARE_STATES } from "./rare-states.ts";
import { realNowMs } from "./real-time.ts";
import { type RunOptions, type RunResult, runSeed } from "./run.ts";
import { ruleOf, shrink } from "./shrink.ts";
import { installGateway } from "./sms-gateway.ts";
import { type Step, stepsOfSeed } from "./steps.ts";
import type { Plant } from "./world.ts";

const OPTIONS = {
  /** The first seed, and how many there are. */
  seed: { type: "string", default: "1" },
  seeds: { type: "string", default: "1" },
  /** Tells what happens, step by step. */
  verbose: { type: "boolean", default: false },
  /** Each seed twice: both runs must be the same to the last byte. */
  twice: { type: "boolean", default: false },
  /** Makes a run that fails shorter. */
  shrink: { type: "boolean", default: false },
  /** Numbers of the steps that are taken; the others are left out. */
  steps: { type: "string" },
  /** The bug to plant, by name; `all`, or the first so many: one after another, until found. */
  planted: { type: "string" },
  /** Ends with one line of JSON, for the test. */
  json: { type: "boolean", default: false },
} as const;

/** So many seeds must meet every rare state. */
const SEEDS_OF_ALL = 200;

type Values = ReturnType<typeof parse>;

/** Throws Misunderstood. */
function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new Misunderstood((error as Error).message);
  }
}

/** What was typed is no run; test/simulation/simulate.ts says so and nothing else. */
export class Misunderstood extends Error {}

/** What the test reads. */
export interface Report {
  readonly failed: readonly string[];
  /** How often each rare state was met. */
  readonly rare: Readonly<Record<string, number>>;
}

export async function main(args: readonly string[]): Promise<number> {
  const values = parse(args);
  // The core proves itself at its first use, by chance of its own: before any run.
  coreName();
  await installDeviceKeys();
  installFullDisk();
  installGateway();
  const [first, seeds] = [Number(values.seed), Number(values.seeds)];
  const { planted = "" } = values;
  if (planted === "all") return await findAll(PLANTED, first, seeds);
  if (/^[0-9]+$/.test(planted))
    return await findAll(PLANTED.slice(0, Number(planted)), first, seeds);
  const rare = new Rare<string>();
  const failed: string[] = [];
  const startMs = realNowMs();
  for (let seed = first; seed < first + seeds; seed++) {
    const line = await runOne(seed, values, rare);
    if (line === undefined) continue;
    failed.push(line);
    console.log(line);
  }
  if (values.json) console.log(JSON.stringify(reportOf(failed, rare)));
  else tellEnd(seeds, failed.length, realNowMs() - startMs, rare);
  return failed.length === 0 ? 0 : 1;
}

/** The line of a seed that fails; undefined for one that does not. */
async function runOne(seed: number, values: Values, rare: Rare<string>) {
  const tell = values.verbose ? (line: string) => console.log(line) : () => {};
  const steps = values.steps === undefined ? undefined : someSteps(seed, values.steps);
  const options: RunOptions = { seed, rare, tell, plant: plantOf(values.planted), steps };
  const result = await runSeed(options);
  if (result.fault !== undefined) {
    const { rare: _, tell: __, ...silent } = options;
    return lineOf(values.shrink ? await shrink(silent, result) : result, values);
  }
  if (!values.twice) return undefined;
  const { head, story } = await runSeed({ ...options, rare: new Rare<string>() });
  const isSame = head === result.head && story === result.story;
  if (isSame) return undefined;
  return lineOf({ ...result, fault: `I16: two runs differ: ${result.head} and ${head}` }, values);
}

function someSteps(seed: number, numbers: string): readonly Step[] {
  const taken = new Set(numbers.split(",").filter(Boolean).map(Number));
  return stepsOfSeed(seed).filter(({ number }) => taken.has(number));
}

/** What replays it, and what is wrong, in one line. */
function lineOf({ seed, steps, fault }: RunResult, { planted, shrink: isShort }: Values): string {
  const said = fault instanceof Error ? fault.message : String(fault);
  const taken = isShort ? ` --steps ${steps.map(({ number }) => number).join(",")}` : "";
  const plant = planted === undefined ? "" : ` --planted "${planted}"`;
  const replay = `npm run simulate -- --seed ${seed}${taken}${plant} --verbose`;
  return `${replay}   # at ${commit()}: ${said.replace(/\s+/g, " ").slice(0, 1_200)}`;
}

function commit(): string {
  const git = Bun.spawnSync(["git", "rev-parse", "--short", "HEAD"], { stderr: "ignore" });
  return git.success ? git.stdout.toString().trim() : "an unknown commit";
}

function reportOf(failed: readonly string[], rare: Rare<string>): Report {
  const counts = RARE_STATES.map((state) => [state, rare.count(state)] as const);
  return { failed, rare: Object.fromEntries(counts) };
}

function tellEnd(seeds: number, failed: number, ms: number, rare: Rare<string>): void {
  const rate = ((seeds * 1_000) / ms).toFixed(1);
  console.log(`${seeds} seeds, ${failed} failed, ${Math.round(ms)} ms, ${rate} seeds a second`);
  const missing = rare.missing(RARE_STATES);
  if (seeds >= SEEDS_OF_ALL && missing.length > 0) console.log(`never met: ${missing.join(", ")}`);
}

function plantOf(bug: string | undefined): Plant | undefined {
  if (bug === undefined) return undefined;
  const planted = PLANTED.find((one) => one.bug === bug);
  if (planted === undefined) throw new Error(`no such bug: ${bug}`);
  return planted.plant;
}

/** How many seeds it takes to find each planted bug. */
async function findAll(
  bugs: readonly PlantedBug[],
  first: number,
  seedsMax: number,
): Promise<number> {
  let missed = 0;
  for (const { bug, plant } of bugs) {
    const found = await find(plant, first, seedsMax);
    if (found === undefined) missed++;
    const how = found === undefined ? "MISSED" : "found";
    const by = found === undefined ? "not found" : `seed ${found.seed}, ${ruleOf(found.fault)}`;
    console.log(`${how}: ${bug}: ${by}`);
  }
  console.log(`${bugs.length} planted, ${missed} missed`);
  return missed === 0 ? 0 : 1;
}

/**
 * The first world that the checker finds fault with when the bug is in it, and with nothing when it
 * is not. Which fact is the first to break changes with every step that worlds have; a run that
 * breaks down, or comes to no end, has found nothing.
 */
async function find(plant: Plant, first: number, max: number): Promise<RunResult | undefined> {
  for (let seed = first; seed < first + max; seed++) {
    const result = await runSeed({ seed, plant });
    if (!(result.fault instanceof Finding)) continue;
    const { fault } = await runSeed({ seed });
    if (fault === undefined) return result;
  }
  return undefined;
}
