/** The switch and the sandbox's bank over weeks, each with books of its own. */
import { expect } from "bun:test";
import { Collections } from "../../src/collection/collections.ts";
import { BankTwin } from "../../src/rails/bank-twin/bank-twin.ts";
import { SwitchRig } from "../switch-rig.ts";
import { PROFILE, partsOf, stateOf } from "./rig.ts";

const DAY_MS = 86_400_000;

export class BankWeeks {
  readonly faults: string[] = [];
  readonly bank: BankTwin;
  collections: Collections;

  private constructor(readonly rig: SwitchRig) {
    this.bank = new BankTwin(rig.clock, { bankNumber: PROFILE.immediateDestination });
    this.collections = this.#newCollections();
  }

  static async start(): Promise<BankWeeks> {
    const weeks = new BankWeeks(await SwitchRig.start());
    await weeks.collections.start();
    return weeks;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.collections.stop();
    await this.rig[Symbol.asyncDispose]();
  }

  #newCollections(): Collections {
    return new Collections(partsOf(this.rig, this.bank), (error, where) => {
      this.faults.push(`${where}: ${(error as Error).message}`);
    });
  }

  /** Lets the clock run to the next time, again and again, and each run be done. */
  async run(times: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      this.rig.clock.advanceTo(this.collections.nextAtMs);
      await this.collections.caughtUp();
    }
    await this.rig.position();
  }

  /** Nothing of ours runs for so many days; the bank goes on. */
  async away(days: number): Promise<void> {
    await this.collections.stop();
    this.rig.clock.advance(days * DAY_MS);
    await this.rig.restart();
    this.collections = this.#newCollections();
    await this.collections.start();
  }

  /** What we say is in a ledger account. */
  async inLedger(account: string): Promise<number> {
    const { accounts } = await this.rig.desk.ledger();
    return accounts.find((one) => one.account === account)?.balance.amount ?? 0;
  }

  async openFiles(): Promise<readonly string[]> {
    const open: string[] = [];
    for (const { name } of this.bank.books().files) {
      const { kind } = await stateOf(this.rig, name as Parameters<typeof stateOf>[1]);
      if (kind !== "closed") open.push(`${name} ${kind}`);
    }
    return open;
  }

  /** Both books agree, every file has ended, and nothing waits anywhere. */
  async expectAllWell(): Promise<void> {
    expect(this.faults).toEqual([]);
    expect(this.bank.state().mishaps).toEqual([]);
    expect(await this.bank.inbound()).toEqual([]);
    expect(await this.openFiles()).toEqual([]);
    expect(await this.inLedger("cash:bank")).toBe(this.bank.books().balanceCents);
    for (const account of ["ach:provisional", "ach:out", "ach:suspense"]) {
      expect([account, await this.inLedger(account)]).toEqual([account, 0]);
    }
  }
}
