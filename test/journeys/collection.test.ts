/** Money that is really fetched: the switch by itself, its sandbox's bank, days that pass. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { approvalOf, scanned, wireOf } from "../http/approvals.ts";
import { type Customer, SwitchRig } from "../switch-rig.ts";

const DAY_MS = 86_400_000;

let rig: SwitchRig;
beforeEach(async () => {
  rig = await SwitchRig.start({ config: { collection: "by_clock" } });
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

async function nextDay(): Promise<void> {
  await rig.desk.advanceClock(rig.clock.nowMs() + DAY_MS);
}

async function story(customer: Customer, days: number): Promise<readonly string[]> {
  const seen: string[] = [];
  for (let day = 0; day <= days; day++) {
    if (day > 0) await nextDay();
    const { limit, block_reasons: blocks } = await customer.phone.account();
    const state = [limit?.available.amount, ...blocks].join(" ");
    if (seen.at(-1) !== state) seen.push(state);
  }
  return seen;
}

async function balanceOf(account: string): Promise<number> {
  const { accounts } = await rig.desk.ledger();
  return accounts.find((one) => one.account === account)?.balance.amount ?? 0;
}

describe("a purchase", () => {
  test("is collected, and the limit grows back (FAQ)", async () => {
    const customer = await rig.customer();
    await rig.pay(customer, 1_299);
    expect(await story(customer, 20)).toEqual(["8701", "10000"]);
    expect(await balanceOf("cash:bank")).toBe(1_299);
  });

  test("is the same payment when its approval comes once more, long after", async () => {
    const customer = await rig.customer();
    const { scan } = await scanned(rig, customer);
    const json = wireOf(await approvalOf(customer, scan));
    const send = () => rig.send("POST", "/v1/payments", { key: crypto.randomUUID(), json });
    const first = await send();
    for (let day = 0; day < 20; day++) await nextDay();
    const again = await send();
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body["receipt"]).toEqual(first.body["receipt"]);
    expect(await customer.phone.account()).toMatchObject({ block_reasons: [] });
    // Whatever comes after it: the same key gets the same answer, byte for byte.
    const sent = { key: crypto.randomUUID(), json };
    const once = await rig.send("POST", "/v1/payments", sent);
    await rig.pay(customer, 300);
    const twice = await rig.send("POST", "/v1/payments", sent);
    expect(twice.text).toBe(once.text);
  });

  test("of an account without money: blocked, presented again, lifted (FAQ)", async () => {
    const customer = await rig.customer({ accountNumber: "9990000001" });
    await rig.pay(customer, 1_000);
    expect(await story(customer, 30)).toEqual(["9000", "9000 collection_failed", "10000"]);
  });

  test("is collected all the same when the process stops and starts each day", async () => {
    const customer = await rig.customer();
    await rig.pay(customer, 500);
    for (let day = 0; day < 15; day++) {
      await nextDay();
      await rig.restart();
    }
    const { limit } = await customer.phone.account();
    expect(limit?.available.amount).toBe(10_000);
    expect(await balanceOf("cash:bank")).toBe(500);
  }, 30_000);
});

describe("a sandbox's clock", () => {
  test("moves ahead by what is asked, and stays there over a restart", async () => {
    const before = Date.parse(await rig.desk.clock());
    const after = Date.parse(await rig.desk.advanceClock(before + 3 * DAY_MS));
    expect(after - before).toBe(3 * DAY_MS);
    await rig.restart();
    expect(Date.parse(await rig.desk.clock())).toBe(after);
  });

  test("does not go back, nor further than a month at once", async () => {
    const now = await rig.desk.clock();
    const nowMs = Date.parse(now);
    expect(await rig.desk.advanceClock(nowMs - DAY_MS)).toBe(now);
    const to = new Date(nowMs + 31 * DAY_MS + 1).toISOString();
    const sent = { token: rig.deskKey, json: { to } };
    const answer = await rig.send("POST", "/v1/test_helpers/clock/advance", sent);
    expect([answer.status, answer.body["code"]]).toEqual([422, "invalid_request"]);
    expect(await rig.desk.clock()).toBe(now);
  });

  test("is an operator's to move", async () => {
    const { status } = await rig.send("POST", "/v1/test_helpers/clock/advance", {
      token: rig.merchantKey,
      json: { to: new Date(rig.clock.nowMs() + 60_000).toISOString() },
    });
    expect(status).toBe(403);
  });
});
