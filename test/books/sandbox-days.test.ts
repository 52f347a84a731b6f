/**
 * A real switch and the sandbox's bank over weeks in which much goes wrong: at every moment at
 * which somebody may look, the reconciliation names what is wrong then, and nothing else.
 */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { DEFAULT_POLICY } from "../../actors/policy.ts";
import type { DifferenceKind } from "../../src/books/difference.ts";
import { Reconciliation } from "../../src/books/reconciliation.ts";
import { reportOf } from "../../src/books/report.ts";
import { Collections } from "../../src/collection/collections.ts";
import { BankTwin } from "../../src/rails/bank-twin/bank-twin.ts";
import { REACTIONS } from "../../src/rails/bank-twin/reactions.ts";
import type { Mishap } from "../../src/rails/bank-twin/state.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { actorsOf } from "../../src/switch.ts";
import { PROFILE, partsOf } from "../collection/rig.ts";
import { type Customer, SwitchRig } from "../switch-rig.ts";
import { eventsOf } from "../views/history.ts";

let rig: SwitchRig;
let bank: BankTwin;
let collections: Collections;

beforeEach(async () => {
  rig = await SwitchRig.start();
  bank = new BankTwin(rig.clock, { bankNumber: PROFILE.immediateDestination });
  collections = new Collections(partsOf(rig, bank), (error) => {
    throw error;
  });
  await collections.start();
});
afterEach(async () => {
  await collections.stop();
  await rig[Symbol.asyncDispose]();
});

async function step(): Promise<void> {
  rig.clock.advanceTo(collections.nextAtMs);
  await collections.caughtUp();
}

/** What is found at the end of each commit, as it was then: the first time that it is found. */
async function foundOver(): Promise<readonly (readonly [DifferenceKind, file: string, number])[]> {
  const events = await eventsOf(rig);
  const books = new Reconciliation(actorsOf(DEFAULT_POLICY));
  const found = new Map<string, readonly [DifferenceKind, string, number]>();
  for (const [at, event] of events.entries()) {
    books.hear(event);
    if (isOneCommit(event, events[at + 1])) continue;
    const options = { nowMs: event.atMs, open: undefined, underWay: new Set<string>() };
    for (const { kind, file, amountCents, events: named } of reportOf(books, options).differences) {
      found.set(`${kind} ${file} ${named[0]}`, [kind, file ?? "", Number(amountCents)]);
    }
  }
  return [...found.values()];
}

/** What one command made is written at once, and nobody reads it in the middle. */
function isOneCommit(event: StoredEvent, next: StoredEvent | undefined): boolean {
  return next?.commandId.split(">")[0] === event.commandId.split(">")[0];
}

test("returns are no difference; what stays in suspense is one after a week", async () => {
  for (const [at, { account }] of REACTIONS.entries()) {
    await rig.pay(await rig.customer({ accountNumber: account }), 1_000 + at);
  }
  for (let time = 0; time < 56; time++) await step();
  // As in the bank's own account of the same weeks: late, another amount, not ours, a second one.
  const odd = ["61", "63", "63", "64", "65", "97"].map((two) => {
    return 1_000 + REACTIONS.findIndex(({ account }) => account.endsWith(two));
  });
  const found = await foundOver();
  expect(new Set(found.map(([kind]) => kind))).toEqual(new Set(["suspense_too_old"]));
  const amounts = found.map(([, , cents]) => cents);
  expect(amounts.reduce((sum, cents) => sum + cents, 0)).toBe(
    odd.reduce((sum, cents) => sum + cents, 1),
  );
}, 60_000);

test("a file that is lost, late or stated otherwise is named until it is right", async () => {
  const mishaps: Mishap[] = [
    { kind: "outcome_unknown" },
    { kind: "acknowledgement_lost" },
    { kind: "returns_twice" },
    { kind: "file_rejected" },
    { kind: "statement_differs", byCents: 1 as never },
    { kind: "returns_out_of_order" },
    { kind: "statement_late", bankingDays: 3 },
    { kind: "file_lost" },
  ];
  const good = await rig.customer();
  const gone: Customer[] = [];
  for (let at = 0; at < 5; at++) gone.push(await rig.customer({ accountNumber: "9990000002" }));
  for (let time = 0; time < 64; time++) {
    const mishap = time >= 8 && time % 4 === 0 ? mishaps.shift() : undefined;
    if (mishap !== undefined) bank.plan(mishap);
    if (time % 2 === 1 && time < 50) await rig.pay(good, 100 + time);
    const back = time % 6 === 5 ? gone.shift() : undefined;
    if (back !== undefined) await rig.pay(back, 200 + time);
    await step();
  }
  expect([...mishaps, ...bank.state().mishaps]).toEqual([]);
  const found = await foundOver();
  const kinds = found.map(([kind]) => kind);
  expect(kinds).toEqual(["statement_differs", "file_too_old", "file_too_old"]);
  const [stated, late, lost] = found;
  expect(stated?.[2]).toBe(1);
  expect(new Set([stated?.[1], late?.[1], lost?.[1]]).size).toBe(3);
  // Only the lost one is still named in the end: nobody has said what became of it.
  const books = new Reconciliation(actorsOf(DEFAULT_POLICY));
  for (const event of await eventsOf(rig)) books.hear(event);
  const nowMs = rig.clock.nowMs();
  const end = reportOf(books, { nowMs, open: undefined, underWay: new Set() });
  expect(end.differences.map(({ kind, file }) => [kind, file])).toEqual([
    ["file_too_old", lost?.[1] ?? ""],
  ]);
  const settled = end.timeliness.find(({ what }) => what === "settled");
  expect(settled?.lateDaysMax).toBe(3);
  expect(settled?.onTime).toBe((settled?.done ?? 0) - 2);
  const stages = end.files.filter(({ stage }) => stage !== "empty" && stage !== "closed");
  expect(stages.map(({ file, stage }) => [file, stage])).toEqual([
    [lost?.[1] ?? "", "handing_over"],
  ]);
}, 60_000);
