/** What the bank did wrong waits in suspense, people clear it up, and both books agree. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { assert } from "../../actors/assert.ts";
import type { Exception } from "../../src/client/money-desk.ts";
import { failureOf } from "../failure.ts";
import { leaks } from "../http/canary.ts";
import type { Customer, SwitchRig } from "../switch-rig.ts";
import {
  availableTo,
  balanceOf,
  blocksOf,
  daysPass,
  daysUntil,
  expectBooks,
  expectReconciled,
  startByClock,
} from "./money-days.ts";

let rig: SwitchRig;
beforeEach(async () => {
  rig = await startByClock();
});
afterEach(() => rig[Symbol.asyncDispose]());

const note = "Ms Banks on the phone";

interface Met {
  readonly customer: Customer;
  readonly account: string;
  readonly exception: Exception;
  /** The entry of the debit: file and trace. */
  readonly entry: { readonly file: string; readonly trace: number };
}

/** A debit of $10.00 from this bank account, when something of it waits for a person. */
async function meet(accountNumber: string): Promise<Met> {
  const customer = await rig.customer({ accountNumber });
  await rig.pay(customer, 1_000);
  const desk = rig.moneyDesk();
  const account = customer.phone.keys.account;
  let entry = { file: "", trace: 0 };
  const isWaiting = async (): Promise<boolean> => {
    entry = (await entryOf(account)) ?? entry;
    return (await desk.exceptions()).data.length > 0;
  };
  await daysUntil(rig, isWaiting, "something waits");
  const [exception] = (await desk.exceptions()).data;
  assert(exception !== undefined && entry.file !== "", "of a debit that was sent");
  return { customer, account, exception, entry };
}

/** Of the debit that is in flight. */
async function entryOf(account: string) {
  const { host } = rig.running.services;
  const ref = { kind: "account", id: account };
  const view = await host.ask(ref, { kind: "DescribeAccount" }, { principal: "test" });
  const { collection } = view as unknown as {
    collection: {
      purchases: readonly { stage: string; sent?: { fileId: string; trace: number } }[];
    };
  };
  const sent = collection.purchases.find(({ stage }) => stage === "in_flight")?.sent;
  return sent && { file: sent.fileId, trace: sent.trace };
}

async function alarms(): Promise<readonly string[]> {
  const { body } = await rig.send("GET", "/v1/desk/alarms", { token: rig.deskKey });
  return (body["data"] as readonly { alarm: string }[]).map(({ alarm }) => alarm);
}

/** The switch's own reconciliation with the bank finds nothing that it cannot explain. */
async function expectSettledBooks(byHandCents = 0): Promise<void> {
  await expectBooks(rig, byHandCents);
  await expectReconciled(rig);
  expect(await balanceOf(rig, "ach:suspense")).toBe(0);
  expect(await alarms()).not.toContain("bank_exceptions");
}

describe("a return that matches nothing", () => {
  test("belongs to an entry, says a person, and its debit has come back", async () => {
    const { customer, account, exception, entry } = await meet("9990000065");
    expect(exception).toMatchObject({
      ...{ kind: "inbound", reason: "unmatched", taken_by_bank: { amount: 1_000 } },
      received: { code: "R01", meaning: "insufficient funds" },
    });
    expect(await balanceOf(rig, "ach:suspense")).toBe(1_000);
    expect(await alarms()).toContain("bank_exceptions");
    await expectBooks(rig);

    const how = { resolution: "applied", note, entry };
    const resolved = await rig.moneyDesk().resolveException(exception.id, how);
    expect(resolved).toMatchObject({ status: "resolved", left: { amount: 0 } });
    expect(await blocksOf(customer)).toEqual(["collection_failed"]);
    expect((await rig.moneyDesk().debtsOf(account)).debits).toMatchObject([
      { stage: "returned", returns: [{ code: "R01", file: entry.file, trace: entry.trace }] },
    ]);
    await expectSettledBooks();
    // It is paid at the second attempt, as any other.
    await daysUntil(rig, async () => (await availableTo(customer)) === 10_000, "collected");
    expect(await blocksOf(customer)).toEqual([]);
  }, 30_000);

  test("is put to its debit also after that was collected", async () => {
    const { customer, exception, entry } = await meet("9990000065");
    await daysUntil(rig, async () => (await availableTo(customer)) === 10_000, "collected");
    const how = { resolution: "applied", note, entry, code: "R02" };
    await rig.moneyDesk().resolveException(exception.id, how);
    expect(await availableTo(customer)).toBe(9_000);
    expect(await blocksOf(customer)).toEqual(["collection_failed"]);
    await expectSettledBooks();
    // Once: what the entry has taken it does not take again.
    const again = rig.moneyDesk().resolveException(exception.id, how);
    expect(await failureOf(again)).toMatchObject({ code: "exception_not_open" });
  }, 30_000);

  test("that nobody ever understands is given up by two people", async () => {
    const { exception } = await meet("9990000065");
    const [alice, bob] = [rig.moneyDesk(), rig.moneyDesk(rig.otherDeskKey)];
    const how = { resolution: "written_off", note: "the bank does not know either" };
    expect((await alice.resolveException(exception.id, how)).status).toBe("proposed");
    expect((await alice.exception(exception.id)).give_up_proposed_by).toBe("desk:alice");
    const twice = alice.resolveException(exception.id, how);
    expect(await failureOf(twice)).toMatchObject({ code: "second_person_needed" });
    expect((await bob.resolveException(exception.id, how)).status).toBe("resolved");
    expect(await balanceOf(rig, "expense:unmatched")).toBe(1_000);
    await expectSettledBooks();
  }, 30_000);
});

test("a return of a cent too much is applied, and the cent goes back to the bank", async () => {
  const { customer, exception, entry } = await meet("9990000064");
  expect(exception).toMatchObject({ reason: "amount_differs", taken_by_bank: { amount: 1_001 } });
  const desk = rig.moneyDesk();
  const applied = await desk.resolveException(exception.id, {
    ...{ resolution: "applied", note, entry },
  });
  expect(applied).toMatchObject({ status: "open", left: { amount: 1 } });
  expect(await blocksOf(customer)).toEqual(["collection_failed"]);
  expect(await balanceOf(rig, "ach:suspense")).toBe(1);
  await expectBooks(rig);
  const back = await desk.resolveException(exception.id, { resolution: "back_to_bank", note });
  expect(back.status).toBe("resolved");
  // The sandbox's bank does not give it back: somebody else brought the cent.
  await expectSettledBooks(1);
}, 30_000);

test("a return of a code that does not exist is applied under another one", async () => {
  const { customer, exception: unread, entry } = await meet("9990000097");
  const desk = rig.moneyDesk();
  // Twice: as what was read, and as money.
  expect((await desk.exception(unread.id)).shows).toMatchObject([
    { kind: "entry", account_last_four: "0097", amount: { amount: 1_000 } },
    { kind: "return", code: "R97" },
  ]);
  await desk.resolveException(unread.id, { resolution: "noted", note });
  const [exception] = (await desk.exceptions()).data;
  assert(exception !== undefined, "its money waits, too");
  expect(exception).toMatchObject({ reason: "unknown_code", received: { code: "R97" } });
  const without = desk.resolveException(exception.id, { resolution: "applied", note, entry });
  expect(await failureOf(without)).toMatchObject({
    ...{ code: "invalid_request", body: { errors: [{ pointer: "/code", code: "required" }] } },
  });
  await desk.resolveException(exception.id, { resolution: "applied", note, entry, code: "R16" });
  expect(await blocksOf(customer)).toEqual(["compliance"]);
  await expectSettledBooks();
}, 30_000);

test("a second return of one debit is not applied to it, and goes back to the bank", async () => {
  const { exception, entry } = await meet("9990000063");
  expect(exception.reason).toBe("possible_duplicate");
  const desk = rig.moneyDesk();
  const applied = desk.resolveException(exception.id, { resolution: "applied", note, entry });
  expect(await failureOf(applied)).toMatchObject({ code: "resolution_does_not_fit" });
  await desk.resolveException(exception.id, { resolution: "back_to_bank", note });
  await daysPass(rig, 1);
  await expectSettledBooks(1_000);
}, 30_000);

describe("a file that is imported", () => {
  const ACCOUNT = "4815162342";
  const NAME = "ZENOBIA QUACKENBUSH";
  /** An entry as a bank sends it back, and the addenda below it cut off. */
  const receiver = ACCOUNT.padEnd(17);
  const rest = ["1".padEnd(15), NAME.padEnd(22), "  1", "1".padStart(15, "0")].join("");
  const text = `626021000021${receiver}0000001000${rest}\n799R01`;
  const bytes = new TextEncoder().encode(text);

  test("is read once, whatever it is called, and what it shows is no bank account", async () => {
    const desk = rig.moneyDesk();
    const proposed = await rig.moneyDesk(rig.otherDeskKey).importFile(bytes, "from the portal");
    expect(proposed.status).toBe("proposed");
    expect(await desk.inbound()).toMatchObject({ data: [] });
    const first = await desk.importFile(bytes, "from the bank's portal");
    // The piece that cannot be read, and that the file breaks off behind it.
    expect(first).toMatchObject({ status: "finished", applied: 0, exceptions: 2 });
    expect(await desk.importFile(bytes, "the same, once more")).toEqual(first);
    const { data } = await desk.exceptions();
    expect(data.map(({ reason }) => reason)).toEqual([expect.any(String), "file_control_missing"]);
    const [id = "", brokenOff = ""] = data.map((one) => one.id);
    const path = `/v1/desk/exceptions/${id}`;
    const shown = await rig.send("GET", path, { token: rig.deskKey });
    expect(shown.body["shows"]).toMatchObject([
      {
        ...{ kind: "entry", account_last_four: "2342", transaction_code: "26" },
        amount: { amount: 1_000 },
      },
      { kind: "return", code: "R01" },
    ]);
    const said = [shown.text, JSON.stringify(data), ...rig.lines].join("\n");
    for (const secret of [ACCOUNT, NAME, "Quackenbush"]) expect(leaks(said, secret)).toEqual([]);
    for (const one of [id, brokenOff]) {
      await desk.resolveException(one, { resolution: "noted", note: "it comes whole tomorrow" });
    }
    expect((await desk.exceptions()).data).toEqual([]);
    const { runs } = await desk.collection();
    expect(runs.map(({ run, note: why, inbound }) => [run, why, inbound])).toEqual([
      ["import", "the same, once more", first.id],
      ["import", "from the bank's portal", first.id],
    ]);
  }, 30_000);
});
