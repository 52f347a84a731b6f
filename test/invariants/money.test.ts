/**
 * The money of the switch from the approval to the bank and back: random customers, shops, files,
 * returns, disputes and people at the desk, over actors alone, with messages that come late,
 * doubled and in any order (docs/money.md).
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { moneyProperty, moneyTwiceProperty } from "./money-suite.ts";
import type { MoneyRare } from "./money-town.ts";
import { MONEY_STATES, REAL_MONEY } from "./money-town.ts";
import { Rare } from "./rare.ts";
import { isRepresentative, parameters } from "./seeds.ts";

const RUNS = 400;
const LENGTH = 300;

test("the books, the bank and a second opinion agree whatever comes back", () => {
  const rare = new Rare<MoneyRare>();
  fc.assert(moneyProperty({ town: REAL_MONEY, rare, length: LENGTH }), parameters(RUNS));
  console.log(`  rare states: ${rare}`);
  if (isRepresentative(RUNS)) expect(rare.missing(MONEY_STATES)).toEqual([]);
}, 3_600_000);

test("the same commands at the same times write the same events", () => {
  const rare = new Rare<MoneyRare>();
  fc.assert(moneyTwiceProperty({ town: REAL_MONEY, rare, length: 150 }), parameters(20));
}, 3_600_000);
