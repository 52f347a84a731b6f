/** More come at once than the switch can answer in time: who is beyond is told so at once. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { DESK_PLACES, PLACES, Places } from "../../src/http/places.ts";
import { SwitchRig, until } from "../switch-rig.ts";

const ALL_PLACES = PLACES.atWork + PLACES.inYoungLine;

let rig: SwitchRig;
let leaving: (() => void)[];
beforeEach(async () => {
  rig = await SwitchRig.start();
  leaving = [];
});
afterEach(async () => {
  for (const leave of leaving) leave();
  await rig[Symbol.asyncDispose]();
});

/** So many others are worked on or wait, until the test is over or they are told to leave. */
function crowd(count: number, path = "/v1/payments"): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { places } = rig.running.services;
  for (let at = 0; at < count; at++) void places.take(path, () => promise);
  leaving.push(resolve);
  return resolve;
}

/** A question that any caller may ask, and that takes a place. */
const ask = async (): Promise<number> => (await rig.send("GET", "/v1/mandate")).status;

test("the last one that finds a place is let in, and the next is asked to come again", async () => {
  const leave = crowd(ALL_PLACES - 1);
  const last = ask();
  await until(() => rig.running.services.places.isFullFor("/v1/mandate"), "the last one in line");
  const refused = await rig.send("POST", "/v1/payments", { key: "k", json: {} });
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(refused.headers.get("x-content-type-options")).toBe("nosniff");
  // It may be the repeat of a payment that was made.
  expect(refused.body).toMatchObject({
    ...{ code: "fault_busy", retryable: true, money_taken: "unknown" },
  });
  leave();
  expect(await last).toBe(200);
  expect(await ask()).toBe(200);
});

test("how many were turned away stands in the metrics, and in the log once a second", async () => {
  crowd(ALL_PLACES);
  for (let at = 0; at < 5; at++) expect(await ask()).toBe(503);
  const { text } = await rig.send("GET", "/metrics");
  expect(text).toMatch(/^seqr_http_requests_total\{route="turned away",status="503"\} 5$/m);
  expect(text).toMatch(/^seqr_refusals_total\{code="fault_busy"\} 5$/m);
  const lines = rig.lines.filter((line) => line.includes("turned_away"));
  expect(lines.map((line) => JSON.parse(line))).toEqual([{ event: "turned_away", requests: 1 }]);
});

test("people at the desk have places of their own", async () => {
  crowd(ALL_PLACES);
  const alarms = () => rig.send("GET", "/v1/desk/alarms", { token: rig.deskKey });
  expect((await alarms()).status).toBe(200);
  crowd(DESK_PLACES, "/v1/desk/alarms");
  expect((await alarms()).status).toBe(503);
});

test("health and metrics are seen during an overrun, and take nobody's place", async () => {
  crowd(ALL_PLACES);
  crowd(DESK_PLACES, "/v1/desk/alarms");
  for (const path of ["/healthz", "/readyz", "/metrics"]) {
    expect((await rig.send("GET", path)).status).toBe(200);
  }
  const places = new Places({ ...PLACES, atWork: 1, inLine: 0, inYoungLine: 0 });
  const { promise, resolve } = Promise.withResolvers<void>();
  void places.take("/metrics", () => promise);
  expect(places.isFullFor("/v1/payments")).toBe(false);
  resolve();
});

test("a status request that is held takes nobody's place, whatever its method", async () => {
  const { lane, key } = rig.till;
  const request = await rig.till.ask({ amountCents: 100 });
  const { id, revision } = request;
  const path = `/v1/lanes/${lane.id}/payment-requests/${id}?wait=20000`;
  const headers = { "if-none-match": `"${revision}"` };
  crowd(PLACES.atWork - 1);
  const held = rig.send("GET", path, { token: key, headers });
  const looked = rig.send("HEAD", path, { token: key, headers });
  await Bun.sleep(100);
  expect(await ask()).toBe(200);
  await rig.till.cancel(request);
  expect((await held).body).toMatchObject({ status: "cancelled" });
  expect((await looked).status).toBe(200);
  expect(await ask()).toBe(200);
});

test("a body that never comes keeps nobody out, in one piece or in chunks", async () => {
  crowd(PLACES.atWork - 1);
  const head = "POST /v1/payments HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n";
  const lines = [
    `${head}content-length: 100\r\n\r\n{`,
    `${head}transfer-encoding: chunked\r\n\r\n`,
  ];
  const sockets = await Promise.all([...lines, ...lines].map(standStill));
  await Bun.sleep(100);
  expect(await ask()).toBe(200);
  for (const socket of sockets) socket.destroy();
});

test("bodies that come together find no more places than there are", async () => {
  const leave = crowd(ALL_PLACES - 3);
  const head = "POST /v1/payments HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n";
  // None of them is counted while its body is on its way, so the door lets all of them pass.
  const sockets = await Promise.all(Array.from({ length: 10 }, () => standStill(head)));
  const answers: string[] = [];
  for (const socket of sockets) {
    socket.on("data", (data) => answers.push(data.toString().slice(0, 12)));
  }
  await Bun.sleep(100);
  expect(answers).toEqual([]);
  for (const socket of sockets) socket.write("{}");
  await until(() => answers.length === 7, "those who found no place");
  expect(new Set(answers)).toEqual(new Set(["HTTP/1.1 503"]));
  leave();
  await until(() => answers.length === 10, "the others");
  expect(answers.slice(7)).not.toContain("HTTP/1.1 503");
  for (const socket of sockets) socket.destroy();
  const { text } = await rig.send("GET", "/metrics");
  expect(text).toMatch(/^seqr_http_requests_total\{route="turned away",status="503"\} 7$/m);
});

/** Sends the text, and then nothing. */
function standStill(text: string): Promise<Socket> {
  const { hostname, port } = new URL(rig.running.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text, () => resolve(socket)));
    socket.on("error", reject);
  });
}
