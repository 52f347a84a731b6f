/** Entries that somebody at the desk wants to reverse, at each stage of their lives. */
import type { AccountView } from "../../actors/account-messages.ts";
import { assert } from "../../actors/assert.ts";
import type { Customer, Reply, SwitchRig } from "../switch-rig.ts";
import { badDebits, nextBankingDay, prenoteOf } from "./by-hand.ts";

export interface Entry {
  readonly file: string;
  readonly trace: number;
}

/** The prenote, the debit, its settlement: within so many banking days. */
const DAYS_MAX = 10;
const WINDOW_DAYS = 6;

export function reverse(rig: SwitchRig, { file, trace }: Entry, by = rig.deskKey): Promise<Reply> {
  const path = `/v1/desk/files/${file}/entries/${trace}/reversal`;
  const json = { reason: "wrong_date", note: "a week too early" };
  return rig.send("POST", path, { token: by, json });
}

/** A debit of $10.00 whose file the bank has settled; its window is open. */
export async function settledDebit(rig: SwitchRig, customer: Customer): Promise<Entry> {
  await rig.pay(customer, 1_000);
  await rig.running.services.collections.cutOffNow();
  for (let day = 0; day < DAYS_MAX; day++) {
    await nextBankingDay(rig);
    const entry = await inFlight(rig, customer);
    if (entry === undefined) continue;
    if ((await rig.moneyDesk().file(entry.file)).stage === "settled") return entry;
  }
  assert(false, "in time it is settled");
}

/** $10.00 that were debited from somebody else, and that their bank did not take back. */
export async function stoppedRefund(
  rig: SwitchRig,
): Promise<{ readonly account: string; readonly refund: string }> {
  // Credits to it come back: R03.
  const customer = await rig.customer({ accountNumber: "9990000043" });
  const account = customer.phone.keys.account;
  const { file, trace } = await settledDebit(rig, customer);
  for (const key of [rig.deskKey, rig.otherDeskKey]) {
    const desk = rig.moneyDesk(key);
    await desk.reverseEntry(file, String(trace), "wrong_receiver", "digits turned round");
  }
  await rig.running.services.collections.cutOffNow();
  for (let day = 0; day < DAYS_MAX; day++) {
    await nextBankingDay(rig);
    const [found] = (await rig.moneyDesk().debtsOf(account)).refunds;
    if (found?.stage === "stopped") return { account, refund: found.refund };
  }
  assert(false, "in time it comes back");
}

async function inFlight(rig: SwitchRig, { phone }: Customer): Promise<Entry | undefined> {
  const ref = { kind: "account", id: phone.keys.account };
  const asked = { principal: "test" };
  const { host } = rig.running.services;
  const account = (await host.ask(ref, { kind: "DescribeAccount" }, asked)) as AccountView;
  const [purchase] = account.collection.purchases;
  if (purchase?.stage !== "in_flight") return undefined;
  return { file: purchase.sent.fileId, trace: purchase.sent.trace };
}

/** What cannot be reversed, and the call that tries to. */
export async function reversing(
  rig: SwitchRig,
  what: "prenote" | "returned" | "reversed" | "collected",
): Promise<() => Promise<Reply>> {
  const entry = await entryThatIs(rig, what);
  return () => reverse(rig, entry);
}

async function entryThatIs(rig: SwitchRig, what: string): Promise<Entry> {
  if (what === "returned") {
    const [debit] = await badDebits(rig, ["9990000002"]);
    const { debits } = await rig.moneyDesk().debtsOf(debit?.account ?? "");
    const back = debits[0]?.returns[0];
    assert(back !== undefined && back.file !== null, "it came back");
    return { file: back.file, trace: back.trace };
  }
  const customer = await rig.customer();
  if (what === "prenote") {
    await rig.running.services.collections.cutOffNow();
    return await prenoteOf(rig, customer);
  }
  const entry = await settledDebit(rig, customer);
  if (what === "reversed") {
    for (const by of [rig.deskKey, rig.otherDeskKey]) await reverse(rig, entry, by);
  } else {
    for (let day = 0; day < WINDOW_DAYS; day++) await nextBankingDay(rig);
  }
  return entry;
}
