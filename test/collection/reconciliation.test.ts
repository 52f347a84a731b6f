/**
 * The switch and the sandbox's bank, each with code and books of its own, over weeks: what we say
 * is at the bank is what the bank says, day after day, whatever comes back.
 */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { bankDateAt } from "../../actors/banking-calendar.ts";
import { Collections } from "../../src/collection/collections.ts";
import { BankTwin } from "../../src/rails/bank-twin/bank-twin.ts";
import { REACTIONS } from "../../src/rails/bank-twin/reactions.ts";
import type { Mishap } from "../../src/rails/bank-twin/state.ts";
import { type Customer, SwitchRig } from "../switch-rig.ts";
import { PROFILE, partsOf, stateOf } from "./rig.ts";

let rig: SwitchRig;
let bank: BankTwin;
let collections: Collections;
const faults: string[] = [];

beforeEach(async () => {
  rig = await SwitchRig.start();
  bank = new BankTwin(rig.clock, { bankNumber: PROFILE.immediateDestination });
  faults.length = 0;
  collections = new Collections(partsOf(rig, bank), (error, where) => {
    faults.push(`${where}: ${(error as Error).message}`);
  });
  await collections.start();
});
afterEach(async () => {
  await collections.stop();
  await rig[Symbol.asyncDispose]();
  expect(faults).toEqual([]);
});

/** Lets the clock run to the next time, and the run begin and be done. */
async function step(): Promise<void> {
  rig.clock.advanceTo(collections.nextAtMs);
  await collections.caughtUp();
  await rig.position();
}

/** What we say is in a ledger account. */
async function inLedger(account: string): Promise<number> {
  const { accounts } = await rig.desk.ledger();
  return accounts.find((one) => one.account === account)?.balance.amount ?? 0;
}

/** Differences between our books and the bank's, by day. */
async function differencesOver(steps: number, before: (at: number) => Promise<void>) {
  const differences: string[] = [];
  for (let at = 0; at < steps; at++) {
    await before(at);
    await step();
    const [ours, theirs] = [await inLedger("cash:bank"), bank.books().balanceCents as number];
    const day = bankDateAt(rig.clock.nowMs());
    if (ours !== theirs) differences.push(`${day}: ours ${ours}, the bank's ${theirs}`);
  }
  return differences;
}

async function openFiles(): Promise<readonly string[]> {
  const open: string[] = [];
  for (const { name } of bank.books().files) {
    const { kind } = await stateOf(rig, name as Parameters<typeof stateOf>[1]);
    if (kind !== "closed") open.push(`${name} ${kind}`);
  }
  return open;
}

test("whatever comes back, both books agree every day, and every file ends", async () => {
  const customers: Customer[] = [];
  for (const { account } of REACTIONS) {
    customers.push(await rig.customer({ accountNumber: account }));
  }
  for (const [at, customer] of customers.entries()) await rig.pay(customer, 1_000 + at);
  const differences = await differencesOver(56, async () => {});
  expect(differences).toEqual([]);
  expect(await bank.inbound()).toEqual([]);
  expect(await openFiles()).toEqual([]);
  expect(await inLedger("ach:provisional")).toBe(0);
  // What the bank did wrong waits where a person sees it: late, another amount, not ours, R97, and
  // second returns, of the retry, too.
  const odd = ["61", "63", "63", "64", "65", "97"].map((two) => {
    return 1_000 + REACTIONS.findIndex(({ account }) => account.endsWith(two));
  });
  expect(await inLedger("ach:suspense")).toBe(odd.reduce((sum, cents) => sum + cents, 1));
  expect(bank.books().duplicates).toBe(0);
}, 60_000);

test("whatever goes wrong on the way of files, both books agree every day", async () => {
  const mishaps: Mishap[] = [
    { kind: "outcome_unknown" },
    { kind: "acknowledgement_lost" },
    { kind: "returns_twice" },
    { kind: "file_rejected" },
  ];
  const good = await rig.customer();
  const bad = await rig.customer({ accountNumber: "9990000031" });
  await rig.pay(bad, 1_500);
  const differences = await differencesOver(40, async (at) => {
    // From the first live debits on, one every other day.
    const mishap = at >= 8 && at % 4 === 0 ? mishaps.shift() : undefined;
    if (mishap !== undefined) bank.plan(mishap);
    if (at % 2 === 1 && at < 30) await rig.pay(good, 100 + at);
  });
  expect(differences).toEqual([]);
  expect([...mishaps, ...bank.state().mishaps]).toEqual([]);
  expect(await bank.inbound()).toEqual([]);
  expect(await openFiles()).toEqual([]);
}, 60_000);

test("a return that was cut off is not acted on before it comes whole", async () => {
  const customer = await rig.customer({ accountNumber: "9990000002" });
  await rig.pay(customer, 1_250);
  bank.plan({ kind: "returns_truncated", bytesKept: 325 });
  const differences = await differencesOver(40, async () => {});
  // For the day on which only a part of the return had come.
  expect(differences.length).toBeLessThanOrEqual(2);
  expect(differences.filter((text) => !text.includes("ours 1250, the bank's 0"))).toEqual([]);
  expect(bank.state().mishaps).toEqual([]);
  expect(await inLedger("ach:suspense")).toBe(0);
  expect(await openFiles()).toEqual([]);
}, 60_000);
