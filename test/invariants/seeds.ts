/**
 * How long and from which seed the property suites run. The seed is fixed, so that a check of the
 * whole house is repeatable; `SEQR_SEED` sets another seed, `SEQR_RUNS` another number of runs. A
 * failure prints its seed; with `SEQR_SHRINK=1` it is also made smaller, which takes minutes.
 */
import type { Parameters } from "fast-check";

const SEED = 20_260_601;
const given = (name: "SEQR_SEED" | "SEQR_RUNS"): number | undefined => {
  const text = process.env[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`${name} is a whole number, not ${text}`);
  return value;
};

function runsOf(runs: number): number {
  return given("SEQR_RUNS") ?? runs;
}

/** Rare states are demanded where nothing is overridden, or where more is run than usual. */
export function isRepresentative(runs: number): boolean {
  return runsOf(runs) >= runs;
}

export function parameters<Values>(runs: number): Parameters<Values> {
  return {
    seed: given("SEQR_SEED") ?? SEED,
    numRuns: runsOf(runs),
    endOnFailure: process.env["SEQR_SHRINK"] !== "1",
  };
}

/** For a planted bug: the same seed always, and no time spent on making the failure smaller. */
export function plantedParameters<Values>(runs: number): Parameters<Values> {
  return { seed: SEED, numRuns: runs, endOnFailure: true };
}
