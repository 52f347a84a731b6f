/** What operators and programs ask of the switch itself. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { makeApp } from "../../src/http/app.ts";
import { apiKeyTag, makeApiKey } from "../../src/http/auth.ts";
import type { Services } from "../../src/http/services.ts";
import { Fault } from "../../src/runtime/fault.ts";
import { verifyQr } from "../../wasm/core.ts";
import { parseQrText } from "../../wasm/qr.ts";
import { SwitchRig } from "../switch-rig.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

describe("health", () => {
  test("is told while the process lives, readiness while it acknowledges", async () => {
    const alive = await rig.send("GET", "/healthz");
    expect(alive.body).toEqual({ status: "alive", version: rig.running.services.version });
    const ready = await rig.send("GET", "/readyz");
    expect([ready.status, ready.body["status"], ready.body["mode"]]).toEqual([
      200,
      "ready",
      "sandbox",
    ]);
  });

  test("is not told of a log that failed, nor of a switch that drains", async () => {
    const { services } = rig.running;
    const states = [
      [{ isDraining: true, failure: undefined }, "draining"],
      [{ isDraining: false, failure: new Fault("storage_failed") }, "storage_failed"],
    ] as const;
    for (const [state, status] of states) {
      const host = { feed: services.host.feed, ...state } as unknown as Services["host"];
      const { api } = makeApp({ ...services, host });
      const reply = await api.request("/readyz");
      expect(reply.status).toBe(503);
      expect(await reply.json()).toMatchObject({ status });
      expect((await api.request("/healthz")).status).toBe(200);
    }
  });
});

test("the published keys are enough to check a code without the switch", async () => {
  const { body, headers } = await rig.send("GET", "/.well-known/seqr-keys.json");
  expect(headers.get("cache-control")).toBe("public, max-age=3600");
  const keys = body["keys"] as readonly { kid: number; algorithm: string; public_key: string }[];
  const customer = await rig.customer();
  const payment = await rig.pay(customer, 250);
  for (const text of [rig.till.lane.sticker_text, payment.receipt.outcome_text]) {
    const parsed = parseQrText(text);
    if (parsed.kind !== "parsed") throw new Error("a code of the switch parses");
    const verdict = verifyQr(parsed.bytes, (kid) => {
      const found = keys.find((key) => key.kid === kid && key.algorithm === "Ed25519");
      return found === undefined ? undefined : Buffer.from(found.public_key, "base64url");
    });
    expect(verdict.kind).toBe("valid");
  }
  expect(JSON.stringify(body)).not.toContain("seed");
});

describe("figures", () => {
  test("of a live switch are shown to its operators only", async () => {
    const { services } = rig.running;
    const key = makeApiKey(services.keys, "operator", "alice", "live", "a cause");
    const operators = () => [{ name: "alice", keyTag: apiKeyTag(services.keys, key) }];
    const { api } = makeApp({ ...services, mode: "live", operators });
    const ask = async (authorization: string) => {
      const { status } = await api.request("/metrics", { headers: { authorization } });
      return status;
    };
    expect(await ask(`Bearer ${key}`)).toBe(200);
    for (const no of ["", `Bearer ${rig.deskKey}`, `Bearer ${key.slice(0, -1)}`]) {
      expect(await ask(no)).toBe(401);
    }
  });

  test("count requests, refusals and times by route, and tell of the host", async () => {
    await rig.send("GET", "/v1/mandate");
    await rig.send("GET", "/v1/account");
    const { text } = await rig.send("GET", "/metrics");
    for (const line of [
      /^seqr_http_requests_total\{route="GET \/v1\/mandate",status="200"\} [1-9]/m,
      /^seqr_http_requests_total\{route="GET \/v1\/account",status="401"\} [1-9]/m,
      /^seqr_http_request_milliseconds_bucket\{le="5",route="GET \/v1\/mandate"\} [0-9]/m,
      /^seqr_refusals_total\{code="unauthenticated"\} [1-9]/m,
      /^seqr_actors_in_memory [1-9]/m,
      /^seqr_commands_waiting 0/m,
      /^seqr_outbox_troubled 0/m,
      /^process_resident_memory_bytes [1-9]/m,
    ]) {
      expect(text).toMatch(line);
    }
    const ids = /\b(acc|dev|preq|pay|reg)_[0-9a-z]{26}|lane_[0-9]|mer_[0-9]|\+1202/.exec(text);
    expect(ids).toBeNull();
  });
});

describe("the page of the API", () => {
  test("comes with all it needs, from this origin and no other", async () => {
    const index = await rig.send("GET", "/docs/index.html");
    expect(index.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const needed = [...index.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
    expect(needed).toHaveLength(3);
    for (const path of needed) {
      const file = await rig.send("GET", `/docs/${path}`);
      expect([path, file.status, file.text.length > 50]).toEqual([path, 200, true]);
      expect(String(file.headers.get("content-type"))).toMatch(/^text\/(css|javascript)/);
    }
    expect(index.text).not.toMatch(/https?:/);
  });

  test("and with nothing else: no other file can be asked for", async () => {
    for (const name of ["package.json", "..%2f..%2fpackage.json", "constructor", "__proto__", ""]) {
      expect((await rig.send("GET", `/docs/${name}`)).body["code"]).toBe("not_found");
    }
  });
});

test("the document names its security, and every schema that it refers to", async () => {
  const { text, body } = await rig.send("GET", "/openapi.json");
  expect(body["openapi"]).toBe("3.1.0");
  const { components } = body as { components: Record<string, Record<string, unknown>> };
  expect(Object.keys(components["securitySchemes"] ?? {}).sort()).toEqual(["key", "session"]);
  const referred = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name);
  for (const name of referred) {
    expect(Object.keys(components["schemas"] ?? {})).toContain(String(name));
  }
  expect((await rig.send("GET", "/openapi.json")).text).toBe(text);
});
