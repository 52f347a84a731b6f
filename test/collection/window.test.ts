/** The end of a file: whole, whenever its owners were told. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Message } from "../../actors/actor.ts";
import { cutOff } from "../../src/collection/cut-off.ts";
import type { CollectionParts } from "../../src/collection/parts.ts";
import { endFiles } from "../../src/collection/window.ts";
import { date } from "../actors/collecting.ts";
import { settled } from "../failure.ts";
import { type Customer, SwitchRig } from "../switch-rig.ts";
import { breakBefore, goTo, HandBank, partsOf, settle, stateOf } from "./rig.ts";

let rig: SwitchRig;
let bank: HandBank;
let customer: Customer;

beforeEach(async () => {
  rig = await SwitchRig.start();
  bank = new HandBank();
  customer = await rig.customer();
});
afterEach(() => rig[Symbol.asyncDispose]());

/** The switch dies before a file is told that it is closed. */
function dyingAtTheEnd(): CollectionParts {
  const parts = partsOf(rig, bank);
  const { host } = parts;
  const dying = new Proxy(host, {
    get(target, name) {
      const method = Reflect.get(target, name, target) as unknown;
      if (typeof method !== "function") return method;
      if (name !== "ask") return method.bind(target);
      return (ref: object, command: Message, options: object) => {
        if (command.kind === "CloseFile") throw new Error("it died");
        return (method as (...of: object[]) => unknown).call(target, ref, command, options);
      };
    },
  });
  return { ...parts, host: dying };
}

test("a file closes though everybody was told weeks ago, and no answer is remembered", async () => {
  await cutOff(partsOf(rig, bank));
  await rig.pay(customer, 1_299);
  goTo(rig, "2026-11-27");
  const debits = await cutOff(partsOf(rig, bank));
  goTo(rig, "2026-11-30");
  await settle(partsOf(rig, bank), debits.fileId, 1_299);
  goTo(rig, "2026-12-02");
  expect(await settled(endFiles(dyingAtTheEnd(), date("2026-12-02")))).toThrow("it died");
  expect((await customer.phone.account()).limit?.available.amount).toBe(10_000);
  expect((await stateOf(rig, debits.fileId)).kind).toBe("settled");
  goTo(rig, "2026-12-28");
  await rig.restart();
  // What is remembered goes in the background.
  await Bun.sleep(200);
  await endFiles(partsOf(rig, bank), date("2026-12-28"));
  expect((await stateOf(rig, debits.fileId)).kind).toBe("closed");
});

test("a file that cannot be ended keeps no newer one waiting", async () => {
  const parts = partsOf(rig, bank);
  await cutOff(parts);
  await rig.pay(customer, 1_299);
  goTo(rig, "2026-11-27");
  const first = await cutOff(parts);
  await rig.pay(customer, 700);
  goTo(rig, "2026-11-30");
  await settle(parts, first.fileId, 1_299);
  const second = await cutOff(parts);
  goTo(rig, "2026-12-01");
  await settle(parts, second.fileId, 700);
  goTo(rig, "2026-12-03");
  breakBefore(rig, "CollectEntries");
  expect(await settled(endFiles(parts, date("2026-12-03")))).toThrow("the process ended");
  const stages = await Promise.all([first, second].map(({ fileId }) => stateOf(rig, fileId)));
  expect(stages.map(({ kind }) => kind)).toEqual(["settled", "closed"]);
  expect((await customer.phone.account()).limit?.available.amount).toBe(10_000 - 1_299);
});
