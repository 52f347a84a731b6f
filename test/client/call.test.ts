/** One call: what goes out, what comes back, and when it is sent again. */
import { describe, expect, test } from "bun:test";
import { ApiProblem, Caller } from "../../src/client/call.ts";
import { Desk } from "../../src/client/desk.ts";
import { refusalOf } from "../switch-rig.ts";

const RETRY_MS = 1;
type Answerer = (request: Request, attempt: number) => Response | Promise<Response>;

/** A caller whose line is the test; it keeps what was sent. */
function calling(answer: Answerer) {
  const sent: Request[] = [];
  const bodies: string[] = [];
  const fetcher = async (request: Request): Promise<Response> => {
    sent.push(request);
    bodies.push(await request.clone().text());
    return await answer(request, sent.length);
  };
  return { caller: new Caller("http://switch.example", fetcher, RETRY_MS), sent, bodies };
}

const broken = (): never => {
  throw new TypeError("connection reset");
};
const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers });
const page = (status: number): Response =>
  new Response("<html>Bad gateway</html>", { status, headers: { "content-type": "text/html" } });

describe("a call", () => {
  test("sends JSON with its type, token and key, and gives body and headers", async () => {
    const { caller, sent, bodies } = calling(() =>
      json(201, { id: "x" }, { etag: '"3"', "idempotent-replayed": "true" }),
    );
    const answer = await caller.call("POST", "/v1/lanes?a=b", {
      token: "lk_test_1_secret",
      idempotencyKey: "till-1/1",
      body: { name: "Lane 1" },
      headers: { "if-match": '"2"' },
    });
    expect(answer).toEqual({ status: 201, body: { id: "x" }, etag: '"3"', replayed: true });
    const [request] = sent;
    expect(request?.url).toBe("http://switch.example/v1/lanes?a=b");
    expect(Object.fromEntries(request?.headers ?? [])).toEqual({
      authorization: "Bearer lk_test_1_secret",
      "idempotency-key": "till-1/1",
      "content-type": "application/json",
      "if-match": '"2"',
    });
    expect(bodies).toEqual(['{"name":"Lane 1"}']);
  });

  test("sends bytes as they are, and nothing where there is nothing", async () => {
    const { caller, sent, bodies } = calling(() => new Response(null, { status: 304 }));
    const answer = await caller.call("PUT", "/", { body: new TextEncoder().encode("\x01\x02") });
    expect(answer).toEqual({ status: 304, body: undefined, etag: undefined, replayed: false });
    await caller.call("GET", "/", { idempotencyKey: "of no use to one who only reads" });
    expect(bodies).toEqual(["\x01\x02", ""]);
    for (const { headers } of sent) expect(headers.get("idempotency-key")).toBeNull();
    expect(sent[0]?.headers.get("content-type")).toBeNull();
  });
});

describe("a no", () => {
  test("is thrown with its code and the whole problem", async () => {
    const problem = { code: "pin_wrong", attempts_left: 2, retryable: false };
    const { caller } = calling(() => json(403, problem));
    const error = await refusalOf(caller.call("POST", "/"));
    expect(error).toBeInstanceOf(ApiProblem);
    expect(error).toMatchObject({ status: 403, code: "pin_wrong", body: problem });
    expect((error as ApiProblem).retryable).toBe(false);
  });

  test.each([400, 401, 499, 500])("is every status from 400 on: %p", async (status) => {
    const { caller } = calling(() => json(status, { code: "x", retryable: false }));
    expect(await refusalOf(caller.call("POST", "/"))).toMatchObject({ status, code: "x" });
  });

  test("that is not the switch's own has the status for a code", async () => {
    const answers = [
      () => page(418),
      () => new Response("", { status: 418 }),
      () => json(418, [1]),
    ];
    for (const answer of answers) {
      const { caller } = calling(answer);
      const error = await refusalOf(caller.call("POST", "/"));
      expect(error).toBeInstanceOf(ApiProblem);
      expect(error).toMatchObject({ status: 418, code: "http_418" });
    }
  });
});

describe("a call is sent again", () => {
  const passing = { "a broken line": broken, "a page of a proxy": () => page(502) };

  for (const [name, fail] of Object.entries(passing)) {
    test(`after ${name}, with the same key and body, until it is answered`, async () => {
      const { caller, sent, bodies } = calling((_, attempt) =>
        attempt < 4 ? fail() : json(200, { ok: true }),
      );
      const options = { idempotencyKey: "k", body: { a: 1 } };
      expect((await caller.call("POST", "/", options)).body).toEqual({ ok: true });
      expect(sent.map(({ headers }) => headers.get("idempotency-key"))).toEqual(Array(4).fill("k"));
      expect(new Set(bodies)).toEqual(new Set(['{"a":1}']));
    });

    test(`after ${name} five times at most`, async () => {
      const { caller, sent } = calling(fail);
      await refusalOf(caller.call("GET", "/"));
      expect(sent).toHaveLength(5);
    });

    test(`after ${name} never when a second one could do it twice`, async () => {
      const { caller, sent } = calling(fail);
      await refusalOf(caller.call("POST", "/", { body: {} }));
      expect(sent).toHaveLength(1);
    });
  }

  test("when the switch is busy or does not know what became of it", async () => {
    const problems = [
      [503, { code: "fault_busy", retryable: true }],
      [503, { code: "fault_storage_failed", retryable: true, money_taken: "unknown" }],
      [500, { code: "internal_error", retryable: true, money_taken: "unknown" }],
    ] as const;
    for (const [status, problem] of problems) {
      const { caller, sent } = calling((_, attempt) =>
        attempt === 1 ? json(status, problem) : json(200, {}),
      );
      await caller.call("POST", "/", { idempotencyKey: "k" });
      expect(sent).toHaveLength(2);
    }
  });

  test("not after an answer, whatever it says", async () => {
    const answers = [
      [500, { code: "fault_bug", retryable: false }],
      [409, { code: "verdict_stale", retryable: true }],
      [429, { code: "too_many_holds", retryable: true }],
      [404, { code: "nothing_to_pay", retryable: true }],
      [422, { code: "invalid_request", retryable: false }],
    ] as const;
    for (const [status, problem] of answers) {
      const { caller, sent } = calling(() => json(status, problem));
      await refusalOf(caller.call("POST", "/", { idempotencyKey: "k" }));
      expect([problem.code, sent.length]).toEqual([problem.code, 1]);
    }
  });

  test("not once the caller has given up", async () => {
    const abort = new AbortController();
    const { caller, sent } = calling(() => {
      abort.abort();
      return broken();
    });
    await refusalOf(caller.call("GET", "/", { signal: abort.signal }));
    expect(sent).toHaveLength(1);
  });
});

test("what was sent to the switch is carried nowhere else by a redirect", async () => {
  let strayed = 0;
  const elsewhere = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => {
      strayed++;
      return json(200, {});
    },
  });
  const astray = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => Response.redirect(`http://127.0.0.1:${elsewhere.port}/v1/payments`, 307),
  });
  const caller = new Caller(`http://127.0.0.1:${astray.port}`, undefined, RETRY_MS);
  const options = { idempotencyKey: "k", token: "st_secret", body: { approval: "AAAA" } };
  await refusalOf(caller.call("POST", "/v1/payments", options));
  expect(strayed).toBe(0);
  await Promise.all([elsewhere.stop(true), astray.stop(true)]);
});

test("what is typed as an account is never another path", async () => {
  const { caller, sent } = calling(() => json(404, { code: "account_not_open" }));
  const desk = new Desk(caller, "dk_test_alice_x");
  for (const account of ["../merchants", "acc_1/identity/front?x=", "acc_1#"]) {
    await refusalOf(desk.account(account));
    await refusalOf(desk.block(account, "../lift", "a note"));
  }
  for (const { url } of sent) expect(url).toMatch(/\/v1\/desk\/accounts\/[^/?#]+(\/blocks)?$/);
});

test("a truncated answer is a broken line: it is asked for again", async () => {
  const { caller, sent } = calling((_, attempt) =>
    attempt === 1 ? new Response('{"id":"pay_', { status: 200 }) : json(200, { id: "pay_1" }),
  );
  const { body } = await caller.call("POST", "/", { idempotencyKey: "k" });
  expect(body).toEqual({ id: "pay_1" });
  expect(sent).toHaveLength(2);
});
