import { expect, test } from "bun:test";
import fc from "fast-check";
import { MONEY_PLANTED, type MoneyPlanted } from "./money-planted.ts";
import { FEES_PLANTED } from "./money-planted-fees.ts";
import { STOPPED_PLANTED } from "./money-planted-stopped.ts";
import { moneyProperty, moneyTwiceProperty } from "./money-suite.ts";
import { Rare } from "./rare.ts";
import { plantedParameters } from "./seeds.ts";

/** Within so many runs each bug has to be found. */
const RUNS_MAX = 1_000;
const TIMEOUT_MS = 120_000;

function findingOf({ town, isTwice }: MoneyPlanted): string {
  const suite = { town, rare: new Rare<never>(), length: 200 };
  const property = isTwice === true ? moneyTwiceProperty(suite) : moneyProperty(suite);
  const { errorInstance, failed, numRuns } = fc.check(property, plantedParameters(RUNS_MAX));
  if (!failed) return "not found";
  console.log(`  found in run ${numRuns}: ${String(errorInstance).slice(0, 90)}`);
  return errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
}

const PLANTED = [...MONEY_PLANTED, ...FEES_PLANTED, ...STOPPED_PLANTED];

test.each(PLANTED.map((planted) => [planted.bug, planted] as const))(
  "found: %s",
  (_, planted) => {
    expect(findingOf(planted)).toMatch(planted.as);
  },
  TIMEOUT_MS,
);
