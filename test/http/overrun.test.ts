/** More come at once than the switch can answer in time: who is beyond is told so at once. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { App } from "../../src/http/app.ts";
import { Front } from "../../src/http/front.ts";

const MAX = 8;

/** Requests that the app has, until they are answered. */
let inside: { readonly url: string; answer(): void }[];
let turnedAway: number;
let front: Front;

beforeEach(() => {
  inside = [];
  turnedAway = 0;
  front = new Front({
    ...{ hostname: "127.0.0.1", port: 0, mode: "sandbox", tls: "none", workingMax: MAX },
  });
  const fetch = ({ url }: Request): Promise<Response> =>
    new Promise((resolve) => {
      inside.push({ url, answer: () => resolve(new Response("done")) });
    });
  const app = { api: { fetch }, release() {}, turnedAway: () => turnedAway++ };
  front.open(app as unknown as App);
});
afterEach(async () => {
  for (const { answer } of inside) answer();
  await front.close();
});

const ask = (path: string, method = "POST"): Promise<Response> =>
  fetch(`http://${front.address}${path}`, { method });

/** Sends so many, and waits until the app has all of them. */
async function fill(
  count: number,
  path: string,
  method?: string,
): Promise<readonly Promise<Response>[]> {
  const before = inside.length;
  const asked = Array.from({ length: count }, () => ask(path, method));
  while (inside.length < before + count) await Bun.sleep(1);
  return asked;
}

test("the last one that finds room is let in, and the next is asked to come again", async () => {
  const asked = await fill(MAX, "/v1/payments");
  const refused = await ask("/v1/payments");
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(refused.headers.get("x-content-type-options")).toBe("nosniff");
  // It may be the repeat of a payment that was made.
  expect(await refused.json()).toMatchObject({
    ...{ code: "fault_busy", retryable: true, money_taken: "unknown" },
  });
  expect([inside.length, turnedAway]).toEqual([MAX, 1]);
  inside[0]?.answer();
  await asked[0];
  await fill(1, "/v1/payments");
  expect([inside.length, turnedAway]).toEqual([MAX + 1, 1]);
});

test("who only waits takes nobody's place, and gets in while the switch is overrun", async () => {
  const status = "/v1/lanes/lane_1/payment-requests/req_1?wait=20000";
  await fill(MAX, status, "GET");
  await fill(MAX, "/v1/payments");
  await fill(1, status, "GET");
  expect((await ask("/v1/payments")).status).toBe(503);
  // What changes something is work, whatever its address says.
  expect((await ask("/v1/payments?wait=20")).status).toBe(503);
  // Nor does a question about anything else wait.
  expect((await ask("/v1/account?wait=20", "GET")).status).toBe(503);
  expect((await ask("/v1/lanes/lane_1/payment-requests/req_1", "GET")).status).toBe(503);
  expect(turnedAway).toBe(4);
});

test("health and metrics are seen while the switch is overrun", async () => {
  await fill(MAX, "/v1/payments");
  for (const path of ["/healthz", "/readyz", "/metrics"]) await fill(1, path, "GET");
  expect(turnedAway).toBe(0);
});
