/** Refunds over HTTP: by the merchant, by one of its lanes, and by the desk. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type PaymentId, parseId } from "../../actors/ids.ts";
import type { Payment } from "../../src/client/shapes.ts";
import { registerLane } from "../../src/client/till.ts";
import { addOperator, readKeys } from "../../src/data-directory.ts";
import { REMEMBERED_MS } from "../../src/runtime/forgetting.ts";
import { type Customer, type Reply, SwitchRig } from "../switch-rig.ts";

let rig: SwitchRig;
let customer: Customer;
let other: string;
let secondKey: string;
beforeAll(async () => {
  rig = await SwitchRig.start({ policy: { capCents: 100_000 as never } });
  secondKey = addOperator(rig.dataDir, readKeys(rig.dataDir), "bert", "sandbox");
  await rig.restart();
  customer = await rig.customer({ name: "Zenobia Quackenbush" });
  other = await rig.merchant("Blue Door Coffee", "BLUE DOOR COFFEE");
});
afterAll(() => rig[Symbol.asyncDispose]());

const usd = (amount: number) => ({ amount, currency: "USD" });
const pay = (amount = 1_000): Promise<Payment> => rig.pay(customer, amount);

interface How {
  readonly token?: string;
  readonly key?: string;
  readonly reason?: string;
}

function refund(payment: string, amount: number, how: How = {}): Promise<Reply> {
  const { token = rig.merchantKey, key = crypto.randomUUID(), reason = "goods_returned" } = how;
  const json = { amount: usd(amount), reason };
  return rig.send("POST", `/v1/payments/${payment}/refunds`, { token, key, json });
}

const show = async (payment: string, token = rig.merchantKey): Promise<Reply> =>
  rig.send("GET", `/v1/payments/${payment}`, { token });

const available = async (who = customer) => (await who.phone.account()).limit?.available.amount;

describe("a merchant", () => {
  test("gives a payment back in parts, until nothing is left", async () => {
    const { id, receipt } = await pay();
    const first = await refund(id, 300, { reason: "wrong_amount" });
    expect([first.status, first.body]).toMatchObject([
      201,
      {
        ...{ object: "refund", payment: id, amount: usd(300), reason: "wrong_amount" },
        status: "debit_reduced",
      },
    ]);
    const tooMuch = await refund(id, 701);
    expect([tooMuch.status, tooMuch.body]).toMatchObject([
      409,
      { code: "refund_too_high", left: usd(700), seqr_code: 98 },
    ]);
    expect((await refund(id, 700)).status).toBe(201);
    expect((await refund(id, 1)).body["left"]).toEqual(usd(0));
    const { body } = await show(id);
    expect(body).toMatchObject({
      ...{ object: "payment", id, lane: "lane_1", reference: receipt.reference },
      ...{ amount: usd(1_000), fee: usd(15), refunded: usd(1_000), refundable: usd(0) },
      refunds: [{ amount: usd(300) }, { amount: usd(700) }],
    });
  });

  test("sees nothing of the payer", async () => {
    const { id } = await pay();
    const { phone, phoneNumber } = customer;
    const { text } = await refund(id, 100);
    const { text: shown } = await show(id);
    const path = "/v1/events?limit=100";
    const { text: events } = await rig.send("GET", path, { token: rig.merchantKey });
    for (const answer of [text, shown, events]) {
      for (const secret of [phone.keys.account, phone.keys.device, phoneNumber, "Quackenbush"]) {
        expect(answer).not.toContain(secret);
      }
    }
  });

  test("is told by an event, with payment and refund", async () => {
    const { id } = await pay();
    const { body } = await refund(id, 100);
    const since = await newest();
    expect(since.slice(-2)).toMatchObject([
      { type: "refund.created", payment: id, refund: body["id"], lane: "lane_1", settlement: null },
      { type: "refund.paid_out", payment: id, refund: body["id"] },
    ]);
  });

  test("can neither see nor refund what was paid to another one", async () => {
    const { id } = await pay();
    for (const reply of [await show(id, other), await refund(id, 100, { token: other })]) {
      expect([reply.status, reply.body["code"]]).toEqual([404, "payment_not_found"]);
    }
    expect((await show(id)).body["refunds"]).toEqual([]);
  });
});

async function newest(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const all: Readonly<Record<string, unknown>>[] = [];
  for (let since = 0; ; since = all.length) {
    const path = `/v1/events?limit=100&since=${since}`;
    const { body } = await rig.send("GET", path, { token: rig.merchantKey });
    all.push(...(body["data"] as typeof all));
    if (body["has_more"] !== true) return all;
  }
}

describe("a lane's own key", () => {
  test("refunds what was paid there, and sees no other lane's payments", async () => {
    const elsewhere = await registerLane(rig.caller, rig.merchantKey, "Lane 2");
    const { id } = await pay();
    expect((await refund(id, 100, { token: elsewhere.key })).body["code"]).toBe(
      "payment_not_found",
    );
    expect((await show(id, elsewhere.key)).status).toBe(404);
    expect((await refund(id, 100, { token: rig.till.key })).status).toBe(201);
    expect((await show(id, rig.till.key)).body["refunded"]).toEqual(usd(100));
    const forged = rig.till.key.replace(/.{3}$/, "AAA");
    expect((await show(id, forged)).body["code"]).toBe("unauthenticated");
  });
});

describe("a repeat", () => {
  test("under the same key is the same refund, and another body is refused", async () => {
    const { id } = await pay();
    const key = crypto.randomUUID();
    const first = await refund(id, 100, { key });
    const again = await refund(id, 100, { key });
    expect([again.status, again.body["id"]]).toEqual([201, first.body["id"]]);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect((await refund(id, 101, { key })).body["code"]).toBe("idempotency_mismatch");
    expect((await show(id)).body["refunded"]).toEqual(usd(100));
  });

  test("is the same refund when the key is long forgotten", async () => {
    const { id } = await pay();
    const key = crypto.randomUUID();
    const first = await refund(id, 100, { key });
    rig.clock.advance(2 * REMEMBERED_MS);
    await rig.restart();
    const again = await refund(id, 100, { key });
    expect([again.status, again.body["id"]]).toEqual([201, first.body["id"]]);
    expect(again.headers.get("idempotent-replayed")).toBeNull();
    expect((await show(id)).body["refunded"]).toEqual(usd(100));
  });

  test("of many at one moment: never more than was paid", async () => {
    const { id } = await pay();
    const replies = await Promise.all(Array.from({ length: 10 }, () => refund(id, 300)));
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(3);
    expect((await show(id)).body["refundable"]).toEqual(usd(100));
  });
});

describe("a payer", () => {
  test("has the limit back at once if nothing was filed, and sees why on the receipt", async () => {
    const before = await available();
    const { id, receipt } = await pay();
    expect(receipt.refunds).toEqual([]);
    await refund(id, 400);
    expect(await available()).toBe((before ?? 0) - 600);
    const receipts = await customer.phone.receipts();
    const shown = receipts.find(({ payment }) => payment === id);
    expect(shown).toMatchObject({
      amount: usd(1_000),
      refunds: [{ payment: id, amount: usd(400), status: "debit_reduced" }],
    });
    await refund(id, 600);
    expect(await available()).toBe(before);
  });
});

describe("the desk", () => {
  const path = (payment: string): string => `/v1/desk/payments/${payment}/refunds`;
  const ask = (token: string, payment: string, amount: number): Promise<Reply> =>
    rig.send("POST", path(payment), {
      ...{ token, key: crypto.randomUUID() },
      json: { amount: usd(amount), reason: "not_delivered", note: "a letter of Tuesday" },
    });
  const see = async (payment: string): Promise<Reply["body"]> =>
    (await rig.send("GET", `/v1/desk/payments/${payment}`, { token: rig.deskKey })).body;

  test("refunds when a second person asks for the same", async () => {
    const { id } = await pay();
    const proposed = await ask(rig.deskKey, id, 500);
    expect([proposed.status, proposed.body]).toMatchObject([
      202,
      { object: "refund_proposal", payment: id, amount: usd(500), proposed_by: "desk:alice" },
    ]);
    expect(await see(id)).toMatchObject({
      ...{ account: customer.phone.keys.account, merchant: "mer_1", refunds: [] },
      proposal: { amount: usd(500), proposed_by: "desk:alice" },
    });
    expect((await ask(rig.deskKey, id, 500)).body["code"]).toBe("second_person_needed");
    const made = await ask(secondKey, id, 500);
    expect([made.status, made.body]).toMatchObject([201, { object: "refund", payment: id }]);
    expect(await see(id)).toMatchObject({ proposal: null, refunded: usd(500) });
    expect((await show(id)).body["refunded"]).toEqual(usd(500));
  });

  test("leaves a name and a reason in the log", async () => {
    const { id } = await pay();
    await ask(rig.deskKey, id, 200);
    await ask(secondKey, id, 200);
    const ref = { kind: "purchase", id: parseId("payment", id) as PaymentId };
    const events = await rig.running.services.host.feed.history(ref, 1e9, 10);
    expect(events.map(({ kind, principal }) => [kind, principal])).toEqual([
      ["PurchaseRefunded", "desk:bert"],
      ["RefundProposed", "desk:alice"],
    ]);
    for (const { data } of events) expect(data).toContain("a letter of Tuesday");
  });

  test("keeps what both said beside the refund, and shows it", async () => {
    const { id } = await pay();
    const why = async (token: string, note: string, reason = "goodwill") => {
      const json = { amount: usd(200), reason, note };
      const path = `/v1/desk/payments/${id}/refunds`;
      return (await rig.send("POST", path, { token, json, key: crypto.randomUUID() })).status;
    };
    expect(await why(rig.deskKey, "the milk was sour")).toBe(202);
    expect((await see(id))["proposal"]).toMatchObject({ note: "the milk was sour" });
    // Another reason is not the same.
    expect(await why(secondKey, "no milk at all", "not_delivered")).toBe(202);
    expect(await why(rig.deskKey, "it never came", "not_delivered")).toBe(201);
    const path = `/v1/desk/payments/${id}/audit`;
    const { body } = await rig.send("GET", path, { token: rig.deskKey });
    expect(body["data"]).toMatchObject([
      { event: "PurchaseRefunded", principal: "desk:alice", note: "it never came" },
      { event: "RefundProposed", principal: "desk:bert", note: "no milk at all" },
      { event: "RefundProposed", principal: "desk:alice", note: "the milk was sour" },
    ]);
    const ref = { kind: "purchase", id: parseId("payment", id) as PaymentId };
    const [made] = await rig.running.services.host.feed.history(ref, 1e9, 1);
    expect(JSON.parse(made?.data ?? "")).toMatchObject({
      ...{ reason: "not_delivered", note: "it never came" },
      proposed: { by: "desk:bert", note: "no milk at all" },
    });
  });

  test("is told of payments that are not there", async () => {
    const reply = await ask(rig.deskKey, "pay_none", 1);
    expect([reply.status, reply.body["code"]]).toEqual([404, "payment_not_found"]);
    expect((await see("pay_none"))["code"]).toBe("payment_not_found");
    const { body } = await rig.send("GET", "/v1/desk/payments/pay_none/audit", {
      token: rig.deskKey,
    });
    expect(body["code"]).toBe("payment_not_found");
  });
});
