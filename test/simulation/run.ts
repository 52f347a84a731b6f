/** One run: one seed, one world with one switch, from its first day to its quiet end. */
import { Rare } from "../invariants/rare.ts";
import { act } from "./acts.ts";
import { Checks } from "./checks.ts";
import type { LogKind } from "./disk.ts";
import { endQuietly } from "./ending.ts";
import { bankAccountOf, moveIn, openShops } from "./people.ts";
import { type Step, stepsOfSeed } from "./steps.ts";
import { streamOf } from "./streams.ts";
import { type Plant, World } from "./world.ts";

export interface RunOptions {
  readonly seed: number;
  readonly plant?: Plant | undefined;
  /** In the place of those of the seed: a part of them. */
  readonly steps?: readonly Step[] | undefined;
  readonly tell?: (line: string) => void;
  readonly rare?: Rare<string>;
}

export interface RunResult {
  readonly seed: number;
  readonly steps: readonly Step[];
  /** Undefined when everything held. */
  readonly fault: unknown;
  /** Of the event log at its end, hex. */
  readonly head: string;
  readonly events: number;
  readonly sales: number;
  /** SHA-256 of everything that was told, which has every answer in it. */
  readonly story: string;
}

const DAY_MS = 86_400_000;

/** Days on whose following weeks banks are closed, clocks change, or nothing is special. */
const STARTS = [
  "2026-11-23T17:00:00Z", // Thanksgiving
  "2026-12-18T14:00:00Z", // Christmas and New Year
  "2027-03-10T16:00:00Z", // clocks go forward
  "2026-10-28T15:00:00Z", // and back
  "2027-06-14T21:00:00Z", // Juneteenth, Independence Day on a Sunday
  "2028-02-18T13:30:00Z", // a leap day
  "2027-05-10T02:00:00Z",
] as const;

const LOGS: readonly LogKind[] = ["sqlite", "sqlite", "memory", "remote"];

export async function runSeed(options: RunOptions): Promise<RunResult> {
  const { seed, plant, rare = new Rare<string>(), tell = () => {} } = options;
  const random = streamOf(seed, "run");
  const steps = options.steps ?? stepsOfSeed(seed);
  const story = new Bun.CryptoHasher("sha256");
  const world = new World({
    ...{ seed, plant, rare, startMs: Date.parse(random.pick(STARTS)) },
    logKind: random.pick(LOGS),
    tell: (line) => {
      story.update(line);
      tell(line);
    },
  });
  let fault: unknown;
  const head = { hash: "", position: 0 };
  try {
    await world.run(async () => {
      new Checks(world);
      await world.begin();
      await openShops(world);
      const customers = random.between(2, 4);
      for (let at = 0; at < customers; at++) {
        await moveIn(world, bankAccountOf(random, at === 0 ? seed : -1));
      }
      // Most begin when debits may be sent; some while their bank accounts are asked about.
      if (random.chance(70)) await world.goTo(world.nowMs + random.between(5, 9) * DAY_MS);
      for (const step of steps) await act(world, step);
      await endQuietly(world);
      Object.assign(head, await world.disk.log.head());
      await noteRare(world);
    });
  } catch (error) {
    fault = error;
  } finally {
    world.dispose();
  }
  return {
    ...{ seed, steps, fault, head: head.hash, events: head.position },
    ...{ sales: world.books.sales.length, story: story.digest("hex") },
  };
}

/** Rare states that only the end tells. */
async function noteRare({ rare, bank, disk }: World): Promise<void> {
  for (const mishap of bank.mishaps) rare.reach(mishap);
  const events = await disk.log.read(0, Number.MAX_SAFE_INTEGER);
  for (const { kind, data } of events) {
    if (kind === "PayoutFiled") rare.reach("settlement filed");
    if (kind === "AccountClosed") rare.reach("closed");
    const isDisputed = kind === "DebitReopened" && data.includes('"to":"disputed"');
    if (isDisputed) rare.reach("dispute after collection");
    if (kind === "AccountBlocked" && data.includes("pin_failures")) {
      rare.reach("blocked by wrong PINs");
    }
  }
}
