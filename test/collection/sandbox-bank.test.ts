/** What a customer sees of returns, through the sandbox's bank. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Collections } from "../../src/collection/collections.ts";
import { BankTwin } from "../../src/rails/bank-twin/bank-twin.ts";
import { type Customer, SwitchRig } from "../switch-rig.ts";
import { PROFILE, partsOf } from "./rig.ts";

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

/** Lets the clock run for so many openings and cut-offs. */
async function run(times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    rig.clock.advanceTo(collections.nextAtMs);
    await collections.caughtUp();
  }
}

async function blocks(customer: Customer): Promise<readonly string[]> {
  const account = await customer.phone.account();
  return account.block_reasons;
}

const available = async ({ phone }: Customer) => (await phone.account()).limit?.available.amount;

describe("the sandbox's bank", () => {
  test("returns R01 once: blocked, presented again, lifted (FAQ)", async () => {
    const customer = await rig.customer({ accountNumber: "9990000001" });
    await rig.pay(customer, 1_000);
    const story: string[] = [];
    for (let time = 0; time < 60; time++) {
      await run(1);
      const state = `${(await blocks(customer)).join()} ${await available(customer)}`;
      if (story.at(-1) !== state) story.push(state);
    }
    expect(story).toEqual([" 9000", "collection_failed 9000", " 10000"]);
  });

  test("says R10 a month later: the debt is open again, and disputed", async () => {
    const customer = await rig.customer({ accountNumber: "9990000010" });
    await rig.pay(customer, 1_000);
    const seen = new Set<string>();
    for (let time = 0; time < 90; time++) {
      await run(1);
      seen.add(`${(await blocks(customer)).join()} ${await available(customer)}`);
    }
    expect([...seen]).toEqual([" 9000", " 10000", "disputed 9000"]);
  });
});
