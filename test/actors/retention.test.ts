/** The periods of retention: to the day, by the calendar, and the longest decides. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { endOfKeeping, keptBy, RETENTION, type RetentionClass } from "../../actors/retention.ts";
import { sealedActor } from "../../actors/sealed.ts";
import { sweepActor } from "../../actors/sweep.ts";
import { Drive } from "./drive.ts";
import { NOON_MS } from "./samples.ts";

const NAMES = Object.keys(RETENTION) as RetentionClass[];
const DAY_MS = 86_400_000;

test("each class ends to the day", () => {
  const from = Date.UTC(2026, 1, 28, 12);
  const ends = NAMES.map((name) => [name, new Date(endOfKeeping(name, from)).toISOString()]);
  expect(Object.fromEntries(ends)).toEqual({
    mandate: "2028-02-28T12:00:00.000Z",
    approval: "2028-02-28T12:00:00.000Z",
    reg_e: "2028-02-28T12:00:00.000Z",
    transmission: "2031-02-28T12:00:00.000Z",
    paid_failure: "2029-02-28T12:00:00.000Z",
    ach_file: "2026-05-14T12:00:00.000Z",
    identity_picture: "2026-03-10T12:00:00.000Z",
    orphan: "2026-03-01T12:00:00.000Z",
  });
  // A leap day has its anniversary on the last of February.
  const leap = Date.UTC(2028, 1, 29);
  expect(new Date(endOfKeeping("mandate", leap)).toISOString()).toBe("2030-02-28T00:00:00.000Z");
});

test("what is kept is kept to the last millisecond of its class, the longest last", () => {
  const facts = { mandate: NOON_MS, paid_failure: NOON_MS - 400 * DAY_MS };
  const [mandate, failure] = [
    endOfKeeping("mandate", facts.mandate),
    endOfKeeping("paid_failure", facts.paid_failure),
  ];
  expect(keptBy(facts, NOON_MS)).toEqual([
    { name: "paid_failure", untilMs: failure },
    { name: "mandate", untilMs: mandate },
  ]);
  expect(keptBy(facts, mandate - 1).map(({ name }) => name)).toEqual(["mandate"]);
  expect(keptBy(facts, mandate)).toEqual([]);
  expect(keptBy({}, NOON_MS)).toEqual([]);
});

test("nothing is kept longer by another class than by its own end", () => {
  const times = fc.integer({ min: 0, max: 4_000_000_000_000 });
  const facts = fc.dictionary(fc.constantFrom(...NAMES), times);
  fc.assert(
    fc.property(facts, times, (some, nowMs) => {
      const kept = keptBy(some, nowMs);
      for (const { name, untilMs } of kept) {
        expect(untilMs).toBe(endOfKeeping(name, some[name] ?? 0));
        expect(nowMs).toBeLessThan(untilMs);
      }
      expect(kept.map(({ untilMs }) => untilMs)).toEqual(
        kept.map(({ untilMs }) => untilMs).sort((a, b) => a - b),
      );
    }),
  );
});

describe("what is sealed", () => {
  const of = { kind: "ach-file", id: "ach_20261123_A" };
  const end = (fromMs: number) =>
    ({ kind: "EndKeeping", store: "bank-files", of, facts: { ach_file: fromMs } }) as const;

  test("is destroyed once, when its class has ended and not before", () => {
    const drive = new Drive(sealedActor, "big_1", NOON_MS).table([
      [end(NOON_MS - 75 * DAY_MS + 1), "data_kept"],
      [end(NOON_MS - 75 * DAY_MS), "noted"],
    ]);
    expect(drive.sent).toEqual([{ kind: "DestroySealed", to: "bank-files:big_1" }]);
    drive.table([[end(NOON_MS - 75 * DAY_MS), "noted"]]);
    expect(drive.events).toEqual([
      { kind: "SealedDestroyed", store: "bank-files", of, classes: ["ach_file"] },
    ]);
    const nothing = { ...end(0), facts: {} };
    expect(() => new Drive(sealedActor, "big_2", NOON_MS).tell(nothing)).toThrow("for a reason");
  });

  test("has events of one version", () => {
    for (const actor of [sealedActor, sweepActor]) {
      expect(() => actor.upcast({ kind: "x", version: 2, body: {} })).toThrow();
    }
  });
});

test("a sweep is recorded by its counts, and one of nothing is not", () => {
  const drive = new Drive(sweepActor, "daily", NOON_MS).table([
    [{ kind: "RecordSweep", counts: { ach_file: 2, orphan: 0 } }, "noted"],
    [{ kind: "RecordSweep", counts: { orphan: 0 } }, "noted"],
    [{ kind: "RecordSweep", counts: { ach_file: 1, mandate: 3 } }, "noted"],
  ]);
  expect(drive.events).toEqual([
    { kind: "SweepMade", counts: { ach_file: 2 } },
    { kind: "SweepMade", counts: { ach_file: 1, mandate: 3 } },
  ]);
  expect(drive.state).toEqual({ ach_file: 3, mandate: 3 });
  const half = { kind: "RecordSweep", counts: { orphan: 0.5 } } as const;
  expect(() => drive.tell(half)).toThrow("what is destroyed is counted");
});
