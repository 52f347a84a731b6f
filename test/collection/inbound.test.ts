/** What the bank says is taken, or kept where a person finds it; nothing hides what is newer. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { EXCEPTIONS_MAX } from "../../actors/ach-inbound.ts";
import type { AchFileId } from "../../actors/ids.ts";
import { cents } from "../../actors/money.ts";
import type { InboundItem } from "../../src/collection/bank-gateway.ts";
import { Collections } from "../../src/collection/collections.ts";
import { cutOff } from "../../src/collection/cut-off.ts";
import { ExceptionKeeper } from "../../src/collection/exception-keeper.ts";
import { takeInbound } from "../../src/collection/inbound.ts";
import type { CollectionParts } from "../../src/collection/parts.ts";
import { date } from "../actors/collecting.ts";
import { SwitchRig } from "../switch-rig.ts";
import { goTo, HandBank, partsOf, stateOf } from "./rig.ts";

let rig: SwitchRig;
let bank: HandBank;
const faults: string[] = [];
const report = (_: unknown, where: string): void => void faults.push(where);

beforeEach(async () => {
  rig = await SwitchRig.start();
  bank = new HandBank();
  faults.length = 0;
});
afterEach(() => rig[Symbol.asyncDispose]());

const parts = (): CollectionParts => partsOf(rig, bank);

function acknowledged(id: string, fileName: string, outcome: "accepted" | "rejected"): InboundItem {
  return { id, kind: "acknowledgement", fileName, outcome };
}

function stated(id: string, fileName: string, debit: number, credit = 0): InboundItem {
  const line = { fileName, debitCents: cents(debit), creditCents: cents(credit) };
  return { id, kind: "statement", date: date("2026-11-24"), lines: [line] };
}

/** Takes in all that is there. */
async function takeIn(...items: readonly InboundItem[]): Promise<void> {
  bank.items.push(...items);
  expect(await takeInbound(parts(), report)).toBe(true);
  expect([bank.items, faults]).toEqual([[], []]);
}

async function inLedger(account: string): Promise<number> {
  const { accounts } = await rig.desk.ledger();
  return accounts.find((one) => one.account === account)?.balance.amount ?? 0;
}

/** A prenote that the bank has taken: a file of one entry and no money. */
async function prenoteFile(): Promise<AchFileId> {
  await rig.customer();
  const { fileId } = await cutOff(parts());
  expect((await stateOf(rig, fileId)).kind).toBe("acknowledged");
  return fileId;
}

describe("an acknowledgement", () => {
  test("that says again what is known is taken, at every stage of the file", async () => {
    const fileId = await prenoteFile();
    await takeIn(acknowledged("a1", fileId, "accepted"));
    await takeIn(stated("s1", fileId, 0), acknowledged("a2", fileId, "accepted"));
    expect((await stateOf(rig, fileId)).kind).toBe("settled");
    const collections = new Collections(parts(), (_, where) => faults.push(where));
    goTo(rig, "2026-11-27");
    await collections.start();
    await collections.stop();
    expect((await stateOf(rig, fileId)).kind).toBe("closed");
    await takeIn(acknowledged("a3", fileId, "accepted"));
  });

  test("that contradicts what was said is taken, and kept at the file", async () => {
    const fileId = await prenoteFile();
    await takeIn(acknowledged("a1", fileId, "rejected"));
    const state = await stateOf(rig, fileId);
    expect(state).toMatchObject({ kind: "acknowledged", file: { contradiction: "rejected" } });
  });
});

describe("a word on a file that we do not know", () => {
  const hashOf = (piece: object): string =>
    new Bun.CryptoHasher("sha256").update(JSON.stringify(piece)).digest("hex");

  async function exceptions(piece: object): Promise<readonly object[]> {
    const ref = { kind: "ach-inbound", id: hashOf(piece) };
    const { host } = rig.running.services;
    const reply = await host.ask(ref, { kind: "DescribeInbound" }, { principal: "test" });
    return (reply as unknown as { state: { open?: readonly object[] } }).state.open ?? [];
  }

  test("is taken and kept for a person; its money waits in suspense, once", async () => {
    const item = stated("s1", "ach_20200101_A", 700, 250);
    await takeIn(item);
    await takeIn(item, { ...item, id: "s2" });
    expect(await inLedger("ach:suspense")).toBe(-450);
    expect(await inLedger("cash:bank")).toBe(450);
    const money = { of: "settlement", amountCents: 700, direction: "debit" };
    const line = { line: 1, reason: "unknown_file" };
    expect(await exceptions(item)).toMatchObject([
      { ...line, number: 1, money },
      { ...line, number: 2, money: { ...money, amountCents: 250, direction: "credit" } },
    ]);
  });

  test("that the bank corrects later is in suspense as it says last, to the cent", async () => {
    const said = (id: string, debit: number, credit: number) =>
      stated(id, "ach_20200101_A", debit, credit);
    const first = said("s1", 700, 250);
    await takeIn(first);
    await takeIn(said("s2", 720, 250));
    expect(await inLedger("cash:bank")).toBe(470);
    expect(await inLedger("ach:suspense")).toBe(-470);
    await takeIn(said("s3", 600, 0));
    expect(await inLedger("cash:bank")).toBe(600);
    // A piece that is given again is no newer word, and one that says the same says nothing new.
    await takeIn(first, said("s4", 600, 0));
    expect(await inLedger("ach:suspense")).toBe(-600);
    await takeIn(said("s5", 700, 250));
    expect(await inLedger("ach:suspense")).toBe(-450);
    const money = { of: "settlement", amountCents: 120, direction: "credit" };
    const back = { of: "settlement", amountCents: 250, direction: "debit" };
    expect(await exceptions(said("s3", 600, 0))).toMatchObject([{ money }, { money: back }]);
  });

  test("is an exception without money where none has moved", async () => {
    const item = acknowledged("a1", "no name of ours", "accepted");
    await takeIn(item);
    const { kind, fileName, outcome } = item as Extract<InboundItem, { kind: "acknowledgement" }>;
    expect(await exceptions({ kind, fileName, outcome })).toMatchObject([{ money: null }]);
    expect(await inLedger("ach:suspense")).toBe(0);
  });
});

test("what waits for a person is an alarm for as long as it waits", async () => {
  const alarms = () => rig.running.services.alarms.list().map(({ kind }) => kind);
  const fileId = await prenoteFile();
  expect(alarms()).toEqual([]);
  await takeIn(acknowledged("a1", fileId, "rejected"), stated("s1", fileId, 5));
  await takeIn(acknowledged("a2", "no name of ours", "accepted"));
  await rig.position();
  const all = ["bank_contradicted", "bank_exceptions", "bank_statement_differs"] as const;
  expect(alarms()).toEqual([...all]);
  const { host } = rig.running.services;
  const ask = (command: { readonly kind: string }) =>
    host.ask({ kind: "ach-file", id: fileId }, command, { principal: "desk:alice" });
  const resolved = { kind: "ResolveContradiction", outcome: "accepted", note: "asked" };
  expect(await ask(resolved)).toEqual({ kind: "noted" });
  const byHand = { kind: "SettleByHand", debitCents: 5, creditCents: 0, note: "asked" };
  expect(await ask(byHand)).toEqual({ kind: "noted" });
  await rig.position();
  expect(alarms()).toEqual(["bank_exceptions", "bank_money_unexplained"]);
  expect(await inLedger("ach:suspense")).toBe(-5);
  await takeIn(stated("s2", fileId, 0));
  await rig.position();
  expect(alarms()).toEqual(["bank_exceptions"]);
  expect(await inLedger("ach:suspense")).toBe(0);
});

describe("an item that cannot be taken now", () => {
  /** An amount below zero stops the actor that keeps statements. */
  const broken = (at: number): InboundItem => stated(`b${at}`, "ach_20200101_A", -1);

  test("hides none that is newer, however many there are", async () => {
    const fileId = await prenoteFile();
    const all = Array.from({ length: 250 }, (_, at) => broken(at));
    bank.items.push(...all, stated("s1", fileId, 0));
    expect(await takeInbound(parts(), report)).toBe(true);
    expect((await stateOf(rig, fileId)).kind).toBe("settled");
    expect(bank.items).toEqual(all);
    expect(new Set(faults)).toEqual(new Set(["collection, statement of the bank"]));
    expect(faults.length).toBe(250);
  });

  test("keeps every file open when it is a file of returns: they may be in it", async () => {
    const fileId = await prenoteFile();
    await takeIn(stated("s1", fileId, 0));
    goTo(rig, "2026-11-27");
    const unread = { id: "r1", kind: "returns", bytes: undefined } as unknown as InboundItem;
    bank.items.push(unread);
    const collections = new Collections(parts(), report);
    await collections.openNow();
    expect((await stateOf(rig, fileId)).kind).toBe("settled");
    bank.items.length = 0;
    await collections.openNow();
    expect((await stateOf(rig, fileId)).kind).toBe("closed");
    await collections.stop();
  });
});

test("more exceptions of money than one actor keeps go to the next, and none twice", async () => {
  const money = { of: "return", direction: "debit", amountCents: cents(7) } as const;
  const unmatched = { line: 1, reason: "unmatched", received: null, money };
  const readTo = async (count: number): Promise<ExceptionKeeper> => {
    const keeper = new ExceptionKeeper(parts(), "0f".repeat(32), 940);
    expect(await keeper.begin()).toBe("reading");
    for (let at = 0; at < count; at++) await keeper.keep(unmatched, null);
    return keeper;
  };
  // It stopped on the way, and is read again from the start.
  await readTo(3);
  const keeper = await readTo(EXCEPTIONS_MAX + 2);
  await keeper.keep({ ...unmatched, money: null }, null);
  await keeper.end(0, 0);
  expect(await inLedger("ach:suspense")).toBe(7 * (EXCEPTIONS_MAX + 2));
}, 60_000);
