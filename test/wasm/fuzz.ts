/**
 * `npm run fuzz:crypto`: portable, wide and noble on the same input, until they differ.
 *
 *     npm run fuzz:crypto -- --cases 1000000 --batches 100000 --seed 7 --workers 2
 *
 * Cases are signatures, with payloads, approvals, base32, hashes and derived keys on top; batches
 * are sets of 0 to 150 signatures. Prints the cases and verdicts of each kind and the rate; on a
 * difference the seed that repeats it and the case in hex, and ends with 1.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { CORES } from "./cores.ts";
import type { Outcome, Shard } from "./fuzz-shard.ts";
import { Tally } from "./tally.ts";

const SHARD_CASES = 5_000;
const SHARD_BATCHES = 250;

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "20000" },
    batches: { type: "string", default: "0" },
    seed: { type: "string", default: `${Date.now() % 1_000_000}` },
    workers: { type: "string", default: `${availableParallelism()}` },
  },
});

function whole(name: keyof typeof values): number {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} is a whole number`);
  return value;
}

/** Shard number n has the seed plus n, so that one alone is a run of its own. */
function shardsOf(what: Shard["what"], total: number, size: number, seed: number): Shard[] {
  return Array.from({ length: Math.ceil(total / size) }, (_, n) => {
    return { what, seed: seed + n, count: Math.min(size, total - n * size) };
  });
}

async function run(shards: readonly Shard[], workers: number): Promise<number> {
  const tally = new Tally();
  const queue = [...shards];
  const threads = Array.from({ length: Math.min(workers, shards.length) }, () => {
    return new Worker(join(import.meta.dir, "fuzz-worker.ts"));
  });
  let differences = 0;
  const work = async (thread: Worker): Promise<void> => {
    for (let shard = queue.shift(); shard !== undefined; shard = queue.shift()) {
      const outcome = await ask(thread, shard);
      if (outcome.kind === "agreed") tally.add(outcome.counts);
      else {
        differences++;
        const again = `--${shard.what} ${shard.count} --seed ${outcome.seed}`;
        process.stdout.write(`DIFFERENT, again with ${again}\n${outcome.difference}\n`);
        queue.length = 0;
      }
      if (queue.length % 20 === 0) process.stdout.write(`${queue.length} parts to go\n`);
    }
    await thread.terminate();
  };
  await Promise.all(threads.map(work));
  process.stdout.write(`${tally.lines().join("\n")}\n`);
  const odd = tally.oneSided();
  if (odd.length > 0) process.stdout.write(`one verdict only: ${odd.join("; ")}\n`);
  const minutes = (performance.now() / 60_000).toFixed(1);
  const rate = Math.round(tally.total() / (performance.now() / 1_000));
  process.stdout.write(`${tally.total()} cases in ${minutes} minutes, ${rate} a second\n`);
  return differences + odd.length;
}

function ask(thread: Worker, shard: Shard): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    thread.once("error", reject);
    thread.once("message", (outcome: Outcome) => {
      thread.off("error", reject);
      resolve(outcome);
    });
    thread.postMessage(shard);
  });
}

const seed = whole("seed");
const shards = [
  ...shardsOf("cases", whole("cases"), SHARD_CASES, seed),
  ...shardsOf("batches", whole("batches"), SHARD_BATCHES, seed),
];
process.stdout.write(`seed ${seed}, ${CORES.map(({ name }) => name).join(" = ")}\n`);
process.exitCode = (await run(shards, whole("workers"))) === 0 ? 0 : 1;
