/** The till on a bad line, and across a restart of the switch. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Caller } from "../../src/client/call.ts";
import { registerLane, Till } from "../../src/client/till.ts";
import { refusalOf, SwitchRig } from "../switch-rig.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

/** A caller that loses the first answer to each POST and PATCH. */
function forgetful(): Caller {
  const seen = new Set<string>();
  const fetcher = async (request: Request): Promise<Response> => {
    const key = request.headers.get("idempotency-key");
    const response = await fetch(request);
    if (key === null || seen.has(key)) return response;
    seen.add(key);
    await response.arrayBuffer();
    throw new TypeError("connection reset");
  };
  return new Caller(rig.running.url, fetcher, 1);
}

test("whose answers are lost registers, asks, changes and cancels once each", async () => {
  const till = await registerLane(forgetful(), rig.merchantKey, "Lane 2");
  const before = await rig.position();
  const request = await till.ask({ amountCents: 100, title: "Milk", cashierId: "Ann" });
  const changed = await till.update(request, { amountCents: 150, clientInvoiceId: "B-1" });
  expect(changed).toMatchObject({ version: 2, amount: { amount: 150 } });
  expect(await till.cancel(changed)).toMatchObject({ status: "cancelled" });
  expect((await rig.position()) - before).toBe(3);
});

test("that was switched off and on finds what is open, and hears what becomes of it", async () => {
  const customer = await rig.customer();
  const request = await rig.till.ask({ amountCents: 300 });
  const again = new Till(rig.caller, rig.till.lane, rig.till.key);
  const found = await again.current();
  expect(found.id).toBe(request.id);
  const told = again.untilClosed(found, 10_000);
  const scan = await customer.phone.scan(request.qr_text);
  await customer.phone.approve(scan, customer.pin());
  expect((await told).status).toBe("paid");
});

test("waits for as long as it was told, and then knows what is", async () => {
  const request = await rig.till.ask({ amountCents: 300 });
  expect(await rig.till.untilClosed(request, 150)).toMatchObject({ status: "open", revision: 1 });
  const cancelled = await rig.till.cancel(request);
  // What is closed already needs no waiting.
  expect(await rig.till.untilClosed(cancelled, 60_000)).toEqual(cancelled);
});

test("goes on waiting while the switch is started anew", async () => {
  const customer = await rig.customer();
  const request = await rig.till.ask({ amountCents: 300 });
  const told = rig.till.untilClosed(request, 20_000);
  await Bun.sleep(30);
  await rig.restart();
  const scan = await customer.phone.scan(request.qr_text);
  await customer.phone.approve(scan, customer.pin());
  expect((await told).status).toBe("paid");
});

test("says what is sold, by whom and under which number, or leaves it open", async () => {
  const said = { title: "Milk", clientInvoiceId: "B-1", cashierId: "Ann" };
  expect(await rig.till.ask({ amountCents: 100, ...said })).toMatchObject({
    title: "Milk",
    client_invoice_id: "B-1",
    cashier_id: "Ann",
  });
  expect(await rig.till.ask({ amountCents: 100 })).toMatchObject({
    title: "Purchase",
    client_invoice_id: "",
    cashier_id: "",
  });
});

test("learns that another till's request is not its own", async () => {
  const other = await registerLane(rig.caller, rig.merchantKey, "Lane 3");
  const theirs = await other.ask({ amountCents: 1 });
  for (const attempt of [rig.till.show(theirs.id), rig.till.cancel(theirs)]) {
    expect(await refusalOf(attempt)).toMatchObject({ code: "request_not_found" });
  }
});
