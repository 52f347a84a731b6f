/** The daily settlement: what merchants are owed goes into the file of the day, once. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { ActorRef, Message } from "../../actors/actor.ts";
import { cutOff } from "../../src/collection/cut-off.ts";
import { readForward } from "../../src/rails/ach/reader.ts";
import { checkAch } from "../../src/rails/ach-check/check.ts";
import type { Host } from "../../src/runtime/host.ts";
import { merchantsDue, settlementsOf } from "../../src/views/settlements.ts";
import { linesOf } from "../../src/views/statement-lines.ts";
import { type Customer, type RigOptions, SwitchRig } from "../switch-rig.ts";
import { goTo, HandBank, partsOf } from "./rig.ts";

let rig: SwitchRig;
let bank: HandBank;
let customer: Customer;

async function begin(options?: RigOptions): Promise<void> {
  rig = await SwitchRig.start(options);
  bank = new HandBank();
  customer = await rig.customer();
  await nameBankAccount("9990000000");
}
beforeEach(() => begin());
afterEach(() => rig[Symbol.asyncDispose]());

const parts = () => partsOf(rig, bank);
const table = () => rig.running.services.views.table("settlements");
const statements = () => settlementsOf(table(), 1, undefined, 100).toReversed();
const amounts = () => statements().map(({ amountCents }) => Number(amountCents));

async function nameBankAccount(number: string): Promise<void> {
  const { vault, host } = rig.running.services;
  const opened = { routing_number: "021000021", account_number: number, kind: "checking" };
  const bytes = Buffer.from(JSON.stringify(opened));
  const [token] = vault.put([{ kind: "bank-account", owner: "1", bytes }]);
  const command = {
    kind: "SetBankAccount",
    token,
    ending: token,
    note: null,
    persons: "one",
    sameAs: [],
  };
  await host.ask({ kind: "merchant", id: "1" }, command, { principal: "merchant:1" });
}

/** Credits to merchants in every file that the bank was handed. */
async function credits() {
  const found: object[] = [];
  for (const { fileId, bytes } of bank.handed) {
    expect(checkAch(bytes).findings).toEqual([]);
    const read = await readForward([bytes]);
    if (read.kind !== "whole") throw new Error("our files are whole");
    for (const { header, entries } of read.file.batches) {
      if (header.sec !== "CCD") continue;
      for (const { amountCents, individualId, transactionCode } of entries) {
        found.push({ fileId, amount: Number(amountCents), individualId, transactionCode });
      }
    }
  }
  return found;
}

describe("the settlement of a day", () => {
  test("is in the file of the day, net of the fee", async () => {
    await rig.pay(customer, 2_000);
    await rig.pay(customer, 3_333);
    const { fileId } = await cutOff(parts());
    // 150 basis points, rounded down for each purchase: 30 and 49.
    const paid = { fileId, amount: 5_254, individualId: "1-1", transactionCode: "22" };
    expect(await credits()).toEqual([paid]);
    await rig.position();
    const [statement] = statements();
    expect(statement).toMatchObject({
      payoutId: "1-1",
      amountCents: 5_254,
      status: "sent",
      fileId,
    });
    const lines = [...linesOf(table(), 1, statement?.span ?? expect.unreachable())];
    expect(lines).toMatchObject([
      { kind: "payment", amountCents: 2_000, feeCents: -30 },
      { kind: "payment", amountCents: 3_333, feeCents: -49 },
    ]);
    expect([...merchantsDue(table())]).toEqual([]);
  });

  test("pays out no less than the configuration says", async () => {
    await rig[Symbol.asyncDispose]();
    await begin({ config: { payoutCentsMin: 2_000 } });
    await rig.pay(customer, 2_000);
    await cutOff(parts());
    expect(amounts()).toEqual([]);
    await rig.pay(customer, 31);
    goTo(rig, "2026-11-24");
    await cutOff(parts());
    expect(amounts()).toEqual([2_001]);
  });

  test("is made once, however often a file is made that day", async () => {
    await rig.pay(customer, 2_000);
    await cutOff(parts());
    await rig.pay(customer, 1_000);
    await cutOff(parts());
    expect(amounts()).toEqual([1_970]);
    goTo(rig, "2026-11-24");
    await cutOff(parts());
    await rig.position();
    expect(amounts()).toEqual([1_970, 985]);
  });

  test("waits below the least amount, and without a bank account", async () => {
    const other = await rig.merchant("Blue Door Coffee", "BLUE DOOR COFFEE");
    expect(other).toStartWith("sk_");
    await rig.pay(customer, 100);
    await cutOff(parts());
    await rig.position();
    expect([amounts(), [...merchantsDue(table())]]).toEqual([[], [1]]);
    goTo(rig, "2026-11-24");
    // 99 and 1: a dollar is enough.
    await rig.pay(customer, 1);
    await cutOff(parts());
    await rig.position();
    expect(amounts()).toEqual([100]);
  });
});

/** The host, with a look at every command before it is decided. */
function watched(host: Host, look: (ref: ActorRef, command: Message) => void): Host {
  return new Proxy(host, {
    get(target, name) {
      const method = Reflect.get(target, name, target) as unknown;
      if (typeof method !== "function") return method;
      if (name !== "ask" && name !== "askOnce") return method.bind(target);
      return (ref: ActorRef, command: Message, options: never) => {
        look(ref, command);
        return (method as Host["ask"]).call(target, ref, command, options);
      };
    },
  });
}

class Crash extends Error {}

describe("after a crash", () => {
  test("at any step of the cut-off what is owed is paid once", async () => {
    for (let step = 0; ; step++) {
      if (step > 0) {
        await rig[Symbol.asyncDispose]();
        await begin();
      }
      await rig.pay(customer, 2_000);
      let left = step;
      const crashing = {
        ...parts(),
        host: watched(rig.running.services.host, (_, { kind }) => {
          // Behind the hand-over it is for the bank to say what became of the file.
          if (left-- === 0 && kind !== "AcknowledgeFile") throw new Crash();
        }),
      };
      const crashed = await cutOff(crashing).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (crashed !== undefined) expect(crashed).toBeInstanceOf(Crash);
      await rig.restart();
      if (crashed !== undefined) await cutOff(parts());
      await rig.position();
      expect([step, amounts()]).toEqual([step, [1_970]]);
      expect([step, await credits()]).toMatchObject([step, [{ amount: 1_970 }]]);
      if (left >= 0) break;
    }
  }, 60_000);
});
