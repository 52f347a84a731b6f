/** The desk's own routes: merchants, limits, pictures, messages, and what live mode leaves out. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { makeApp } from "../../src/http/app.ts";
import { type Reply, SwitchRig } from "../switch-rig.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

const merchant = {
  name: "Blue Door Coffee",
  statement_name: "BLUE DOOR COFFEE",
  street: "3 Harbor Walk",
  city: "Boston",
  state: "MA",
  fee_basis_points: 175,
};

function setUp(changes: Readonly<Record<string, unknown>>): Promise<Reply> {
  const json = { ...merchant, ...changes };
  const key = crypto.randomUUID();
  return rig.send("POST", "/v1/desk/merchants", { token: rig.deskKey, key, json });
}

describe("a merchant", () => {
  test("gets a number of its own, in order, and a key that works", async () => {
    const [first, second] = [await setUp({}), await setUp({})];
    const numbers = [first, second].map(({ body }) => Number(String(body["id"]).slice(4)));
    expect((numbers[1] ?? 0) - (numbers[0] ?? 0)).toBe(1);
    for (const { body } of [first, second]) {
      const token = String(body["api_key"]);
      expect((await rig.send("GET", "/v1/events", { token })).status).toBe(200);
    }
    expect(first.body["api_key"]).not.toBe(second.body["api_key"] as string);
  });

  test("has a statement name that the bank's file can hold, never cut short", async () => {
    const right = ["ABC", "A&B", "BLUE DOOR COFFEE", "7-11.*", "A B C"];
    const wrong = ["AB", "A".repeat(17), "Blue Door", " ABC", "ABC ", "A_BC", "CAFÉ", "A\tB"];
    for (const name of right) {
      expect([name, (await setUp({ statement_name: name })).status]).toEqual([name, 201]);
    }
    for (const name of wrong) {
      const { body } = await setUp({ statement_name: name });
      expect([name, body["code"]]).toEqual([name, "invalid_request"]);
    }
  });

  test("pays a fee of at most a tenth, and of none at the least", async () => {
    for (const fee of [0, 1_000]) expect((await setUp({ fee_basis_points: fee })).status).toBe(201);
    for (const fee of [-1, 1_001, 1.5]) {
      expect((await setUp({ fee_basis_points: fee })).body["code"]).toBe("invalid_request");
    }
  });

  test("has names of one line, without the dot that parts them in the payee line", async () => {
    for (const name of ["A · B", "A\nB", " ", "", "a".repeat(61)]) {
      expect((await setUp({ name })).body["code"]).toBe("invalid_request");
    }
    expect((await setUp({ name: "  Café Zoë  " })).body["name"]).toBe("Café Zoë");
  });
});

describe("the limit of a customer", () => {
  const setCap = async (account: string, amount: number): Promise<unknown> => {
    const json = { cap: { amount, currency: "USD" }, note: "asked for" };
    const path = `/v1/desk/accounts/${account}/cap`;
    const { status, body } = await rig.send("POST", path, { token: rig.deskKey, json });
    return status === 200 ? "set" : body["code"];
  };

  test("is set from nothing up to the maximum of the policy", async () => {
    const { account } = (await rig.customer()).phone.keys;
    const answers = [];
    for (const amount of [0, 1, 100_000, 100_001, -1, 1e15]) {
      answers.push(await setCap(account, amount));
    }
    const no = "invalid_request";
    expect(answers).toEqual(["set", "set", "set", no, no, no]);
    const shown = await rig.desk.account(account);
    expect(shown.limit?.cap.amount).toBe(100_000);
  });

  test("needs a reason of some length, for whoever reads it later", async () => {
    const { account } = (await rig.customer()).phone.keys;
    for (const note of ["", "ok", "  a ", "a".repeat(501)]) {
      const json = { cap: { amount: 1, currency: "USD" }, note };
      const path = `/v1/desk/accounts/${account}/cap`;
      const { body } = await rig.send("POST", path, { token: rig.deskKey, json });
      expect(body["code"]).toBe("invalid_request");
    }
  });
});

test("the queue of identities is shown a page at a time", async () => {
  const before = await rig.send("GET", "/v1/desk/identities", { token: rig.deskKey });
  expect(before.body).toMatchObject({ object: "list", has_more: false });
  const { phone } = await rig.customer({ identity: "pending" });
  const after = await rig.send("GET", "/v1/desk/identities", { token: rig.deskKey });
  expect(after.body["data"]).toContainEqual({ account: phone.keys.account });
});

test("a picture that was never sent, or is decided on, is not there", async () => {
  const [none, verified] = [await rig.customer({ identity: "none" }), await rig.customer()];
  for (const { phone } of [none, verified]) {
    const path = `/v1/desk/accounts/${phone.keys.account}/identity/rear`;
    expect((await rig.send("GET", path, { token: rig.deskKey })).body["code"]).toBe("not_found");
  }
});

describe("messages", () => {
  test("are shown in the sandbox, newest last, as they would have been sent", async () => {
    const { phoneNumber } = await rig.customer();
    const { body } = await rig.send("GET", "/v1/desk/sms", { token: rig.deskKey });
    const data = body["data"] as readonly { to: string; text: string; at: string }[];
    expect(data.at(-1)?.to).toBe(phoneNumber);
    expect(Date.parse(String(data.at(-1)?.at))).toBe(rig.clock.nowMs());
  });

  test("are never shown in live mode: nobody at the desk sees a code", async () => {
    const { services } = rig.running;
    const { api } = makeApp({ ...services, sandbox: undefined });
    const headers = { authorization: `Bearer ${rig.deskKey}` };
    const reply = await api.request("/v1/desk/sms", { headers });
    expect(((await reply.json()) as { code: string }).code).toBe("not_found");
  });
});
