/**
 * The open loop on a switch: what latency people see at half of what it can do, and what becomes of
 * them when twice as many come as it can serve. What it can do is measured anew in every round,
 * right before, because a shared machine does not stay the same.
 */
import type { Answer } from "./connection.ts";
import { probeDisk } from "./disk.ts";
import { Histogram, type Point } from "./histogram.ts";
import { codeOf, type MeasuredSwitch, successes } from "./measured-switch.ts";
import { driveOpen, type OpenLoad } from "./open-load.ts";
import { type Spread, scheduleOf } from "./schedule.ts";
import { median } from "./stats.ts";

export interface OpenScale {
  readonly rounds: number;
  readonly halfSeconds: number;
  readonly twiceSeconds: number;
  /** In one stage, whatever the rate: customers pay once in it. */
  readonly paymentsMax: number;
}

/** One kind of load over all rounds. */
export interface OpenFigures {
  readonly name: string;
  /** Medians of the rounds. */
  readonly offeredPerSecond: number;
  readonly acceptedPerSecond: number;
  /** Of what saturation was in the same round. */
  readonly acceptedShare: number;
  /** Of what was accepted, from the intended time, in milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** Refusals of all rounds by their code, and their latency. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly refusalP99Ms: number | undefined;
  /** How late the driver itself was: above a few milliseconds its figures are not the server's. */
  readonly lateP99Ms: number;
  /** Memory of the switch: before each round's load, and the most during it. Medians, in bytes. */
  readonly beforeBytes: number | undefined;
  readonly peakBytes: number | undefined;
  readonly cpuMicros: number | undefined;
  readonly payments: number;
  readonly distribution: readonly Point[];
}

export interface OpenReport {
  /** Approvals a second in a closed loop, median of the rounds. */
  readonly saturation: number;
  readonly loads: readonly OpenFigures[];
  readonly disk: { readonly p50Ms: number; readonly p99Ms: number };
}

interface Stage {
  readonly name: string;
  readonly spread: Spread;
  /** Times the saturation of the round. */
  readonly share: number;
  readonly seconds: number;
}

export const HALF_POISSON = "half of saturation, Poisson";
export const HALF_CONSTANT = "half of saturation, constant";
export const TWICE_POISSON = "twice saturation, Poisson";

/** Connections of the driver: enough that what waits does so at the switch, which must say so. */
const CONNECTIONS_MAX = 2_048;
const SAMPLE_MS = 50;
const PROBES = 100;

/** Measures in rounds of: saturation, then each stage in turn. */
export async function measureOpen(
  one: MeasuredSwitch,
  folder: string,
  clients: number,
  scale: OpenScale,
  tell: (text: string) => void,
): Promise<OpenReport> {
  const { rounds, halfSeconds, twiceSeconds } = scale;
  const stages: readonly Stage[] = [
    { name: HALF_POISSON, spread: "poisson", share: 0.5, seconds: halfSeconds },
    { name: HALF_CONSTANT, spread: "constant", share: 0.5, seconds: halfSeconds },
    { name: TWICE_POISSON, spread: "poisson", share: 2, seconds: twiceSeconds },
  ];
  const taken = new Map<string, Taken[]>(stages.map(({ name }) => [name, []]));
  const saturations: number[] = [];
  const disk = new Histogram();
  for (let round = 1; round <= rounds; round++) {
    tell(`open loop, round ${round} of ${rounds}: saturation`);
    const count = Math.ceil(scale.paymentsMax / 8);
    const { operations, elapsedMs } = await one.closedTurn(count, clients);
    const saturation = (operations * 1_000) / elapsedMs;
    saturations.push(saturation);
    for (const stage of round % 2 === 0 ? stages.toReversed() : stages) {
      tell(`open loop, round ${round} of ${rounds}: ${stage.name}`);
      taken.get(stage.name)?.push(await take(one, stage, saturation, scale));
      disk.add(probeDisk(folder, PROBES));
    }
  }
  return {
    saturation: median(saturations),
    loads: stages.map(({ name }) => figuresOf(name, taken.get(name) ?? [])),
    disk: disk.middleAndTail,
  };
}

/** One stage of one round. */
interface Taken {
  readonly load: OpenLoad;
  readonly saturation: number;
  readonly offeredPerSecond: number;
  readonly cpuMicros: number | undefined;
  readonly beforeBytes: number | undefined;
  readonly peakBytes: number | undefined;
}

async function take(
  one: MeasuredSwitch,
  { spread, share, seconds }: Stage,
  saturation: number,
  { paymentsMax }: OpenScale,
): Promise<Taken> {
  const offeredPerSecond = saturation * share;
  const count = Math.max(Math.min(Math.floor(offeredPerSecond * seconds), paymentsMax), 1);
  const list = await one.crowd.prepare(count);
  const schedule = scheduleOf(spread, offeredPerSecond, count);
  const [beforeBytes, before] = [one.residentBytes(), one.cpuMicros()];
  let peakBytes = beforeBytes;
  const sampling = setInterval(() => {
    const bytes = one.residentBytes();
    if (bytes !== undefined) peakBytes = Math.max(peakBytes ?? 0, bytes);
  }, SAMPLE_MS);
  const load = await driveOpen(one.url, one.requestsOf(list), schedule, {
    connectionsMax: CONNECTIONS_MAX,
  });
  clearInterval(sampling);
  const after = one.cpuMicros();
  one.note(list, await one.learn(list, load.answers));
  const cpuMicros = before === undefined || after === undefined ? undefined : after - before;
  return { load, saturation, offeredPerSecond, cpuMicros, beforeBytes, peakBytes };
}

function figuresOf(name: string, all: readonly Taken[]): OpenFigures {
  const accepted = new Histogram();
  const refused = new Histogram();
  const late = new Histogram();
  const refusals: Record<string, number> = {};
  for (const { load } of all) {
    for (const [at, answer] of load.answers.entries()) {
      const latencyMs = load.latenciesMs[at] ?? 0;
      late.record(load.lateMs[at] ?? 0);
      if (answer.status === 200) accepted.record(latencyMs);
      else {
        refused.record(latencyMs);
        const code = refusalOf(answer);
        refusals[code] = (refusals[code] ?? 0) + 1;
      }
    }
  }
  const rates = all.map(({ load }) => (successes(load) * 1_000) / load.elapsedMs);
  const payments = all.reduce((sum, { load }) => sum + load.answers.length, 0);
  return {
    name,
    offeredPerSecond: median(all.map(({ offeredPerSecond }) => offeredPerSecond)),
    acceptedPerSecond: median(rates),
    acceptedShare: median(all.map(({ saturation }, at) => (rates[at] ?? 0) / saturation)),
    p50Ms: medianOf(all, 0.5),
    p99Ms: medianOf(all, 0.99),
    p999Ms: accepted.count === 0 ? 0 : accepted.quantileMs(0.999),
    maxMs: accepted.maxMs,
    refusals,
    refusalP99Ms: refused.count === 0 ? undefined : refused.quantileMs(0.99),
    lateP99Ms: late.quantileMs(0.99),
    beforeBytes: medianTold(all.map(({ beforeBytes }) => beforeBytes)),
    peakBytes: medianTold(all.map(({ peakBytes }) => peakBytes)),
    cpuMicros: medianTold(
      all.map(({ cpuMicros, load }) => cpuMicros && cpuMicros / successes(load)),
    ),
    payments,
    distribution: accepted.count === 0 ? [] : accepted.points(),
  };
}

/** Of what was accepted, round by round. */
function medianOf(all: readonly Taken[], share: number): number {
  return median(
    all.map(({ load }) => {
      const ms = [...load.latenciesMs].filter((_, at) => load.answers[at]?.status === 200);
      return ms.length === 0 ? 0 : Histogram.of(ms).quantileMs(share);
    }),
  );
}

function refusalOf({ status, body }: Answer): string {
  return status === 0 ? "no answer" : codeOf(body);
}

function medianTold(figures: readonly (number | undefined)[]): number | undefined {
  const told = figures.flatMap((figure) => (figure === undefined ? [] : [figure]));
  return told.length === figures.length ? median(told) : undefined;
}
