/** A debit that failed for the last time, and its fee: debited where the mandate says so (FAQ). */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { assert } from "../../actors/assert.ts";
import type { Fee } from "../../src/client/money-desk.ts";
import type { Customer, SwitchRig } from "../switch-rig.ts";
import { eventsOf } from "../views/history.ts";
import {
  balanceOf,
  blocksOf,
  daysPass,
  daysUntil,
  expectBooks,
  expectReconciled,
  startByClock,
} from "./money-days.ts";

/** Amounts that end in 31 come back, R01, however often; others are paid. */
const BY_AMOUNT = "9990000098";
/** Whatever is debited comes back, R01. */
const EMPTY = "9990000031";
const FEE = 2_500;

let rig: SwitchRig;
beforeEach(async () => {
  rig = await startByClock({ config: { returnFees: "by_ach" } });
});
afterEach(async () => {
  await expectReconciled(rig);
  await rig[Symbol.asyncDispose]();
});

const accountOf = ({ phone }: Customer): string => phone.keys.account;

async function feeOf(customer: Customer): Promise<Fee | undefined> {
  const { return_fees: fees } = await rig.moneyDesk().debtsOf(accountOf(customer));
  assert(fees.length <= 1, "one fee for a debit");
  return fees[0];
}

/** A customer of that bank account who has bought for $10.31, when the fee is at that stage. */
async function charged(accountNumber: string, stage: Fee["stage"]): Promise<Customer> {
  const customer = await rig.customer({ accountNumber });
  await rig.pay(customer, 1_031);
  await daysUntil(rig, async () => (await feeOf(customer))?.stage === stage, stage);
  return customer;
}

test("the mandate says what the fee is, and that it is debited", async () => {
  const { body } = await rig.send("GET", "/v1/mandate");
  const told = JSON.stringify(body);
  expect(told).toContain("to collect a return fee of $25.00.");
  expect(told).toContain("+fee2500");
});

test("the fee of a debit that failed twice is collected, the rest is by hand", async () => {
  const customer = await charged(BY_AMOUNT, "in_flight");
  const account = accountOf(customer);
  const desk = rig.moneyDesk();
  const fee = await feeOf(customer);
  expect(fee).toMatchObject({ amount: { amount: FEE }, file: expect.stringMatching(/^ach_/) });
  expect((await desk.debts()).data).toMatchObject([
    {
      account,
      returned: { amount: 1_031 },
      fees: { amount: FEE },
      fees_in_flight: { amount: FEE },
    },
  ]);
  // Paid by hand now, the fee would be taken twice: so it is left alone.
  const paid = await desk.recordPayment(account, 1_031, "wire 1");
  expect([paid.status, paid.owed.amount]).toEqual(["recorded", FEE]);
  expect(await blocksOf(customer)).toEqual(["collection_failed"]);
  await daysUntil(rig, async () => (await feeOf(customer)) === undefined, "collected");
  expect(await blocksOf(customer)).toEqual([]);
  expect((await desk.debts()).data).toEqual([]);
  await expectBooks(rig, 1_031);
  expect(await balanceOf(rig, "income:return_fee")).toBe(-FEE);
  expect(await balanceOf(rig, "cash:bank")).toBe(FEE + 1_031);
  // What was bought is the merchant's, less our fee, and is paid out in the end.
  await daysPass(rig, 3);
  await expectBooks(rig, 1_031);
}, 30_000);

test("a fee that comes back stays owed by hand, and is never presented again", async () => {
  const customer = await charged(EMPTY, "in_flight");
  const file = (await feeOf(customer))?.file;
  await daysUntil(rig, async () => (await feeOf(customer))?.stage === "owed", "it comes back");
  expect(await feeOf(customer)).toMatchObject({ debit_by: null, file: null });
  expect(file).not.toBeNull();
  const fee = await feeOf(customer);
  const path = `/v1/desk/payments/${fee?.payment}/evidence`;
  const { text } = await rig.send("GET", path, { token: rig.deskKey });
  for (const kind of ["ReturnFeeCharged", "FeesFiled", "FeeReturned"]) expect(text).toContain(kind);
  await daysPass(rig, 10);
  expect(await feeOf(customer)).toMatchObject({ stage: "owed", amount: { amount: FEE } });
  const desk = rig.moneyDesk();
  const { owed } = await desk.recordPayment(accountOf(customer), 1_031 + FEE, "wire 2");
  expect([owed.amount, await blocksOf(customer)]).toEqual([0, []]);
  await expectBooks(rig, 1_031 + FEE);
}, 30_000);

test("a fee that is paid by hand first is never filed", async () => {
  const customer = await charged(BY_AMOUNT, "owed");
  expect((await feeOf(customer))?.debit_by).toMatch(/^2027-/);
  await rig.moneyDesk().recordPayment(accountOf(customer), 1_031 + FEE, "wire 3");
  expect(await feeOf(customer)).toBeUndefined();
  await daysPass(rig, 4);
  const kinds = (await eventsOf(rig)).map(({ kind }) => kind);
  expect(kinds).toContain("ReturnFeeCharged");
  expect(kinds).not.toContain("FeesFiled");
  await expectBooks(rig, 1_031 + FEE);
}, 30_000);
