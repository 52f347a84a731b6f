/**
 * A data directory in which money has gone all its ways, through a real switch and the sandbox's
 * bank: debits that are collected, that come back and are presented again, that come back for good,
 * a refund, a payout that comes back, and one that arrives.
 */
import { cpSync } from "node:fs";
import { SwitchRig } from "../switch-rig.ts";

const DAY_MS = 86_400_000;

/** A switch whose files go to the sandbox's bank by the clock. */
export class CollectingTown {
  private constructor(readonly rig: SwitchRig) {}

  static async start(): Promise<CollectingTown> {
    return new CollectingTown(await SwitchRig.start({ config: { collection: "by_clock" } }));
  }

  /** Lets so many days pass, with whatever falls due on them. */
  async days(count: number): Promise<void> {
    for (let day = 0; day < count; day++) {
      await this.rig.desk.advanceClock(this.rig.clock.nowMs() + DAY_MS);
    }
  }

  /** The merchant gives back a part of a payment. */
  async refund(payment: string, amountCents: number): Promise<void> {
    const amount = { amount: amountCents, currency: "USD" };
    const json = { amount, reason: "goods_returned" };
    await this.#merchant("POST", `/v1/payments/${payment}/refunds`, json);
  }

  /** The merchant gets what it is owed, day by day, to this bank account. */
  async payOutTo(accountNumber: string): Promise<void> {
    const bankAccount = { routing_number: "021000021", account_number: accountNumber };
    const json = { ...bankAccount, kind: "checking" };
    await this.#merchant("PUT", "/v1/merchant/bank-account", json);
  }

  async #merchant(method: string, path: string, json: object): Promise<void> {
    const token = this.rig.merchantKey;
    const sent = { token, key: crypto.randomUUID(), json };
    const { status, text } = await this.rig.send(method, path, sent);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
  }

  /** Stops the switch and leaves its directory there. */
  async leaveTo(dataDir: string): Promise<void> {
    await this.rig.halt();
    cpSync(this.rig.dataDir, dataDir, { recursive: true });
  }
}

/** Everything is over in the end: no file is under way. */
export async function keepCollectedBooks(dataDir: string): Promise<void> {
  const town = await CollectingTown.start();
  const { rig } = town;
  try {
    const good = await rig.customer();
    const short = await rig.customer({ accountNumber: "9990000001" });
    const gone = await rig.customer({ accountNumber: "9990000002" });
    await rig.pay(good, 499);
    const bought = await rig.pay(good, 1_250);
    await rig.pay(short, 2_075);
    await rig.pay(gone, 3_000);
    await town.days(14);
    await town.refund(bought.id, 250);
    await town.payOutTo("9990000043");
    await town.days(9);
    await town.payOutTo("9990000000");
    await town.days(9);
    await town.leaveTo(dataDir);
  } finally {
    await rig[Symbol.asyncDispose]();
  }
}
