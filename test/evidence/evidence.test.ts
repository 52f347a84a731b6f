/** The evidence of a purchase: whole, checked by nobody's word, and false when a letter is. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { AccountView } from "../../actors/account-messages.ts";
import type { Evidence } from "../../src/evidence/evidence.ts";
import { verifyEvidence } from "../../src/evidence/verify.ts";
import { nextBankingDay } from "../http/by-hand.ts";
import { leaks } from "../http/canary.ts";
import { type Customer, SwitchRig } from "../switch-rig.ts";

setDefaultTimeout(60_000);
const NAME = "Zenobia Quackenbush";
let rig: SwitchRig;
let customer: Customer;
let payment: string;
let text: string;
let evidence: Evidence;

async function exported(id: string, query = ""): Promise<string> {
  const path = `/v1/desk/payments/${id}/evidence${query}`;
  const { status, text } = await rig.send("GET", path, { token: rig.deskKey });
  if (status !== 200) throw new Error(`no evidence: ${text}`);
  return text;
}

/** Bought, debited, returned once (R01), presented again, collected, and refunded in part. */
beforeAll(async () => {
  rig = await SwitchRig.start({ config: { collection: "by_hand" } });
  customer = await rig.customer({ name: NAME, accountNumber: "9990000001" });
  await rig.customer();
  payment = (await rig.pay(customer, 1_299)).id;
  for (let day = 0; day < 22; day++) await nextBankingDay(rig);
  const path = `/v1/payments/${payment}/refunds`;
  const json = { amount: { amount: 200, currency: "USD" }, reason: "goods_returned" };
  await rig.send("POST", path, { token: rig.merchantKey, key: "refund-1", json });
  text = await exported(payment);
  evidence = JSON.parse(text) as Evidence;
});
afterAll(() => rig[Symbol.asyncDispose]());

const checksOf = async (changed: unknown) => {
  const { checks, isGood } = await verifyEvidence(JSON.stringify(changed));
  return { bad: checks.filter((check) => check.isGood === false).map(({ name }) => name), isGood };
};

describe("the evidence of a purchase", () => {
  test("has everything from the mandate to the refund, and proves it", async () => {
    const { checks, isGood } = await verifyEvidence(text);
    expect([isGood, checks.map((check) => check.isGood)]).toEqual([true, Array(9).fill(true)]);
    const { summary } = evidence;
    expect(summary).toMatchObject({
      account: customer.phone.keys.account,
      mandate: { device: customer.phone.keys.device, ended: null },
      receipt: { paymentId: payment, amountCents: 1_299 },
      returns: [{ code: "R01" }],
      refunds: [{ amount_cents: 200 }],
    });
    expect(summary.mandate.text).toContain("I authorise SEQR Sandbox Inc.");
    expect(summary.ach_entries).toMatchObject([
      { attempt: 1, amount_cents: 1_299, is_collected: false },
      { attempt: 2, amount_cents: 1_299, is_collected: true },
    ]);
    for (const entry of summary.ach_entries) {
      expect(entry.file_sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(entry.trace).toMatch(/^[0-9]{7}$/);
    }
    expect(summary.returns[0]?.trace).toBe(summary.ach_entries[0]?.trace ?? "");
  });

  test("names nobody and holds no other customer", () => {
    for (const secret of [NAME, customer.phoneNumber, "9990000001"]) {
      expect(leaks(text, secret)).toEqual([]);
    }
    const accounts = evidence.events.filter(({ actor_kind: kind }) => kind === "account");
    expect(new Set(accounts.map(({ actor_id: id }) => id))).toEqual(
      new Set([customer.phone.keys.account]),
    );
  });

  test("is false as soon as any of its values is another", async () => {
    const places = leavesOf(evidence);
    expect(places.length).toBeGreaterThan(300);
    for (const place of places) {
      const changed = structuredClone(evidence);
      change(changed, place);
      expect([place.join("."), (await checksOf(changed)).isGood]).toEqual([place.join("."), false]);
    }
  });

  test("is false without an event that it speaks of, with one twice, or out of order", async () => {
    const { events } = evidence;
    const spoken = new Set<string>();
    for (const [at, event] of events.entries()) {
      const { bad, isGood } = await checksOf({ ...evidence, events: events.toSpliced(at, 1) });
      if (isGood) continue;
      expect(bad).toEqual(["summary"]);
      spoken.add(event.kind);
    }
    expect([...spoken].sort()).toEqual([
      ...["AccountOpened", "DebitReturned", "DebitsCollected", "DebitsFiled", "FileBuilt"],
      ...["FileHandedOver", "MandateTextKept", "PaymentAuthorised", "PaymentCaptured"],
      ...["PurchaseRefunded", "ReturnReceived"],
    ]);
    const [last] = events.slice(-1);
    for (const changed of [[...events, last], events.toReversed()]) {
      expect((await checksOf({ ...evidence, events: changed })).isGood).toBe(false);
    }
  });
});

describe("evidence", () => {
  test("under an older root has that night's hash, which somebody may have kept", async () => {
    const captured = evidence.events.find(({ kind }) => kind === "PaymentCaptured");
    const size = (captured?.position ?? 0) + 3;
    const older = await exported(payment, `?size=${size}`);
    const read = JSON.parse(older) as Evidence;
    expect((await verifyEvidence(older)).isGood).toBe(true);
    expect(read.log.size).toBe(size);
    expect(read.summary.ach_entries).toEqual([]);
    const beyond = `/v1/desk/payments/${payment}/evidence?size=`;
    for (const wrong of [1, evidence.log.size + 10_000]) {
      const { body } = await rig.send("GET", beyond + wrong, { token: rig.deskKey });
      expect(body["code"]).toBe("invalid_request");
    }
  });

  test("is no other customer's: events of one in the file of another are found out", async () => {
    const other = await rig.customer();
    const paid = await rig.pay(other, 500);
    const theirs = JSON.parse(await exported(paid.id)) as Evidence;
    const size = theirs.log.size;
    const ours = JSON.parse(await exported(payment, `?size=${size}`)) as Evidence;
    const { approval, mandate } = theirs.summary;
    for (const summary of [
      { ...ours.summary, approval },
      { ...ours.summary, mandate },
    ]) {
      expect((await checksOf({ ...ours, summary })).isGood).toBe(false);
    }
    expect((await checksOf({ ...ours, events: theirs.events })).isGood).toBe(false);
    const mixed = [...ours.events, ...theirs.events].sort((a, b) => a.position - b.position);
    expect((await checksOf({ ...ours, events: mixed })).isGood).toBe(false);
  });
});

test("of a purchase after another bank account was named has the mandate of that one", async () => {
  const buyer = await rig.customer();
  const first = (await rig.pay(buyer, 400)).id;
  const given = { routingNumber: "021000021", accountNumber: "5550001234" };
  await buyer.phone.nameBankAccount({ ...given, bankAccountKind: "checking" });
  const second = (await rig.pay(buyer, 500)).id;
  const [before, after] = await Promise.all(
    [first, second].map(async (id) => {
      const told = await exported(id);
      expect((await verifyEvidence(told)).isGood).toBe(true);
      return (JSON.parse(told) as Evidence).summary.mandate;
    }),
  );
  expect(before?.bank_account_token).not.toBe(after?.bank_account_token ?? "");
  expect(after).toMatchObject({ device: before?.device ?? "", ended: null });
  const { host } = rig.running.services;
  const ref = { kind: "account", id: buyer.phone.keys.account };
  const view = await host.ask(ref, { kind: "DescribeAccount" }, { principal: "test" });
  const { mandate } = view as AccountView;
  expect([after?.bank_account_token, after?.signature]).toEqual([
    ...[mandate.bankAccount, mandate.signature],
  ]);
});

test("an Ed25519 phone's approval is proved too", async () => {
  const other = await rig.customer({ algorithm: "ed25519" });
  const { checks, isGood } = await verifyEvidence(await exported((await rig.pay(other, 100)).id));
  expect([isGood, checks.some((check) => check.isGood === undefined)]).toEqual([true, false]);
});

test("what is no evidence is told as such, and breaks nothing", async () => {
  for (const wrong of ["", "{", "[]", "null", '{"format":"seqr-evidence-1"}', "x".repeat(99_999)]) {
    const { checks, isGood } = await verifyEvidence(wrong);
    expect([isGood, checks]).toEqual([false, [{ name: "form", isGood: false }]]);
  }
  const missing = await rig.send("GET", "/v1/desk/payments/pay_x/evidence", { token: rig.deskKey });
  expect(missing.body["code"]).toBe("not_found");
});

type Place = readonly (string | number)[];

/** Every value that is no object, by its place. */
function leavesOf(value: unknown, at: Place = []): readonly Place[] {
  if (typeof value !== "object" || value === null) return [at];
  return Object.entries(value).flatMap(([key, inner]) => {
    return leavesOf(inner, [...at, Array.isArray(value) ? Number(key) : key]);
  });
}

/** Another value of the same kind, as near as it gets. */
function change(target: object, place: Place): void {
  let inner = target as Record<string | number, unknown>;
  for (const key of place.slice(0, -1)) inner = inner[key] as typeof inner;
  const key = place.at(-1) ?? "";
  const value = inner[key];
  if (typeof value === "number") inner[key] = value + 1;
  else if (typeof value === "boolean") inner[key] = !value;
  else if (value === null) inner[key] = "x";
  else inner[key] = otherText(String(value));
}

function otherText(value: string): string {
  const last = value.at(-1) ?? "";
  if (value === "") return "x";
  // Digits and hex stay what they are, so that the form is right and the content is not.
  const next = last === "0" ? "1" : last === "a" ? "b" : /[0-9a-f]/.test(last) ? "0" : "A";
  return value.slice(0, -1) + (next === last ? "B" : next);
}
