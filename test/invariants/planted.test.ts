import { expect, test } from "bun:test";
import fc from "fast-check";
import { PLANTED, type Planted } from "./planted.ts";
import { PLANTED_LOGS } from "./planted-logs.ts";
import { Rare } from "./rare.ts";
import { plantedParameters } from "./seeds.ts";
import { IN_MEMORY } from "./storages.ts";
import { hostProperty, sagaProperty, twiceProperty } from "./suites.ts";
import { REAL } from "./town.ts";

/** Within so many runs each bug has to be found. */
const RUNS_MAX = 300;
const TIMEOUT_MS = 120_000;

async function findingOf({ suite, definitions }: Planted): Promise<string> {
  const parts = { definitions, rare: new Rare(), length: 200 };
  const onHost = { ...parts, storage: () => IN_MEMORY };
  const details = await {
    host: () => fc.check(hostProperty(onHost), plantedParameters(RUNS_MAX)),
    saga: () => fc.check(sagaProperty(parts), plantedParameters(RUNS_MAX)),
    twice: () => fc.check(twiceProperty(onHost), plantedParameters(RUNS_MAX)),
  }[suite]();
  return messageOf(details);
}

interface Found {
  readonly failed: boolean;
  readonly numRuns: number;
  readonly errorInstance: unknown;
}

function messageOf(details: Found): string {
  const { errorInstance, failed, numRuns } = details;
  if (!failed) return "not found";
  console.log(`  found in run ${numRuns}: ${String(errorInstance).slice(0, 90)}`);
  return errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
}

test.each(PLANTED.map((planted) => [planted.bug, planted] as const))(
  "found: %s",
  async (_, planted) => {
    expect(await findingOf(planted)).toMatch(planted.as);
  },
  TIMEOUT_MS,
);

test.each(PLANTED_LOGS.map((planted) => [planted.fault, planted] as const))(
  "found in a log: %s",
  async (_, { storage, as }) => {
    const suite = { definitions: REAL, rare: new Rare(), storage, length: 200 };
    const details = await fc.check(hostProperty(suite), plantedParameters(RUNS_MAX));
    expect(messageOf(details)).toMatch(as);
  },
  TIMEOUT_MS,
);
