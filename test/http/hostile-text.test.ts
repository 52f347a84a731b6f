/**
 * Texts that people read, and numbers in queries: nothing that shows as something else, breaks a
 * reader, or is written in a way that only some programs understand.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Reply, SwitchRig } from "../switch-rig.ts";
import { activated, complete, completionOf } from "./registering.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

const HOSTILE = {
  "half of a pair": "Lane \ud800",
  "the other half": "\udc00 Lane",
  "a zero": "Lane\u0000",
  "a line break": "Lane\n1",
  "an escape": "Lane \u001b[31m",
  "a line separator": "Lane\u20281",
  "text that runs backwards": "Lane \u202e00.1$",
  "an isolate": "Lane \u2066 1",
  "nothing to see": "La\u200bne",
  "a soft hyphen": "La\u00adne",
  "a private letter": "Lane \ue000",
} as const;
const GOOD = ["Café Söder", "Zoë's 東京", "\u{1f35e} Bread", "A & B / No. 7", "l\u0301ane"];

const usd = { amount: 100, currency: "USD" };
const merchant = {
  name: "Blue Door Coffee",
  statement_name: "BLUE DOOR COFFEE",
  street: "3 Harbor Walk",
  city: "Boston",
  state: "MA",
  fee_basis_points: 175,
};

type Put = (text: string) => Promise<Reply>;

function post(path: string, token: string, json: unknown): Promise<Reply> {
  return rig.send("POST", path, { token, key: crypto.randomUUID(), json });
}

const asking = (json: object): Promise<Reply> =>
  post("/v1/lanes/lane_1/payment-requests", rig.till.key, { amount: usd, ...json });

const FIELDS: Readonly<Record<string, Put>> = {
  "the name of a lane": (name) => post("/v1/lanes", rig.merchantKey, { name }),
  "the title of a request": (title) => asking({ title }),
  "the till's own number": (text) => asking({ client_invoice_id: text }),
  "the cashier": (text) => asking({ cashier_id: text }),
  "the name of a merchant": (name) =>
    post("/v1/desk/merchants", rig.deskKey, { ...merchant, name }),
  "a street": (street) => post("/v1/desk/merchants", rig.deskKey, { ...merchant, street }),
  "a city": (city) => post("/v1/desk/merchants", rig.deskKey, { ...merchant, city }),
  "the name of a person": async (name) => {
    const activation = await activated(rig);
    return await complete(rig, activation, await completionOf(rig, activation, { name }));
  },
};

for (const [name, put] of Object.entries(FIELDS)) {
  test(`${name} is text that shows as it is`, async () => {
    for (const text of GOOD) expect([text, (await put(text)).status]).toEqual([text, 201]);
    for (const [what, text] of Object.entries(HOSTILE)) {
      expect([what, (await put(text)).body["code"]]).toEqual([what, "invalid_request"]);
    }
  });
}

test("a note of the desk has lines, and otherwise only what shows", async () => {
  const { account } = (await rig.customer()).phone.keys;
  const cap = async (note: string): Promise<unknown> => {
    const json = { cap: usd, note };
    return (await post(`/v1/desk/accounts/${account}/cap`, rig.deskKey, json)).body["code"];
  };
  expect(await cap("First line\nsecond line\tand more")).toBeUndefined();
  for (const [what, text] of Object.entries(HOSTILE)) {
    const code = text.includes("\n") ? undefined : "invalid_request";
    expect([what, await cap(text)]).toEqual([what, code]);
  }
});

describe("a number in a query", () => {
  test("is digits, and nothing else that a program takes for a number", async () => {
    const wrong = ["", "0x5", "1e1", "+5", "5.", "5.0", " 5", "5 ", "٥", "5n", "05x", "1_0"];
    const { account } = (await rig.customer()).phone.keys;
    const routes: readonly (readonly [string, string])[] = [
      ["/v1/events?limit=", rig.merchantKey],
      ["/v1/events?since=", rig.merchantKey],
      ["/v1/lanes/lane_1/payment-requests?limit=", rig.till.key],
      [`/v1/desk/accounts/${account}/audit?limit=`, rig.deskKey],
      [`/v1/desk/accounts/${account}/audit?before=`, rig.deskKey],
    ];
    for (const [path, token] of routes) {
      expect((await rig.send("GET", `${path}5`, { token })).status).toBe(200);
      for (const value of wrong) {
        const { body } = await rig.send("GET", path + encodeURIComponent(value), { token });
        expect([path, value, body["code"]]).toEqual([path, value, "invalid_request"]);
      }
      const twice = `${path}5&${path.split("?")[1]}6`;
      expect((await rig.send("GET", twice, { token })).body["code"]).toBe("invalid_request");
    }
  });
});
