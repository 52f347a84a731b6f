/**
 * Rounds of contenders that take turns within one run, so that what slows the machine slows all of
 * them. What is told is the median of the rounds, and ratios of turns of the same round.
 */
import { assert, present } from "../actors/assert.ts";
import { median } from "./stats.ts";

/** What a contender did in one round. */
export interface Turn {
  readonly operations: number;
  readonly elapsedMs: number;
  /** Processor time of all of them, of whoever does the work; undefined where not told. */
  readonly cpuMicros: number | undefined;
  /** Of the driver, where that is another process. */
  readonly driverMicros?: number;
  /** Half of the latencies, and 99 of 100, are at most so long. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

export interface Contender {
  readonly name: string;
  /** Round 0 warms up and is not counted. */
  take(round: number): Promise<Turn>;
}

/** Medians over the rounds, per operation where they are times. */
export interface Standing {
  readonly name: string;
  readonly perSecond: number;
  readonly cpuMicros: number | undefined;
  readonly driverMicros: number | undefined;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  /** In all counted rounds. */
  readonly operations: number;
}

export class Standings {
  readonly #turns: Map<string, Turn[]>;

  /** They are told of in this order, whatever the order of their turns. */
  constructor(names: readonly string[]) {
    this.#turns = new Map(names.map((name) => [name, []]));
    assert(this.#turns.size === names.length, "contenders have different names");
  }

  add(name: string, turn: Turn): void {
    assert(turn.operations > 0, "a turn has operations");
    assert(turn.elapsedMs > 0, "a turn takes time");
    present(this.#turns.get(name), "a contender of this contest").push(turn);
  }

  get all(): readonly Standing[] {
    return [...this.#turns.keys()].map((name) => this.of(name));
  }

  has(name: string): boolean {
    return this.#turns.has(name);
  }

  #turnsOf(name: string): readonly Turn[] {
    return present(this.#turns.get(name), "a contender that took turns");
  }

  of(name: string): Standing {
    const turns = this.#turnsOf(name);
    return {
      name,
      perSecond: median(turns.map(perSecondOf)),
      cpuMicros: medianOfAll(turns.map(cpuOf)),
      driverMicros: medianOfAll(
        turns.map(({ driverMicros, operations }) => driverMicros && driverMicros / operations),
      ),
      p50Ms: medianOfAll(turns.map(({ p50Ms }) => p50Ms)),
      p99Ms: medianOfAll(turns.map(({ p99Ms }) => p99Ms)),
      operations: turns.reduce((sum, { operations }) => sum + operations, 0),
    };
  }

  /** How many operations of `one` are done in the time of one of `other`: median of the rounds. */
  ratio(one: string, other: string): number {
    return this.#paired(one, other, (turn, beside) => perSecondOf(turn) / perSecondOf(beside));
  }

  /** Processor time of an operation of `one` in those of `other`; undefined where not told. */
  cpuRatio(one: string, other: string): number | undefined {
    const isTold = [one, other].every((name) =>
      this.#turnsOf(name).every(({ cpuMicros }) => cpuMicros !== undefined),
    );
    if (!isTold) return undefined;
    return this.#paired(one, other, (turn, beside) => (cpuOf(turn) ?? 0) / (cpuOf(beside) ?? 1));
  }

  #paired(one: string, other: string, ratio: (turn: Turn, beside: Turn) => number): number {
    const beside = this.#turnsOf(other);
    const turns = this.#turnsOf(one);
    assert(turns.length === beside.length, "both took turns in every round");
    return median(turns.map((turn, at) => ratio(turn, present(beside[at], "its round's other"))));
  }
}

/** Everybody has a turn in every round, there and back again. */
export async function takeRounds(
  contenders: readonly Contender[],
  rounds: number,
  tell: (text: string) => void,
): Promise<Standings> {
  assert(rounds > 0, "a contest has rounds");
  const standings = new Standings(contenders.map(({ name }) => name));
  for (let round = 0; round <= rounds; round++) {
    // Nobody always follows the same neighbour.
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const contender of order) {
      tell(`round ${round} of ${rounds}: ${contender.name}`);
      const turn = await contender.take(round);
      if (round > 0) standings.add(contender.name, turn);
    }
  }
  return standings;
}

function perSecondOf({ operations, elapsedMs }: Turn): number {
  return (operations * 1_000) / elapsedMs;
}

function cpuOf({ cpuMicros, operations }: Turn): number | undefined {
  return cpuMicros === undefined ? undefined : cpuMicros / operations;
}

/** Undefined where one of them is, or there are none. */
function medianOfAll(figures: readonly (number | undefined)[]): number | undefined {
  const told = figures.flatMap((figure) => (figure === undefined ? [] : [figure]));
  return told.length === 0 || told.length < figures.length ? undefined : median(told);
}
