/** Days that pass in a sandbox with its bank, and what the books of both say of them. */
import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import { Reconciliation } from "../../src/books/reconciliation.ts";
import { reportOf } from "../../src/books/report.ts";
import { dataFiles } from "../../src/data-directory.ts";
import { SANDBOX_ODFI } from "../../src/odfi-config.ts";
import { BankTwin } from "../../src/rails/bank-twin/bank-twin.ts";
import type { BankTwinState } from "../../src/rails/bank-twin/state.ts";
import { actorsOf } from "../../src/switch.ts";
import { type Customer, type RigOptions, SwitchRig } from "../switch-rig.ts";
import { eventsOf } from "../views/history.ts";

const DAY_MS = 86_400_000;
/** Within so many days everything that is on its way arrives. */
const DAYS_MAX = 60;

export function startByClock(options: RigOptions = {}): Promise<SwitchRig> {
  return SwitchRig.start({ ...options, config: { collection: "by_clock", ...options.config } });
}

export async function daysPass(rig: SwitchRig, days: number): Promise<void> {
  for (let day = 0; day < days; day++) await rig.desk.advanceClock(rig.clock.nowMs() + DAY_MS);
}

/** Lets days pass until `fact` holds; throws where it never does. */
export async function daysUntil(
  rig: SwitchRig,
  fact: () => Promise<boolean>,
  what: string,
): Promise<void> {
  for (let day = 0; day < DAYS_MAX; day++) {
    if (await fact()) return;
    await daysPass(rig, 1);
  }
  throw new Error(`in ${DAYS_MAX} days: ${what}`);
}

export async function blocksOf({ phone }: Customer): Promise<readonly string[]> {
  return (await phone.account()).block_reasons;
}

export async function availableTo({ phone }: Customer): Promise<number | undefined> {
  return (await phone.account()).limit?.available.amount;
}

/** Debit positive, in cents. */
export async function balanceOf(rig: SwitchRig, account: string): Promise<number> {
  const { accounts } = await rig.desk.ledger();
  return accounts.find((one) => one.account === account)?.balance.amount ?? 0;
}

/** What the bank of the sandbox says that it holds for us, from its own books. */
export function bankHolds(rig: SwitchRig): number {
  const file = dataFiles(rig.dataDir).sandboxBank;
  const state = JSON.parse(readFileSync(file, "utf8")) as BankTwinState;
  const bankNumber = SANDBOX_ODFI.immediateDestination;
  return new BankTwin(rig.clock, { bankNumber, state }).books().balanceCents;
}

/**
 * The sum over all ledger accounts is zero, and what we say is at the bank is there: `byHandCents`
 * of it came outside ACH, by ways that the sandbox's bank knows nothing of.
 */
export async function expectBooks(rig: SwitchRig, byHandCents = 0): Promise<void> {
  const { sum } = await rig.desk.ledger();
  expect(sum.amount).toBe(0);
  expect(await balanceOf(rig, "cash:bank")).toBe(bankHolds(rig) + byHandCents);
}

/** Files, the bank's words and the books, held against one another: no difference. */
export async function expectReconciled(rig: SwitchRig): Promise<void> {
  const books = new Reconciliation(actorsOf(DEFAULT_POLICY));
  for (const event of await eventsOf(rig)) books.hear(event);
  const options = { nowMs: books.atMs, open: undefined, underWay: new Set<string>() };
  expect(reportOf(books, options).differences).toEqual([]);
}
