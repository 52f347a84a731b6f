/** Payment requests at the till's own routes: revisions, preconditions, cancelling, lists. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { registerLane, Till } from "../../src/client/till.ts";
import { type Reply, SwitchRig } from "../switch-rig.ts";
import { textIn } from "./registering.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

const REQUESTS = "/v1/lanes/lane_1/payment-requests";
const usd = (amount: number) => ({ amount: { amount, currency: "USD" } });

function show(id: string, seen?: string): Promise<Reply> {
  const headers = seen === undefined ? {} : { "if-none-match": seen };
  return rig.send("GET", `${REQUESTS}/${id}`, { token: rig.till.key, headers });
}

function update(id: string, amount: number, match?: string): Promise<Reply> {
  return rig.send("PATCH", `${REQUESTS}/${id}`, {
    token: rig.till.key,
    key: crypto.randomUUID(),
    json: usd(amount),
    headers: match === undefined ? {} : { "if-match": match },
  });
}

describe("the revision", () => {
  test("is the ETag, and rises with every change that a till may see", async () => {
    const { id, qr_text: qr } = await rig.till.ask({ amountCents: 100 });
    const customer = await rig.customer();
    const seen = [(await show(id)).headers.get("etag")];
    await customer.phone.scan(qr);
    seen.push((await show(id)).headers.get("etag"));
    seen.push((await update(id, 200)).headers.get("etag"));
    const scan = await customer.phone.scan(qr);
    await customer.phone.approve(scan, customer.pin());
    seen.push((await show(id)).headers.get("etag"));
    expect(seen).toEqual(['"1"', '"2"', '"3"', '"4"']);
  });

  test("unchanged is answered 304, in every form that a cache asks with", async () => {
    const { id } = await rig.till.ask({ amountCents: 100 });
    // RFC 9110 section 13.1.2: a list, weak comparison, or anything at all.
    for (const seen of ['"1"', 'W/"1"', '"0", "1"', "*"]) {
      const reply = await show(id, seen);
      expect([seen, reply.status, reply.text]).toEqual([seen, 304, ""]);
      expect(reply.headers.get("etag")).toBe('"1"');
    }
    for (const seen of ['"2"', "1", '"11"', ""]) expect((await show(id, seen)).status).toBe(200);
  });

  test("guards an update: another one is refused with the revision that holds", async () => {
    const { id } = await rig.till.ask({ amountCents: 100 });
    expect((await update(id, 200, '"1"')).body).toMatchObject({ revision: 2, version: 2 });
    const refused = await update(id, 300, '"1"');
    expect(refused.body).toMatchObject({ code: "version_mismatch", revision: 2 });
    expect((await show(id)).body).toMatchObject(usd(200));
    expect((await update(id, 400)).status).toBe(200);
    // RFC 9110 section 13.1.1: any current representation will do.
    expect((await update(id, 500, "*")).status).toBe(200);
  });

  test("guards a cancel as well: what was changed meanwhile is not cancelled unseen", async () => {
    const { id } = await rig.till.ask({ amountCents: 100 });
    await update(id, 200);
    const cancel = (match: string): Promise<Reply> =>
      rig.send("POST", `${REQUESTS}/${id}/cancel`, {
        token: rig.till.key,
        key: crypto.randomUUID(),
        headers: { "if-match": match },
      });
    expect((await cancel('"1"')).body).toMatchObject({ code: "version_mismatch", revision: 2 });
    expect((await cancel("1")).body["code"]).toBe("invalid_request");
    expect((await show(id)).body).toMatchObject({ status: "open", revision: 2 });
    expect((await cancel('"2"')).body).toMatchObject({ status: "cancelled" });
  });

  test("that is malformed is refused, and never taken for none at all", async () => {
    const { id } = await rig.till.ask({ amountCents: 100 });
    for (const match of ["1", '"one"', 'W/"1"', '"1", "2"', '"-1"', '"1.0"', "canary"]) {
      const reply = await update(id, 900, match);
      expect([match, reply.body["code"]]).toEqual([match, "invalid_request"]);
      expect(reply.body["errors"]).toEqual([
        { pointer: "header/if-match", code: "invalid_format" },
      ]);
    }
    expect((await show(id)).body).toMatchObject({ ...usd(100), revision: 1 });
  });
});

describe("cancelling", () => {
  test("closes the request, and once more tells that it is closed", async () => {
    const request = await rig.till.ask({ amountCents: 100 });
    expect(await rig.till.cancel(request)).toMatchObject({ status: "cancelled", revision: 2 });
    const path = `${REQUESTS}/${request.id}/cancel`;
    const again = await rig.send("POST", path, { token: rig.till.key, key: "again" });
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({
      code: "request_cancelled",
      money_taken: "no",
      payment_request: { id: request.id, status: "cancelled" },
    });
  });

  test("what is paid is answered with the truth: that money was taken", async () => {
    const customer = await rig.customer();
    const payment = await rig.pay(customer, 100);
    const { payment_request: id } = payment.receipt;
    const path = `${REQUESTS}/${id}/cancel`;
    const reply = await rig.send("POST", path, { token: rig.till.key, key: "too-late" });
    expect(reply.body).toMatchObject({
      code: "request_paid",
      payment_request: { id, status: "paid", payment: payment.id },
    });
    expect(textIn(reply.body, "user_message")).not.toContain("No money was taken");
    expect(textIn(reply.body, "user_message")).toContain("paid");
  });

  test("what its lane has forgotten is told as it ended, not as if it had never been", async () => {
    const till = await registerLane(rig.caller, rig.merchantKey, "Lane 5");
    const customer = await rig.customer();
    const { receipt, id: payment } = await rig.pay(customer, 100, till);
    const superseded = await till.ask({ amountCents: 100 });
    for (let count = 0; count < 10; count++) await till.ask({ amountCents: 1 + count });
    const path = `/v1/lanes/${till.lane.id}/payment-requests`;
    const { payment_request: id } = receipt;
    const answers = async () => [
      await rig.send("POST", `${path}/${id}/cancel`, { token: till.key, key: "cancel" }),
      await rig.send("PATCH", `${path}/${id}`, { token: till.key, key: "update", json: usd(5) }),
    ];
    // Remembered replies tell the same.
    for (const reply of [...(await answers()), ...(await answers())]) {
      expect(reply.status).toBe(409);
      expect(reply.body).toMatchObject({
        code: "request_paid",
        payment_request: { id, status: "paid", payment },
      });
    }
    const other = `${path}/${superseded.id}/cancel`;
    const reply = await rig.send("POST", other, { token: till.key, key: "other" });
    expect(reply.body).toMatchObject({
      code: "request_superseded",
      payment_request: { id: superseded.id, status: "superseded" },
    });
  });

  test("what is not there or of another lane has no truth to tell", async () => {
    const other = await registerLane(rig.caller, rig.merchantKey, "Lane 2");
    const { id } = await other.ask({ amountCents: 100 });
    for (const asked of [id, "preq_x", id.replace(/.$/, "-")]) {
      const path = `${REQUESTS}/${asked}/cancel`;
      const reply = await rig.send("POST", path, { token: rig.till.key, key: asked });
      expect(reply.body).toMatchObject({ code: "request_not_found" });
      expect(reply.body["payment_request"]).toBeUndefined();
    }
    expect((await other.show(id)).status).toBe("open");
  });
});

describe("a lane tells of its payment requests", () => {
  test("page by page, newest first, long after it has forgotten them itself", async () => {
    const till = await registerLane(rig.caller, rig.merchantKey, "Lane 3");
    const asked: string[] = [];
    for (let count = 0; count < 12; count++) {
      asked.unshift((await till.ask({ amountCents: 100 + count })).id);
    }
    const path = `/v1/lanes/${till.lane.id}/payment-requests`;
    const found: string[] = [];
    let after = "";
    for (let pages = 0; pages < 9; pages++) {
      const { body } = await rig.send("GET", `${path}?limit=5${after}`, { token: till.key });
      const data = body["data"] as readonly { id: string; reference: string }[];
      found.push(...data.map(({ id }) => id));
      if (body["has_more"] !== true) break;
      after = `&starting_after=${data.at(-1)?.reference}`;
    }
    expect(found).toEqual(asked);
    const oldest = asked.at(-1) ?? "";
    expect(await till.show(oldest)).toMatchObject({ status: "superseded", id: oldest });
    const strange = `${path}?starting_after=123456789012345`;
    const reply = await rig.send("GET", strange, { token: till.key });
    expect(reply.body["code"]).toBe("request_not_found");
  });

  test("and what is open now, or was last", async () => {
    const till = await registerLane(rig.caller, rig.merchantKey, "Lane 4");
    const path = `/v1/lanes/${till.lane.id}/current`;
    const none = await rig.send("GET", path, { token: till.key });
    expect(none.body["code"]).toBe("request_not_found");
    const request = await till.ask({ amountCents: 700 });
    expect((await till.current()).id).toBe(request.id);
    await till.cancel(request);
    expect(await till.current()).toMatchObject({ id: request.id, status: "cancelled" });
  });
});

test("a web lane holds many open payment requests, a till one", async () => {
  const { body } = await rig.send("POST", "/v1/lanes", {
    token: rig.merchantKey,
    key: crypto.randomUUID(),
    json: { name: "Webshop", kind: "web" },
  });
  const lane = body as unknown as ConstructorParameters<typeof Till>[1];
  const web = new Till(rig.caller, lane, textIn(body, "lane_key"));
  const [first, second] = [await web.ask({ amountCents: 1 }), await web.ask({ amountCents: 2 })];
  expect((await web.show(first.id)).status).toBe("open");
  const customer = await rig.customer();
  const scan = await customer.phone.scan(second.qr_text);
  await customer.phone.approve(scan, customer.pin());
  expect((await web.show(first.id)).status).toBe("open");
  expect((await web.show(second.id)).status).toBe("paid");
});
