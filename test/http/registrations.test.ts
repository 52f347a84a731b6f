/** What is sealed before its owner is recorded: kept when the outcome is not known. */

import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { AccountView, DeviceView } from "../../actors/account-messages.ts";
import { parseId } from "../../actors/ids.ts";
import { Phone, pinBytes, text64 } from "../../src/client/phone.ts";
import { PICTURE } from "../../src/commands/sandbox.ts";
import type { App } from "../../src/http/app.ts";
import { accountId, openAccount } from "../actors/samples.ts";
import { cheapPinKey, PIN, SwitchRig, sendPictures, until } from "../switch-rig.ts";
import { approvalOf, scanned, sendApproval } from "./approvals.ts";
import { forgetfulSwitch } from "./broken-switch.ts";
import {
  activated,
  askForCode,
  complete,
  completionOf,
  enterCode,
  started,
  textIn,
  withDevice,
} from "./registering.ts";
import { sessionOf } from "./route-samples.ts";

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

const documents = (): number => readdirSync(join(rig.dataDir, "documents")).length;

async function post({ api }: App, path: string, json: unknown): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return await api.request(path, { method: "POST", headers, body: JSON.stringify(json) });
}

test("an account whose opening was not answered keeps its PIN key, and pays", async () => {
  const activation = await activated(rig);
  const [account, device] = [
    parseId("account", activation.account),
    parseId("device", activation.device),
  ];
  if (account === undefined || device === undefined) throw new Error("the ids have their form");
  const keys = {
    account,
    device,
    keyPair: activation.keyPair,
    deviceSecret: new Uint8Array(32).fill(5),
    salt: new Uint8Array(16),
    pinVersion: 1,
  };
  const pinKey = cheapPinKey(pinBytes(PIN), keys);
  const body = await completionOf(rig, activation, { pin_key: text64(pinKey) });
  const app = forgetfulSwitch(rig, "OpenAccount");
  const path = `/v1/registrations/${activation.id}/completion`;
  const lost = (await (await post(app, path, body)).json()) as Readonly<Record<string, unknown>>;
  expect(lost).toMatchObject({ code: "fault_storage_failed", money_taken: "unknown" });

  const phone = new Phone(rig.caller, keys, cheapPinKey);
  await sendPictures(phone);
  await rig.desk.verifyIdentity(account);
  const { qr_text: qr } = await rig.till.ask({ amountCents: 100 });
  const payment = await phone.approve(await phone.scan(qr), pinBytes(PIN));
  expect(payment.status).toBe("captured");
});

test("a stranger who asks for a code to a number takes it from nobody", async () => {
  const start = await started(rig);
  await askForCode(rig, start.phoneNumber);
  const { body } = await enterCode(rig, start, start.code);
  const [account, device] = [textIn(body, "account"), textIn(body, "device")];
  const given = { ...start, account, device, token: textIn(body, "token") };
  const activation = await withDevice(rig, given);
  await askForCode(rig, start.phoneNumber);
  const opened = await complete(rig, activation, await completionOf(rig, activation));
  expect(opened.status).toBe(201);
});

test("a second account of one number, checked in the same moment, is blocked", async () => {
  const { phone } = await rig.customer();
  const { host } = rig.running.services;
  const principal = "switch";
  const first = { kind: "account", id: phone.keys.account };
  const view = (await host.ask(first, { kind: "DescribeAccount" }, { principal })) as AccountView;
  const second = { kind: "account", id: accountId(2) };
  const open = { ...openAccount, phoneTag: view.phoneTag };
  expect((await host.ask(second, open, { principal })).kind).toBe("account_opened");
  const shown = await host.ask(second, { kind: "DescribeAccount" }, { principal });
  expect(shown).toMatchObject({ status: "blocked", blocks: [{ reason: "phone_taken" }] });
  expect(await host.ask(first, { kind: "DescribeAccount" }, { principal })).toEqual(view);
});

test("a PIN key that the vault has lost is our fault, and no wrong PIN", async () => {
  const customer = await rig.customer();
  const { services } = rig.running;
  const ref = { kind: "account", id: customer.phone.keys.account };
  const view = await services.host.ask(ref, { kind: "DescribeDevice" }, { principal: "switch" });
  services.vault.destroy([(view as DeviceView).pinKey]);
  const { scan } = await scanned(rig, customer);
  const approval = await approvalOf(customer, scan);
  const before = await rig.position();
  for (let tries = 0; tries < 4; tries++) {
    const reply = await sendApproval(rig, approval);
    expect(reply.body).toMatchObject({ code: "fault_bug", status: 500, money_taken: "no" });
  }
  expect(await rig.position()).toBe(before);
  expect(rig.lines.join()).toContain("request_failed");
});

test("a code whose sending was not answered still arrives", async () => {
  const phone = rig.newPhoneNumber();
  const lost = await post(forgetfulSwitch(rig, "SendCode"), "/v1/registrations", { phone });
  expect(lost.status).toBe(503);
  expect(await rig.codeSentTo(phone)).toMatch(/^[0-9]{6}$/);
});

test("a picture whose receipt was not answered is there to be looked at", async () => {
  const customer = await rig.customer({ identity: "none" });
  const before = documents();
  const { api } = forgetfulSwitch(rig, "SubmitIdentityDocument");
  const path = "/v1/account/identity/front?document=passport";
  const headers = { authorization: `Bearer ${sessionOf(rig, customer)}` };
  const lost = await api.request(path, { method: "PUT", headers, body: PICTURE });
  expect(lost.status).toBe(503);
  expect(documents()).toBe(before + 1);
  const shown = `/v1/desk/accounts/${customer.phone.keys.account}/identity/front`;
  expect((await rig.send("GET", shown, { token: rig.deskKey })).status).toBe(200);
});

test("what was refused leaves nothing sealed behind", async () => {
  const rowsOf = async (): Promise<number> => {
    const database = new Database(join(rig.dataDir, "vault.db"), { readonly: true });
    const row = database.query<{ count: number }, []>("SELECT count(*) AS count FROM sealed").get();
    database.close();
    return row?.count ?? -1;
  };
  const { phoneNumber } = await rig.customer();
  const activation = await activated(rig);
  const completion = await completionOf(rig, activation, { birth_date: "01/01/2020" });
  await started(rig);
  await until(async () => rig.running.services.host.outbox.troubled === 0, "all is delivered");
  const before = await rowsOf();
  const young = await complete(rig, activation, completion);
  expect(textIn(young.body, "code")).toBe("under_age");
  const json = { phone: phoneNumber };
  const taken = await rig.send("POST", "/v1/registrations", { json });
  expect(textIn(taken.body, "code")).toBe("phone_taken");
  expect(await rowsOf()).toBe(before);
});
