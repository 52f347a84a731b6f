/** Chance of one seed, in streams: what one part of a run takes shifts nothing in the others. */
import { type Random, seededRandom } from "../crash/random.ts";

/** The stream of a seed under a name. */
export function streamOf(seed: number, name: string): Random {
  return seededRandom(Bun.hash.xxHash32(`${seed}/${name}`));
}

/** A part of the items, in any order. */
export function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  const left = [...items];
  for (let at = left.length - 1; at > 0; at--) {
    const other = random.between(0, at);
    [left[at], left[other]] = [left[other] as Item, left[at] as Item];
  }
  return left;
}
