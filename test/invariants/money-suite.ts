/** The money suites, as functions of the actors: real ones must pass, planted ones are found. */
import fc from "fast-check";
import { MoneyRun } from "./money-run.ts";
import { moneySteps } from "./money-steps.ts";
import type { MoneyRare, MoneyTown, Retries } from "./money-town.ts";
import type { Rare } from "./rare.ts";

export interface MoneySuite {
  readonly town: MoneyTown;
  readonly rare: Rare<MoneyRare>;
  /** Steps of one run, at most. */
  readonly length: number;
}

const retries = fc.constantFrom<Retries[]>(0, 1, 2);

export function moneyProperty({ town, rare, length }: MoneySuite) {
  return fc.property(retries, moneySteps(length), (retriesMax, steps) => {
    new MoneyRun(town, rare, retriesMax).all(steps);
  });
}

/** I16: the same commands at the same times write the same log, to the last byte. */
export function moneyTwiceProperty({ town, rare, length }: MoneySuite) {
  return fc.property(retries, moneySteps(length), (retriesMax, steps) => {
    const first = new MoneyRun(town, rare, retriesMax).all(steps);
    const second = new MoneyRun(town, rare, retriesMax).all(steps);
    if (first !== second) throw new Error(`I16: ${first} and ${second}`);
  });
}
