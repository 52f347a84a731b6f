/**
 * Contests: several implementations of one job take turns in short samples within one run, so that
 * what slows the machine slows all of them. Every answer is looked at: a wrong one ends the run.
 */
import { assert, present } from "../actors/assert.ts";
import { median, quantile } from "./stats.ts";

/** Microseconds per item of one sample. */
export interface Sample {
  readonly wallMicros: number;
  /** Processor time of the process, its collector and compiler included. */
  readonly cpuMicros: number;
}

export interface Contestant {
  readonly job: string;
  readonly who: string;
  /** Makes `calls` calls, then looks at their answers; throws WrongAnswer. */
  sample(calls: number): Sample;
}

/** An implementation said something that is not so: no figure of it is worth anything. */
export class WrongAnswer extends Error {
  override readonly name = "WrongAnswer";
}

/**
 * `call` gets the number of the call, from 0, and does `items` items; its answers are judged by
 * `isRight` once the clock has stopped.
 */
export function contestant<Answer>(
  job: string,
  who: string,
  items: number,
  call: (at: number) => Answer,
  isRight: (answer: Answer, at: number) => boolean,
): Contestant {
  assert(items > 0, "a call does something");
  let made = 0;
  return {
    job,
    who,
    sample(calls) {
      assert(calls > 0, "a sample has calls");
      const first = made;
      made += calls;
      const answers = new Array<Answer>(calls);
      const cpu = process.cpuUsage();
      const startedMs = performance.now();
      for (let n = 0; n < calls; n++) answers[n] = call(first + n);
      const wallMicros = (performance.now() - startedMs) * 1_000;
      const { user, system } = process.cpuUsage(cpu);
      for (const [n, answer] of answers.entries()) {
        if (!isRight(answer, first + n)) throw new WrongAnswer(`${who}, ${job}`);
      }
      return {
        wallMicros: wallMicros / (calls * items),
        cpuMicros: (user + system) / (calls * items),
      };
    },
  };
}

/** Microseconds per item: the median of the rounds, and the quarters below and above it. */
export interface Figure {
  readonly job: string;
  readonly who: string;
  readonly micros: number;
  readonly lowMicros: number;
  readonly highMicros: number;
  /** Median of the time on the clock; `micros` are of processor time. */
  readonly wallMicros: number;
}

export interface Pace {
  readonly rounds: number;
  /** Length of a sample; at least one call, whatever it takes. */
  readonly sampleMs: number;
  /** Nobody warms up longer than this. */
  readonly warmUpMsMax: number;
}

export interface Result {
  readonly figures: readonly Figure[];
  /** How many times as fast as `other` this one is: the median over the rounds. */
  ratio(one: string, other: string): number | undefined;
}

/** What identifies a contestant, and what `ratio` takes. */
export function keyOf({ job, who }: { readonly job: string; readonly who: string }): string {
  return `${job}: ${who}`;
}

/** Warms everybody up, then lets everybody have a sample in every round. */
export function contest(
  contestants: readonly Contestant[],
  pace: Pace,
  tell: (text: string) => void,
): Result {
  assert(pace.rounds > 0, "a contest has rounds");
  const entries = contestants.map((one) => {
    tell(`warming up: ${keyOf(one)}`);
    return { one, calls: warmUp(one, pace), samples: [] as Sample[] };
  });
  for (let round = 1; round <= pace.rounds; round++) {
    tell(`round ${round} of ${pace.rounds}`);
    // There and back again: nobody always follows the same neighbour.
    const order = round % 2 === 0 ? entries.toReversed() : entries;
    for (const { one, calls, samples } of order) samples.push(one.sample(calls));
  }
  const samplesOf = new Map(entries.map(({ one, samples }) => [keyOf(one), samples]));
  assert(samplesOf.size === entries.length, "no two contestants have the same key");
  return {
    figures: entries.map(({ one, samples }) => figureOf(one, samples)),
    ratio: (one, other) => ratioOf(samplesOf.get(one), samplesOf.get(other)),
  };
}

/** So many samples in a row without a better one, and it is warm. */
const STEADY_SAMPLES = 5;
const BETTER_SHARE = 0.97;

/** Runs until it gets no faster; gives the number of calls that fill a sample. */
function warmUp(one: Contestant, { sampleMs, warmUpMsMax }: Pace): number {
  const deadlineMs = performance.now() + warmUpMsMax;
  let calls = 1;
  let best = Number.POSITIVE_INFINITY;
  let steady = 0;
  while (steady < STEADY_SAMPLES && performance.now() < deadlineMs) {
    const startedMs = performance.now();
    const { cpuMicros } = one.sample(calls);
    const tookMs = performance.now() - startedMs;
    steady = cpuMicros < best * BETTER_SHARE ? 0 : steady + 1;
    best = Math.min(best, cpuMicros);
    if (tookMs < sampleMs / 2) {
      calls *= 2;
      steady = 0;
    }
  }
  return calls;
}

function figureOf({ job, who }: Contestant, samples: readonly Sample[]): Figure {
  const cpu = samples.map(({ cpuMicros }) => cpuMicros);
  return {
    job,
    who,
    micros: median(cpu),
    lowMicros: quantile(cpu, 0.25),
    highMicros: quantile(cpu, 0.75),
    wallMicros: median(samples.map(({ wallMicros }) => wallMicros)),
  };
}

/** Pairs the samples of each round: a slow round is slow for both. */
function ratioOf(
  one: readonly Sample[] | undefined,
  other: readonly Sample[] | undefined,
): number | undefined {
  if (one === undefined || other === undefined) return undefined;
  return median(
    one.map(({ cpuMicros }, round) => {
      return present(other[round], "a sample of the same round").cpuMicros / cpuMicros;
    }),
  );
}
