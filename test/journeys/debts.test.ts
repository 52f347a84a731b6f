/** Debits that come back, and what people at the desk do about them, over HTTP (FAQ). */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { assert } from "../../actors/assert.ts";
import { ApiProblem } from "../../src/client/call.ts";
import type { Debit } from "../../src/client/money-desk.ts";
import { type Customer, refusalOf, type SwitchRig } from "../switch-rig.ts";
import {
  availableTo,
  balanceOf,
  blocksOf,
  daysPass,
  daysUntil,
  expectBooks,
  expectReconciled,
  startByClock,
} from "./money-days.ts";

const DAY_MS = 86_400_000;
/** From the opening to after the cut-off. */
const EVENING_MS = 8 * 3_600_000;
/** R10 comes sixty days later. */
const DAYS_MAX = 80;

let rig: SwitchRig;
beforeEach(async () => {
  rig = await startByClock();
});
afterEach(async () => {
  // Whatever was done by hand: files, the bank's words and the books agree at the end.
  await expectReconciled(rig);
  await rig[Symbol.asyncDispose]();
});

const accountOf = ({ phone }: Customer): string => phone.keys.account;

async function onlyDebit(customer: Customer): Promise<Debit> {
  const { debits } = await rig.moneyDesk().debtsOf(accountOf(customer));
  const [debit] = debits;
  assert(debit !== undefined && debits.length === 1, "one debit is open");
  return debit;
}

/** A customer of this bank account who has bought for so much, when it has come to that stage. */
async function debtor(accountNumber: string, amountCents: number, stage: Debit["stage"]) {
  const customer = await rig.customer({ accountNumber });
  await rig.pay(customer, amountCents);
  const isThere = async (): Promise<boolean> => {
    const { debits } = await rig.moneyDesk().debtsOf(accountOf(customer));
    return debits.some((debit) => debit.stage === stage);
  };
  await daysUntil(rig, isThere, stage);
  return { customer, account: accountOf(customer), debit: await onlyDebit(customer) };
}

async function queue() {
  const { data } = await rig.moneyDesk().debts();
  return data.map(({ account, returned, disputed, fees }) => {
    return [account, returned.amount, disputed.amount, fees.amount];
  });
}

async function auditOf(account: string): Promise<readonly unknown[]> {
  const reply = await rig.send("GET", `/v1/desk/accounts/${account}/audit?limit=200`, {
    token: rig.deskKey,
  });
  return reply.body["data"] as readonly unknown[];
}

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  const error = await refusalOf(promise);
  return error instanceof ApiProblem ? error.code : String(error);
};

describe("R01 twice", () => {
  test("blocks until principal and fee are paid by hand, and too much is owed back", async () => {
    const { customer, account } = await debtor("9990000031", 1_000, "returned");
    const desk = rig.moneyDesk();
    const isLast = async () => (await onlyDebit(customer)).returns.length === 2;
    await daysUntil(rig, isLast, "the second attempt fails");
    const [first, second] = (await onlyDebit(customer)).returns;
    expect([first?.code, second?.code, second?.meaning]).toEqual([
      "R01",
      "R01",
      "insufficient funds",
    ]);
    expect(first?.file).not.toBe(second?.file);
    expect(await queue()).toEqual([[account, 1_000, 0, 2_500]]);
    expect(await blocksOf(customer)).toEqual(["collection_failed"]);

    // Presented as often as it may be; the block is not the desk's to lift.
    const { payment } = await onlyDebit(customer);
    expect(await codeOf(desk.allowRetry(account, payment, "please"))).toBe("no_retry_left");
    expect((await desk.recordPayment(account, 1_000, "wire 4711, 12/14")).owed.amount).toBe(2_500);
    expect(await blocksOf(customer)).toEqual(["collection_failed"]);
    expect(await queue()).toEqual([[account, 0, 0, 2_500]]);
    // A dollar too much is paid back, so another person must say the same.
    const over = (by: typeof desk) => by.recordPayment(account, 2_600, "wire 4712, 12/15");
    expect(await over(desk)).toMatchObject({ status: "proposed", owed: { amount: 2_500 } });
    expect((await desk.debtsOf(account)).payment_proposed).toMatchObject({
      ...{ amount: { amount: 2_600 }, evidence: "wire 4712, 12/15", proposed_by: "desk:alice" },
    });
    expect(await blocksOf(customer)).toEqual(["collection_failed"]);
    const { status, owed } = await over(rig.moneyDesk(rig.otherDeskKey));
    expect([status, owed.amount]).toEqual(["recorded", 0]);
    expect(await blocksOf(customer)).toEqual([]);
    expect(await queue()).toEqual([]);
    expect(await availableTo(customer)).toBe(10_000);
    await expectBooks(rig, 3_600);
    for (const [event, principal] of [
      ["PaymentProposed", "desk:alice"],
      ["PaidByHand", "desk:bob"],
    ]) {
      const entry = { event, principal, note: "wire 4712, 12/15" };
      expect(await auditOf(account)).toContainEqual(expect.objectContaining(entry));
    }
    // A dollar too much goes back by ACH.
    await daysPass(rig, 5);
    await expectBooks(rig, 3_600);
    expect(await balanceOf(rig, "cash:bank")).toBe(3_500);
    expect(await availableTo(customer)).toBe(10_000);
  }, 30_000);
});

describe("R08", () => {
  test("is presented again after a new consent, and only then", async () => {
    const { customer, account, debit } = await debtor("9990000008", 1_000, "returned");
    expect(debit).toMatchObject({ retry_from: null, returns: [{ code: "R08" }] });
    await daysPass(rig, 7);
    expect((await onlyDebit(customer)).stage).toBe("returned");
    await rig.moneyDesk().allowRetry(account, debit.payment, "the customer consents anew, 12/01");
    const isSent = async () => (await onlyDebit(customer)).stage === "in_flight";
    await daysUntil(rig, isSent, "presented again");
    expect(await onlyDebit(customer)).toMatchObject({ attempt: 2, returns: [{ code: "R08" }] });
    await expectBooks(rig);
    expect(await auditOf(account)).toContainEqual(
      expect.objectContaining({
        event: "RetryAllowed",
        principal: "desk:alice",
        note: "the customer consents anew, 12/01",
      }),
    );
  }, 30_000);
});

describe("R10", () => {
  const OUTCOMES = [
    ["lost", "expense:unauthorised", 1_000, 0],
    ["won", "cash:bank", 1_000, 1_000],
    ["merchant_pays", "merch:1:receivable", 1_000, 0],
  ] as const;

  test.each(OUTCOMES)(
    "disputed, and %p",
    async (outcome, ledgerAccount, cents, byHandCents) => {
      const { customer, account, debit } = await debtor("9990000010", 1_000, "disputed");
      expect(await blocksOf(customer)).toEqual(["disputed"]);
      expect(await queue()).toEqual([[account, 0, 1_000, 0]]);
      await expectBooks(rig);
      const desk = rig.moneyDesk();
      expect(await codeOf(desk.allowRetry(account, debit.payment, "never"))).toBe(
        "debit_not_returned",
      );
      await desk.decideDispute(account, debit.payment, outcome, "the bank's letter of today");
      expect(await balanceOf(rig, ledgerAccount)).toBe(cents);
      // Until there is another mandate, nothing of this account can be debited.
      expect(await queue()).toEqual([[account, 0, 0, 0]]);
      expect(await codeOf(desk.decideDispute(account, debit.payment, outcome, "again"))).toBe(
        "debit_not_disputed",
      );
      await expectBooks(rig, byHandCents);
      expect(await availableTo(customer)).toBe(10_000);
      // The block is a matter of its own: customer service looks, and lifts it.
      expect(await blocksOf(customer)).toEqual(["disputed"]);
      expect((await desk.debtsOf(account)).mandate_ended).toBe(true);
    },
    30_000,
  );
});

test("what is due when a mandate ends is in the queue, and two people may give it up", async () => {
  const { customer, account } = await debtor("9990000010", 1_000, "in_flight");
  const [alice, bob] = [rig.moneyDesk(), rig.moneyDesk(rig.otherDeskKey)];
  const debitsIn = async (stage: Debit["stage"]) => {
    return (await alice.debtsOf(account)).debits.filter((debit) => debit.stage === stage);
  };
  for (let day = 0; day < DAYS_MAX && (await debitsIn("disputed")).length === 0; day++) {
    // After the cut-off; what comes back is read in the morning.
    await rig.desk.advanceClock(rig.clock.nowMs() + EVENING_MS);
    await rig.pay(customer, 700);
    await rig.desk.advanceClock(rig.clock.nowMs() + DAY_MS - EVENING_MS);
  }
  const [due] = await debitsIn("due");
  assert(due !== undefined, "the last one was not sent");
  expect((await alice.debts()).data).toMatchObject([
    { account, due: { amount: 700 }, mandate_ended: { code: "R10" } },
  ]);
  await daysPass(rig, 10);
  expect((await debitsIn("due")).map(({ payment }) => payment)).toEqual([due.payment]);
  expect(await alice.writeOff(account, due.payment, "will not pay")).toBe("proposed");
  expect(await bob.writeOff(account, due.payment, "gone")).toBe("written_off");
  for (const { payment } of await debitsIn("disputed")) {
    await alice.decideDispute(account, payment, "lost", "the bank's letter");
  }
  expect((await alice.debts()).data).toMatchObject([{ account, due: { amount: 0 } }]);
  expect(await balanceOf(rig, "expense:bad_debt")).toBe(700);
  expect(await availableTo(customer)).toBe(10_000);
  await expectBooks(rig);
}, 30_000);

test("who left before a late return, and came again, is found by the phone number", async () => {
  const left = await rig.customer({ accountNumber: "9990000010" });
  const account = accountOf(left);
  await rig.pay(left, 1_000);
  const isCollected = async () => (await rig.moneyDesk().debtsOf(account)).debits.length === 0;
  await daysUntil(rig, isCollected, "collected");
  expect((await left.phone.deregister()).status).toBe("closed");
  const again = await rig.customer({ phoneNumber: left.phoneNumber });
  const samePhone = async () => (await rig.moneyDesk().debtsOf(accountOf(again))).same_phone;
  expect(await samePhone()).toMatchObject([{ account, status: "closed", disputed: { amount: 0 } }]);
  const isDisputed = async () => (await samePhone())[0]?.disputed.amount === 1_000;
  for (let day = 0; day < DAYS_MAX && !(await isDisputed()); day++) await daysPass(rig, 1);
  expect(await isDisputed()).toBe(true);
  // It stays where it was: the number may be somebody else's by now.
  expect((await rig.moneyDesk().debtsOf(accountOf(again))).owed.amount).toBe(0);
  expect(await blocksOf(again)).toEqual([]);
  expect((await rig.moneyDesk().debtsOf(account)).same_phone).toMatchObject([
    { account: accountOf(again), status: "open" },
  ]);
}, 30_000);

test("one debit that nobody authorised is an alarm until sixty days are over", async () => {
  await debtor("9990000010", 1_000, "disputed");
  const desk = rig.moneyDesk();
  const { originated, rates, merchants, days } = await desk.returnRates();
  expect(originated).toBe(1);
  expect(rates.map(({ kind, returned, level }) => [kind, returned, level])).toEqual([
    ["unauthorised", 1, "above"],
    ["administrative", 0, "good"],
    ["overall", 1, "above"],
  ]);
  expect(days.map(({ originated: sent, overall }) => [sent, overall])).toEqual([
    [1, 0],
    [0, 1],
  ]);
  expect(merchants).toMatchObject([{ merchant: "mer_1", unauthorised: 1 }]);
  expect(await desk.returnRates("mer_1")).toMatchObject({ originated: 1, merchants: [] });
  const alarms = async (): Promise<readonly unknown[]> => {
    const { body } = await rig.send("GET", "/v1/desk/alarms", { token: rig.deskKey });
    return (body["data"] as readonly { alarm: string }[]).map(({ alarm }) => alarm);
  };
  expect(await alarms()).toEqual(["unauthorised_returns", "overall_returns"]);
  await daysPass(rig, 60);
  expect(await alarms()).toEqual([]);
}, 30_000);

describe("a write-off", () => {
  test("wants two people, and is recovered when money comes after all", async () => {
    const { customer, account, debit } = await debtor("9990000002", 1_000, "returned");
    expect((await rig.moneyDesk().debts()).data).toMatchObject([
      { account, bank_account_rejected: { code: "R02", meaning: "account closed" } },
    ]);
    const [alice, bob] = [rig.moneyDesk(), rig.moneyDesk(rig.otherDeskKey)];
    const note = "not to be found";
    expect(await alice.writeOff(account, debit.payment, note)).toBe("proposed");
    expect((await onlyDebit(customer)).write_off_proposed_by).toBe("desk:alice");
    expect(await codeOf(alice.writeOff(account, debit.payment, note))).toBe("second_person_needed");
    expect(await bob.writeOff(account, debit.payment, "so be it")).toBe("written_off");
    expect(await codeOf(bob.writeOff(account, debit.payment, note))).toBe("debit_not_returned");
    expect(await balanceOf(rig, "expense:bad_debt")).toBe(1_000);
    expect(await alice.debtsOf(account)).toMatchObject({
      owed: { amount: 1_000 },
      debits: [],
      given_up: [{ payment: debit.payment, amount: { amount: 1_000 }, borne_by: "bad_debt" }],
    });
    await expectBooks(rig);

    expect((await alice.recordPayment(account, 400, "a first part")).owed.amount).toBe(600);
    expect((await bob.recordPayment(account, 600, "the rest")).owed.amount).toBe(0);
    expect(await balanceOf(rig, "expense:bad_debt")).toBe(0);
    await expectBooks(rig, 1_000);
    // Another bank account is still wanted.
    expect(await blocksOf(customer)).toEqual(["collection_failed"]);
  }, 30_000);
});

test("a customer whose bank account is closed names another one, and pays from there", async () => {
  const { customer, account } = await debtor("9990000002", 1_000, "returned");
  const { phone } = customer;
  expect((await phone.account()).bank_account).toEqual({ number: 1, status: "rejected" });
  const given = { routingNumber: "021000021", accountNumber: "9990000000" };
  const named = await phone.nameBankAccount({ ...given, bankAccountKind: "checking" });
  expect(named.bank_account).toEqual({ number: 2, status: "not_asked_about" });
  expect((await rig.moneyDesk().debts()).data).toMatchObject([{ bank_account_rejected: null }]);
  expect(await blocksOf(customer)).toEqual(["collection_failed"]);
  const paid = await rig.moneyDesk().recordPayment(account, 1_000, "wire 4713");
  expect(paid.owed.amount).toBe(0);
  expect(await blocksOf(customer)).toEqual([]);
  await rig.pay(customer, 500);
  await daysPass(rig, 12);
  expect((await rig.moneyDesk().debtsOf(account)).debits).toEqual([]);
  expect(await availableTo(customer)).toBe(10_000);
  await expectBooks(rig, 1_000);
}, 30_000);

describe("R16", () => {
  test("freezes, and stands in the queue of those who look at such accounts", async () => {
    const { customer, account, debit } = await debtor("9990000016", 1_000, "returned");
    expect(await blocksOf(customer)).toEqual(["compliance"]);
    const { data } = await rig.moneyDesk().frozen();
    expect(data).toMatchObject([{ account, note: "R16: account frozen" }]);
    // What is owed is not asked for while it is frozen.
    await daysPass(rig, 10);
    expect((await onlyDebit(customer)).stage).toBe("returned");
    await rig.desk.lift(account, "compliance", "the list was looked at: another person");
    expect((await rig.moneyDesk().frozen()).data).toEqual([]);
    expect(await queue()).toEqual([[account, 1_000, 0, 0]]);
    expect(debit.returns).toMatchObject([{ code: "R16" }]);
    await expectBooks(rig);
  }, 30_000);
});
