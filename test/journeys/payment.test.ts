/** Paying at a lane, as the FAQ tells it, over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { assert } from "../../actors/assert.ts";
import { ApiProblem } from "../../src/client/call.ts";
import { registerLane, type Till } from "../../src/client/till.ts";
import { sessionOf } from "../http/route-samples.ts";
import { EventStream } from "../http/sse.ts";
import { type Customer, refusalOf, SwitchRig, until } from "../switch-rig.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

let lanes = 1;
function newTill(): Promise<Till> {
  return registerLane(rig.caller, rig.merchantKey, `Lane ${++lanes}`);
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await refusalOf(promise);
  assert(error instanceof ApiProblem, "a no of the switch");
  return error.code;
}

async function availableOf({ phone }: Customer): Promise<number | undefined> {
  return (await phone.account()).limit?.available.amount;
}

test("the till asks, the phone scans, the payer approves, and both know the same", async () => {
  const [till, customer] = [await newTill(), await rig.customer()];
  const request = await till.ask({
    amountCents: 1_299,
    title: "Bread",
    clientInvoiceId: "B-17",
    cashierId: "Ann",
  });
  const scan = await customer.phone.scan(request.qr_text);
  expect(scan).toMatchObject({
    payment_request: request.id,
    reference: request.reference,
    amount: { amount: 1_299, currency: "USD" },
    title: "Bread",
    limit_before: { amount: 10_000 },
    limit_after: { amount: 8_701 },
  });
  expect(scan.payee.line).toBe(
    `Corner Grocery · ${till.lane.payee.lane_name} · 12 Main Street · Denver · CO`,
  );
  const payment = await customer.phone.approve(scan, customer.pin());
  expect(payment).toMatchObject({
    status: "captured",
    limit_before: { amount: 10_000 },
    limit_after: { amount: 8_701 },
    next_counter: 2,
    receipt: { reference: request.reference, amount: { amount: 1_299 }, title: "Bread" },
  });
  expect(await availableOf(customer)).toBe(8_701);
  expect(await till.show(request.id)).toMatchObject({ status: "paid", payment: payment.id });
  expect(await customer.phone.receipts()).toEqual([payment.receipt]);
});

test("every spelling of a code leads to the same payment request", async () => {
  const [till, customer] = [await newTill(), await rig.customer()];
  const { sticker_text: sticker, sticker_short_text: short } = till.lane;
  const request = await till.ask({ amountCents: 500 });
  const host = new URL(rig.running.url).host;
  const base32At = request.qr_text.lastIndexOf("/") + 1;
  const codes = [
    request.qr_text,
    sticker,
    short,
    short.toLowerCase(),
    `HTTP://${host}/R${request.reference}`,
    `http://another.example/r${request.reference}`,
    request.qr_text.slice(0, base32At).toLowerCase() + request.qr_text.slice(base32At),
  ];
  for (const code of codes) {
    const scan = await customer.phone.scan(code);
    expect([code, scan.payment_request]).toEqual([code, request.id]);
  }
  for (const text of [request.qr_text, sticker, short]) {
    expect(text).toStartWith(`HTTP://${host}/`);
    expect(text).not.toMatch(/[=&%#]|[a-z]/);
  }
});

describe("the till hears of it", () => {
  test("by long-poll, stream, status and event list alike, with the same numbers", async () => {
    const [till, customer] = [await newTill(), await rig.customer()];
    const stream = await EventStream.open(rig, till.lane.id, till.key);
    const request = await till.ask({ amountCents: 700 });
    const told = till.untilClosed(request, 10_000);
    const scan = await customer.phone.scan(request.qr_text);
    const payment = await customer.phone.approve(scan, customer.pin());

    const paid = await told;
    expect(paid).toMatchObject({ status: "paid", payment: payment.id });
    expect(await till.show(request.id)).toEqual(paid);
    expect(await till.current()).toEqual(paid);
    const heard = [...(await stream.until(3))];
    stream.close();
    expect(heard.map(({ type }) => type)).toEqual([
      "payment_request.opened",
      "payment_request.scanned",
      "payment.paid",
    ]);
    const first = heard[0]?.id ?? 0;
    expect(heard.map(({ id }) => id)).toEqual([first, first + 1, first + 2]);
    const path = `/v1/events?since=${first - 1}&limit=3`;
    const { body } = await rig.send("GET", path, { token: rig.merchantKey });
    expect(body["data"]).toEqual(heard.map(({ data }) => data));
    expect(heard.at(-1)?.data).toMatchObject({
      payment_request: request.id,
      payment: payment.id,
      lane: till.lane.id,
    });
    // FAQ: personal data never goes to the shop.
    const all = JSON.stringify([heard, paid]);
    for (const own of [
      customer.phone.keys.account,
      customer.phone.keys.device,
      "acc_",
      "wallet:",
    ]) {
      expect(all).not.toContain(own);
    }
  });
});

describe("a payment request that is no longer what was scanned cannot be paid:", () => {
  /** Scans, lets something happen, approves. */
  async function approveAfter(
    happens: (till: Till, request: Awaited<ReturnType<Till["ask"]>>) => unknown,
  ) {
    const [till, customer] = [await newTill(), await rig.customer()];
    const request = await till.ask({ amountCents: 900 });
    const scan = await customer.phone.scan(request.qr_text);
    await happens(till, await till.show(request.id));
    const code = await codeOf(customer.phone.approve(scan, customer.pin()));
    expect(await availableOf(customer)).toBe(10_000);
    return { code, till, customer, request };
  }

  test("superseded by the next one at the till", async () => {
    const { code, till, customer, request } = await approveAfter((till) =>
      till.ask({ amountCents: 100 }),
    );
    expect(code).toBe("request_superseded");
    expect((await till.show(request.id)).status).toBe("superseded");
    expect(await codeOf(customer.phone.scan(request.qr_text))).toBe("request_superseded");
    // The next customer never pays the amount of the one before: the sticker shows what is open.
    expect((await customer.phone.scan(till.lane.sticker_text)).amount.amount).toBe(100);
  });

  test("updated: the payer sees the new amount first", async () => {
    const { code, customer, request } = await approveAfter((till, request) =>
      till.update(request, { amountCents: 1_000 }),
    );
    expect(code).toBe("request_changed");
    const again = await customer.phone.scan(request.qr_text);
    expect(again).toMatchObject({ amount: { amount: 1_000 }, version: 2 });
    const payment = await customer.phone.approve(again, customer.pin());
    expect(payment.receipt.amount.amount).toBe(1_000);
  });

  test("cancelled by the cashier", async () => {
    expect((await approveAfter((till, request) => till.cancel(request))).code).toBe(
      "request_cancelled",
    );
  });

  test("expired, five minutes after it was asked when nobody scans it again", async () => {
    const { code, till, request } = await approveAfter(() => rig.clock.advance(5 * 60_000));
    expect(code).toBe("request_expired");
    await until(async () => (await till.show(request.id)).status === "expired", "it expires");
    const { body } = await rig.send("GET", "/v1/events?limit=100", { token: rig.merchantKey });
    const events = body["data"] as readonly { type: string; payment_request: string }[];
    expect(events.filter((event) => event.payment_request === request.id)).toContainEqual(
      expect.objectContaining({ type: "payment_request.expired" }),
    );
  });

  test("and paid by somebody else, who alone pays", async () => {
    const [till, customer, other] = [await newTill(), await rig.customer(), await rig.customer()];
    const request = await till.ask({ amountCents: 900 });
    const [scan, theirs] = [
      await customer.phone.scan(request.qr_text),
      await other.phone.scan(request.qr_text),
    ];
    await other.phone.approve(theirs, other.pin());
    expect(await codeOf(customer.phone.approve(scan, customer.pin()))).toBe("request_paid");
    expect([await availableOf(customer), await availableOf(other)]).toEqual([10_000, 9_100]);
  });
});

test("a scan gives the payer time, again and again, within half an hour", async () => {
  const [till, customer] = [await newTill(), await rig.customer()];
  const request = await till.ask({ amountCents: 900 });
  const openedMs = rig.clock.nowMs();
  let scans = 0;
  for (; scans < 60; scans++) {
    const error = await customer.phone.scan(request.qr_text).catch((error: unknown) => error);
    if (error instanceof ApiProblem) {
      expect(error.code).toBe("request_expired");
      break;
    }
    rig.clock.advance(90_000);
  }
  expect(scans).toBe(20);
  expect(rig.clock.nowMs() - openedMs).toBe(30 * 60_000);
});

test("cancel and pay never both win, and both sides are told the truth", async () => {
  const till = await newTill();
  const outcomes = new Set<string>();
  for (let round = 0; round < 12; round++) {
    const customer = await rig.customer();
    const request = await till.ask({ amountCents: 900 });
    const scan = await customer.phone.scan(request.qr_text);
    const cancel = (): Promise<unknown> => till.cancel(request).catch((error: unknown) => error);
    const pay = (): Promise<unknown> =>
      customer.phone.approve(scan, customer.pin()).catch((error: unknown) => error);
    // The approval takes longer to be signed: a head start makes the race a close one.
    const paying = pay();
    await Bun.sleep(round % 4);
    const [paid, cancelled] = await Promise.all([paying, cancel()]);
    const { status } = await till.show(request.id);
    outcomes.add(status);
    if (status === "paid") {
      expect(paid).toMatchObject({ status: "captured" });
      expect(cancelled).toMatchObject({ code: "request_paid" });
      assert(cancelled instanceof ApiProblem, "a no of the switch");
      expect(cancelled.body["payment_request"]).toMatchObject({ status: "paid" });
    } else {
      expect(status).toBe("cancelled");
      expect(paid).toMatchObject({ code: "request_cancelled" });
      expect(cancelled).toMatchObject({ status: "cancelled" });
    }
    expect(await availableOf(customer)).toBe(status === "paid" ? 9_100 : 10_000);
  }
  expect([...outcomes].every((status) => ["paid", "cancelled"].includes(status))).toBe(true);
});

test("of fifty payers at one payment request exactly one pays", async () => {
  const till = await newTill();
  const payers = await Promise.all(Array.from({ length: 50 }, () => rig.customer()));
  const request = await till.ask({ amountCents: 1_000 });
  const scans = await Promise.all(
    payers.map(async (payer) => ({ payer, scan: await payer.phone.scan(request.qr_text) })),
  );
  const answers = await Promise.all(
    scans.map(({ payer, scan }) =>
      payer.phone.approve(scan, payer.pin()).then(
        ({ status }) => status as string,
        (error: unknown) => (error instanceof ApiProblem ? error.code : "?"),
      ),
    ),
  );
  expect(answers.filter((answer) => answer === "captured")).toHaveLength(1);
  expect(answers.filter((answer) => answer === "request_paid")).toHaveLength(49);
  const available = await Promise.all(payers.map(availableOf));
  expect(available.filter((cents) => cents === 9_000)).toHaveLength(1);
  expect(available.filter((cents) => cents === 10_000)).toHaveLength(49);
  expect((await rig.desk.ledger()).sum.amount).toBe(0);
});

test("a switch that is started anew between scan and approval goes on where it was", async () => {
  const [till, customer] = [await newTill(), await rig.customer()];
  const request = await till.ask({ amountCents: 450 });
  const scan = await customer.phone.scan(request.qr_text);
  const before = await rig.position();
  await rig.restart();
  expect(await rig.position()).toBe(before);
  const payment = await customer.phone.approve(scan, customer.pin());
  expect(payment).toMatchObject({ status: "captured", limit_after: { amount: 9_550 } });
  await rig.restart();
  expect(await till.show(request.id)).toMatchObject({ status: "paid", payment: payment.id });
  expect(await customer.phone.receipts()).toEqual([payment.receipt]);
  expect(await availableOf(customer)).toBe(9_550);
});

test("receipts are listed newest first, page by page, and shown to their payer alone", async () => {
  const [customer, other] = [await rig.customer(), await rig.customer()];
  const paid: string[] = [];
  for (let count = 0; count < 7; count++) {
    paid.unshift((await rig.pay(customer, 100 + count)).id);
    rig.clock.advance(1_000);
  }
  const token = sessionOf(rig, customer);
  const found: string[] = [];
  let after = "";
  for (let pages = 0; pages < 9; pages++) {
    const { body } = await rig.send("GET", `/v1/receipts?limit=3${after}`, { token });
    found.push(...(body["data"] as readonly { payment: string }[]).map(({ payment }) => payment));
    if (body["has_more"] !== true) break;
    after = `&starting_after=${found.at(-1)}`;
  }
  expect(found).toEqual(paid);
  const one = await rig.send("GET", `/v1/receipts/${paid[6]}`, { token });
  expect(one.body).toMatchObject({ payment: paid[6] ?? "", amount: { amount: 100 } });
  expect(await other.phone.receipts()).toEqual([]);
  const stranger = sessionOf(rig, other);
  const refused = await rig.send("GET", `/v1/receipts/${paid[6]}`, { token: stranger });
  expect(refused.body["code"]).toBe("not_found");
});
