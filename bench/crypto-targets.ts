/**
 * What the core was to reach, and whether it did: ratios within one run, and the size. A target
 * that is missed is told; it is no failure of the run, whose machine may be another.
 */
import { keyOf, type Result } from "./contest.ts";
import { BATCH } from "./crypto-inputs.ts";
import { JOBS } from "./crypto-jobs.ts";

interface Runner {
  readonly job: string;
  readonly who: string;
}

export interface Judgement {
  readonly what: string;
  /** As it is said: `at least 2.5 x`. */
  readonly target: string;
  /** Undefined where one of the two did not run here. */
  readonly reached: number | undefined;
  readonly isReached: boolean;
}

const single = (who: string): Runner => ({ job: JOBS.single, who });
const distinct = (who: string): Runner => ({ job: JOBS.batch(BATCH, "distinct keys"), who });
const oneKey = (who: string): Runner => ({ job: JOBS.batch(BATCH, "one key"), who });
const argon2 = (who: string): Runner => ({ job: JOBS.argon2, who });

/** `least` times as fast as `against`. */
type Target = readonly [what: string, runner: Runner, against: Runner, least: number];

// biome-ignore format: a table is read by its columns.
const TARGETS: readonly Target[] = [
  ["one signature, portable : noble", single("portable"), single("noble"), 2.5],
  ["one signature, portable : libsodium.js", single("portable"), single("libsodium.js"), 1],
  ["one signature, wide : noble", single("wide"), single("noble"), 6],
  ["one signature, wide : native", single("wide"), single("native"), 0.7],
  ["the same, hoped for", single("wide"), single("native"), 1],
  ["64 with distinct keys, wide : one alone", distinct("wide"), single("wide"), 1.8],
  ["64 with distinct keys, portable : one alone", distinct("portable"), single("portable"), 1.8],
  ["64 with distinct keys, wide : native", distinct("wide"), single("native"), 1.25],
  ["64 with one key, wide : one alone", oneKey("wide"), single("wide"), 3.5],
  ["64 with one key, portable : one alone", oneKey("portable"), single("portable"), 3.5],
  ["64 with one key, wide : native", oneKey("wide"), single("native"), 2.5],
  ["argon2id, wide : noble", argon2("wide"), argon2("noble"), 3],
  ["argon2id, portable : noble", argon2("portable"), argon2("noble"), 3],
];

const ARTEFACT_KIB_MAX = 40;

/** One line per target; `artefactBytes` by the name of the form. */
export function judge(
  { ratio }: Pick<Result, "ratio">,
  artefactBytes: Readonly<Record<string, number>>,
): readonly Judgement[] {
  const speeds = TARGETS.map(([what, runner, against, least]) => {
    const reached = ratio(keyOf(runner), keyOf(against));
    const isReached = reached !== undefined && reached >= least;
    return { what, target: `at least ${least} x`, reached, isReached };
  });
  const sizes = Object.entries(artefactBytes).map(([name, bytes]) => {
    const reached = bytes / 1_024;
    const isReached = reached <= ARTEFACT_KIB_MAX;
    return { what: `size, ${name}`, target: `at most ${ARTEFACT_KIB_MAX} KiB`, reached, isReached };
  });
  return [...speeds, ...sizes];
}
