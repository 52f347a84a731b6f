/** A customer names another bank account: signed by the phone, sealed, with its own mandate. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { AccountView } from "../../actors/account-messages.ts";
import { encodeId, ID_BYTES } from "../../actors/ids.ts";
import { generateP256KeyPair } from "../../wasm/p256.ts";
import { type Customer, type Reply, SwitchRig } from "../switch-rig.ts";
import { namedBankAccount, sessionOf } from "./route-samples.ts";

const PATH = "/v1/account/bank-account";
const NEW = { routing_number: "021000021", account_number: "5550004242", kind: "savings" };

let rig: SwitchRig;
beforeAll(async () => {
  rig = await SwitchRig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

async function viewOf({ phone }: Customer): Promise<AccountView> {
  const { host } = rig.running.services;
  const ref = { kind: "account", id: phone.keys.account };
  return (await host.ask(ref, { kind: "DescribeAccount" }, { principal: "test" })) as AccountView;
}

function send(customer: Customer, json: object, key: string = crypto.randomUUID()): Promise<Reply> {
  return rig.send("POST", PATH, { token: sessionOf(rig, customer), key, json });
}

async function name(customer: Customer, number: number, changed: object = {}) {
  const json = await namedBankAccount(rig, customer, number, { bank_account: NEW, ...changed });
  return { json, reply: await send(customer, json) };
}

describe("another bank account", () => {
  test("is named once, and shown to nobody", async () => {
    const customer = await rig.customer();
    const before = await viewOf(customer);
    const { json, reply } = await name(customer, 2);
    expect([reply.status, reply.body["bank_account"]]).toEqual([
      ...[200, { number: 2, status: "not_asked_about" }],
    ]);
    const after = await viewOf(customer);
    expect(after.vault.bankAccount).not.toBe(before.vault.bankAccount);
    expect(after.mandate).toMatchObject({
      ...{ bankAccount: after.vault.bankAccount, person: after.vault.person, ended: null },
      signature: json.mandate_signature,
    });
    // What the desk is shown of the person ends like the new number.
    const { vault, host } = rig.running.services;
    const person = vault.open(after.vault.person, "person", customer.phone.keys.account);
    expect(JSON.parse(Buffer.from(person ?? []).toString())).toMatchObject({
      bank_account_ending: "4242",
    });
    const events = await host.feed.read(0, await rig.position());
    expect(JSON.stringify(events) + rig.lines.join("\n")).not.toContain("4242");
    // Said again under another key it is an old message.
    const again = await send(customer, json);
    expect([again.status, again.body]).toMatchObject([
      ...[409, { code: "bank_account_out_of_step", expected_number: 3 }],
    ]);
    expect((await customer.phone.account()).bank_account.number).toBe(2);
  });

  test("is answered the same under the same key", async () => {
    const customer = await rig.customer();
    const json = await namedBankAccount(rig, customer, 2);
    const first = await send(customer, json, "move/1");
    const second = await send(customer, json, "move/1");
    expect(second.body).toEqual(first.body);
    expect(second.headers.get("idempotent-replayed")).toBe("true");
  });

  test("is said by the phone of the account, about it, under today's mandate", async () => {
    const customer = await rig.customer();
    const other = await rig.customer();
    const { version } = rig.running.services.mandate;
    const cases: readonly (readonly [object, string])[] = [
      [{ account: other.phone.keys.account }, "invalid_request"],
      [{ device: encodeId("device", new Uint8Array(ID_BYTES)) }, "invalid_request"],
      [{ mandate: { version, hash: "0".repeat(64) } }, "mandate_changed"],
      [{ bank_account: { ...NEW, routing_number: "021000022" } }, "invalid_request"],
      [{ number: 1 }, "invalid_request"],
      [{ number: 3 }, "bank_account_out_of_step"],
    ];
    for (const [changed, code] of cases) {
      const { reply } = await name(customer, 2, changed);
      expect([changed, reply.body["code"]]).toEqual([changed, code]);
    }
    const right = await namedBankAccount(rig, customer, 2);
    const keyPair = await generateP256KeyPair();
    const stranger = {
      ...customer,
      phone: { ...customer.phone, keys: { ...customer.phone.keys } },
    };
    Object.assign(stranger.phone.keys, { keyPair });
    const forged = await namedBankAccount(rig, stranger as Customer, 2);
    for (const wrong of [
      { ...right, signature: forged.signature },
      { ...right, mandate_signature: forged.mandate_signature },
      { ...right, message: forged.message.slice(0, -4) },
    ]) {
      expect((await send(customer, wrong)).body["code"]).toBe("device_signature_invalid");
    }
    expect((await viewOf(customer)).collection.bankAccountNumber).toBe(1);
    expect((await send(customer, right)).status).toBe(200);
  });

  test("that another customer has too is looked at by the desk", async () => {
    const [one, two] = [await rig.customer(), await rig.customer()];
    const shared = { bank_account: { ...NEW, account_number: "7770001111" } };
    await name(one, 2, shared);
    await name(two, 2, shared);
    expect((await viewOf(two)).sharedWith).toEqual([one.phone.keys.account]);
  });
});
