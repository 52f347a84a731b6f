/** The benchmark itself, on a scale that proves its parts; and that it finds what is planted. */
import { describe, expect, test } from "bun:test";
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { AchEntryState } from "../../actors/ach-entry.ts";
import type { AnyActor, Message } from "../../actors/actor.ts";
import type { Policy } from "../../actors/policy.ts";
import { measureQuarter, QUICK } from "../../bench/quarter.ts";
import { missingIn } from "../../bench/quarter-rare.ts";
import { holds, render } from "../../bench/quarter-report.ts";
import type { QuarterScale, Week } from "../../bench/quarter-run.ts";
import { actorsOf } from "../../src/switch.ts";

const SMALL: QuarterScale = {
  ...{ customers: 50, merchants: 3, lanes: 10, bankingDays: 5, payments: 140, tailDays: 12 },
};

/** The real actors, and one of them otherwise. */
function but(kind: string, change: (real: AnyActor) => AnyActor) {
  return (policy: Policy): readonly AnyActor[] =>
    actorsOf(policy).map((actor) => (actor.kind === kind ? change(actor) : actor));
}

/** An actor whose events of one kind are written otherwise. */
function writes<Kind extends AccountEvent["kind"]>(
  kind: Kind,
  change: (event: Extract<AccountEvent, { kind: Kind }>) => AccountEvent,
) {
  return but("account", (real) => ({
    ...real,
    decide(state: unknown, command: Message, meta) {
      const decision = real.decide(state, command, meta);
      const events = decision.events.map((event) => {
        return event.kind === kind ? change(event as Parameters<typeof change>[0]) : event;
      });
      return { ...decision, events };
    },
  }));
}

async function faultOf(actors: ReturnType<typeof but>): Promise<string> {
  const quiet = () => {};
  const { fault } = await measureQuarter(SMALL, quiet, { planted: { actors } });
  return fault ?? "nothing was found";
}

test("a small quarter ends with every file closed and every invariant held", async () => {
  const weeks: Week[] = [];
  const told: number[] = [];
  const report = await measureQuarter(SMALL, (share) => told.push(share), {
    hearWeek: (week) => weeks.push(week),
  });
  expect(report.fault).toBeUndefined();
  expect(report.weeks).toEqual(weeks);
  expect(weeks.reduce((sum, { payments }) => sum + payments, 0)).toBe(report.payments);
  expect(report.payments).toBeGreaterThan(100);
  expect(weeks[0]?.entries).toBeGreaterThan(report.scale.customers);
  expect(report.facts).toBeGreaterThan(4_000);
  expect([...told].sort((a, b) => a - b)).toEqual(told);
  const seen = new Map(report.seen);
  expect(seen.get("return R01")).toBeGreaterThan(0);
  expect(seen.get("PaymentCaptured")).toBe(report.payments);
  expect(render(report)).toContain("all invariants held at the end of every day");
  // A quarter that is too short to meet everything proves too little.
  expect(missingIn(report.seen)).toContain("return R10 after collection");
  expect(holds(report)).toBe(false);
  const all = missingIn([]).map((name) => [name, 1] as const);
  expect(holds({ ...report, seen: all })).toBe(true);
  expect(holds({ ...report, seen: all, fault: "I2: x" })).toBe(false);
  expect(render({ ...report, fault: "I2: x" })).toContain("NOT all is well: I2: x");
}, 60_000);

describe("planted", () => {
  test("a posting that is dropped is found as I1", async () => {
    const actors = writes("DebitsCollected", (event) => {
      const [, ...postings] = event.entry.postings;
      return { ...event, entry: { ...event.entry, postings } };
    });
    expect(await faultOf(actors)).toMatch(/^I1: debits_collected is -?[0-9]+ cents out/);
  }, 60_000);

  test("a pair of postings that is dropped is found as I3", async () => {
    const actors = writes("DebitReturned", (event) => {
      const [, , ...postings] = event.entry.postings;
      return { ...event, entry: { ...event.entry, postings } };
    });
    expect(await faultOf(actors)).toMatch(/^I3: acc_\w+: the ledger's in_flight 0, [0-9]+/);
  }, 60_000);

  test("a return that is applied twice is found as once", async () => {
    // It forgets that something came back, where the bank says so once more.
    const forgotten = (state: AchEntryState): AchEntryState => ({ ...state, returned: null });
    const actors = but("ach-entry", (real) => ({
      ...real,
      decide: (state: AchEntryState, command: Message, meta) =>
        real.decide(forgotten(state), command, meta),
      apply: (state: AchEntryState, event: Message) => real.apply(forgotten(state), event),
    }));
    expect(await faultOf(actors)).toMatch(/^once: the return of ach_\w+\/[0-9]+ is acted on twice/);
  }, 60_000);

  test("a payment that is missing from its file is found as I11", async () => {
    const actors = writes("DebitsFiled", (event) => ({ ...event, debits: event.debits.slice(1) }));
    expect(await faultOf(actors)).toMatch(/^I11: ach_\w+: entries of [0-9]+ cents, postings/);
  }, 60_000);

  test("a capture of less than the lane was paid is found as once", async () => {
    const actors = writes("PaymentCaptured", (event) => {
      const { receipt } = event;
      const amountCents = (receipt.amountCents - 1) as typeof receipt.amountCents;
      return { ...event, receipt: { ...receipt, amountCents } };
    });
    expect(await faultOf(actors)).toMatch(/^once: pay_\w+: a lane was paid [0-9]+/);
  }, 60_000);
});

test("the quick form is long enough for a return after thirty days", () => {
  expect(QUICK.bankingDays).toBeGreaterThan(30);
});
