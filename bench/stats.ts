/** Figures of samples: what a benchmark says about many measurements of one thing. */
import { assert, present } from "../actors/assert.ts";

/** The middle sample, or the mean of the two in the middle. */
export function median(samples: readonly number[]): number {
  assert(samples.length > 0, "a median has samples");
  const sorted = ascending(samples);
  const upper = present(sorted[Math.floor(sorted.length / 2)], "the middle sample");
  if (sorted.length % 2 === 1) return upper;
  return (present(sorted[sorted.length / 2 - 1], "the sample before it") + upper) / 2;
}

/** The nearest rank: the smallest sample that at least `share` (0 to 1) of all do not exceed. */
export function quantile(samples: readonly number[], share: number): number {
  assert(samples.length > 0, "a quantile has samples");
  assert(share >= 0 && share <= 1, "a share lies between 0 and 1");
  const rank = Math.max(Math.ceil(share * samples.length), 1);
  return present(ascending(samples)[rank - 1], "the sample of this rank");
}

function ascending(samples: readonly number[]): readonly number[] {
  return [...samples].sort((a, b) => a - b);
}
