/** Blocks (FAQ): a forgotten PIN, a stolen phone, an identity that nobody has checked. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { assert } from "../../actors/assert.ts";
import { ApiProblem } from "../../src/client/call.ts";
import { approvalOf, scanned, sendApproval } from "../http/approvals.ts";
import { type Customer, refusalOf, SwitchRig, sendPictures } from "../switch-rig.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

/** Pays with this PIN; gives the problem. */
async function refusedWith(customer: Customer, pin: Uint8Array): Promise<ApiProblem> {
  const { scan } = await scanned(rig, customer);
  const error = await refusalOf(customer.phone.approve(scan, pin));
  assert(error instanceof ApiProblem, "a no of the switch");
  return error;
}

const wrong = async (customer: Customer): Promise<unknown> => {
  const { body } = await refusedWith(customer, customer.wrongPin());
  return body["attempts_left"] ?? body["code"];
};

describe("a wrong PIN", () => {
  test("three times in a row blocks, and only the desk lifts it", async () => {
    const customer = await rig.customer();
    const { account } = customer.phone.keys;
    expect([await wrong(customer), await wrong(customer), await wrong(customer)]).toEqual([
      2, 1, 0,
    ]);
    const right = await refusedWith(customer, customer.pin());
    expect(right.body).toMatchObject({
      code: "account_blocked",
      block_reasons: ["pin_failures"],
      user_message: "Your account is blocked. Call customer service. No money was taken.",
    });
    expect(await customer.phone.account()).toMatchObject({
      status: "blocked",
      block_reasons: ["pin_failures"],
      limit: { available: { amount: 10_000 } },
    });
    await rig.restart();
    expect((await refusedWith(customer, customer.pin())).code).toBe("account_blocked");

    await rig.desk.lift(account, "pin_failures", "the caller knew the last three payments");
    expect((await rig.pay(customer, 100)).status).toBe("captured");
    // All tries are there again.
    expect(await wrong(customer)).toBe(2);
  });

  test("is forgotten after a right one", async () => {
    const customer = await rig.customer();
    expect([await wrong(customer), await wrong(customer)]).toEqual([2, 1]);
    await rig.pay(customer, 100);
    expect([await wrong(customer), await wrong(customer)]).toEqual([2, 1]);
    // Also by a right one in a payment that is refused for another reason.
    const { qr_text: qr } = await rig.till.ask({ amountCents: 10_001 });
    const scan = await customer.phone.scan(qr);
    const refused = await refusalOf(customer.phone.approve(scan, customer.pin()));
    expect(refused).toMatchObject({ code: "limit_exceeded" });
    expect(await wrong(customer)).toBe(2);
  });

  test("and a right one at the same moment give nobody a fourth try", async () => {
    const customer = await rig.customer();
    const { scan } = await scanned(rig, customer);
    const guesses = await Promise.all(
      ["0000", "1111", "2222", "3333", "4444", "5555", "6666", "7777"].map((digits, at) =>
        approvalOf(
          customer,
          scan,
          { counter: 1 + at, clientTimeMs: at },
          new TextEncoder().encode(digits),
        ),
      ),
    );
    const replies = await Promise.all(guesses.map((guess) => sendApproval(rig, guess)));
    const counted = replies.filter(({ body }) => body["code"] === "pin_wrong");
    expect(counted.length).toBeLessThanOrEqual(3);
    expect(replies.some(({ status }) => status === 200)).toBe(false);
    expect((await rig.desk.account(customer.phone.keys.account)).limit?.exposure.amount).toBe(0);
  });
});

test("no route gives a new PIN, and none lifts a block but at the desk", async () => {
  const { text } = await rig.send("GET", "/openapi.json");
  const { paths } = JSON.parse(text) as { paths: Record<string, unknown> };
  const words = Object.keys(paths).filter((path) => /pin|unblock|reset/i.test(path));
  expect(words).toEqual([]);
  const lifting = Object.keys(paths).filter((path) => path.includes("lift"));
  expect(lifting.every((path) => path.startsWith("/v1/desk/"))).toBe(true);
});

describe("the desk", () => {
  test("blocks a stolen phone at once, and needs no phone for it", async () => {
    const customer = await rig.customer();
    const { account } = customer.phone.keys;
    const { scan } = await scanned(rig, customer);
    await rig.desk.block(account, "reported_lost", "called from a friend's phone");
    const refused = await refusalOf(customer.phone.approve(scan, customer.pin()));
    expect(refused).toMatchObject({ code: "account_blocked" });
    // What was paid before stays paid, and can still be read.
    expect(await customer.phone.receipts()).toEqual([]);
  });

  test("sees each block apart, and spending needs that none is open", async () => {
    const customer = await rig.customer();
    const { account } = customer.phone.keys;
    await rig.desk.block(account, "disputed", "a letter");
    await rig.desk.block(account, "compliance", "a list");
    expect((await rig.desk.account(account)).block_reasons).toEqual(["disputed", "compliance"]);
    await rig.desk.lift(account, "disputed", "settled");
    expect((await refusedWith(customer, customer.pin())).body["block_reasons"]).toEqual([
      "compliance",
    ]);
    await rig.desk.lift(account, "compliance", "another person");
    expect((await rig.pay(customer, 100)).status).toBe("captured");
  });

  test("does not lift the block of a debt: that one is paid", async () => {
    const customer = await rig.customer();
    const { account } = customer.phone.keys;
    await rig.desk.block(account, "collection_failed", "R01 came back");
    const refused = await refusalOf(rig.desk.lift(account, "collection_failed", "a favour"));
    expect(refused).toMatchObject({ code: "block_not_open" });
    expect((await refusedWith(customer, customer.pin())).code).toBe("account_blocked");
  });
});

test("whose identity is not verified cannot pay, and pays as soon as it is", async () => {
  const customer = await rig.customer({ identity: "none" });
  const { scan } = await scanned(rig, customer);
  const refused = await refusalOf(customer.phone.approve(scan, customer.pin()));
  expect(refused).toMatchObject({ code: "identity_not_verified" });
  await sendPictures(customer.phone);
  const still = await refusalOf(customer.phone.approve(scan, customer.pin()));
  expect(still).toMatchObject({ code: "identity_not_verified" });
  await rig.desk.verifyIdentity(customer.phone.keys.account);
  expect((await customer.phone.approve(scan, customer.pin())).status).toBe("captured");
});
