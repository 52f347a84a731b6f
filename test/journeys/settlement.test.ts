/** A merchant and its money, over HTTP and through the sandbox's bank. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { TwinDays } from "../collection/twin-days.ts";
import type { Customer } from "../switch-rig.ts";

/** A changed bank account waits for so many banking days. */
const HOLD_DAYS = DEFAULT_POLICY.payoutHoldDays;

let days: TwinDays;
let customer: Customer;

beforeEach(async () => {
  days = await TwinDays.start();
  customer = await days.rig.customer();
});
afterEach(() => days[Symbol.asyncDispose]());

const pay = async (amount: number): Promise<string> => (await days.rig.pay(customer, amount)).id;

interface Settlement {
  readonly id: string;
  readonly status: string;
  readonly amount: { readonly amount: number };
  readonly return_code: string | null;
}

/** Oldest first: status, cents, and why it came back. */
async function settlements(): Promise<readonly (readonly [string, number, string | null])[]> {
  const { body } = await days.get("/v1/settlements");
  const all = (body["data"] as readonly Settlement[]).toReversed();
  return all.map(({ status, amount, return_code }) => [status, amount.amount, return_code]);
}

/** Of each line: what it is, and what it changes in what is owed and in debts. */
async function lines(number: number): Promise<readonly (readonly [string, number, number])[]> {
  const { body } = await days.get(`/v1/settlements/set_1-${number}/lines?limit=100`);
  type Line = {
    readonly kind: string;
    readonly owed: { readonly amount: number };
    readonly debt: { readonly amount: number };
  };
  return (body["data"] as readonly Line[]).map(({ kind, owed, debt }) => {
    return [kind, owed.amount, debt.amount];
  });
}

async function settlementEvents(): Promise<readonly string[]> {
  const { body } = await days.get("/v1/events?limit=100");
  const all = body["data"] as readonly { readonly type: string; readonly settlement: string }[];
  return all.flatMap(({ type, settlement }) =>
    type.startsWith("settlement.") ? [`${type.slice(type.indexOf(".") + 1)} ${settlement}`] : [],
  );
}

const bankAccount = async () => (await days.get("/v1/merchant/bank-account")).body;

test("a merchant is paid out, owes for a refund, nets it, and is paid what came back", async () => {
  // Monday: sales of a day. 150 basis points are ours.
  await days.nameBankAccount("9990000000");
  const bought = await pay(2_000);
  await pay(1_000);
  await days.run();
  expect(await settlements()).toEqual([["sent", 2_955, null]]);
  expect(await days.inLedger("merch:1:payable")).toBe(0);

  // Tuesday: everything is paid out, so a refund is a debt; new sales net it.
  expect((await days.refund(bought, 500)).status).toBe(201);
  expect(await days.inLedger("merch:1:receivable")).toBe(493);
  await pay(1_000);
  await days.days(1);
  expect((await settlements()).at(-1)).toEqual(["sent", 492, null]);
  expect(await lines(2)).toEqual([
    ["refund", 0, 493],
    ["payment", 985, 0],
    ["netted", -493, -493],
  ]);
  expect(await days.inLedger("merch:1:receivable")).toBe(0);

  // Wednesday: the merchant mistypes its new bank account. Nothing is sent there for three banking
  // days; then it is credited, and on the banking day after that it comes back.
  await days.nameBankAccount("9990000043");
  await pay(3_000);
  await days.days(HOLD_DAYS - 1);
  expect(await settlements()).toHaveLength(2);
  await days.days(1);
  expect((await settlements()).at(-1)).toEqual(["sent", 2_955, null]);
  await days.days(2);
  expect((await settlements()).at(-1)).toEqual(["returned", 2_955, "R03"]);
  expect(await bankAccount()).toMatchObject({ status: "returned", return_code: "R03" });
  expect(await days.inLedger("merch:1:payable")).toBe(-2_955);

  // Nothing is paid out before another one is named, whatever is sold meanwhile.
  await pay(400);
  await days.days(2);
  expect(await settlements()).toHaveLength(3);
  await days.nameBankAccount("9990000000");
  await days.days(HOLD_DAYS);
  expect((await settlements()).at(-1)).toEqual(["sent", 2_955 + 394, null]);
  expect(await lines(4)).toEqual([
    ["payout_returned", 2_955, 0],
    ["payment", 394, 0],
  ]);

  // Weeks later all of it has arrived, and nothing is left anywhere on the way.
  await days.days(20);
  const final = ["paid", "paid", "returned", "paid"];
  expect((await settlements()).map(([status]) => status)).toEqual(final);
  expect(await settlementEvents()).toEqual([
    ...["sent set_1-1", "sent set_1-2", "paid set_1-1", "paid set_1-2", "sent set_1-3"],
    ...["returned set_1-3", "sent set_1-4", "paid set_1-4"],
  ]);
  for (const account of ["ach:out", "ach:provisional", "ach:suspense", "merch:1:payable"]) {
    expect([account, await days.inLedger(account)]).toEqual([account, 0]);
  }
  // What the bank holds for us is our fee: all that was collected, less all that was paid out.
  expect(await days.inLedger("cash:bank")).toBe(-(await days.inLedger("income:merchant_fee")));
  expect(await days.openFiles()).toEqual([]);
}, 30_000);

test("a merchant is paid out at the bank account that its bank says is right", async () => {
  await days.nameBankAccount("9990000051");
  expect(await bankAccount()).toMatchObject({ last_four: "0051" });
  await pay(1_000);
  await days.run();
  await days.days(2);
  expect(await bankAccount()).toMatchObject({ status: "active", last_four: "0000" });
  await pay(1_000);
  await days.days(8);
  expect((await settlements()).map(([status]) => status)).toEqual(["paid", "paid"]);
  // The bank has nothing to say of the second one.
  const { body } = await days.rig.send("GET", "/v1/desk/merchants/mer_1/audit", {
    token: days.rig.deskKey,
  });
  const events = body["data"] as readonly { readonly event: string }[];
  expect(events.filter(({ event }) => event === "BankAccountCorrected")).toHaveLength(1);
}, 30_000);

test("what came back waits for the least amount, like everything that is owed", async () => {
  await days.nameBankAccount("9990000043");
  await pay(102);
  await days.run();
  expect(await settlements()).toEqual([["sent", 101, null]]);
  await days.days(2);
  // A refund takes from what came back: less than a dollar is owed.
  const { body } = await days.get("/v1/events?limit=100");
  const [payment] = (body["data"] as readonly { payment: string | null }[]).flatMap(
    (event) => event.payment ?? [],
  );
  await days.refund(payment ?? "", 50);
  await days.nameBankAccount("9990000000");
  await days.days(HOLD_DAYS + 1);
  expect(await settlements()).toEqual([["returned", 101, "R03"]]);
  await pay(60);
  await days.days(1);
  expect((await settlements()).at(-1)?.[1]).toBe(101 - 50 + 60);
}, 30_000);
