/** What holds for every request, whatever its route: headers, request ids, sizes, figures. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { PICTURE } from "../../src/commands/sandbox.ts";
import { BODY_BYTES_MAX, INBOUND_BYTES_MAX, PICTURE_BYTES_MAX } from "../../src/http/edge.ts";
import { type Reply, refusalOf, SwitchRig } from "../switch-rig.ts";
import { chunks, onTheWire } from "./wire.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

const JSON_TYPE = { "content-type": "application/json" };
const SECURITY = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "strict-transport-security": "max-age=31536000",
};

function securityOf({ headers }: Reply): Record<string, string | null> {
  return Object.fromEntries(Object.keys(SECURITY).map((name) => [name, headers.get(name)]));
}

describe("security headers stand on", () => {
  const answers: Readonly<Record<string, () => Promise<Reply>>> = {
    "an answer": () => rig.send("GET", "/v1/mandate"),
    "a refusal": () => rig.send("GET", "/v1/account"),
    "an unknown address": () => rig.send("GET", "/nothing"),
    "an unknown method": () => rig.send("DELETE", "/v1/mandate"),
    "malformed JSON": () => rig.send("POST", "/v1/registrations", { raw: "{", headers: JSON_TYPE }),
    "a body that is too large": () =>
      rig.send("POST", "/v1/registrations", { raw: " ".repeat(70_000), headers: JSON_TYPE }),
    "a picture that is too large": () =>
      rig.send("PUT", "/v1/account/identity/front?document=passport", {
        raw: new Uint8Array(PICTURE_BYTES_MAX + 1),
      }),
    "the metrics": () => rig.send("GET", "/metrics"),
    "the health": () => rig.send("GET", "/healthz"),
    "the head of an answer": () => rig.send("HEAD", "/v1/mandate"),
    "an unchanged payment request": async () => {
      const { id, revision } = await rig.till.ask({ amountCents: 1 });
      return await rig.send("GET", `/v1/lanes/lane_1/payment-requests/${id}`, {
        token: rig.till.key,
        headers: { "if-none-match": `"${revision}"` },
      });
    },
  };
  for (const [name, call] of Object.entries(answers)) {
    test(name, async () => {
      const reply = await call();
      expect(securityOf(reply)).toEqual(SECURITY);
      expect(reply.headers.get("x-request-id")).toMatch(/^[A-Za-z0-9_-]{22}$/);
    });
  }

  test("the page of the API, which needs its own scripts and nobody else's", async () => {
    const reply = await rig.send("GET", "/docs/index.html");
    const policy = String(reply.headers.get("content-security-policy"));
    expect(policy).toContain("default-src 'none'; script-src 'self'");
    expect(policy).not.toContain("http");
    expect(securityOf(reply)).toMatchObject({ "x-content-type-options": "nosniff" });
    expect((await rig.send("GET", "/docs")).headers.get("location")).toBe("/docs/index.html");
  });
});

describe("X-Request-Id", () => {
  const ask = async (given: string): Promise<Reply> =>
    await rig.send("GET", "/v1/account", { headers: { "x-request-id": given } });

  test("is echoed, in the header and in problems", async () => {
    for (const given of ["till-4.2026_11", "a".repeat(8), "Z".repeat(64)]) {
      const reply = await ask(given);
      expect(reply.headers.get("x-request-id")).toBe(given);
      expect(reply.body["request_id"]).toBe(given);
    }
  });

  test("is made where none is given, or one that has no place in a log", async () => {
    const seen = new Set<string>();
    for (const given of ["", "short", "a".repeat(65), "with blank", '{"a":1}', "a/b/c/d/e/f"]) {
      const reply = await ask(given);
      expect(reply.headers.get("x-request-id")).toMatch(/^[A-Za-z0-9_-]{22}$/);
      expect(reply.body["request_id"]).toBe(reply.headers.get("x-request-id"));
      seen.add(String(reply.body["request_id"]));
    }
    expect(seen.size).toBe(6);
  });
});

describe("a body", () => {
  const send = (raw: string | ReadableStream<Uint8Array>): Promise<Reply> =>
    rig.send("POST", "/v1/registrations", { raw, headers: JSON_TYPE });
  const phone = JSON.stringify({ phone: "+4711" });

  test("of the greatest size is read", async () => {
    expect((await send(phone.padEnd(BODY_BYTES_MAX))).status).toBe(422);
  });

  test("of one byte more is not", async () => {
    expect((await send(phone.padEnd(BODY_BYTES_MAX + 1))).body["code"]).toBe("body_too_large");
  });

  test("without a length is read up to the same size", async () => {
    const small = new Response(phone).body;
    expect(small === null ? 0 : (await send(small)).status).toBe(422);
    expect((await send(chunks(3, 30_000))).body["code"]).toBe("body_too_large");
  });

  test("of a picture or a file that is not small says its length, or is refused", async () => {
    const picture = { method: "PUT", path: "/v1/account/identity/front?document=passport" };
    const file = { method: "POST", path: "/v1/desk/inbound" };
    for (const { method, path } of [picture, file]) {
      const reply = await rig.send(method, path, { raw: chunks(3, 30_000) });
      expect(reply).toMatchObject({ status: 411, body: { code: "length_required" } });
      expect(reply.body["detail"]).toContain("Content-Length");
      const small = chunks(2, 30_000);
      expect((await rig.send(method, path, { raw: small })).status).not.toBe(411);
    }
  });

  test("beyond all measure is refused by the server itself, without a word", async () => {
    const raw = new Uint8Array(2 * INBOUND_BYTES_MAX + 1);
    const path = "/v1/account/identity/front?document=passport";
    const reply = await rig.send("PUT", path, { raw });
    expect([reply.status, reply.text]).toEqual([413, ""]);
  });

  test("that contradicts its length is not read on", async () => {
    const body = `${phone}${phone}`;
    const answer = await onTheWire(
      rig,
      `POST /v1/registrations HTTP/1.1\r\nhost: x\r\nconnection: close\r\n` +
        `content-type: application/json\r\ncontent-length: ${phone.length}\r\n\r\n${body}`,
    );
    expect(answer).toStartWith("HTTP/1.1 422");
  });
});

test("an address that is not there says so, and does not repeat the address", async () => {
  for (const path of ["/", "/v1", "/v1/lanes/", "/v2/lanes", "/..%2fkeys.json", "/docs/../keys"]) {
    const reply = await rig.send("GET", path);
    expect(reply.body).toMatchObject({ code: "not_found", status: 404 });
  }
  expect((await rig.send("GET", "/canary-4711-0815")).text).not.toContain("canary");
});

test("an address that is there says which methods it has", async () => {
  const LANE = "/v1/lanes/lane_1/payment-requests";
  const methods: Readonly<Record<string, readonly [string, string]>> = {
    "/v1/mandate": ["DELETE", "GET, HEAD"],
    "/v1/payments": ["GET", "POST"],
    "/v1/account": ["OPTIONS", "GET, HEAD"],
    "/metrics": ["POST", "GET, HEAD"],
    "/docs/canary": ["PUT", "GET, HEAD"],
    [LANE]: ["PUT", "GET, HEAD, POST"],
    [`${LANE}/preq_canary`]: ["POST", "GET, HEAD, PATCH"],
    "/v1/account/identity/canary": ["TRACE", "PUT"],
  };
  for (const [path, [method, allow]] of Object.entries(methods)) {
    const answer = await onTheWire(
      rig,
      `${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
    );
    expect([path, answer.split("\r\n")[0]]).toEqual([path, "HTTP/1.1 405 Method Not Allowed"]);
    expect(answer.toLowerCase()).toContain(`\r\nallow: ${allow.toLowerCase()}\r\n`);
    expect(answer).toContain('"code":"method_not_allowed"');
    expect(answer).not.toContain("canary");
  }
});

test("figures name routes and methods that exist, and nothing that a caller made up", async () => {
  for (const method of ["CANARYMETHOD", "PROPFIND", "get"]) {
    await onTheWire(
      rig,
      `${method} /v1/mandate?canary HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
    );
  }
  await rig.send("GET", "/v1/lanes/lane_canary", { token: rig.till.key });
  await rig.send("GET", "/canary");
  const { text, headers } = await rig.send("GET", "/metrics");
  expect(headers.get("content-type")).toStartWith("text/plain; version=0.0.4");
  expect(text).toMatch(/seqr_http_requests_total\{route="GET \/v1\/lanes\/:lane",status="404"\} 1/);
  expect(text).toMatch(/seqr_refusals_total\{code="lane_not_found"\} 1/);
  expect(text.toLowerCase()).not.toContain("canary");
});

test("a picture may be as large as it says, where JSON may not", async () => {
  const { phone } = await rig.customer({ identity: "none" });
  const picture = new Uint8Array(PICTURE_BYTES_MAX);
  picture.set(PICTURE);
  await phone.sendPicture("front", "passport", picture);
  const larger = new Uint8Array(PICTURE_BYTES_MAX + 1);
  larger.set(PICTURE);
  const refusal = await refusalOf(phone.sendPicture("rear", "passport", larger));
  expect(refusal).toMatchObject({ status: 413, code: "body_too_large" });
  const path = `/v1/desk/accounts/${phone.keys.account}/identity/front`;
  const headers = { authorization: `Bearer ${rig.deskKey}` };
  const shown = await fetch(rig.running.url + path, { headers });
  expect((await shown.bytes()).length).toBe(PICTURE_BYTES_MAX);
});
