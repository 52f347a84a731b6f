/** Who may ask what: every kind of key and token against every kind of route, forged ones too. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { encodeId, ID_BYTES } from "../../actors/ids.ts";
import { registerLane } from "../../src/client/till.ts";
import { addOperator } from "../../src/data-directory.ts";
import { apiKeyTag, makeApiKey, makeSessionToken, SESSION_MS } from "../../src/http/auth.ts";
import { KeyRing, makeKeyFile } from "../../src/vault/key-ring.ts";
import { eventually } from "../crash/process.ts";
import { type Customer, SwitchRig } from "../switch-rig.ts";

let rig: SwitchRig;
let customer: Customer;
let otherMerchantKey: string;
let otherLaneKey: string;
let secondLaneKey: string;

beforeAll(async () => {
  rig = await SwitchRig.start();
  customer = await rig.customer();
  otherMerchantKey = await rig.merchant("Blue Door Coffee", "BLUE DOOR COFFEE");
  otherLaneKey = (await registerLane(rig.caller, otherMerchantKey, "Counter")).key;
  secondLaneKey = (await registerLane(rig.caller, rig.merchantKey, "Lane 2")).key;
  await rig.till.ask({ amountCents: 100 });
});
afterAll(() => rig[Symbol.asyncDispose]());

const FORGED_SECRET = "A".repeat(43);
const LANE = "/v1/lanes/lane_1";

function tokenFor(atMs: number, keys = rig.running.services.keys): string {
  const { account, device } = customer.phone.keys;
  return makeSessionToken(keys, account, device, atMs);
}

/** Status and code of a GET with this bearer. */
async function answer(path: string, token: string | undefined): Promise<string> {
  const sent = token === undefined ? {} : { token };
  const { status, body } = await rig.send("GET", path, sent);
  return `${status} ${body["code"] ?? body["object"] ?? ""}`.trim();
}

test("a lane is shown to its own key and to its merchant, and to nobody else", async () => {
  const keys = {
    own: rig.till.key,
    merchant: rig.merchantKey,
    secondLane: secondLaneKey,
    otherLane: otherLaneKey,
    otherMerchant: otherMerchantKey,
    operator: rig.deskKey,
    session: tokenFor(rig.clock.nowMs() + SESSION_MS),
    nothing: undefined,
  };
  const answers = Object.entries(keys).map(async ([name, key]) => [name, await answer(LANE, key)]);
  expect(Object.fromEntries(await Promise.all(answers))).toEqual({
    own: "200 lane",
    merchant: "200 lane",
    secondLane: "403 forbidden",
    otherLane: "403 forbidden",
    otherMerchant: "404 lane_not_found",
    operator: "403 forbidden",
    session: "401 unauthenticated",
    nothing: "401 unauthenticated",
  });
});

test("no key tells a stranger whether a lane exists", async () => {
  const strangers = [
    otherLaneKey,
    otherMerchantKey,
    secondLaneKey,
    `lk_test_1_${FORGED_SECRET}`,
    `lk_test_99_${FORGED_SECRET}`,
    `sk_test_1_${FORGED_SECRET}`,
    `sk_test_99_${FORGED_SECRET}`,
  ];
  for (const key of strangers) {
    const [there, absent] = [await answer(LANE, key), await answer("/v1/lanes/lane_99", key)];
    // A forged key of lane 1 is wrong at lane 1 and of another lane at lane 99.
    const isForgedOwn = key.startsWith("lk_test_") && key.endsWith(FORGED_SECRET);
    if (!isForgedOwn) expect(there).toBe(absent);
    expect(there).not.toStartWith("200");
  }
  expect(await answer(LANE, `lk_test_1_${FORGED_SECRET}`)).toBe("401 unauthenticated");
  expect(await answer("/v1/lanes/lane_99", `lk_test_99_${FORGED_SECRET}`)).toBe(
    "401 unauthenticated",
  );
});

test("a key is good in its own mode, spelling and switch only", async () => {
  const { keys } = rig.running.services;
  const elsewhere = new KeyRing(makeKeyFile());
  const wrong = [
    rig.merchantKey.replace("_test_", "_live_"),
    rig.merchantKey.slice(0, -1),
    `${rig.merchantKey}A`,
    rig.merchantKey.replace("sk_test_1_", "sk_test_01_"),
    rig.merchantKey.replace("sk_test_1_", "sk_test_2_"),
    rig.merchantKey.replace("sk_test_1_", "sk_test_99_"),
    rig.merchantKey.replace("sk_test_1_", "sk_test_abc_"),
    makeApiKey(keys, "merchant", "1", "sandbox", "another cause"),
    makeApiKey(elsewhere, "merchant", "1", "sandbox", "a cause"),
    "",
    " ",
    "sk_test_1_",
  ];
  for (const key of wrong) expect(await answer("/v1/events", key)).toBe("401 unauthenticated");
  expect(await answer("/v1/events", rig.merchantKey)).toBe("200 list");
  for (const key of [rig.till.key, rig.deskKey]) {
    expect(await answer("/v1/events", key)).toBe("403 forbidden");
  }
});

test("the scheme of the credentials is Bearer, in any letter case", async () => {
  const get = async (authorization: string): Promise<number> =>
    (await rig.send("GET", "/v1/events", { headers: { authorization } })).status;
  expect(await get(`Bearer ${rig.merchantKey}`)).toBe(200);
  // RFC 9110 section 11.1: the scheme has no letter case.
  expect(await get(`bearer ${rig.merchantKey}`)).toBe(200);
  expect(await get(`Basic ${rig.merchantKey}`)).toBe(401);
  expect(await get(rig.merchantKey)).toBe(401);
});

test("the desk opens to operators in the file only, and to none of the other keys", async () => {
  const { keys } = rig.running.services;
  const stranger = makeApiKey(keys, "operator", "mallory", "sandbox", "a cause");
  const sameName = makeApiKey(keys, "operator", "alice", "sandbox", "another cause");
  expect(await answer("/v1/desk/ledger", rig.deskKey)).toBe("200");
  for (const key of [stranger, sameName]) {
    expect(await answer("/v1/desk/ledger", key)).toBe("401 unauthenticated");
  }
  for (const key of [rig.merchantKey, rig.till.key]) {
    expect(await answer("/v1/desk/ledger", key)).toBe("403 forbidden");
  }
});

test("who is nobody is told so before anything about the account that was named", async () => {
  for (const account of ["acc_x", customer.phone.keys.account]) {
    const path = `/v1/desk/accounts/${account}`;
    expect(await answer(path, undefined)).toBe("401 unauthenticated");
    expect(await answer(`${path}/audit`, undefined)).toBe("401 unauthenticated");
    expect(await answer(`${path}/identity/front`, undefined)).toBe("401 unauthenticated");
  }
});

test("a session token is good until its time is over, as it was given and no other", async () => {
  const { account, device } = customer.phone.keys;
  const nowMs = rig.clock.nowMs();
  const token = tokenFor(nowMs + SESSION_MS);
  expect(await answer("/v1/account", token)).toBe("200 account");
  const other = encodeId("account", new Uint8Array(ID_BYTES).fill(3));
  const wrong = [
    tokenFor(nowMs),
    tokenFor(nowMs - 1),
    tokenFor(nowMs + SESSION_MS, new KeyRing(makeKeyFile())),
    token.replace(`${nowMs + SESSION_MS}`, `${nowMs + SESSION_MS + 1}`),
    token.replace(account, other),
    token.replace(
      device,
      device.replace(/.$/, (end) => (end === "0" ? "1" : "0")),
    ),
    token.slice(0, -1),
    token.toUpperCase(),
    `${token}A`,
    rig.merchantKey,
  ];
  for (const given of wrong) expect(await answer("/v1/account", given)).toBe("401 unauthenticated");
  rig.clock.advance(SESSION_MS);
  expect(await answer("/v1/account", token)).toBe("401 unauthenticated");
});

test("keys are the same from the same cause, and stored as something else", () => {
  const { keys } = rig.running.services;
  const key = makeApiKey(keys, "lane", "7", "sandbox", "cause");
  expect(makeApiKey(keys, "lane", "7", "sandbox", "cause")).toBe(key);
  const others = [
    makeApiKey(keys, "lane", "8", "sandbox", "cause"),
    makeApiKey(keys, "lane", "7", "sandbox", "other cause"),
    makeApiKey(keys, "merchant", "7", "sandbox", "cause"),
  ];
  expect(new Set([key, ...others].map((each) => each.slice(-43))).size).toBe(4);
  expect(apiKeyTag(keys, key)).not.toContain(key.slice(-43));
  expect(key).toMatch(/^lk_test_7_/);
  expect(makeApiKey(keys, "lane", "7", "live", "cause")).toMatch(/^lk_live_7_/);
});

test("a key of the other mode is no key, though its hash is known", async () => {
  const { keys } = rig.running.services;
  const live = addOperator(rig.dataDir, keys, "bob", "live");
  const sandbox = addOperator(rig.dataDir, keys, "carol", "sandbox");
  // The list of operators is read again within two seconds.
  const isKnown = async () => (await answer("/v1/desk/ledger", sandbox)).startsWith("200");
  expect(await eventually(isKnown)).toBe(true);
  expect(await answer("/v1/desk/ledger", live)).toBe("401 unauthenticated");
});
