/** The bank account of a merchant: named by itself or the desk, sealed, and never shown again. */
import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { MerchantReply } from "../../actors/merchant.ts";
import { type Reply, SwitchRig } from "../switch-rig.ts";

const OWN = "/v1/merchant/bank-account";
const DESK = "/v1/desk/merchants/mer_1/bank-account";

let rig: SwitchRig;
beforeEach(async () => {
  rig = await SwitchRig.start();
});
afterEach(() => rig[Symbol.asyncDispose]());

const given = { routing_number: "021000021", account_number: "00123456789", kind: "checking" };

function name(json: object = given, key: string = crypto.randomUUID()): Promise<Reply> {
  return rig.send("PUT", OWN, { token: rig.merchantKey, key, json });
}
const show = (): Promise<Reply> => rig.send("GET", OWN, { token: rig.merchantKey });

async function settlement() {
  const { host } = rig.running.services;
  const ref = { kind: "merchant", id: "1" };
  const reply = await host.ask(ref, { kind: "DescribeMerchant" }, { principal: "test" });
  return (reply as Extract<MerchantReply, { kind: "merchant" }>).settlement;
}

/** What of it is shown, as it is kept. */
const sealedEnding = (token: string | null, owner = "1") => {
  const bytes = rig.running.services.vault.open(token ?? "", "bank-account-ending", owner);
  return bytes === undefined ? undefined : (JSON.parse(Buffer.from(bytes).toString()) as object);
};

describe("a merchant's bank account", () => {
  test("is none, then the one that was named, shown by its last four", async () => {
    const none = { object: "bank_account", merchant: "mer_1", status: "none" };
    expect((await show()).body).toEqual({
      ...none,
      kind: null,
      last_four: null,
      return_code: null,
    });
    const named = await name();
    const active = { ...none, status: "active", kind: "checking", last_four: "6789" };
    expect([named.status, named.body]).toEqual([200, { ...active, return_code: null }]);
    expect((await show()).body).toEqual(named.body);
    expect(sealedEnding((await settlement()).ending)).toEqual({
      ...{ kind: "checking", last_four: "6789" },
    });
  });

  test("is sealed for this merchant alone, and no event tells it", async () => {
    await name();
    const { bankAccount, ending } = await settlement();
    expect(sealedEnding(ending, "2")).toBeUndefined();
    // The whole is opened for no route: not even its own token gives it.
    expect(sealedEnding(bankAccount)).toBeUndefined();
    const end = await rig.position();
    const events = await rig.running.services.host.feed.read(0, end);
    expect(JSON.stringify(events)).not.toContain("6789");
    expect(rig.lines.join("\n")).not.toContain("6789");
  });

  test("of few letters shows no more than half of them", async () => {
    const shown: unknown[] = [];
    for (const account_number of ["1", "12", "123", "1234", "12345678", "123456789"]) {
      shown.push((await name({ ...given, account_number })).body["last_four"]);
    }
    expect(shown).toEqual(["", "2", "3", "34", "5678", "6789"]);
  });

  test("is replaced by another one, once for each key", async () => {
    await name();
    const other = { ...given, account_number: "SAVE-4242", kind: "savings" };
    const first = await name(other, "change/1");
    const position = await rig.position();
    const again = await name(other, "change/1");
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await rig.position()).toBe(position);
    expect((await name(given, "change/1")).body["code"]).toBe("idempotency_mismatch");
    expect((await show()).body).toMatchObject({ kind: "savings", last_four: "4242" });
  });

  test("has a routing number whose check digit is right", async () => {
    const wrong = ["021000022", "000000000", "99", "02100002A"];
    for (const routing_number of wrong) {
      const { status, body, text } = await name({ ...given, routing_number });
      expect([status, body["errors"]]).toMatchObject([422, [{ pointer: "/routing_number" }]]);
      expect(text).not.toContain(routing_number);
    }
    for (const account_number of ["", "12 34", "abc", "1".repeat(18)]) {
      const { status, body } = await name({ ...given, account_number });
      expect([status, body["errors"]]).toMatchObject([422, [{ pointer: "/account_number" }]]);
    }
    expect((await show()).body["status"]).toBe("none");
  });

  test("is not a lane's to name or to see", async () => {
    const sent = { token: rig.till.key, key: "lane", json: given };
    for (const reply of [
      await rig.send("PUT", OWN, sent),
      await rig.send("GET", OWN, { token: rig.till.key }),
    ]) {
      expect([reply.status, reply.body["code"]]).toEqual([403, "forbidden"]);
    }
  });
});

describe("after a payout came back", () => {
  test("it is none to pay to, with the reason, until one is named again", async () => {
    await name();
    const { host } = rig.running.services;
    const ref = { kind: "merchant", id: "1" };
    const tell = (command: { readonly kind: string }) =>
      host.ask(ref, command, { principal: "switch:collection" });
    const settle = { kind: "SettleMerchant", creditedCents: 500, uptoPosition: 1, leastCents: 1 };
    await tell(settle);
    const [fileId, traces] = ["ach_20261123_A", { first: 1, count: 1 }];
    await tell({ kind: "FileEntries", fileId, effectiveOn: "2026-11-24", traces } as never);
    await tell({
      ...{ kind: "ReturnEntry", subject: { kind: "payout", payoutId: "1-1" }, fileId, trace: 1 },
      ...{ code: "R03", amountCents: 500, isSettled: true },
    } as never);
    const returned = { status: "returned", kind: null, last_four: null, return_code: "R03" };
    expect((await show()).body).toMatchObject(returned);
    expect((await name()).body).toMatchObject({ status: "active", return_code: null });
  });
});

describe("the desk", () => {
  const note = "a letter with two signatures";

  test("names it for the merchant, with a reason that stays", async () => {
    const sent = { token: rig.deskKey, key: "desk/1", json: { ...given, note } };
    const { status, body } = await rig.send("PUT", DESK, sent);
    expect([status, body["last_four"]]).toEqual([200, "6789"]);
    await name({ ...given, account_number: "555555" });
    const shown = await rig.send("GET", DESK, { token: rig.deskKey });
    expect(shown.body).toEqual((await show()).body);
    const path = "/v1/desk/merchants/mer_1/audit";
    const audit = await rig.send("GET", path, { token: rig.deskKey });
    const entries = audit.body["data"] as readonly object[];
    expect(entries.slice(0, 2)).toMatchObject([
      { event: "BankAccountSet", principal: "merchant:1", note: null },
      { event: "BankAccountSet", principal: "desk:alice", note },
    ]);
    expect(audit.text).not.toContain("6789");
  });

  test("is told of merchants that are not there, and nothing is kept for them", async () => {
    const sent = { token: rig.deskKey, key: "desk/1", json: { ...given, note } };
    for (const id of ["mer_99", "mer_x"]) {
      const path = `/v1/desk/merchants/${id}`;
      const set = await rig.send("PUT", `${path}/bank-account`, sent);
      const audit = await rig.send("GET", `${path}/audit`, { token: rig.deskKey });
      const codes = [set, audit].map(({ body }) => body["code"]);
      expect(codes).toEqual(["merchant_not_found", "merchant_not_found"]);
    }
    const database = new Database(join(rig.dataDir, "vault.db"), { readonly: true });
    expect(database.query("SELECT token FROM sealed WHERE kind LIKE 'bank%'").all()).toEqual([]);
    database.close();
  });
});
