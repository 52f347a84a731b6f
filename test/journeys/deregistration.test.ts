/** De-registering (FAQ): from the phone or by a call, with nothing owed, and with something. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { AccountView } from "../../actors/account-messages.ts";
import { idBytes } from "../../actors/ids.ts";
import { bytes64 } from "../../src/client/phone.ts";
import { Collections } from "../../src/collection/collections.ts";
import { BankTwin } from "../../src/rails/bank-twin/bank-twin.ts";
import { ed25519Verify, sha256 } from "../../wasm/core.ts";
import { exportDeviceKey } from "../../wasm/device-key.ts";
import { mandateStatement } from "../../wasm/statements.ts";
import { PROFILE, partsOf } from "../collection/rig.ts";
import { approvalOf, scanned, sendApproval } from "../http/approvals.ts";
import { textIn } from "../http/registering.ts";
import { leavingSignature, sessionOf } from "../http/route-samples.ts";
import { type Customer, refusalOf, SwitchRig, until } from "../switch-rig.ts";

let rig: SwitchRig;
beforeEach(async () => {
  rig = await SwitchRig.start();
});
afterEach(() => rig[Symbol.asyncDispose]());

async function viewOf({ phone }: Customer): Promise<AccountView> {
  const ref = { kind: "account", id: phone.keys.account };
  const { host } = rig.running.services;
  const reply = await host.ask(ref, { kind: "DescribeAccount" }, { principal: "switch" });
  return reply as AccountView;
}

/** What the vault still has of the customer. */
async function sealedOf(customer: Customer) {
  const { vault } = rig.running.services;
  const { account } = customer.phone.keys;
  const tokens = (await viewOf(customer)).vault;
  return {
    pinKey: vault.open(tokens.pinKey, "pin-key", account) !== undefined,
    person: vault.open(tokens.person, "person", account) !== undefined,
  };
}

describe("a customer who owes nothing", () => {
  test("is gone at once, and may register anew under the number", async () => {
    const customer = await rig.customer();
    expect(await customer.phone.deregister()).toMatchObject({ status: "closed", waits_for: [] });
    await until(async () => !(await sealedOf(customer)).pinKey, "the PIN key is destroyed");
    // What the law wants kept is kept (docs/privacy.md).
    expect((await sealedOf(customer)).person).toBe(true);
    expect(await customer.phone.account()).toMatchObject({ status: "closed" });
    const { phoneNumber } = customer;
    const again = await rig.customer({ phoneNumber });
    expect(again.phone.keys.account).not.toBe(customer.phone.keys.account);
    expect((await rig.pay(again, 500)).status).toBe("captured");
    const [before, after] = [await viewOf(customer), await viewOf(again)];
    expect(before.personId).not.toBe(after.personId);
  });

  test("cannot sign in or pay with the old phone", async () => {
    const customer = await rig.customer();
    const request = await rig.till.ask({ amountCents: 100 });
    const scan = await customer.phone.scan(request.qr_text);
    await customer.phone.deregister();
    const refused = await refusalOf(customer.phone.approve(scan, customer.pin()));
    expect(refused).toMatchObject({ code: "account_not_open" });
    const token = sessionOf(rig, customer);
    const signature = "A".repeat(86);
    const again = await rig.send("POST", "/v1/account/deregistration", {
      token,
      json: { signature },
    });
    expect(again.body).toMatchObject({ code: "account_not_open" });
  });
});

describe("a customer who owes", () => {
  test("is debited first; then the account closes by itself", async () => {
    const bank = new BankTwin(rig.clock, { bankNumber: PROFILE.immediateDestination });
    const faults: unknown[] = [];
    const collections = new Collections(partsOf(rig, bank), (error) => faults.push(error));
    await collections.start();
    const customer = await rig.customer();
    const approval = await approvalOf(customer, (await scanned(rig, customer, 1_000)).scan);
    const paid = await sendApproval(rig, approval);
    expect(paid.status).toBe(200);
    expect(await customer.phone.deregister()).toEqual({
      ...{ object: "deregistration", account: customer.phone.keys.account },
      ...{ status: "closing", waits_for: ["collection"] },
    } as object as Awaited<ReturnType<typeof customer.phone.deregister>>);
    const request = await rig.till.ask({ amountCents: 100 });
    const scan = await customer.phone.scan(request.qr_text);
    const refused = await refusalOf(customer.phone.approve(scan, customer.pin()));
    expect(refused).toMatchObject({ code: "account_closing", body: { money_taken: "no" } });
    const { phoneNumber } = customer;
    const taken = await rig.send("POST", "/v1/registrations", { json: { phone: phoneNumber } });
    expect(taken.body).toMatchObject({ code: "phone_taken" });
    for (let time = 0; time < 16; time++) {
      rig.clock.advanceTo(collections.nextAtMs);
      await collections.caughtUp();
    }
    await collections.stop();
    expect(faults).toEqual([]);
    expect(await viewOf(customer)).toMatchObject({
      status: "closed",
      limit: { exposureCents: 0 },
      mandate: { ended: { by: "customer" } },
    });
    await until(async () => {
      const free = await rig.send("POST", "/v1/registrations", { json: { phone: phoneNumber } });
      return free.status === 201;
    }, "the number is free");
    // A phone that never heard the answer: what it approved was paid.
    const again = await sendApproval(rig, approval);
    expect(again.body).toMatchObject({ status: "captured", id: textIn(paid.body, "id") });
    expect(again.body["receipt"]).toEqual(paid.body["receipt"]);
    const forged = { ...approval, signature: approval.signature.toReversed() };
    const stranger = await sendApproval(rig, forged);
    expect(stranger.body).toMatchObject({ code: "account_not_open", money_taken: "no" });
    expect(textIn(stranger.body, "user_message")).not.toContain("No money was taken");
  });
});

test("a lost phone is de-registered at the desk, with a reason", async () => {
  const { phone } = await rig.customer();
  const { account } = phone.keys;
  expect(await rig.desk.deregister(account, "stolen, called at noon")).toMatchObject({
    status: "closed",
  });
  const audit = await rig.send("GET", `/v1/desk/accounts/${account}/audit?limit=2`, {
    token: rig.deskKey,
  });
  expect(audit.body["data"]).toMatchObject([
    { event: "AccountClosed", principal: "desk:alice" },
    { event: "ClosingBegun", principal: "desk:alice", note: "stolen, called at noon" },
  ]);
});

test("nobody closes an account without its device key; a call twice is one", async () => {
  const customer = await rig.customer();
  const token = sessionOf(rig, customer);
  const path = "/v1/account/deregistration";
  const wrong = await rig.send("POST", path, { token, json: { signature: "A".repeat(86) } });
  expect(wrong.body).toMatchObject({ code: "device_signature_invalid", status: 401 });
  expect((await viewOf(customer)).status).toBe("open");
  const signature = await leavingSignature(customer);
  const key = "leave-once";
  const first = await rig.send("POST", path, { token, key, json: { signature } });
  const second = await rig.send("POST", path, { token, key, json: { signature } });
  expect([first.status, second.status]).toEqual([200, 200]);
  expect(second.body).toEqual(first.body);
  expect(second.headers.get("idempotent-replayed")).toBe("true");
});

test("of a short bank account number at most the half is shown", async () => {
  const customer = await rig.customer({ accountNumber: "73105" });
  expect((await customer.phone.mandate()).bank_account_ending).toBe("05");
});

test("the customer's copy of the mandate proves itself with the device key", async () => {
  const customer = await rig.customer({ algorithm: "ed25519", accountNumber: "9990001234" });
  const { account, device, keyPair } = customer.phone.keys;
  const copy = await customer.phone.mandate();
  expect(copy).toMatchObject({
    account,
    name: "Ada Example",
    bank_account_ending: "1234",
    device,
    ended: null,
  });
  const hash = sha256(new TextEncoder().encode(copy.text ?? ""));
  expect(Buffer.from(hash).toString("hex")).toBe(copy.hash);
  const statement = mandateStatement(idBytes(account), idBytes(device), hash);
  const signature = bytes64(copy.signature ?? "");
  expect(ed25519Verify(signature, statement, await exportDeviceKey(keyPair))).toBe(true);
  expect(copy.text).toContain("SEQR Sandbox Inc.");
});

test("a mandate is kept with the address it came from, sealed", async () => {
  const customer = await rig.customer();
  const { mandate } = await viewOf(customer);
  const { vault } = rig.running.services;
  const token = mandate.address ?? "";
  const bytes = vault.open(token, "network-address", customer.phone.keys.account);
  expect(Buffer.from(bytes ?? []).toString()).toBe("127.0.0.1");
  expect(mandate).toMatchObject({
    bankAccount: (await viewOf(customer)).vault.bankAccount,
    deviceId: customer.phone.keys.device,
    amountRule: "as_approved_each_time",
  });
});
