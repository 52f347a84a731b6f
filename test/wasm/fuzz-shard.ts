/**
 * A part of a fuzz run, repeatable by its seed alone: so many signatures with their share of
 * everything else, or so many batches.
 */
import { seededRandom } from "../crash/random.ts";
import { fuzzBatches } from "./batch-fuzz.ts";
import { CORES } from "./cores.ts";
import { Forge } from "./forge.ts";
import { fuzzApprovals, fuzzBase32, fuzzPayloads } from "./form-fuzz.ts";
import { compareLengths, fuzzArgon2, fuzzHashes } from "./hash-fuzz.ts";
import { Raw } from "./raw.ts";
import { fuzzSignatures } from "./signature-fuzz.ts";
import { type Count, Difference, Tally } from "./tally.ts";

export interface Shard {
  readonly what: "cases" | "batches";
  readonly seed: number;
  readonly count: number;
}

export type Outcome =
  | { readonly kind: "agreed"; readonly counts: readonly (readonly [string, Count])[] }
  | { readonly kind: "differed"; readonly seed: number; readonly difference: string };

const raws: Raw[] = [];

/** Everything that is cheaper than a signature comes as a share of them. */
export function runShard({ what, seed, count }: Shard): Outcome {
  const tally = new Tally();
  const from = new Forge(seededRandom(seed));
  try {
    if (what === "batches") {
      if (raws.length === 0) raws.push(...CORES.flatMap(({ name }) => rawOf(name)));
      fuzzBatches(from, count, CORES, raws, tally);
    } else {
      fuzzSignatures(from, count, CORES, tally);
      fuzzPayloads(from, Math.ceil(count / 5), CORES, tally);
      fuzzApprovals(from, count, CORES, tally);
      fuzzBase32(from, Math.ceil(count / 2), CORES, tally);
      compareLengths(from, 300, CORES, tally);
      fuzzHashes(from, Math.ceil(count / 20), CORES, tally);
      fuzzArgon2(from, Math.ceil(count / 500), CORES, tally);
    }
  } catch (error) {
    if (!(error instanceof Difference)) throw error;
    return { kind: "differed", seed, difference: error.message };
  }
  return { kind: "agreed", counts: [...tally.counts] };
}

function rawOf(name: string): Raw[] {
  return name === "wide" || name === "portable" ? [new Raw(name)] : [];
}
