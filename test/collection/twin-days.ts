/**
 * A switch and the sandbox's bank, day after day: at every opening and cut-off what our books say
 * is at the bank is held against the bank's own.
 */
import { expect } from "bun:test";
import { bankDateAt } from "../../actors/banking-calendar.ts";
import { Collections } from "../../src/collection/collections.ts";
import { BankTwin } from "../../src/rails/bank-twin/bank-twin.ts";
import { type Reply, SwitchRig } from "../switch-rig.ts";
import { PROFILE, partsOf, stateOf } from "./rig.ts";

export class TwinDays {
  readonly bank: BankTwin;
  readonly collections: Collections;
  readonly #faults: string[] = [];

  private constructor(readonly rig: SwitchRig) {
    this.bank = new BankTwin(rig.clock, { bankNumber: PROFILE.immediateDestination });
    this.collections = new Collections(partsOf(rig, this.bank), (error, where) => {
      this.#faults.push(`${where}: ${(error as Error).message}`);
    });
  }

  /** On a Monday at noon; the first run is the cut-off of that day. */
  static async start(): Promise<TwinDays> {
    const days = new TwinDays(await SwitchRig.start());
    await days.collections.start();
    return days;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.collections.stop();
    await this.rig[Symbol.asyncDispose]();
    expect(this.#faults).toEqual([]);
  }

  /** Lets the next run come and be done, and compares the books. */
  async run(): Promise<void> {
    this.rig.clock.advanceTo(this.collections.nextAtMs);
    await this.collections.caughtUp();
    await this.rig.position();
    const [ours, theirs] = [await this.inLedger("cash:bank"), this.bank.books().balanceCents];
    expect([this.today, ours]).toEqual([this.today, Number(theirs)]);
    const { sum } = await this.rig.desk.ledger();
    expect([this.today, sum.amount]).toEqual([this.today, 0]);
  }

  /** Opening and cut-off of so many banking days. */
  async days(count: number): Promise<void> {
    for (let runs = 0; runs < 2 * count; runs++) await this.run();
  }

  get today(): string {
    return bankDateAt(this.rig.clock.nowMs());
  }

  /** Debit positive, in cents. */
  async inLedger(account: string): Promise<number> {
    const { accounts } = await this.rig.desk.ledger();
    return accounts.find((one) => one.account === account)?.balance.amount ?? 0;
  }

  /** Files of the bank that are not at their end here. */
  async openFiles(): Promise<readonly string[]> {
    const open: string[] = [];
    for (const { name } of this.bank.books().files) {
      const { kind } = await stateOf(this.rig, name as Parameters<typeof stateOf>[1]);
      if (kind !== "closed") open.push(`${name} ${kind}`);
    }
    return open;
  }

  get(path: string): Promise<Reply> {
    return this.rig.send("GET", path, { token: this.rig.merchantKey });
  }

  refund(payment: string, amount: number): Promise<Reply> {
    return this.rig.send("POST", `/v1/payments/${payment}/refunds`, {
      ...{ token: this.rig.merchantKey, key: crypto.randomUUID() },
      json: { amount: { amount, currency: "USD" }, reason: "goods_returned" },
    });
  }

  /** The merchant names where it is paid out to. */
  nameBankAccount(number: string): Promise<Reply> {
    return this.rig.send("PUT", "/v1/merchant/bank-account", {
      ...{ token: this.rig.merchantKey, key: crypto.randomUUID() },
      json: { routing_number: "021000021", account_number: number, kind: "checking" },
    });
  }
}
