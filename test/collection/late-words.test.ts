/** What the bank says comes late, in another order, or to a switch that was away for a week. */
import { describe, expect, test } from "bun:test";
import { cents } from "../../actors/money.ts";
import type { Mishap } from "../../src/rails/bank-twin/state.ts";
import type { Customer } from "../switch-rig.ts";
import { BankWeeks } from "./bank-weeks.ts";

/** Paid, back on the first day, on the second, on the second twice, and before settlement. */
const ACCOUNTS = ["9990000000", "9990000002", "9990000001", "9990000031", "9990000068"];
/** Openings and cut-offs until the prenotes have been answered. */
const PRENOTED = 8;
const WEEKS = 50;

async function buying(weeks: BankWeeks): Promise<readonly Customer[]> {
  const customers: Customer[] = [];
  for (const [at, accountNumber] of ACCOUNTS.entries()) {
    const customer = await weeks.rig.customer({ accountNumber });
    await weeks.rig.pay(customer, 1_000 + at);
    customers.push(customer);
  }
  return customers;
}

const blocks = async ({ phone }: Customer) => (await phone.account()).block_reasons;

/** Who is blocked in the end, whatever came in which order. */
async function expectBlocks(customers: readonly Customer[], isRetried: boolean): Promise<void> {
  const open = await Promise.all(customers.map(blocks));
  // What came back after its collection is not presented again by itself.
  const second = isRetried ? [] : ["collection_failed"];
  const failed = ["collection_failed"];
  expect(open).toEqual([[], failed, second, failed, failed]);
}

describe("every file ends whole though", () => {
  test.each<[string, readonly Mishap[]]>([
    ["a statement comes a day late", [{ kind: "statement_late", bankingDays: 1 }]],
    ["a statement comes after all returns", [{ kind: "statement_late", bankingDays: 3 }]],
    ["a statement comes after its window", [{ kind: "statement_late", bankingDays: 5 }]],
    ["a statement comes in pieces of two days", [{ kind: "statement_split" }]],
    ["a statement was wrong at first", [{ kind: "statement_differs", byCents: cents(9) }]],
    [
      "nobody said that the bank has the file",
      [
        { kind: "outcome_unknown" },
        { kind: "acknowledgement_lost" },
        { kind: "statement_late", bankingDays: 3 },
      ],
    ],
  ])(
    "%s",
    async (_, mishaps) => {
      await using weeks = await BankWeeks.start();
      const customers = await buying(weeks);
      await weeks.run(PRENOTED - 1);
      for (const mishap of mishaps) weeks.bank.plan(mishap);
      await weeks.run(WEEKS);
      await weeks.expectAllWell();
      await expectBlocks(customers, true);
    },
    60_000,
  );
});

describe("a return that the bank booked in time", () => {
  test("is a debt again when it was read after its debit was collected", async () => {
    await using weeks = await BankWeeks.start();
    const customer = await weeks.rig.customer({ accountNumber: "9990000009" });
    await weeks.rig.pay(customer, 1_500);
    await weeks.run(PRENOTED);
    weeks.bank.plan({ kind: "returns_out_of_order" });
    const limits: string[] = [];
    for (let time = 0; time < WEEKS; time++) {
      await weeks.run(1);
      const { limit, block_reasons: reasons } = await customer.phone.account();
      const now = `${limit?.available.amount} ${reasons}`;
      if (limits.at(-1) !== now) limits.push(now);
    }
    expect(limits).toEqual(["8500 ", "10000 ", "8500 collection_failed"]);
    await weeks.expectAllWell();
  }, 60_000);

  test.each([0, 1, 2, 3, 4])(
    "counts though the switch was away for a week, %p runs after the file",
    async (runs) => {
      await using weeks = await BankWeeks.start();
      const customers = await buying(weeks);
      await weeks.run(PRENOTED + runs);
      await weeks.away(7);
      await weeks.run(WEEKS);
      await weeks.expectAllWell();
      await expectBlocks(customers, true);
    },
    60_000,
  );
});
