/**
 * Bad input on every route of the OpenAPI document: each single fault is refused by its name,
 * echoed nowhere (answer, log, metrics), and changes nothing.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { assert } from "../../actors/assert.ts";
import { registerLane } from "../../src/client/till.ts";
import { INBOUND_BYTES_MAX } from "../../src/http/edge.ts";
import { type Customer, type Reply, SwitchRig } from "../switch-rig.ts";
import { leaks } from "./canary.ts";
import { type Document, faultsOf, type Operation } from "./json-faults.ts";
import {
  type Change,
  type Credentials,
  makeSamples,
  type RouteSample,
  type Samples,
  sendSample,
  sessionOf,
} from "./route-samples.ts";

/** A PIN, were it one: digits that stand nowhere else. */
const CANARY = "7731048695";
const JSON_TYPE = { "content-type": "application/json" };

let rig: SwitchRig;
let document: Document;
let samples: Samples;
let customer: Customer;
let credentials: Credentials;
let stranger: Credentials;
let positionBefore = 0;

beforeAll(async () => {
  rig = await SwitchRig.start();
  document = JSON.parse((await rig.send("GET", "/openapi.json")).text) as Document;
  samples = await makeSamples(rig);
  customer = await rig.customer();
  const otherKey = await rig.merchant("Other Shop", "OTHER SHOP");
  const otherTill = await registerLane(rig.caller, otherKey, "Lane 1");
  const operator = rig.deskKey;
  const session = sessionOf(rig, customer);
  credentials = { session, operator, merchant: rig.merchantKey, lane: rig.till.key };
  stranger = { session, operator, merchant: otherKey, lane: otherTill.key };
  // Weeks of collection pass before some of the samples are good.
}, 60_000);
afterAll(() => rig[Symbol.asyncDispose]());

beforeEach(async () => {
  rig.lines.length = 0;
  positionBefore = await rig.position();
});
/** After every family of faults: nothing was changed, and nothing of it is remembered anywhere. */
afterEach(async () => {
  expect(await rig.position()).toBe(positionBefore);
  expect(leaks(rig.lines.join("\n"), CANARY)).toEqual([]);
  const { text } = await rig.send("GET", "/metrics");
  expect(leaks(text, CANARY)).toEqual([]);
});

interface Route {
  readonly name: string;
  readonly sample: RouteSample;
  readonly operation: Operation;
}

function routes(): readonly Route[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      const name = `${method.toUpperCase()} ${path}`;
      const sample = samples[name];
      assert(sample !== undefined, `the route ${name} has a sample`);
      return { name, sample, operation };
    }),
  );
}

/** Sends the changed sample and holds the answer against what is due. */
async function expectRefusal(
  { name, sample, operation }: Route,
  fault: string,
  change: Change,
  codes: readonly string[],
): Promise<Reply> {
  const reply = await sendSample(rig, name, sample, credentials, change);
  const { status, body, headers, text } = reply;
  const code = String(body["code"] ?? `${status} ${text.slice(0, 60)}`);
  expect([name, fault, codes.includes(code) ? codes : code]).toEqual([name, fault, codes]);
  expect(headers.get("content-type")).toBe("application/problem+json");
  expect(body["status"]).toBe(status);
  expect(body["money_taken"]).toBe("no");
  expect(body["request_id"]).toBe(headers.get("x-request-id"));
  expect([name, fault, leaks(text, CANARY)]).toEqual([name, fault, []]);
  for (const value of headers.values()) expect(leaks(value, CANARY)).toEqual([]);
  const documented = Object.keys(operation.responses);
  expect([name, documented.includes(String(status))]).toEqual([name, true]);
  return reply;
}

test("every route of the document has a sample, and every sample a route", () => {
  const named = routes().map(({ name }) => name);
  expect(Object.keys(samples).sort()).toEqual([...named].sort());
  expect(named.length).toBeGreaterThan(30);
});

describe("a body", () => {
  const withBody = (): readonly Route[] =>
    routes().filter(({ operation: { requestBody } }) => {
      return requestBody?.content["application/json"] !== undefined;
    });

  test("that is no JSON is refused", async () => {
    const texts = ["", "{", `{"a":${CANARY}`, `${CANARY}}`, `"${CANARY}`, `{'a':'${CANARY}'}`];
    for (const route of withBody()) {
      for (const raw of texts) {
        const change = { raw, headers: JSON_TYPE };
        await expectRefusal(route, raw, change, ["malformed_json"]);
      }
    }
  });

  test("of no or another media type is refused", async () => {
    for (const route of withBody()) {
      const raw = new TextEncoder().encode(JSON.stringify({ ...route.sample.json, CANARY }));
      for (const type of ["text/plain", "application/x-www-form-urlencoded", `text/${CANARY}`]) {
        const change = { raw, headers: { "content-type": type } };
        await expectRefusal(route, type, change, ["unsupported_media_type"]);
      }
      await expectRefusal(route, "no type", { raw }, ["unsupported_media_type"]);
      await expectRefusal(route, "no body", { without: ["body"] }, ["invalid_request"]);
    }
  });

  test("with any one field missing, added or of another form is refused by its name", async () => {
    let count = 0;
    for (const route of withBody()) {
      const schema = route.operation.requestBody?.content["application/json"]?.schema;
      assert(schema !== undefined && route.sample.json !== undefined, "the body is JSON");
      for (const { name, body, pointer } of faultsOf(document, schema, route.sample.json, CANARY)) {
        const { body: said } = await expectRefusal(route, name, { json: body }, [
          "invalid_request",
        ]);
        const errors = said["errors"] as readonly { pointer: string }[];
        const pointers = [...new Set(errors.map((error) => error.pointer))];
        expect([route.name, name, pointers]).toEqual([route.name, name, [pointer]]);
        count++;
      }
    }
    expect(count).toBeGreaterThan(400);
  });

  test("that is too large or too deep is refused", async () => {
    const deep = `${"[".repeat(20_000)}${CANARY}${"]".repeat(20_000)}`;
    for (const route of withBody()) {
      const raw = JSON.stringify({ ...route.sample.json, CANARY }).padEnd(70_000);
      const tooLarge = { raw, headers: JSON_TYPE };
      await expectRefusal(route, "too large", tooLarge, ["body_too_large"]);
      const codes = ["invalid_request", "malformed_json"];
      await expectRefusal(route, "too deep", { raw: deep, headers: JSON_TYPE }, codes);
    }
  });

  test("on a route that wants none is not looked at", async () => {
    for (const route of routes()) {
      const isGet = route.name.startsWith("GET");
      if (isGet || route.operation.requestBody !== undefined) continue;
      if (route.sample.picture !== undefined) continue;
      const change = { raw: CANARY, headers: JSON_TYPE, token: CANARY };
      await expectRefusal(route, "a body", change, ["unauthenticated"]);
    }
  });
});

describe("a path", () => {
  const wrong: Readonly<Record<string, readonly string[]>> = {
    lane: ["lane_0", "lane_01", "lane_-1", "LANE_1", "lane_1 ", "lane_4294967296", "mer_1", "1"],
    request: ["preq_", "PREQ_0", "1"],
    account: ["acc_", "ACC_0", "1"],
    payment: ["pay_", "1"],
    refund: ["rfd_", "1"],
    merchant: ["mer_0", "mer_01", "mer_-1", "MER_1", "mer_4294967296", "lane_1", "1"],
    registration: ["reg_", "1"],
    file: ["ach_", "ach_20261123", "ach_20261123_a", "ACH_20261123_A", "1"],
    inbound: ["0f", "exc_1"],
    exception: ["exc_", "exc_0", "exc_01", "EXC_1", "1", "exc_999999"],
    side: ["back", "FRONT", "front "],
    reason: ["none", "PIN_FAILURES"],
    code: ["PIN_WRONG", "toString", "__proto__"],
  };
  const codes = [
    "invalid_request",
    "lane_not_found",
    "request_not_found",
    "account_not_open",
    "registration_not_found",
    "payment_not_found",
    "merchant_not_found",
    "not_found",
    // One that has its form may be another account's.
    "debit_not_returned",
    "debit_not_disputed",
    "fee_not_owed",
    "refund_not_stuck",
    "exception_not_open",
  ];

  test("with a wrong id is refused, and the id is not repeated", async () => {
    for (const route of routes()) {
      for (const [name, good] of Object.entries(route.sample.params ?? {})) {
        const flipped = good.replace(/.$/, (end) => (end === "0" ? "1" : "0"));
        const others = [`${CANARY}`, `${good}${CANARY}`, `${good}/..`, `${good}\u0000`, "%00"];
        const unknown: Readonly<Record<string, string>> = {
          ...{ lane: "lane_99", merchant: "mer_99", exception: "exc_999998" },
        };
        const given = [...(wrong[name] ?? []), ...others, unknown[name] ?? flipped];
        for (const value of given) {
          await expectRefusal(route, `${name}=${value}`, { params: { [name]: value } }, codes);
        }
      }
    }
  });

  test("with an id of another kind is refused", async () => {
    const kinds = {
      account: customer.phone.keys.account,
      device: customer.phone.keys.device,
      lane: "lane_1",
    };
    for (const route of routes()) {
      for (const name of Object.keys(route.sample.params ?? {})) {
        for (const [kind, value] of Object.entries(kinds)) {
          if (kind === name) continue;
          await expectRefusal(route, `a ${kind} as ${name}`, { params: { [name]: value } }, codes);
        }
      }
    }
  });
});

test("a query with a wrong value is refused by its name", async () => {
  const wrong: Readonly<Record<string, readonly string[]>> = {
    limit: ["0", "-1", "201", "1.5", CANARY, "x", "NaN"],
    since: ["-1", "0.5", `x${CANARY}`, "1e400"],
    size: ["0", "-1", "1", "9007199254740991", `x${CANARY}`],
    before: ["0", "-1", "0.5", `x${CANARY}`],
    wait: ["-1", "25001", "0.5", `x${CANARY}`],
    document: ["", "card", CANARY],
    merchant: ["", "mer_0", "mer_01", "lane_1", CANARY],
  };
  for (const route of routes()) {
    for (const { name, in: place, required } of route.operation.parameters ?? []) {
      if (place !== "query") continue;
      for (const value of wrong[name] ?? []) {
        const change = { query: { [name]: value } };
        const { body } = await expectRefusal(route, `${name}=${value}`, change, [
          "invalid_request",
        ]);
        expect(body["errors"]).toMatchObject([{ pointer: `query/${name}` }]);
      }
      if (name === "starting_after") {
        const unknown = ["not_found", "request_not_found"];
        const change = { query: { [name]: CANARY } };
        await expectRefusal(route, `${name}=${CANARY}`, change, unknown);
      }
      expect(required === true || name in wrong || name === "starting_after").toBe(true);
    }
  }
});

describe("credentials", () => {
  const guarded = (): readonly Route[] =>
    routes().filter(({ sample }) => sample.credential !== undefined);
  const NO = ["unauthenticated"];

  test("are asked for where the document says so, and nowhere else", () => {
    for (const { name, sample, operation } of routes()) {
      expect([name, operation.security !== undefined]).toEqual([
        name,
        sample.credential !== undefined,
      ]);
    }
  });

  test("that are missing or made up are refused", async () => {
    const secret = "A".repeat(43);
    const made = [
      CANARY,
      `sk_test_1_${secret}`,
      `lk_test_1_${secret}`,
      `dk_test_alice_${secret}`,
      `st_${customer.phone.keys.account}.${CANARY}`,
      `${credentials.session}${CANARY}`,
    ];
    for (const route of guarded()) {
      await expectRefusal(route, "no token", { without: ["token"] }, NO);
      for (const token of made) {
        await expectRefusal(route, token, { token }, [...NO, "forbidden"]);
      }
    }
  });

  test("of another kind or another owner are refused", async () => {
    const no = [...NO, "forbidden", "lane_not_found", "payment_not_found"];
    for (const route of guarded()) {
      const { credential } = route.sample;
      for (const [kind, token] of Object.entries(stranger)) {
        const isOwnKind = kind === credential;
        const isOfOne = ["lane", "payment"].some((name) => name in (route.sample.params ?? {}));
        // Another merchant may register lanes and read events: its own.
        if (isOwnKind && !(credential === "merchant" && isOfOne)) continue;
        await expectRefusal(route, `the ${kind} of another`, { token }, no);
      }
    }
  });

  test("that are over are refused", async () => {
    const over = sessionOf(rig, customer, rig.clock.nowMs());
    for (const route of guarded()) {
      if (route.sample.credential !== "session") continue;
      await expectRefusal(route, "a session that is over", { token: over }, NO);
    }
  });
});

test("a key is taken by every route that does something, and refused when malformed", async () => {
  const wanting: string[] = [];
  for (const route of routes()) {
    const { sample, operation, name } = route;
    const header = operation.parameters?.find((each) => each.name === "idempotency-key");
    const isRead = name.startsWith("GET");
    expect([name, header !== undefined]).toEqual([name, !isRead]);
    if (isRead) continue;
    expect([name, header?.required === true]).toEqual([name, sample.wantsKey === true]);
    for (const key of [`${CANARY} ${CANARY}`, CANARY.repeat(26), "é"]) {
      await expectRefusal(route, key, { key }, ["idempotency_key_malformed"]);
    }
    if (sample.wantsKey !== true) continue;
    wanting.push(name);
    await expectRefusal(route, "no key", { without: ["key"] }, ["idempotency_key_missing"]);
  }
  expect(wanting).toHaveLength(14);
});

test("a file of returns has a media type, a note and a byte", async () => {
  const route = routes().find(({ name }) => name === "POST /v1/desk/inbound");
  assert(route !== undefined, "files of returns are imported");
  const raw = new TextEncoder().encode(CANARY);
  for (const type of ["application/json", "image/png", `text/${CANARY}`]) {
    const change = { raw, headers: { "content-type": type } };
    await expectRefusal(route, type, change, ["unsupported_media_type"]);
  }
  await expectRefusal(route, "no type", { raw, headers: {} }, ["unsupported_media_type"]);
  const typed = { "content-type": "text/plain" };
  for (const wrong of ["", CANARY, `{"a":"${CANARY}"}`, `a,b\n${CANARY},626\n`]) {
    const change = { raw: wrong, headers: typed };
    const { body } = await expectRefusal(route, wrong, change, ["invalid_request"]);
    expect(body["errors"]).toEqual([{ pointer: "", code: "no_ach_file" }]);
  }
  for (const note of ["", "ab", "x".repeat(501), "\u0000abc"]) {
    await expectRefusal(route, `the note ${note}`, { query: { note } }, ["invalid_request"]);
  }
  const large = new Uint8Array(INBOUND_BYTES_MAX + 1);
  await expectRefusal(route, "too large", { raw: large, headers: typed }, ["body_too_large"]);
});

test("a picture that is none is refused", async () => {
  const route = routes().find(({ name }) => name.startsWith("PUT "));
  assert(route !== undefined, "one route takes a picture");
  const texts = ["", CANARY, `GIF89a${CANARY}`, `<svg>${CANARY}</svg>`, `RIFF    WAVE${CANARY}`];
  for (const raw of texts) await expectRefusal(route, raw, { raw }, ["picture_missing"]);
});

// Last, for it changes things: without this the tests above might refuse for another reason.
describe("the samples as they are", () => {
  test("all succeed", async () => {
    for (const { name, sample } of routes()) {
      if (sample.isStream === true) continue;
      const { status, body } = await sendSample(rig, name, sample, credentials);
      expect([name, status < 300, body["money_taken"]]).toEqual([name, true, undefined]);
    }
    positionBefore = await rig.position();
  });
});
