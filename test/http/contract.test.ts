/**
 * The document says what the switch does. That its answers fit is held against it in every test
 * that goes through the rig; here, that such a test can fail, and that nothing is left out.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { makeApp } from "../../src/http/app.ts";
import { SwitchRig } from "../switch-rig.ts";
import { type Answer, Contract, type OpenApi } from "./contract.ts";

let rig: SwitchRig;
let document: OpenApi;
let contract: Contract;
beforeAll(async () => {
  rig = await SwitchRig.start();
  document = JSON.parse((await rig.send("GET", "/openapi.json")).text) as OpenApi;
  contract = new Contract(document);
});
afterAll(() => rig[Symbol.asyncDispose]());

const PROBLEM = {
  type: "/problems/unauthenticated",
  title: "Unauthenticated",
  status: 401,
  code: "unauthenticated",
  detail: "Sign in first.",
  user_message: "Sign in first.",
  seqr_code: 20,
  retryable: false,
  money_taken: "no",
  request_id: "request-1",
};
const ACCOUNT = {
  object: "account",
  id: "acc_1",
  status: "open",
  closing_since: null,
  block_reasons: [],
  identity: "none",
  identity_rejection: null,
  limit: null,
  device: { id: "dev_1", next_counter: 1, pin_version: 1 },
  bank_account: { number: 1, status: "prenote_sent" },
  opened_at: "2026-11-22T16:00:00.000Z",
};
const limit = (amount: unknown) => {
  const money = { amount, currency: "USD" };
  return { cap: money, available: money, exposure: money, holds: money };
};

function answer(status: number, body: unknown, changes: Partial<Answer> = {}): Answer {
  const mediaType = status < 400 ? "application/json" : "application/problem+json";
  const text = JSON.stringify(body);
  return { method: "GET", path: "/v1/account", status, mediaType, text, ...changes };
}

test("what is documented fits", () => {
  const good = [
    answer(200, ACCOUNT),
    answer(200, { ...ACCOUNT, limit: limit(1) }),
    answer(401, PROBLEM),
    answer(401, PROBLEM, { method: "HEAD", text: "" }),
    answer(404, { any: "thing" }, { path: "/v1/nowhere" }),
  ];
  for (const each of good) expect(contract.faultsOf(each)).toEqual([]);
});

test("what is not documented is found", () => {
  const { opened_at: _, ...without } = ACCOUNT;
  const bad: readonly (readonly [string, Answer])[] = [
    ["/v1/account is told a status", answer(418, PROBLEM)],
    ["a field too many", answer(200, { ...ACCOUNT, name: "Ada" })],
    ["a field too few", answer(200, without)],
    ["a deep field too many", answer(200, { ...ACCOUNT, limit: { ...limit(1), due: 1 } })],
    ["a figure in words", answer(200, { ...ACCOUNT, limit: limit("1") })],
    ["half a cent", answer(200, { ...ACCOUNT, limit: limit(0.5) })],
    ["another word", answer(200, { ...ACCOUNT, status: "gone" })],
    ["an item of another type", answer(200, { ...ACCOUNT, block_reasons: [1] })],
    ["no time", answer(200, { ...ACCOUNT, opened_at: "yesterday" })],
    ["null where none may be", answer(200, { ...ACCOUNT, device: null })],
    ["another code", answer(401, { ...PROBLEM, code: "pin_wrong" })],
    ["another media type", answer(200, ACCOUNT, { mediaType: "text/html" })],
    ["a problem as an answer", answer(401, PROBLEM, { mediaType: "application/json" })],
  ];
  for (const [what, each] of bad) {
    expect([what, contract.faultsOf(each).length > 0]).toEqual([what, true]);
  }
});

describe("every route", () => {
  test("that the switch has is in the document, but for the pages", () => {
    const { routes } = makeApp(rig.running.services).api;
    const served = routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
    const named = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const pages = ["GET /docs", "GET /docs/{file}", "GET /openapi.json"];
    expect([...new Set(served)].sort()).toEqual([...named, ...pages].sort());
  });

  test("names its problems by status, and tells the codes of each", () => {
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const [method, { responses }] of Object.entries(operations)) {
        const statuses = Object.keys(responses);
        expect([path, statuses.includes("default")]).toEqual([path, false]);
        expect([path, statuses]).toEqual([path, expect.arrayContaining(["500", "503"])]);
        for (const status of statuses.filter((each) => Number(each) >= 400)) {
          const isOwn = `${method} ${path} ${status}` === "get /readyz 503";
          const { "x-codes": codes = [] } = responses[status] ?? {};
          expect([path, status, codes.length > 0]).toEqual([path, status, !isOwn]);
        }
      }
    }
  });
});
