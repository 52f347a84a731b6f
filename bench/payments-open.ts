/**
 * The open loop on a switch: what latency people see at half of what it can do, and what becomes of
 * them when twice as many come as it can serve. What it can do is said in each round by a closed
 * loop just before, of as many customers as the open ones, with the number of clients that reached
 * most earlier in the run: a shared machine is another one a quarter of an hour later.
 */
import { assert, present } from "../actors/assert.ts";
import type { Answer } from "./connection.ts";
import { probeDisk } from "./disk.ts";
import { Histogram, type Point } from "./histogram.ts";
import { codeOf, isTurnedAway, type MeasuredSwitch, successes } from "./measured-switch.ts";
import { driveOpen, type OpenLoad } from "./open-load.ts";
import type { Standing } from "./rounds.ts";
import { type Spread, scheduleOf } from "./schedule.ts";
import { chargedTo } from "./settling.ts";
import { median } from "./stats.ts";
import { brief } from "./table.ts";

/** Customers pay once in a stage: with fewer of them than its seconds want, it is cut short. */
export interface OpenScale {
  readonly rounds: number;
  readonly halfSeconds: number;
  readonly twiceSeconds: number;
}

/** Approvals a second of a closed loop, and its clients. */
export interface Saturation {
  readonly perSecond: number;
  readonly clients: number;
}

/** One kind of load; medians of the rounds where nothing else is said. */
export interface OpenFigures {
  readonly name: string;
  /** In each round, and what was meant. */
  readonly seconds: number;
  readonly secondsMeant: number;
  readonly offeredPerSecond: number;
  readonly acceptedPerSecond: number;
  /** Of the saturation of its round. */
  readonly acceptedShare: number;
  /** Of what was accepted, from the intended time, in milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of all rounds together. */
  readonly p999Ms: number;
  /** First answers of all rounds together that were no yes, by their code, and their latency. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly refusalP99Ms: number | undefined;
  /** Of these: turned away as busy, and not paid, once everybody knew. All rounds together. */
  readonly turnedAway: number;
  /** How late requests went out, all rounds together, the wait for a connection included. */
  readonly lateP99Ms: number;
  /** Memory of the switch in bytes: at rest before the first round, and the most in any. */
  readonly beforeBytes: number | undefined;
  readonly peakBytes: number | undefined;
  /** Of the switch per accepted approval. */
  readonly cpuMicros: number | undefined;
  readonly distribution: readonly Point[];
}

export interface OpenReport {
  /** What half and twice are of; the median of the rounds. */
  readonly saturation: Saturation;
  readonly loads: readonly OpenFigures[];
  /** Of all rounds together. */
  readonly disk: { readonly p50Ms: number; readonly p99Ms: number };
}

interface Stage {
  readonly name: string;
  readonly spread: Spread;
  /** Times saturation. */
  readonly share: number;
  readonly seconds: number;
}

export const HALF_POISSON = "half of saturation, Poisson";
export const HALF_CONSTANT = "half of saturation, constant";
export const TWICE_POISSON = "twice saturation, Poisson";
/** Stands where others have the code of a refusal. */
export const NO_ANSWER = "no answer";

/** Connections of the driver: enough that what waits does so at the switch, which must say so. */
const CONNECTIONS_MAX = 2_048;
const SAMPLE_MS = 50;
const PROBES = 100;

/** The best of one switch's closed loops, each with its number of clients. */
export function saturationOf(
  loops: readonly (readonly [clients: number, standing: Pick<Standing, "perSecond">])[],
): Saturation {
  const all = loops.map(([clients, { perSecond }]) => ({ clients, perSecond }));
  const [best] = all.sort((one, other) => other.perSecond - one.perSecond);
  return present(best, "a closed loop that was measured");
}

/** Measures in rounds, each stage in turn; `best` is of this switch in this run. */
export async function measureOpen(
  one: MeasuredSwitch,
  folder: string,
  best: Saturation,
  scale: OpenScale,
  tell: (text: string) => void,
): Promise<OpenReport> {
  const { rounds, halfSeconds, twiceSeconds } = scale;
  const stages: readonly Stage[] = [
    { name: HALF_POISSON, spread: "poisson", share: 0.5, seconds: halfSeconds },
    { name: HALF_CONSTANT, spread: "constant", share: 0.5, seconds: halfSeconds },
    { name: TWICE_POISSON, spread: "poisson", share: 2, seconds: twiceSeconds },
  ];
  const taken = new Map<Stage, Taken[]>(stages.map((stage) => [stage, []]));
  const disk = new Histogram();
  const rates: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    tell(`open loop, round ${round} of ${rounds}: saturation`);
    const perSecond = await closedRate(one, best, halfSeconds);
    rates.push(perSecond);
    for (const stage of round % 2 === 0 ? stages.toReversed() : stages) {
      tell(`open loop, round ${round} of ${rounds}: ${stage.name}`);
      taken.get(stage)?.push(await take(one, stage, perSecond));
      disk.add(probeDisk(folder, PROBES));
    }
  }
  return {
    saturation: { perSecond: median(rates), clients: best.clients },
    loads: stages.map((stage) => figuresOf(stage, taken.get(stage) ?? [])),
    disk: disk.middleAndTail,
  };
}

/** How long each round of it was; where that is less than was meant, both. */
export function secondsText({ seconds, secondsMeant }: OpenFigures): string {
  const isCut = seconds < 0.99 * secondsMeant;
  return isCut ? `${brief(seconds)} of ${brief(secondsMeant)}` : brief(seconds);
}

/** One stage of one round. */
interface Taken {
  readonly load: OpenLoad;
  /** What became of each, once everybody knew. */
  readonly learnt: readonly Answer[];
  readonly saturationPerSecond: number;
  readonly offeredPerSecond: number;
  readonly cpuMicros: number | undefined;
  readonly beforeBytes: number | undefined;
  readonly peakBytes: number | undefined;
}

/** Of as many customers as half of it for so long has. */
async function closedRate(
  one: MeasuredSwitch,
  { perSecond, clients }: Saturation,
  halfSeconds: number,
): Promise<number> {
  const wanted = Math.max(Math.floor((perSecond / 2) * halfSeconds), clients);
  const { operations, elapsedMs } = await one.closedTurn(Math.min(wanted, one.crowd.size), clients);
  return (operations * 1_000) / elapsedMs;
}

async function take(
  one: MeasuredSwitch,
  { spread, share, seconds }: Stage,
  saturationPerSecond: number,
): Promise<Taken> {
  const offeredPerSecond = saturationPerSecond * share;
  const wanted = Math.max(Math.floor(offeredPerSecond * seconds), 1);
  const count = Math.min(wanted, one.crowd.size);
  const list = await one.crowd.prepare(count);
  const requests = one.requestsOf(list);
  const schedule = scheduleOf(spread, offeredPerSecond, count);
  const { result, cpuMicros } = await chargedTo(one, async () => {
    const beforeBytes = one.residentBytes();
    let peakBytes = beforeBytes;
    const sampling = setInterval(() => {
      const bytes = one.residentBytes();
      if (bytes !== undefined) peakBytes = Math.max(peakBytes ?? 0, bytes);
    }, SAMPLE_MS);
    const load = await driveOpen(one.url, requests, schedule, { connectionsMax: CONNECTIONS_MAX });
    clearInterval(sampling);
    return { load, beforeBytes, peakBytes };
  });
  const learnt = await one.learn(list, result.load.answers);
  one.note(list, learnt);
  return { ...result, learnt, saturationPerSecond, offeredPerSecond, cpuMicros };
}

function figuresOf({ name, seconds: secondsMeant }: Stage, all: readonly Taken[]): OpenFigures {
  const accepted = all.map(({ load }) => acceptedOf(load));
  const together = new Histogram();
  for (const histogram of accepted) together.add(histogram);
  const late = Histogram.of(all.flatMap(({ load }) => [...load.lateMs]));
  const acceptedRates = all.map(({ load }) => (successes(load) * 1_000) / load.elapsedMs);
  return {
    name,
    seconds: median(
      all.map(({ load, offeredPerSecond }) => load.answers.length / offeredPerSecond),
    ),
    secondsMeant,
    offeredPerSecond: median(all.map(({ offeredPerSecond }) => offeredPerSecond)),
    acceptedPerSecond: median(acceptedRates),
    acceptedShare: median(
      all.map(({ saturationPerSecond }, at) => (acceptedRates[at] ?? 0) / saturationPerSecond),
    ),
    p50Ms: median(accepted.map((histogram) => histogram.quantileMs(0.5))),
    p99Ms: median(accepted.map((histogram) => histogram.quantileMs(0.99))),
    p999Ms: together.quantileMs(0.999),
    ...refusalsOf(all),
    lateP99Ms: late.quantileMs(0.99),
    beforeBytes: all[0]?.beforeBytes,
    peakBytes: ofAllTold(
      all.map(({ peakBytes }) => peakBytes),
      (told) => Math.max(...told),
    ),
    cpuMicros: ofAllTold(
      all.map(({ cpuMicros, load }) => cpuMicros && cpuMicros / successes(load)),
      median,
    ),
    distribution: together.points(),
  };
}

function acceptedOf({ answers, latenciesMs }: OpenLoad): Histogram {
  const accepted = Histogram.of(latenciesMs.filter((_, at) => answers[at]?.status === 200));
  assert(accepted.count > 0, "somebody is accepted in every round");
  return accepted;
}

function refusalsOf(
  all: readonly Taken[],
): Pick<OpenFigures, "refusals" | "refusalP99Ms" | "turnedAway"> {
  const refused = new Histogram();
  const refusals: Record<string, number> = {};
  for (const { load } of all) {
    for (const [at, answer] of load.answers.entries()) {
      if (answer.status === 200) continue;
      refused.record(load.latenciesMs[at] ?? 0);
      const code = answer.status === 0 ? NO_ANSWER : codeOf(answer.body);
      refusals[code] = (refusals[code] ?? 0) + 1;
    }
  }
  return {
    refusals,
    refusalP99Ms: refused.count === 0 ? undefined : refused.quantileMs(0.99),
    turnedAway: all.reduce((sum, { learnt }) => sum + learnt.filter(isTurnedAway).length, 0),
  };
}

/** Undefined where one of them is. */
function ofAllTold(
  figures: readonly (number | undefined)[],
  figureOf: (told: readonly number[]) => number,
): number | undefined {
  const told = figures.flatMap((figure) => (figure === undefined ? [] : [figure]));
  return told.length === figures.length ? figureOf(told) : undefined;
}
