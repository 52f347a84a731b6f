/**
 * `seqr bench quarter`: a quarter of a town's purchases, day by day through the switch's own
 * actors, event log, views, files and collection by the clock, with the sandbox's bank on the other
 * side. Payments are said to the actors directly, not over HTTP. At the end of every day all
 * invariants are checked by books of their own, and at the end of all the whole log is folded
 * again, as `seqr doctor` does.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { present } from "../actors/assert.ts";
import { addDays, instantOf, parseBankDate } from "../actors/banking-calendar.ts";
import {
  type QuarterOptions,
  QuarterRun,
  type QuarterScale,
  type Tell,
  type Week,
} from "./quarter-run.ts";
import { startSimulated } from "./simulated.ts";
import type { Times } from "./stopwatch.ts";
import { type Machine, thisMachine } from "./table.ts";

export const FULL: QuarterScale = {
  ...{ customers: 10_000, merchants: 100, lanes: 2_000, bankingDays: 65, payments: 300_000 },
  tailDays: 20,
};
export const QUICK: QuarterScale = {
  ...{ customers: 1_000, merchants: 20, lanes: 400, bankingDays: 35, payments: 15_000 },
  tailDays: 20,
};

/** A Monday. */
export const FIRST_DAY = present(parseBankDate("2027-01-04"), "a date");

export type Counts = readonly (readonly [name: string, times: number])[];

export interface QuarterReport {
  readonly machine: Machine;
  readonly scale: QuarterScale;
  readonly weeks: readonly Week[];
  readonly payments: number;
  readonly events: number;
  readonly facts: number;
  readonly seconds: number;
  readonly times: Times;
  readonly peakMegabytes: number;
  /** What happened how often: events, returns by code, doubts, blocks, refusals. */
  readonly seen: Counts;
  /** The invariant that broke, or what the fold of the whole log found. */
  readonly fault: string | undefined;
}

/** Lives through it in a temporary directory, which is then removed. */
export async function measureQuarter(
  scale: QuarterScale,
  tell: Tell,
  options: QuarterOptions = {},
): Promise<QuarterReport> {
  const machine = thisMachine();
  const folder = mkdtempSync(join(tmpdir(), "seqr-quarter-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.on("exit", remove);
  try {
    const startMs = instantOf(addDays(FIRST_DAY, -1), 12, 0);
    const simulated = await startSimulated(folder, startMs, options.planted);
    const run = new QuarterRun(simulated, scale, FIRST_DAY, tell, options);
    const fault = await run.live();
    return { machine, scale, ...run.figures(), fault };
  } finally {
    process.off("exit", remove);
    remove();
  }
}
