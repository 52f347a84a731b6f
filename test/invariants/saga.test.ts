/**
 * The invariants over actors alone: messages between account and lane come late, doubled and in any
 * order, with and without a receiver that knows a repeat, and timers fire at any time after due.
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { Rare } from "./rare.ts";
import { isRepresentative, parameters } from "./seeds.ts";
import { SAGA_STATES, sagaProperty } from "./suites.ts";
import { REAL } from "./town.ts";

const RUNS = 800;

test("a payment over two actors has one end in any order of messages and timers", async () => {
  const rare = new Rare();
  await fc.assert(sagaProperty({ definitions: REAL, rare, length: 400 }), parameters(RUNS));
  console.log(`  rare states: ${rare}`);
  if (isRepresentative(RUNS)) expect(rare.missing(SAGA_STATES)).toEqual([]);
}, 3_600_000);
