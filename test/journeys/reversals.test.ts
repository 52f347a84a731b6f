/** Our own mistakes undone: one debit, a whole file, and what the bank says to it. */
import { expect, test } from "bun:test";
import { failureOf } from "../failure.ts";
import type { Customer, SwitchRig } from "../switch-rig.ts";
import {
  availableTo,
  balanceOf,
  daysPass,
  daysUntil,
  expectBooks,
  expectReconciled,
  startByClock,
} from "./money-days.ts";

interface Sent {
  readonly file: string;
  readonly trace: string;
  readonly payment: string;
}

/** A purchase whose debit the bank has settled, and may still send back. */
async function settledDebit(rig: SwitchRig, customer: Customer, amount: number): Promise<Sent> {
  const { id } = await rig.pay(customer, amount);
  const desk = rig.moneyDesk();
  const account = customer.phone.keys.account;
  const debit = async () => (await desk.debtsOf(account)).debits.find((one) => one.payment === id);
  await daysUntil(rig, async () => (await debit())?.stage === "in_flight", "it is in a file");
  const file = (await debit())?.file ?? "";
  await daysUntil(rig, async () => (await desk.file(file)).stage === "settled", "settled");
  const { host } = rig.running.services;
  const ref = { kind: "account", id: account };
  const told = await host.ask(ref, { kind: "DescribeAccount" }, { principal: "test" });
  const { collection } = told as unknown as {
    readonly collection: { readonly purchases: { paymentId: string; sent: { trace: number } }[] };
  };
  const purchase = collection.purchases.find(({ paymentId }) => paymentId === id);
  return { file, payment: id, trace: String(purchase?.sent.trace) };
}

async function alarms(rig: SwitchRig): Promise<readonly string[]> {
  const { body } = await rig.send("GET", "/v1/desk/alarms", { token: rig.deskKey });
  return (body["data"] as readonly { readonly alarm: string }[]).map(({ alarm }) => alarm);
}

const both = (rig: SwitchRig) => [rig.moneyDesk(), rig.moneyDesk(rig.otherDeskKey)] as const;

test("a debit that came too early goes back, and is debited anew", async () => {
  await using rig = await startByClock();
  const customer = await rig.customer();
  const [alice, bob] = both(rig);
  await daysPass(rig, 8);
  const { file, trace, payment } = await settledDebit(rig, customer, 1_299);
  const note = "dated a week too early";
  expect(await alice.reverseEntry(file, trace, "wrong_date", note)).toBe("proposed");
  const again = alice.reverseEntry(file, trace, "wrong_date", note);
  expect(await failureOf(again)).toMatchObject({ code: "second_person_needed" });
  expect(await bob.reverseEntry(file, trace, "wrong_date", note)).toBe("on_record");
  const third = alice.reverseEntry(file, trace, "wrong_date", note);
  expect(await failureOf(third)).toMatchObject({ code: "entry_already_reversed" });

  // The customer is told at once, before any money moves; the limit is as it was.
  const receipt = async () => {
    return (await customer.phone.receipts(10)).find((one) => one.payment === payment);
  };
  expect((await receipt())?.reversals).toMatchObject([
    { amount: { amount: 1_299 }, reason: "wrong_date", note, status: "waiting" },
  ]);
  expect(await availableTo(customer)).toBe(8_701);
  const isPaid = async () => (await receipt())?.reversals[0]?.status === "paid";
  await daysUntil(rig, isPaid, "the money is back");
  await expectBooks(rig);
  await daysUntil(rig, async () => (await availableTo(customer)) === 10_000, "debited anew");
  expect(await balanceOf(rig, "cash:bank")).toBe(1_299);
  await expectBooks(rig);
  await expectReconciled(rig);
}, 60_000);

test("a file that was a mistake goes back whole, and is owed no more", async () => {
  await using rig = await startByClock();
  const [one, two] = [await rig.customer(), await rig.customer()];
  const [alice, bob] = both(rig);
  await daysPass(rig, 8);
  await rig.pay(one, 2_000);
  // The prenote of a newcomer is in the same file.
  await rig.customer();
  const { file } = await settledDebit(rig, two, 1_000);
  const note = "debited by another processor already";
  const proposed = { status: "proposed", reversed: 0, proposed: 2 };
  const left = [{ code: "entry_not_reversible", entries: 1 }];
  expect(await alice.reverseFile(file, "duplicate", note)).toMatchObject({
    ...proposed,
    refused: left,
  });
  const again = alice.reverseFile(file, "duplicate", note);
  expect(await failureOf(again)).toMatchObject({ code: "second_person_needed" });
  expect(await bob.reverseFile(file, "duplicate", note)).toMatchObject({
    ...{ status: "on_record", reversed: 2, proposed: 0, refused: left },
  });
  const third = bob.reverseFile(file, "duplicate", note);
  expect(await failureOf(third)).toMatchObject({ code: "entry_already_reversed" });
  expect([await availableTo(one), await availableTo(two)]).toEqual([10_000, 10_000]);
  await daysUntil(rig, async () => (await balanceOf(rig, "cash:bank")) === 0, "given back");
  await daysPass(rig, 6);
  await expectBooks(rig);
  expect(await balanceOf(rig, "expense:unmatched")).toBe(3_000);
  expect((await alice.file(file)).stage).toBe("closed");
  await expectReconciled(rig);
}, 60_000);

test("a reversal that the bank sends back leaves the debit as it was", async () => {
  await using rig = await startByClock();
  // Credits to it come back: R03.
  const customer = await rig.customer({ accountNumber: "9990000043" });
  const [alice, bob] = both(rig);
  await daysPass(rig, 8);
  const { file, trace } = await settledDebit(rig, customer, 1_500);
  for (const desk of [alice, bob]) await desk.reverseEntry(file, trace, "wrong_date", "too early");
  const status = async () => (await customer.phone.receipts(10))[0]?.reversals[0]?.status;
  expect(await alarms(rig)).not.toContain("reversal_failed");
  await daysUntil(rig, async () => (await status()) === "returned", "it comes back");
  expect(await alarms(rig)).toContain("reversal_failed");
  const { account } = customer.phone.keys;
  const listed = { account, amount: { amount: 1_500 }, reason: "wrong_date", status: "returned" };
  expect((await bob.reversals()).data).toMatchObject([{ ...listed, note: "too early" }]);
  await daysPass(rig, 6);
  expect(await availableTo(customer)).toBe(10_000);
  expect(await balanceOf(rig, "cash:bank")).toBe(1_500);
  await expectBooks(rig);
  await expectReconciled(rig);
}, 60_000);

test("a debit that comes back after it was reversed is for people", async () => {
  await using rig = await startByClock();
  // R01 on the second banking day after settlement.
  const customer = await rig.customer({ accountNumber: "9990000001" });
  const [alice, bob] = both(rig);
  await daysPass(rig, 8);
  const { file, trace } = await settledDebit(rig, customer, 1_500);
  for (const desk of [alice, bob]) await desk.reverseEntry(file, trace, "duplicate", "twice");
  const open = async () => (await alice.exceptions()).data;
  await daysUntil(rig, async () => (await open()).length > 0, "it comes back");
  const [exception] = await open();
  expect(exception).toMatchObject({ reason: "entry_reversed" });
  const id = exception?.id ?? "";
  const how = {
    resolution: "applied",
    note: "of that entry",
    entry: { file, trace: Number(trace) },
  };
  expect(await failureOf(alice.resolveException(id, how as never))).toMatchObject({
    code: "resolution_does_not_fit",
  });
  await daysPass(rig, 6);
  await expectBooks(rig);
  expect(await balanceOf(rig, "ach:suspense")).toBe(1_500);
  for (const desk of [alice, bob]) {
    await desk.resolveException(id, { resolution: "written_off", note: "paid twice" } as never);
  }
  expect(await balanceOf(rig, "ach:suspense")).toBe(0);
  await expectBooks(rig);
  await expectReconciled(rig);
}, 60_000);
