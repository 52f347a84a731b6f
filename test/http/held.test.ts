/**
 * What is held open: status requests that wait, and streams. The server closes idle connections
 * after ten seconds, so one test really waits for longer; and a stop ends them all at once.
 */
import { describe, expect, test } from "bun:test";
import { assert } from "../../actors/assert.ts";
import type { PaymentRequest } from "../../src/client/shapes.ts";
import { registerLane, type Till } from "../../src/client/till.ts";
import { type Reply, SwitchRig } from "../switch-rig.ts";
import { approvalOf, scanned, sendApproval } from "./approvals.ts";
import { EventStream } from "./sse.ts";

const LONG_MS = 13_500;
const TEST_MS_MAX = 40_000;

function hold(
  rig: SwitchRig,
  { lane, key }: Till,
  { id, revision }: PaymentRequest,
  waitMs: number,
): Promise<Reply> {
  const path = `/v1/lanes/${lane.id}/payment-requests/${id}?wait=${waitMs}`;
  const headers = { "if-none-match": `"${revision}"` };
  return rig.send("GET", path, { token: key, headers });
}

test(
  "longer than the server's idle time nothing is cut: a held request and a silent stream",
  async () => {
    await using rig = await SwitchRig.start();
    const quiet = await registerLane(rig.caller, rig.merchantKey, "Quiet");
    const unchanged = await quiet.ask({ amountCents: 1 });
    const request = await rig.till.ask({ amountCents: 1 });
    const stream = await EventStream.open(rig, rig.till.lane.id, rig.till.key);
    const over = hold(rig, quiet, unchanged, LONG_MS);
    const told = hold(rig, rig.till, request, 25_000);
    await Bun.sleep(LONG_MS - 1_000);
    await rig.till.cancel(request);
    expect((await told).body).toMatchObject({ id: request.id, status: "cancelled" });
    const late = await over;
    expect([late.status, late.text]).toEqual([304, ""]);
    expect((await stream.until(1))[0]?.type).toBe("payment_request.cancelled");
    expect(stream.comments.length).toBeGreaterThanOrEqual(3);
    stream.close();
  },
  TEST_MS_MAX,
);

describe("a held request", () => {
  test("is answered as soon as anything of it changes", async () => {
    await using rig = await SwitchRig.start();
    const customer = await rig.customer();
    const request = await rig.till.ask({ amountCents: 700 });
    const scanned = hold(rig, rig.till, request, 20_000);
    const scan = await customer.phone.scan(request.qr_text);
    const seen = await scanned;
    expect(seen.body).toMatchObject({ scanned: true, status: "open", revision: 2 });
    const revised = { ...request, revision: 2 };
    const paid = hold(rig, rig.till, revised, 20_000);
    await customer.phone.approve(scan, customer.pin());
    expect((await paid).body).toMatchObject({ status: "paid", revision: 3 });
  });

  test("that is behind already is answered at once", async () => {
    await using rig = await SwitchRig.start();
    const request = await rig.till.ask({ amountCents: 700 });
    const old = { ...request, revision: 0 };
    expect((await hold(rig, rig.till, old, 20_000)).status).toBe(200);
    const plain = await rig.send(
      "GET",
      `/v1/lanes/lane_1/payment-requests/${request.id}?wait=20000`,
      { token: rig.till.key },
    );
    expect(plain.status).toBe(200);
  });

  test("is not answered by what happens elsewhere", async () => {
    await using rig = await SwitchRig.start();
    const web = await rig.send("POST", "/v1/lanes", {
      token: rig.merchantKey,
      key: "web",
      json: { name: "Webshop", kind: "web" },
    });
    const { id, lane_key: key } = web.body as { id: string; lane_key: string };
    const path = `/v1/lanes/${id}/payment-requests`;
    const usd = { amount: { amount: 100, currency: "USD" } };
    const open = async (): Promise<string> => {
      const reply = await rig.send("POST", path, {
        token: key,
        key: crypto.randomUUID(),
        json: usd,
      });
      return String(reply.body["id"]);
    };
    const first = await open();
    const held = rig.send("GET", `${path}/${first}?wait=400`, {
      token: key,
      headers: { "if-none-match": '"1"' },
    });
    for (let count = 0; count < 5; count++) await open();
    await rig.till.ask({ amountCents: 1 });
    expect((await held).status).toBe(304);
  });

  test("by fifty tills at once is told to each of them", async () => {
    await using rig = await SwitchRig.start();
    const request = await rig.till.ask({ amountCents: 700 });
    const held = Array.from({ length: 50 }, () => hold(rig, rig.till, request, 20_000));
    await Bun.sleep(50);
    await rig.till.cancel(request);
    const replies = await Promise.all(held);
    expect(replies.map(({ body }) => body["status"])).toEqual(Array(50).fill("cancelled"));
  });

  test("whose till went away leaves nothing behind", async () => {
    await using rig = await SwitchRig.start();
    const request = await rig.till.ask({ amountCents: 700 });
    const path = `/v1/lanes/lane_1/payment-requests/${request.id}?wait=20000`;
    const abort = new AbortController();
    const gone = fetch(rig.running.url + path, {
      headers: { authorization: `Bearer ${rig.till.key}`, "if-none-match": '"1"' },
      signal: abort.signal,
    }).catch((error: unknown) => (error as Error).name);
    await Bun.sleep(50);
    abort.abort();
    expect(await gone).toBe("AbortError");
    await rig.till.cancel(request);
    expect((await rig.till.show(request.id)).status).toBe("cancelled");
  });
});

describe("a stop", () => {
  test("answers held requests with what is, ends streams, and is over", async () => {
    await using rig = await SwitchRig.start();
    const request = await rig.till.ask({ amountCents: 700 });
    const streams = await Promise.all(
      Array.from({ length: 3 }, () => EventStream.open(rig, rig.till.lane.id, rig.till.key)),
    );
    const held = [hold(rig, rig.till, request, 25_000), hold(rig, rig.till, request, 25_000)];
    await Bun.sleep(50);
    await rig.halt();
    for (const reply of await Promise.all(held)) expect(reply.status).toBe(304);
    await Promise.all(streams.map(({ ended }) => ended));
    // And all of it is there again afterwards.
    await rig.restart();
    const again = await EventStream.open(rig, rig.till.lane.id, rig.till.key, 0);
    expect((await again.until(1))[0]?.data["payment_request"]).toBe(request.id);
    again.close();
  });

  test("tells who comes meanwhile to come again, with all the headers of an answer", async () => {
    await using rig = await SwitchRig.start();
    const paths = ["/readyz", "/v1/mandate", "/v1/lanes/lane_1/events", "/healthz"];
    const stopping = rig.halt();
    const headers = { "x-request-id": "till-4.2026-11-23" };
    const replies = await Promise.all(
      paths.map((path) => rig.send("GET", path, { token: rig.till.key, headers })),
    );
    await stopping;
    expect(replies.map(({ status }) => status)).toEqual([503, 503, 503, 200]);
    const [ready, refused, stream] = replies;
    assert(ready !== undefined && refused !== undefined && stream !== undefined, "all answered");
    expect(ready.body).toMatchObject({ status: "draining" });
    expect(refused.body).toMatchObject({ code: "fault_draining", money_taken: "unknown" });
    expect(refused.body["request_id"]).toBe("till-4.2026-11-23");
    expect(stream.body).toMatchObject({ code: "fault_draining" });
    for (const { headers } of replies) {
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("strict-transport-security")).toBe("max-age=31536000");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("x-request-id")).toBe("till-4.2026-11-23");
    }
  });

  test("never says of a payment that was made that no money was taken", async () => {
    await using rig = await SwitchRig.start();
    const customer = await rig.customer();
    const { scan } = await scanned(rig, customer);
    const approval = await approvalOf(customer, scan);
    expect((await sendApproval(rig, approval, "once")).status).toBe(200);
    // The answer was lost, and the phone asks again while the switch stops.
    const stopping = rig.halt();
    const again = await sendApproval(rig, approval, "once");
    await stopping;
    expect(again.body).toMatchObject({ code: "fault_draining", money_taken: "unknown" });
    expect(again.text).not.toMatch(/no money/i);
  });

  test("twice is once", async () => {
    await using rig = await SwitchRig.start();
    const { running } = rig;
    const stops = [running.stop(), running.stop()];
    expect(stops[0]).toBe(stops[1] as Promise<void>);
    await Promise.all(stops);
  });
});
