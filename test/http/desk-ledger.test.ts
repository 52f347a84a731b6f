/** What the desk reads of the books: the balances, and the lines of one customer, page by page. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cents } from "../../actors/money.ts";
import { cutOff } from "../../src/collection/cut-off.ts";
import { HandBank, partsOf } from "../collection/rig.ts";
import { type Customer, SwitchRig } from "../switch-rig.ts";

let rig: SwitchRig;
let customer: Customer;
let other: Customer;
const AMOUNTS = [100, 250, 399, 1_250, 2_000];

beforeAll(async () => {
  rig = await SwitchRig.start();
  customer = await rig.customer();
  other = await rig.customer();
  // The prenote goes first; what it asks about may be debited a week later.
  const parts = partsOf(rig, new HandBank());
  await cutOff(parts);
  for (const amount of AMOUNTS) await rig.pay(customer, amount);
  await rig.pay(other, 777);
  rig.clock.advance(7 * 86_400_000);
  await cutOff(parts);
});
afterAll(() => rig[Symbol.asyncDispose]());

interface Line {
  readonly position: number;
  readonly event: string;
  readonly entry: string;
  readonly account: string;
  readonly side: "debit" | "credit";
  readonly amount: { readonly amount: number };
  readonly file: string | null;
  readonly trace: number | null;
}

interface Page {
  readonly data: readonly Line[];
  readonly has_more: boolean;
  readonly next_before: number | null;
}

async function page(account: string, query = ""): Promise<Page> {
  const path = `/v1/desk/accounts/${account}/ledger${query}`;
  const { status, body } = await rig.send("GET", path, { token: rig.deskKey });
  expect(status).toBe(200);
  return body as unknown as Page;
}

const amountOf = (lines: readonly Line[], side: Line["side"]): number =>
  lines.reduce((sum, line) => (line.side === side ? sum + line.amount.amount : sum), 0);

describe("the lines of a customer", () => {
  test("are what was posted to their own ledger accounts, newest entry first", async () => {
    const { data, has_more, next_before } = await page(customer.phone.keys.account);
    expect({ has_more, next_before }).toEqual({ has_more: false, next_before: null });
    const [person, ...others] = new Set(data.map(({ account }) => account.split(":")[1]));
    expect(person).toMatch(/^per_/);
    expect(others).toEqual([]);
    const sum = AMOUNTS.reduce((all, amount) => all + amount, 0);
    const due = data.filter(({ account }) => account.endsWith(":due"));
    const inFlight = data.filter(({ account }) => account.endsWith(":in_flight"));
    expect([amountOf(due, "debit"), amountOf(due, "credit")]).toEqual([sum, sum]);
    expect([amountOf(inFlight, "debit"), amountOf(inFlight, "credit")]).toEqual([sum, 0]);
    const positions = data.map(({ position }) => position);
    expect(positions).toEqual([...positions].sort((one, two) => two - one));
    const { accounts } = await rig.desk.ledger();
    const balance = accounts.find(({ account }) => account === `cust:${person}:in_flight`);
    expect(balance?.balance.amount).toBe(sum);
  });

  test("name the file and the trace of each ACH entry", async () => {
    const { data } = await page(customer.phone.keys.account);
    const filed = data.filter(({ event }) => event === "DebitsFiled");
    expect(new Set(filed.map(({ file }) => file)).size).toBe(1);
    expect(filed[0]?.file).toMatch(/^ach_\d{8}_A$/);
    const traces = filed.filter(({ side }) => side === "debit").map(({ trace }) => trace);
    expect(new Set(traces).size).toBe(AMOUNTS.length);
    const captured = data.filter(({ event }) => event === "PaymentCaptured");
    expect(captured.map(({ file, trace }) => [file, trace])).toEqual(
      AMOUNTS.map(() => [null, null]),
    );
  });

  test.each([1, 2, 3, 6, 200])(
    "are read page by page, %p entries each, and none twice",
    async (limit) => {
      const { account } = customer.phone.keys;
      const whole = await page(account);
      const read: Line[] = [];
      let pages = 0;
      for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null; pages++) {
        const { data, next_before, has_more } = await page(
          account,
          `?limit=${limit}&before=${before}`,
        );
        expect(has_more).toBe(next_before !== null);
        expect(new Set(data.map(({ position }) => position)).size).toBeLessThanOrEqual(limit);
        read.push(...data);
        before = next_before;
      }
      expect(read).toEqual([...whole.data]);
      expect(pages).toBe(Math.ceil((AMOUNTS.length + 1) / limit));
    },
  );
});

describe("the ledger of an account", () => {
  test("has the lines of one customer only", async () => {
    const { data } = await page(other.phone.keys.account);
    expect(data.filter(({ side }) => side === "debit").map(({ amount }) => amount.amount)).toEqual([
      777, 777,
    ]);
  });

  test("is empty for a new account, and a named no for none", async () => {
    const { phone } = await rig.customer();
    expect(await page(phone.keys.account)).toMatchObject({ data: [], next_before: null });
    const nobody = `acc_${"0".repeat(26)}`;
    for (const account of [nobody, "acc_1", customer.phone.keys.device]) {
      const path = `/v1/desk/accounts/${account}/ledger`;
      const { status, body } = await rig.send("GET", path, { token: rig.deskKey });
      expect([status, body["code"]]).toEqual([404, "account_not_open"]);
    }
  });

  test("is the desk's alone", async () => {
    const path = `/v1/desk/accounts/${customer.phone.keys.account}/ledger`;
    for (const [token, status] of [
      [rig.merchantKey, 403],
      ["dk_test_x_1", 401],
    ] as const) {
      expect((await rig.send("GET", path, { token })).status).toBe(status);
    }
  });
});

test("a history of many events without an entry is read to its end", async () => {
  const newcomer = await rig.customer();
  const { account } = newcomer.phone.keys;
  await rig.pay(newcomer, 100);
  const { host } = rig.running.services;
  const caps = Array.from({ length: 1_050 }, (_, time) => {
    const command = { kind: "SetCap", capCents: cents(5_000 + time), note: "often" };
    return host.ask({ kind: "account", id: account }, command, { principal: "desk:alice" });
  });
  await Promise.all(caps);
  const pages: Page[] = [await page(account, "?limit=5")];
  while (pages.at(-1)?.next_before != null) {
    pages.push(await page(account, `?limit=5&before=${pages.at(-1)?.next_before}`));
  }
  expect(pages.length).toBe(2);
  expect(pages.flatMap(({ data }) => data).map(({ amount }) => amount.amount)).toEqual([100]);
});
