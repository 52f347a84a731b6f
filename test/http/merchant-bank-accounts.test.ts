/** The bank account of a merchant: named by itself or the desk, sealed, and never shown again. */
import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { addBankingDays, bankDateAt, instantOf } from "../../actors/banking-calendar.ts";
import type { MerchantReply } from "../../actors/merchant.ts";
import { type Reply, SwitchRig, until } from "../switch-rig.ts";

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

/** Tokens in the vault. */
function rowsOf(kind: string): readonly string[] {
  const database = new Database(join(rig.dataDir, "vault.db"), { readonly: true });
  const query = database.query<{ token: string }, [string]>(
    "SELECT token FROM sealed WHERE kind = ? AND owner = '1'",
  );
  const tokens = query.all(kind).map(({ token }) => token);
  database.close();
  return tokens;
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
      payouts_from: null,
    });
    const named = await name();
    const active = { ...none, status: "active", kind: "checking", last_four: "6789" };
    expect([named.status, named.body]).toEqual([
      ...[200, { ...active, return_code: null, payouts_from: null }],
    ]);
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

describe("a bank account that takes another one's place", () => {
  const queue = async () => {
    const { body } = await rig.send("GET", "/v1/desk/bank-account-changes", { token: rig.deskKey });
    return body["data"] as readonly object[];
  };
  const alarms = async () => {
    const { body } = await rig.send("GET", "/v1/desk/alarms", { token: rig.deskKey });
    return (body["data"] as readonly { alarm: string }[]).map(({ alarm }) => alarm);
  };

  test("is paid to from the third banking day on, and the desk is told until then", async () => {
    await name();
    expect([await queue(), await alarms()]).toEqual([[], []]);
    const { body } = await name({ ...given, account_number: "00004242" });
    const from = addBankingDays(bankDateAt(rig.clock.nowMs()), 3);
    expect(body).toMatchObject({ last_four: "4242", payouts_from: from });
    expect(await queue()).toMatchObject([
      { merchant: "mer_1", by: "merchant:1", note: null, payouts_from: from },
    ]);
    expect(await alarms()).toEqual(["payout_account_changed"]);
    // The same one once more changes nothing.
    const position = await rig.position();
    expect((await name({ ...given, account_number: "00004242" })).body).toEqual(body);
    expect(await rig.position()).toBe(position);
    rig.clock.advanceTo(instantOf(from, 0));
    expect([await queue(), await alarms()]).toEqual([[], []]);
    expect((await show()).body["payouts_from"]).toBeNull();
  });
});

test("a merchant is told that its bank account changed, whoever did it, not which", async () => {
  const told = async () => {
    const { body } = await rig.send("GET", "/v1/events?limit=100", { token: rig.merchantKey });
    const all = body["data"] as readonly { readonly type: string }[];
    return all.filter(({ type }) => type === "bank_account.changed");
  };
  await name();
  const nothing = { lane: null, payment_request: null, payment: null, refund: null };
  expect(await told()).toEqual([
    {
      ...{ object: "event", id: 1, type: "bank_account.changed", at: expect.any(String) },
      ...{ ...nothing, settlement: null },
    } as never,
  ]);
  // The same one again is no change, nor is what one operator alone has said.
  await name();
  const json = { ...given, account_number: "00004242", note: "a letter" };
  const byDesk = (token: string) => rig.send("PUT", DESK, { token, key: "desk/1", json });
  expect((await byDesk(rig.deskKey)).status).toBe(202);
  expect(await told()).toHaveLength(1);
  expect((await byDesk(rig.otherDeskKey)).status).toBe(200);
  expect(await told()).toHaveLength(2);
  expect(JSON.stringify(await told())).not.toMatch(/4242|6789/);
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
    const named = (token: string, json: object = given, why = note) => {
      const sent = { token, key: crypto.randomUUID(), json: { ...json, note: why } };
      return rig.send("PUT", DESK, sent);
    };
    const proposed = await named(rig.deskKey);
    const proposal = { last_four: "6789", kind: "checking", note, proposed_by: "desk:alice" };
    expect([proposed.status, proposed.body]).toMatchObject([202, { status: "none", proposal }]);
    expect((await show()).body["status"]).toBe("none");
    expect((await named(rig.deskKey)).body["code"]).toBe("second_person_needed");
    // Savings is another one, and takes its place.
    const savings = { ...given, kind: "savings" };
    expect((await named(rig.otherDeskKey, savings)).status).toBe(202);
    const { status, body } = await named(rig.deskKey, savings, "called the owner");
    expect([status, body["last_four"], body["proposal"]]).toEqual([200, "6789", null]);
    // Of the four that were sealed the one that counts is left.
    await until(async () => rowsOf("bank-account").length === 1, "the spare ones are destroyed");
    expect(rowsOf("bank-account")).toEqual([(await settlement()).bankAccount ?? ""]);
    await name({ ...given, account_number: "555555" });
    const shown = await rig.send("GET", DESK, { token: rig.deskKey });
    expect(shown.body).toEqual({ ...(await show()).body, proposal: null });
    const path = "/v1/desk/merchants/mer_1/audit";
    const audit = await rig.send("GET", path, { token: rig.deskKey });
    const entries = audit.body["data"] as readonly object[];
    expect(entries.slice(0, 2)).toMatchObject([
      { event: "BankAccountSet", principal: "merchant:1", note: null },
      { event: "BankAccountSet", principal: "desk:alice", note: "called the owner" },
    ]);
    expect(entries.filter((one) => "note" in one && one.note === note)).toHaveLength(2);
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
    expect([...rowsOf("bank-account"), ...rowsOf("bank-account-ending")]).toEqual([]);
  });
});
