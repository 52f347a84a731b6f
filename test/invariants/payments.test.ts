/**
 * The invariants of docs/money.md over real hosts: random payers, lanes and tills, with
 * restarts and crashes, on the log in memory and, shorter, on SQLite.
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { Rare } from "./rare.ts";
import { isRepresentative, parameters } from "./seeds.ts";
import { IN_MEMORY, inFolder } from "./storages.ts";
import { crowdProperty, HOST_STATES, hostProperty, twiceProperty } from "./suites.ts";
import { REAL } from "./town.ts";

const TIMEOUT_MS = 3_600_000;
const HOST_RUNS = 300;

test(
  "money is conserved, limits hold and every payment has one end, whatever happens to the host",
  async () => {
    const rare = new Rare();
    const suite = { definitions: REAL, rare, storage: () => IN_MEMORY, length: 300 };
    await fc.assert(hostProperty(suite), parameters(HOST_RUNS));
    console.log(`  rare states: ${rare}`);
    if (isRepresentative(HOST_RUNS)) expect(rare.missing(HOST_STATES)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "the same holds on SQLite, where every restart opens the file anew",
  async () => {
    const suite = { definitions: REAL, rare: new Rare(), storage: inFolder, length: 80 };
    await fc.assert(hostProperty(suite), parameters(12));
  },
  TIMEOUT_MS,
);

test(
  "the same commands at the same times write the same log",
  async () => {
    const suite = { definitions: REAL, rare: new Rare(), storage: () => IN_MEMORY, length: 200 };
    await fc.assert(twiceProperty(suite), parameters(20));
  },
  TIMEOUT_MS,
);

test(
  "of fifty payers at one request at the same moment exactly one pays",
  async () => {
    const rare = new Rare();
    await fc.assert(crowdProperty({ definitions: REAL, rare }), parameters(30));
    expect(rare.missing(["fifty payers, one request", "cancel lost to a payment"])).toEqual([]);
  },
  TIMEOUT_MS,
);
