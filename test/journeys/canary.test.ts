/**
 * What must not be found: a registration and payments with a known PIN, name, phone number and bank
 * account; then every file of the data directory is read as bytes, and the log, the metrics and the
 * answers are searched for them in every spelling.
 */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { argon2PinKey, pinBytes } from "../../src/client/phone.ts";
import { importByTwo } from "../http/by-hand.ts";
import { filesBelow, leaks, standsAlone } from "../http/canary.ts";
import { type Customer, refusalOf, SwitchRig } from "../switch-rig.ts";

const SECRETS = {
  name: "Zenobia Quackenbush",
  nameInFiles: "ZENOBIA QUACKENBUSH",
  phoneNumber: "+12025558731",
  accountNumber: "48151623420815",
  merchantsAccountNumber: "77120945003381",
} as const;
const PIN = "903817";
const BIRTH_DATE = "07/29/1963";

let rig: SwitchRig;
let customer: Customer;
const answers: string[] = [];
let pinKey = new Uint8Array();

beforeAll(async () => {
  rig = await SwitchRig.start();
  // The real derivation once, so that the key that is searched for is a real one.
  const pinKeyOf: typeof argon2PinKey = (pin, keys) => {
    if (pinKey.length === 0) pinKey = argon2PinKey(pin.slice(), keys).slice();
    pin.fill(0);
    return pinKey.slice();
  };
  const who = { ...SECRETS, birthDate: BIRTH_DATE, pin: PIN, pinKeyOf };
  customer = await rig.customer(who);
  await rig.pay(customer, 1_299);
  await badCalls();
  await nameBankAccounts();
  await moneyAtTheDesk();
  await rig.desk.block(customer.phone.keys.account, "operator", "a phone call");
  const request = await rig.till.ask({ amountCents: 100 });
  const scan = await customer.phone.scan(request.qr_text);
  answers.push(JSON.stringify(await refusalOf(customer.phone.approve(scan, pinBytes(PIN)))));
});
afterAll(() => rig[Symbol.asyncDispose]());

/** Of the merchant, by itself and by the desk: only the last four are ever shown. */
async function nameBankAccounts(): Promise<void> {
  const json = {
    routing_number: "021000021",
    account_number: SECRETS.merchantsAccountNumber,
    kind: "savings",
  };
  const desk = "/v1/desk/merchants/mer_1/bank-account";
  const key = "canary";
  for (const { status, text } of [
    await rig.send("PUT", "/v1/merchant/bank-account", { token: rig.merchantKey, key, json }),
    await rig.send("PUT", desk, { token: rig.deskKey, key, json: { ...json, note: "by letter" } }),
    await rig.send("GET", "/v1/merchant/bank-account", { token: rig.merchantKey }),
    await rig.send("GET", "/v1/desk/merchants/mer_1/audit", { token: rig.deskKey }),
  ]) {
    expect(status).toBe(200);
    answers.push(text);
  }
}

/** A file for the bank, one that came back broken, and all that the desk is shown of both. */
async function moneyAtTheDesk(): Promise<void> {
  const desk = rig.moneyDesk();
  const { file } = await desk.cutOff("the canary's file");
  const receiver = SECRETS.accountNumber.padEnd(17);
  const name = SECRETS.nameInFiles.padEnd(22);
  const broken = `626021000021${receiver}0000001299${"".padEnd(15)}${name}\n799R03`;
  await importByTwo(rig, new TextEncoder().encode(broken), "the canary's return");
  const { data } = await desk.exceptions();
  const [exception] = data;
  const account = customer.phone.keys.account;
  const paths = [
    ...["collection", "files", "inbound", "exceptions", "debts", "frozen", "return-rates"],
    ...[`files/${file}`, `exceptions/${exception?.id}`, `inbound/${exception?.inbound}`],
    `accounts/${account}/debts`,
  ];
  for (const path of paths) {
    const { status, text } = await rig.send("GET", `/v1/desk/${path}`, { token: rig.deskKey });
    expect([path, status]).toEqual([path, 200]);
    answers.push(text);
  }
}

/** Calls with the secrets in every wrong place; none of the answers may repeat them. */
async function badCalls(): Promise<void> {
  const all = [...Object.values(SECRETS), BIRTH_DATE, PIN];
  for (const secret of all) {
    const wrong = [
      rig.send("POST", "/v1/registrations", { json: { phone: SECRETS.phoneNumber, pin: secret } }),
      rig.send("POST", "/v1/registrations", { json: { phone: secret } }),
      rig.send("POST", "/v1/scans", { json: { qr: secret } }),
      rig.send("POST", "/v1/payments", {
        key: "canary",
        json: { approval: secret, proof: secret, signature: secret },
      }),
      rig.send("POST", "/v1/lanes", {
        token: rig.merchantKey,
        key: "canary",
        raw: `{"name":"${secret}`,
        headers: { "content-type": "application/json" },
      }),
      rig.send("GET", `/v1/lanes/${encodeURIComponent(secret)}`, { token: rig.till.key }),
      rig.send("GET", `/v1/receipts?limit=${encodeURIComponent(secret)}`),
      rig.send("GET", `/${encodeURIComponent(secret)}`),
    ];
    for (const { status, text, headers } of await Promise.all(wrong)) {
      expect(status).toBeGreaterThanOrEqual(400);
      answers.push(text, JSON.stringify([...headers]));
    }
  }
}

function expectClean(what: string, content: Uint8Array | string): void {
  for (const [name, secret] of Object.entries(SECRETS)) {
    expect([what, name, leaks(content, secret)]).toEqual([what, name, []]);
  }
  const bytes = typeof content === "string" ? Buffer.from(content) : Buffer.from(content);
  const text = bytes.toString("latin1");
  expect([what, standsAlone(text, PIN)]).toEqual([what, false]);
  expect([what, text.includes(BIRTH_DATE), text.includes("1963-07-29")]).toEqual([
    what,
    false,
    false,
  ]);
  expect([what, "split name", text.includes("Quackenbush")]).toEqual([what, "split name", false]);
  const secretBytes = [pinKey, customer.phone.keys.deviceSecret].map((key) => Buffer.from(key));
  for (const key of secretBytes) {
    const spelled = [key, key.toString("hex"), key.toString("base64"), key.toString("base64url")];
    expect([what, "key", spelled.some((each) => bytes.includes(each))]).toEqual([
      what,
      "key",
      false,
    ]);
  }
}

test("the search finds what is there: it is no use otherwise", () => {
  const planted = Buffer.from(`x${SECRETS.name}y`).toString("base64");
  expect(leaks(planted, SECRETS.name)).not.toEqual([]);
  expect(leaks(Buffer.from(SECRETS.phoneNumber).toString("hex"), SECRETS.phoneNumber)).not.toEqual(
    [],
  );
  expect(leaks(encodeURIComponent(SECRETS.phoneNumber), SECRETS.phoneNumber)).not.toEqual([]);
  expect(standsAlone(`{"pin":"${PIN}"}`, PIN)).toBe(true);
  expect(pinKey).toHaveLength(32);
});

test("no file of the running switch holds any of it, its write-ahead logs included", () => {
  const files = filesBelow(rig.dataDir);
  const names = files.map((file) => file.slice(rig.dataDir.length + 1)).sort();
  for (const file of ["events.db", "events.db-wal", "vault.db", "vault.db-wal", "views.db"]) {
    expect(names).toContain(file);
  }
  for (const file of files) expectClean(file, readFileSync(file));
});

test("nor after it was stopped and the logs were folded in", async () => {
  await rig.restart();
  await rig.halt();
  for (const file of filesBelow(rig.dataDir)) expectClean(file, readFileSync(file));
  await rig.restart();
});

test("the pictures of a verified person are gone", () => {
  expect(readdirSync(join(rig.dataDir, "documents"))).toEqual([]);
});

test("the folder, its keys and its operators are for their owner only", () => {
  const files = ["", "keys.json", "operators.json", "documents"];
  for (const file of files) {
    expect([file, statSync(join(rig.dataDir, file)).mode & 0o077]).toEqual([file, 0]);
  }
});

test("neither the log nor the figures nor any answer holds any of it", async () => {
  expectClean("log", rig.lines.join("\n"));
  expectClean("metrics", (await rig.send("GET", "/metrics")).text);
  for (const answer of answers) {
    expectClean("answer", answer);
    expect(standsAlone(answer, PIN)).toBe(false);
  }
  const shown = await rig.send("GET", `/v1/desk/accounts/${customer.phone.keys.account}`, {
    token: rig.deskKey,
  });
  expectClean("the desk's view", shown.text);
  const lane = await rig.send("GET", "/v1/lanes/lane_1/payment-requests", { token: rig.till.key });
  expectClean("the lane's view", lane.text);
});
