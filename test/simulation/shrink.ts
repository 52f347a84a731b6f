/** A run that fails, made shorter: steps are left out as long as the same fact does not hold. */
import { Finding } from "./finding.ts";
import { type RunOptions, type RunResult, runSeed } from "./run.ts";
import type { Step } from "./steps.ts";

/** Runs that a shrinking takes at most. */
const RUNS_MAX = 400;

/** What a fault is, whatever its figures are. */
export function ruleOf(fault: unknown): string {
  if (fault instanceof Finding) return fault.rule;
  return fault instanceof Error ? `${fault.name}: ${fault.message.slice(0, 80)}` : String(fault);
}

/** Halves first, then smaller parts, down to single steps. */
export async function shrink(options: RunOptions, failed: RunResult): Promise<RunResult> {
  const rule = ruleOf(failed.fault);
  let best = failed;
  let runs = 0;
  const failsWithout = async (steps: readonly Step[]): Promise<boolean> => {
    runs++;
    const result = await runSeed({ ...options, steps });
    if (result.fault === undefined || ruleOf(result.fault) !== rule) return false;
    best = result;
    return true;
  };
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; ) {
    let isShorter = false;
    for (let at = 0; at < best.steps.length && runs < RUNS_MAX; ) {
      const { steps } = best;
      if (await failsWithout(steps.toSpliced(at, size))) isShorter = true;
      else at += size;
    }
    if (runs >= RUNS_MAX) return best;
    if (size === 1 && !isShorter) return best;
    size = size === 1 ? 1 : Math.ceil(size / 2);
  }
  return best;
}
