/** The spending limit: never passed, by whatever phone, at whatever moment. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { assert } from "../../actors/assert.ts";
import { ApiProblem } from "../../src/client/call.ts";
import { Phone } from "../../src/client/phone.ts";
import { registerLane, type Till } from "../../src/client/till.ts";
import { approvalOf, scanned, sendApproval } from "../http/approvals.ts";
import { type Customer, cheapPinKey, refusalOf, SwitchRig } from "../switch-rig.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

async function problemOf(promise: Promise<unknown>): Promise<ApiProblem> {
  const error = await refusalOf(promise);
  assert(error instanceof ApiProblem, "a no of the switch");
  return error;
}

/** Another phone with the same keys: what a thief makes of a copied profile. */
function copyOf({ phone }: Customer): Phone {
  return new Phone(rig.caller, phone.keys, cheapPinKey);
}

async function tills(count: number): Promise<readonly Till[]> {
  const names = Array.from({ length: count }, (_, at) => `Row ${at + 1}`);
  return await Promise.all(names.map((name) => registerLane(rig.caller, rig.merchantKey, name)));
}

test("exactly the limit passes, one cent more is refused with the missing amount", async () => {
  const customer = await rig.customer();
  await rig.pay(customer, 4_000);
  const over = await rig.till.ask({ amountCents: 6_001 });
  const scan = await customer.phone.scan(over.qr_text);
  expect(scan).toMatchObject({ limit_before: { amount: 6_000 }, limit_after: null });
  const refused = await problemOf(customer.phone.approve(scan, customer.pin()));
  expect(refused.body).toMatchObject({
    code: "limit_exceeded",
    missing: { amount: 1, currency: "USD" },
    available: { amount: 6_000, currency: "USD" },
    money_taken: "no",
    seqr_code: 11,
  });
  const payment = await rig.pay(customer, 6_000);
  expect(payment.limit_after.amount).toBe(0);
  expect((await customer.phone.account()).limit).toMatchObject({
    cap: { amount: 10_000 },
    available: { amount: 0 },
    exposure: { amount: 10_000 },
    holds: { amount: 0 },
  });
  const one = await problemOf(rig.pay(customer, 1));
  expect(one.body).toMatchObject({ code: "limit_exceeded", missing: { amount: 1 } });
});

test("only the desk sets the limit, up to the maximum, with a reason that is kept", async () => {
  const customer = await rig.customer();
  const { account } = customer.phone.keys;
  await rig.pay(customer, 8_000);
  await rig.desk.setCap(account, 5_000, "asked for by phone");
  expect((await customer.phone.account()).limit).toMatchObject({
    cap: { amount: 5_000 },
    available: { amount: 0 },
  });
  const refused = await problemOf(rig.pay(customer, 1_000));
  expect(refused.body).toMatchObject({ missing: { amount: 4_000 }, available: { amount: 0 } });
  await rig.desk.setCap(account, 100_000, "a good customer");
  expect((await customer.phone.account()).limit?.available.amount).toBe(92_000);
  const tooMuch = await problemOf(rig.desk.setCap(account, 100_001, "too much"));
  expect(tooMuch.body).toMatchObject({
    code: "invalid_request",
    errors: [{ pointer: "/cap/amount" }],
  });
});

test("a phone that sends ten approvals at the same moment never passes the limit", async () => {
  const customer = await rig.customer();
  const lanes = await tills(10);
  const approvals = await Promise.all(
    lanes.map(async (till, at) => {
      const { qr_text: qr } = await till.ask({ amountCents: 1_500 });
      const scan = await customer.phone.scan(qr);
      return await approvalOf(customer, scan, { counter: 1 + at });
    }),
  );
  const replies = await Promise.all(approvals.map((approval) => sendApproval(rig, approval)));
  const paid = replies.filter(({ status }) => status === 200);
  const refused = replies.filter(({ status }) => status !== 200).map(({ body }) => body["code"]);
  expect(paid.length).toBeLessThanOrEqual(6);
  expect(paid.length).toBeGreaterThan(0);
  const reasons = new Set(refused.map(String));
  expect([...reasons].every((code) => /^(limit_exceeded|counter_out_of_step)$/.test(code))).toBe(
    true,
  );
  const { limit } = await customer.phone.account();
  expect(limit?.exposure.amount).toBe(1_500 * paid.length);
  expect((limit?.available.amount ?? -1) + (limit?.exposure.amount ?? 0)).toBe(10_000);
});

describe("two phones with the same keys", () => {
  test("at the same moment: one pays, and the account is blocked as copied", async () => {
    const [first, second] = await tills(2);
    assert(first !== undefined && second !== undefined, "two lanes");
    for (let round = 0; round < 5; round++) {
      const customer = await rig.customer();
      const copy = copyOf(customer);
      const [one, two] = [
        await customer.phone.scan((await first.ask({ amountCents: 6_000 })).qr_text),
        await copy.scan((await second.ask({ amountCents: 6_000 })).qr_text),
      ];
      const answers = await Promise.allSettled([
        customer.phone.approve(one, customer.pin()),
        copy.approve(two, customer.pin()),
      ]);
      const paid = answers.filter(({ status }) => status === "fulfilled");
      expect(paid).toHaveLength(1);
      const no = answers.find((answer) => answer.status === "rejected");
      expect(no?.reason).toMatchObject({ code: "device_cloned" });
      const account = await rig.desk.account(customer.phone.keys.account);
      expect(account).toMatchObject({
        status: "blocked",
        block_reasons: ["device_cloned"],
        limit: { exposure: { amount: 6_000 }, available: { amount: 4_000 } },
      });
    }
  });

  test("one after the other: the fork shows at the first step of the older one", async () => {
    const customer = await rig.customer();
    const copy = copyOf(customer);
    const [first, second] = await tills(2);
    assert(first !== undefined && second !== undefined, "two lanes");
    // Both looked before either paid: the copy is one step behind afterwards.
    const stale = await copy.scan((await second.ask({ amountCents: 100 })).qr_text);
    const scan = await customer.phone.scan((await first.ask({ amountCents: 100 })).qr_text);
    await customer.phone.approve(scan, customer.pin());
    const refused = await problemOf(copy.approve(stale, customer.pin()));
    expect(refused.code).toBe("device_cloned");
    const blocked = await problemOf(rig.pay(customer, 100));
    expect(blocked.body).toMatchObject({
      code: "account_blocked",
      block_reasons: ["device_cloned"],
    });
    await rig.desk.lift(customer.phone.keys.account, "device_cloned", "it was the customer");
    expect((await rig.pay(customer, 100)).status).toBe("captured");
  });

  test("a thief with the phone's key and not the PIN gets three tries, and no money", async () => {
    const customer = await rig.customer();
    const copy = copyOf(customer);
    const answers: unknown[] = [];
    for (let tries = 0; tries < 4; tries++) {
      const { scan } = await scanned(rig, customer);
      const { code, body } = await problemOf(copy.approve(scan, customer.wrongPin()));
      answers.push([code, body["attempts_left"] ?? body["block_reasons"]]);
    }
    expect(answers).toEqual([
      ["pin_wrong", 2],
      ["pin_wrong", 1],
      ["pin_wrong", 0],
      ["account_blocked", ["pin_failures"]],
    ]);
  });
});
