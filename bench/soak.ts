/**
 * `seqr bench soak`: whole visits for a long time at half of what the switch can do: a till asks, a
 * phone scans, signs and pays, all over HTTP. Memory is sampled all the while; at the end every
 * payment stands in the event log exactly once.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OnceVerdict } from "./exactly-once.ts";
import { Histogram } from "./histogram.ts";
import { MeasuredSwitch } from "./measured-switch.ts";
import { onSchedule } from "./on-schedule.ts";
import { scheduleOf } from "./schedule.ts";
import { median } from "./stats.ts";
import { type Machine, thisMachine } from "./table.ts";

export interface SoakScale {
  readonly minutes: number;
  /** Registered at first: each comes as often as in the soak. Then as many as its rate wants. */
  readonly customers: number;
  /** Visits of the closed loop that tells what the switch can do. */
  readonly visits: number;
  readonly clients: number;
  readonly sampleMs: number;
}

export const FULL: SoakScale = {
  minutes: 10,
  customers: 3_000,
  visits: 4_000,
  clients: 64,
  sampleMs: 1_000,
};
export const QUICK: SoakScale = {
  minutes: 0.25,
  customers: 300,
  visits: 400,
  clients: 32,
  sampleMs: 250,
};

/** Visits under way at once: people who stand at a till. */
const UNDER_WAY_MAX = 512;
/**
 * A purchase stays with its customer until it is collected, and nothing is in these minutes. Who
 * comes seldom makes the switch forget him between two visits, and then memory can be flat.
 */
const VISITS_PER_CUSTOMER = 2;
/** The last fifth may have so many times the memory of the second, and counts as flat. */
export const FLAT_MAX = 1.05;

export interface SoakSample {
  /** Since the beginning. */
  readonly atMs: number;
  readonly residentBytes: number;
}

export interface SoakReport {
  readonly machine: Machine;
  readonly scale: SoakScale;
  /** Whole visits a second in a closed loop. */
  readonly saturation: number;
  readonly offeredPerSecond: number;
  readonly visits: number;
  /** A whole visit, from its intended beginning. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly lateP99Ms: number;
  readonly samples: readonly SoakSample[];
  /** Median memory of the last fifth in that of the second; undefined where it is not told. */
  readonly memoryRatio: number | undefined;
  readonly verdict: OnceVerdict;
}

export async function measureSoak(
  scale: SoakScale,
  tell: (text: string) => void,
): Promise<SoakReport> {
  const machine = thisMachine();
  const folder = mkdtempSync(join(tmpdir(), "seqr-bench-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.on("exit", remove);
  const entry = { name: "visits", algorithm: "p256" } as const;
  const one = await MeasuredSwitch.open(entry, join(folder, "data"), scale.customers, tell);
  try {
    tell("what the switch can do");
    // The first half warms up.
    await one.visits(Math.ceil(scale.visits / 2), scale.clients);
    const { elapsedMs } = await one.visits(scale.visits, scale.clients);
    const saturation = (scale.visits * 1_000) / elapsedMs;
    const offeredPerSecond = saturation / 2;
    const count = Math.ceil(offeredPerSecond * scale.minutes * 60);
    const wanted = Math.ceil(count / VISITS_PER_CUSTOMER);
    await one.settleMore(Math.max(wanted, scale.customers), tell);
    // Nobody comes again before the last visit is over, and no till is asked twice at once.
    const underWayMax = Math.min(UNDER_WAY_MAX, Math.floor(one.crowd.size / 2));
    const schedule = scheduleOf("poisson", offeredPerSecond, count);
    const samples = new Samples(one, scale.sampleMs, (minutes) => {
      tell(`${minutes.toFixed(1)} of ${scale.minutes} minutes`);
    });
    const done = await onSchedule(schedule, underWayMax, () => one.visit());
    samples.stop();
    const latencies = Histogram.of(done.latenciesMs);
    tell("reading the event log");
    return {
      machine,
      scale,
      saturation,
      offeredPerSecond,
      visits: count,
      ...latencies.middleAndTail,
      maxMs: latencies.maxMs,
      lateP99Ms: Histogram.of(done.lateMs).quantileMs(0.99),
      samples: samples.all,
      memoryRatio: memoryRatio(samples.all),
      verdict: await one.verdict(),
    };
  } finally {
    await one.kill();
    process.off("exit", remove);
    remove();
  }
}

/** Memory of the switch, again and again, as long as the load lasts. */
class Samples {
  readonly all: SoakSample[] = [];
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(one: MeasuredSwitch, everyMs: number, tell: (minutes: number) => void) {
    const startedMs = performance.now();
    this.#timer = setInterval(() => {
      const atMs = performance.now() - startedMs;
      const residentBytes = one.residentBytes();
      if (residentBytes !== undefined) this.all.push({ atMs: Math.round(atMs), residentBytes });
      tell(atMs / 60_000);
    }, everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** The first fifth is left out: engines warm up and caches fill. */
export function memoryRatio(samples: readonly SoakSample[]): number | undefined {
  const fifth = Math.floor(samples.length / 5);
  if (fifth === 0) return undefined;
  const middle = (part: readonly SoakSample[]): number =>
    median(part.map(({ residentBytes }) => residentBytes));
  return middle(samples.slice(-fifth)) / middle(samples.slice(fifth, 2 * fifth));
}
