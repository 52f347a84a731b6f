/** Days of a switch whose collection runs when it is told to: opening, then cut-off. */
import { spyOn } from "bun:test";
import type { AccountView } from "../../actors/account-messages.ts";
import { achFileId } from "../../actors/ach-file.ts";
import { assert } from "../../actors/assert.ts";
import {
  addBankingDays,
  type BankDate,
  bankDateAt,
  instantOf,
} from "../../actors/banking-calendar.ts";
import { type AchFileId, encodeId, ID_BYTES } from "../../actors/ids.ts";
import type { Debit } from "../../src/client/money-desk.ts";
import type { InboundFile } from "../../src/client/money-shapes.ts";
import { dataFiles } from "../../src/data-directory.ts";
import { BankTwin } from "../../src/rails/bank-twin/bank-twin.ts";
import { SealedFiles } from "../../src/vault/documents.ts";
import type { Customer, Reply, SwitchRig } from "../switch-rig.ts";

/** The prenote, the debit, its return: within so many banking days. */
const DAYS_MAX = 15;

/** The next banking day, with both of its runs. */
export async function nextBankingDay(rig: SwitchRig): Promise<void> {
  const { collections } = rig.running.services;
  const day = addBankingDays(bankDateAt(rig.clock.nowMs()), 1);
  rig.clock.advanceTo(instantOf(day, 8, 45));
  await collections.openNow();
  rig.clock.advanceTo(instantOf(day, 15));
  await collections.cutOffNow();
}

/** A file without entries of anybody, brought to that stage past the runner. */
export async function fileAt(
  rig: SwitchRig,
  modifier: string,
  stage: "open" | "built" | "handing_over",
  effectiveOn: BankDate = addBankingDays(bankDateAt(rig.clock.nowMs()), 1),
): Promise<AchFileId> {
  const { host, keys } = rig.running.services;
  const createdOn = bankDateAt(rig.clock.nowMs());
  const fileId = achFileId(createdOn, modifier);
  const bytes = new TextEncoder().encode(`no file of a bank, ${fileId}\n`);
  const sha256 = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  const sealed = new SealedFiles(keys, dataFiles(rig.dataDir).ach).put(fileId, bytes);
  const totals = { entries: 1, debitCents: 0, creditCents: 0 };
  const commands = [
    { kind: "OpenFile", createdOn, modifier, effectiveOn },
    { kind: "BuildFile", totals, sha256, sealed },
    { kind: "HandOverFile" },
  ];
  for (const command of commands.slice(0, STAGES.indexOf(stage) + 1)) {
    await host.ask({ kind: "ach-file", id: fileId }, command, { principal: "test" });
  }
  return fileId;
}

/** The entry of the prenote that asked about the customer's bank account. */
export async function prenoteOf(rig: SwitchRig, { phone }: Customer) {
  const ref = { kind: "account", id: phone.keys.account };
  const asked = { principal: "test" };
  const { host } = rig.running.services;
  const account = (await host.ask(ref, { kind: "DescribeAccount" }, asked)) as AccountView;
  const { bankAccount } = account.collection;
  assert(bankAccount.kind === "checking", "a prenote is under way");
  return { file: bankAccount.fileId, trace: bankAccount.trace };
}

/** A file of returns that came another way; two people say so. */
export async function importByTwo(
  rig: SwitchRig,
  bytes: Uint8Array,
  note: string,
): Promise<InboundFile> {
  await rig.moneyDesk(rig.otherDeskKey).importFile(bytes, note);
  const told = await rig.moneyDesk().importFile(bytes, note);
  assert(told.status !== "proposed", "two people imported it");
  return told;
}

/** Bytes that no bank sent: kept for a person, whatever stands in them. Gives the newest id. */
export async function junkException(rig: SwitchRig, text: string): Promise<string> {
  const desk = rig.moneyDesk();
  await importByTwo(rig, new TextEncoder().encode(`799 ${text}`), "found on a disk");
  const newest = (await desk.exceptions({ limit: 100 })).data.at(-1);
  assert(newest !== undefined, "it waits for a person");
  return newest.id;
}

/** $5 of the customer's that a file had taken, and that came back for a person to look at. */
export async function stuckRefund(rig: SwitchRig, account: string): Promise<string> {
  const refundId = encodeId("refund", crypto.getRandomValues(new Uint8Array(ID_BYTES)));
  const command = {
    ...{ kind: "ReturnEntry", subject: { kind: "refund", refundId, paymentId: null } },
    ...{ fileId: await fileAt(rig, "9", "handing_over"), trace: 1, code: "R16" },
    ...{ merchantNumber: 0, amountCents: 500, isSettled: true },
  };
  const { host } = rig.running.services;
  await host.ask({ kind: "account", id: account }, command, { principal: "test" });
  return refundId;
}

const STAGES = ["open", "built", "handing_over"];

export interface BadDebit {
  readonly account: string;
  readonly payment: string;
}

const isBack = ({ stage }: Debit): boolean => stage === "returned" || stage === "disputed";

/** Debits from these bank accounts, one each, that came back. */
export async function badDebits(
  rig: SwitchRig,
  accountNumbers: readonly string[],
  isDone: (debit: Debit) => boolean = isBack,
): Promise<readonly BadDebit[]> {
  const customers: Customer[] = [];
  for (const accountNumber of accountNumbers) {
    const customer = await rig.customer({ accountNumber });
    await rig.pay(customer, 1_000);
    customers.push(customer);
  }
  return await debitsBack(rig, customers, isDone);
}

/** Of each customer the one debit, when all of them came back. */
export async function debitsBack(
  rig: SwitchRig,
  customers: readonly Customer[],
  isDone: (debit: Debit) => boolean = isBack,
): Promise<readonly BadDebit[]> {
  const accounts = customers.map(({ phone }) => phone.keys.account);
  await rig.running.services.collections.cutOffNow();
  for (let day = 0; day < DAYS_MAX; day++) {
    await nextBankingDay(rig);
    const all = await Promise.all(accounts.map((account) => rig.moneyDesk().debtsOf(account)));
    const debits = all.map(({ debits: [debit] }) => debit);
    if (!debits.every((debit) => debit !== undefined && isDone(debit))) continue;
    return accounts.map((account, at) => ({ account, payment: debits[at]?.payment ?? "" }));
  }
  assert(false, "in time everything has come back");
}

/** A file out of turn, while the line to the bank is broken. */
export async function brokenLine(rig: SwitchRig): Promise<() => Promise<Reply>> {
  await rig.customer();
  const handOver = spyOn(BankTwin.prototype, "handOver");
  handOver.mockImplementationOnce(() => Promise.reject(new Error("the line broke")));
  const sent = { token: rig.deskKey, json: { note: "a phone call" } };
  return () => rig.send("POST", "/v1/desk/files", sent);
}
