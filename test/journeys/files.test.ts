/** A file that never reached the bank: nothing is sent again before a person has asked. */
import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { cents } from "../../actors/money.ts";
import { dataFiles } from "../../src/data-directory.ts";
import type { BankTwinState, Mishap } from "../../src/rails/bank-twin/state.ts";
import { failureOf } from "../failure.ts";
import type { SwitchRig } from "../switch-rig.ts";
import {
  availableTo,
  balanceOf,
  daysPass,
  daysUntil,
  expectBooks,
  expectReconciled,
  startByClock,
} from "./money-days.ts";

/** The next file meets with it; the bank of a sandbox is kept in its data directory. */
async function planMishap(rig: SwitchRig, mishap: Mishap): Promise<void> {
  await rig.halt();
  const file = dataFiles(rig.dataDir).sandboxBank;
  const state = JSON.parse(readFileSync(file, "utf8")) as BankTwinState;
  writeFileSync(file, JSON.stringify({ ...state, mishaps: [mishap] }));
  await rig.restart();
}

test("a file that is lost waits for a person, and then its debits go into the next", async () => {
  await using rig = await startByClock();
  const customer = await rig.customer();
  const desk = rig.moneyDesk();
  const account = customer.phone.keys.account;
  // The prenote first: then a purchase is debited at once.
  await daysPass(rig, 8);
  await planMishap(rig, { kind: "file_lost" });
  await rig.pay(customer, 1_299);
  const isSent = async () => (await desk.debtsOf(account)).debits[0]?.stage === "in_flight";
  await daysUntil(rig, isSent, "the debit is in a file");
  const lost = (await desk.debtsOf(account)).debits[0]?.file ?? "";
  expect(await desk.file(lost)).toMatchObject({
    stage: "handing_over",
    totals: { entries: 1, debits: { amount: 1_299 } },
  });

  // Whatever happens meanwhile, it is not sent again.
  await daysPass(rig, 5);
  await rig.restart();
  expect((await desk.file(lost)).stage).toBe("handing_over");
  expect((await desk.debtsOf(account)).debits).toMatchObject([{ stage: "in_flight", file: lost }]);
  await expectBooks(rig);
  const taken = desk.handOver(lost, "perhaps");
  expect(await failureOf(taken)).toMatchObject({ code: "file_not_at_this_stage" });

  // Debited again is whoever is in it, so another operator must have heard the same.
  expect(await desk.acknowledge(lost, "rejected", "it never came, 12/07")).toBe("proposed");
  const again = desk.acknowledge(lost, "rejected", "it never came, 12/07");
  expect(await failureOf(again)).toMatchObject({ code: "second_person_needed" });
  expect(await desk.file(lost)).toMatchObject({
    ...{ stage: "handing_over", rejection_proposed_by: "desk:alice" },
  });
  const other = rig.moneyDesk(rig.otherDeskKey);
  const said = "Ms Banks on the phone: it never came, 12/07";
  expect(await other.acknowledge(lost, "rejected", said)).toBe("on_record");
  await rig.running.services.collections.caughtUp();
  expect((await desk.debtsOf(account)).debits).toMatchObject([{ stage: "due", file: null }]);
  expect(await balanceOf(rig, "ach:provisional")).toBe(0);
  await expectBooks(rig);
  // The opposite is a contradiction, which somebody must clear up.
  const opposite = desk.acknowledge(lost, "accepted", "it is there after all");
  expect(await failureOf(opposite)).toMatchObject({ code: "file_contradicted" });
  expect(await desk.file(lost)).toMatchObject({ contradiction: "accepted" });
  const clears = desk.resolveContradiction(lost, "accepted", "it is there after all");
  expect(await failureOf(clears)).toMatchObject({ code: "file_not_at_this_stage" });
  await desk.resolveContradiction(lost, "rejected", "another file was meant");
  const steps = (await desk.file(lost)).steps.slice(-4);
  expect(steps.map(({ event, principal, note }) => [event, principal, note])).toEqual([
    ["FileRejected", "desk:bob", "Ms Banks on the phone: it never came, 12/07"],
    ["FileClosed", "switch:collection", null],
    ["BankContradicted", "desk:alice", "it is there after all"],
    ["ContradictionResolved", "desk:alice", "another file was meant"],
  ]);

  await daysUntil(rig, isSent, "the debit is in the next file");
  const next = (await desk.debtsOf(account)).debits[0]?.file ?? "";
  expect(next).not.toBe(lost);
  await daysUntil(rig, async () => (await availableTo(customer)) === 10_000, "collected");
  expect(await balanceOf(rig, "cash:bank")).toBe(1_299);
  await expectBooks(rig);
  expect((await desk.file(next)).stage).toBe("closed");
  await expectReconciled(rig);
}, 60_000);

test("a file whose statement differs is settled by what the bank says, and corrected", async () => {
  await using rig = await startByClock();
  const customer = await rig.customer();
  const desk = rig.moneyDesk();
  await daysPass(rig, 8);
  await planMishap(rig, { kind: "statement_differs", byCents: cents(-100) });
  await rig.pay(customer, 1_299);
  const differing = async () => {
    return (await desk.files()).data.find((file) => file.differing !== null);
  };
  await daysUntil(rig, async () => (await differing()) !== undefined, "the statement differs");
  const file = await differing();
  const said = file?.differing?.debits.amount ?? 0;
  expect(file).toMatchObject({ stage: "acknowledged", totals: { debits: { amount: 1_299 } } });
  expect(said).not.toBe(1_299);

  const id = file?.id ?? "";
  await desk.settle(id, { debitCents: said, creditCents: 0 }, "so says the bank's portal");
  expect(await desk.file(id)).toMatchObject({
    ...{ stage: "settled", differing: null, stated: { debits: { amount: said } } },
    unexplained: { amount: said - 1_299 },
  });
  expect(await balanceOf(rig, "ach:suspense")).toBe(1_299 - said);
  const { sum } = await rig.desk.ledger();
  expect(sum.amount).toBe(0);

  // The right statement comes a banking day later.
  await daysUntil(rig, async () => (await desk.file(id)).stage === "closed", "the file ends");
  expect(await desk.file(id)).toMatchObject({
    ...{ unexplained: { amount: 0 }, stated: { debits: { amount: 1_299 } } },
  });
  expect(await balanceOf(rig, "ach:suspense")).toBe(0);
  expect(await availableTo(customer)).toBe(10_000);
  await expectBooks(rig);
  await expectReconciled(rig);
}, 60_000);
