/** Timer rows: set, set again, cancelled, due; and nothing is due before its time. */
import { expect } from "bun:test";
import type { EventLog, TimerChange } from "../../../src/runtime/event-log.ts";
import { ALL, commitOf, commitOne, NOON_MS, refOf, timerOf, withLog } from "../commits.ts";
import type { Group } from "../subject.ts";

const dueOf = async (log: EventLog, nowMs: number, max = ALL): Promise<string[]> =>
  (await log.timersDue(nowMs, max)).map(({ id }) => id);

/** Changes timers of a new actor, so that no sequence is in the way. */
const change = (log: EventLog, timers: readonly TimerChange[], id = "a") =>
  commitOne(log, commitOf({ ref: refOf(id), events: [], timers }));

export const timers: Group = {
  "a timer is due at its time and not a millisecond before": (subject) =>
    withLog(subject, async (log) => {
      await change(log, [timerOf("t", NOON_MS)]);
      expect(await dueOf(log, NOON_MS - 1)).toEqual([]);
      expect(await log.timersDue(NOON_MS, ALL)).toEqual([
        { ref: refOf("a"), id: "t", atMs: NOON_MS, command: '{"kind":"ring","id":"t"}' },
      ]);
      expect(await log.timersNextAtMs()).toBe(NOON_MS);
    }),

  "timers are due in order of their time, at most as many as asked for": (subject) =>
    withLog(subject, async (log) => {
      await change(
        log,
        [3, 1, 2].map((n) => timerOf(`t${n}`, NOON_MS + n)),
      );
      expect(await dueOf(log, NOON_MS + 2)).toEqual(["t1", "t2"]);
      expect(await dueOf(log, NOON_MS + 9, 2)).toEqual(["t1", "t2"]);
      expect(await log.timersNextAtMs()).toBe(NOON_MS + 1);
    }),

  "a timer that is set again has its new time only": (subject) =>
    withLog(subject, async (log) => {
      await change(log, [timerOf("t", NOON_MS)]);
      await change(log, [timerOf("t", NOON_MS + 500)]);
      expect(await dueOf(log, NOON_MS + 499)).toEqual([]);
      expect(await dueOf(log, NOON_MS + 500)).toEqual(["t"]);
      expect(await log.timersNextAtMs()).toBe(NOON_MS + 500);
    }),

  "a cancelled timer is gone; to cancel it twice does no harm": (subject) =>
    withLog(subject, async (log) => {
      await change(log, [timerOf("t", NOON_MS), timerOf("u", NOON_MS + 1)]);
      await change(log, [{ kind: "cancel", id: "t" }]);
      await change(log, [{ kind: "cancel", id: "t" }]);
      expect(await dueOf(log, NOON_MS + 9)).toEqual(["u"]);
      expect(await log.timersNextAtMs()).toBe(NOON_MS + 1);
    }),

  "changes of one commit are made in their order": (subject) =>
    withLog(subject, async (log) => {
      const cancel: TimerChange = { kind: "cancel", id: "t" };
      await change(log, [timerOf("t", NOON_MS), cancel, timerOf("t", NOON_MS + 7)]);
      await change(log, [cancel, timerOf("u", NOON_MS), { kind: "cancel", id: "u" }], "b");
      expect((await log.timersDue(NOON_MS + 9, ALL)).map(({ id, atMs }) => [id, atMs])).toEqual([
        ["t", NOON_MS + 7],
      ]);
    }),

  "the same timer id of two actors is two timers": (subject) =>
    withLog(subject, async (log) => {
      await change(log, [timerOf("t", NOON_MS)], "a");
      await change(log, [timerOf("t", NOON_MS + 1)], "b");
      await change(log, [{ kind: "cancel", id: "t" }], "b");
      const due = await log.timersDue(NOON_MS + 9, ALL);
      expect(due.map(({ ref }) => ref.id)).toEqual(["a"]);
    }),

  "actors and timers with slashes in their ids are told apart": (subject) =>
    withLog(subject, async (log) => {
      await change(log, [timerOf("y/z", NOON_MS)], "x");
      await change(log, [timerOf("z", NOON_MS)], "x/y");
      expect((await dueOf(log, NOON_MS)).sort()).toEqual(["y/z", "z"]);
    }),

  "timers are there after a crash": (subject) =>
    withLog(subject, async (log, store) => {
      await change(log, [timerOf("t", NOON_MS)]);
      await store.crash();
      const reopened = await store.open();
      expect(await dueOf(reopened, NOON_MS)).toEqual(["t"]);
      expect(await reopened.timersNextAtMs()).toBe(NOON_MS);
    }),

  "where no timer is set there is no next one": (subject) =>
    withLog(subject, async (log) => {
      expect(await log.timersNextAtMs()).toBeUndefined();
    }),

  "a firing takes its timer, once": (subject) =>
    withLog(subject, async (log) => {
      const fired: TimerChange = { kind: "fired", id: "t", atMs: NOON_MS };
      await change(log, [timerOf("t", NOON_MS), timerOf("u", NOON_MS)]);
      expect((await change(log, [fired])).kind).toBe("ok");
      expect((await change(log, [fired])).kind).toBe("conflict");
      expect(await dueOf(log, NOON_MS)).toEqual(["u"]);
    }),

  "a firing of a timer that was cancelled or set again is a conflict": (subject) =>
    withLog(subject, async (log) => {
      const fired: TimerChange = { kind: "fired", id: "t", atMs: NOON_MS };
      await change(log, [timerOf("t", NOON_MS + 1)]);
      expect((await change(log, [fired])).kind).toBe("conflict");
      expect(await dueOf(log, NOON_MS + 1)).toEqual(["t"]);
      await change(log, [{ kind: "cancel", id: "t" }]);
      expect((await change(log, [fired])).kind).toBe("conflict");
    }),

  "a firing sees what its own list does to the timer": (subject) =>
    withLog(subject, async (log) => {
      const fired: TimerChange = { kind: "fired", id: "t", atMs: NOON_MS };
      await change(log, [timerOf("t", NOON_MS)]);
      const results = await log.commit([
        commitOf({ unit: 0, events: [], timers: [{ kind: "cancel", id: "t" }] }),
        commitOf({ unit: 1, events: [], timers: [fired] }),
        commitOf({ unit: 2, events: [], timers: [timerOf("t", NOON_MS)] }),
        commitOf({ unit: 3, events: [], timers: [fired, timerOf("t", NOON_MS + 5)] }),
      ]);
      expect(results.map(({ kind }) => kind)).toEqual(["ok", "conflict", "ok", "ok"]);
      expect(await log.timersNextAtMs()).toBe(NOON_MS + 5);
    }),
};
