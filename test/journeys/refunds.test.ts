/** Refunds on their way, over HTTP and through the sandbox's bank. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Refund } from "../../src/client/shapes.ts";
import { TwinDays } from "../collection/twin-days.ts";
import type { Customer } from "../switch-rig.ts";

let days: TwinDays;
beforeEach(async () => {
  days = await TwinDays.start();
  await days.nameBankAccount("9990000000");
});
afterEach(() => days[Symbol.asyncDispose]());

/** What the merchant and the payer read of the refunds of a payment, which is the same. */
async function statuses(payer: Customer, payment: string): Promise<readonly string[]> {
  const { body } = await days.get(`/v1/payments/${payment}`);
  const toMerchant = (body["refunds"] as readonly Refund[]).map(({ status }) => status);
  const receipt = (await payer.phone.receipts()).find((one) => one.payment === payment);
  expect(receipt?.refunds.map(({ status }) => status)).toEqual(toMerchant);
  return toMerchant;
}

/** The different statuses of the first refund, over so many runs. */
async function story(payer: Customer, payment: string, runs: number): Promise<readonly string[]> {
  const seen: string[] = [];
  for (let run = 0; run < runs; run++) {
    const [status = "none"] = await statuses(payer, payment);
    if (seen.at(-1) !== status) seen.push(status);
    await days.run();
  }
  return seen;
}

async function refundEvents(): Promise<readonly string[]> {
  const { body } = await days.get("/v1/events?limit=100");
  const types = (body["data"] as readonly { readonly type: string }[]).map(({ type }) => type);
  return types.filter((type) => type.startsWith("refund."));
}

const available = async ({ phone }: Customer) => (await phone.account()).limit?.available.amount;
const owedToPayers = async () => {
  const { accounts } = await days.rig.desk.ledger();
  const owed = accounts.filter(({ account }) => account.endsWith(":refund_payable"));
  return owed.reduce((sum, { balance }) => sum + balance.amount, 0);
};

describe("a refund before collection", () => {
  test("lowers a debit that is not filed, and the bank moves so much less", async () => {
    const payer = await days.rig.customer();
    const { id } = await days.rig.pay(payer, 1_000);
    await days.refund(id, 400);
    expect(await story(payer, id, 24)).toEqual(["debit_reduced"]);
    expect(await available(payer)).toBe(10_000);
    // 600 came; 985 less 394 for the refund went to the merchant.
    expect(await days.inLedger("cash:bank")).toBe(600 - (985 - 394));
  }, 30_000);

  test("of all of it leaves nothing to collect", async () => {
    const payer = await days.rig.customer();
    const { id } = await days.rig.pay(payer, 1_000);
    await days.refund(id, 1_000);
    expect(await available(payer)).toBe(10_000);
    await days.days(12);
    expect(await days.inLedger("cash:bank")).toBe(0);
    expect(await statuses(payer, id)).toEqual(["debit_reduced"]);
  }, 30_000);

  test("of a debit that is under way is paid once that is collected", async () => {
    const payer = await days.rig.customer();
    const { id } = await days.rig.pay(payer, 1_000);
    // The prenote is of Monday, the debit of Friday; settled, it can still come back.
    await days.days(4);
    expect(await days.inLedger("ach:provisional")).toBe(-1_000);
    await days.refund(id, 300);
    await days.refund(id, 100);
    expect(await statuses(payer, id)).toEqual(["waiting", "waiting"]);
    expect(await story(payer, id, 24)).toEqual(["waiting", "filed", "paid"]);
    expect(await statuses(payer, id)).toEqual(["paid", "paid"]);
    expect(await refundEvents()).toEqual([
      ...["refund.created", "refund.created", "refund.paid_out", "refund.paid_out"],
    ]);
    expect(await owedToPayers()).toBe(0);
    expect(await available(payer)).toBe(10_000);
  }, 30_000);
});

describe("a refund", () => {
  test("after collection and settlement is paid to the payer, and netted", async () => {
    const payer = await days.rig.customer();
    const { id } = await days.rig.pay(payer, 2_000);
    await days.days(12);
    expect(await available(payer)).toBe(10_000);
    await days.refund(id, 2_000);
    expect(await days.inLedger("merch:1:receivable")).toBe(1_970);
    expect(await story(payer, id, 12)).toEqual(["waiting", "filed", "paid"]);
    await days.rig.pay(payer, 3_000);
    await days.days(1);
    expect(await days.inLedger("merch:1:receivable")).toBe(0);
    // The purchase is undone: nobody owes anybody anything for it, and no fee is left.
    expect(await days.inLedger("income:merchant_fee")).toBe(-45);
  }, 30_000);

  test("that the payer's bank sends back is owed still", async () => {
    const payer = await days.rig.customer({ accountNumber: "9990000043" });
    const { id } = await days.rig.pay(payer, 1_000);
    await days.days(12);
    await days.refund(id, 250);
    expect(await story(payer, id, 12)).toEqual(["waiting", "filed", "returned"]);
    expect(await owedToPayers()).toBe(-250);
    expect(await refundEvents()).toEqual(["refund.created", "refund.failed"]);
  }, 30_000);

  test("of a debit that is given up lowers the loss, and the merchant reads paid", async () => {
    const payer = await days.rig.customer({ accountNumber: "9990000002" });
    const { id } = await days.rig.pay(payer, 1_000);
    await days.days(4);
    await days.refund(id, 250);
    await days.days(6);
    expect(await statuses(payer, id)).toEqual(["waiting"]);
    const { account } = payer.phone.keys;
    for (const token of [days.rig.deskKey, days.rig.otherDeskKey]) {
      const path = `/v1/desk/accounts/${account}/debits/${id}/write-off`;
      await days.rig.send("POST", path, { token, json: { note: "not to be found" } });
    }
    const { body } = await days.get(`/v1/payments/${id}`);
    expect(body["refunds"]).toMatchObject([{ status: "paid" }]);
    const receipt = (await payer.phone.receipts()).find((one) => one.payment === id);
    expect(receipt?.refunds).toMatchObject([{ status: "set_off" }]);
    expect(await days.inLedger("expense:bad_debt")).toBe(750);
    expect(await owedToPayers()).toBe(0);
  }, 30_000);
});
