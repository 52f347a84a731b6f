/** Timers through the host: late perhaps, twice in vain, early never. */
import { expect } from "bun:test";
import type { Awaitable, DueTimer } from "../../../src/runtime/event-log.ts";
import { add, settleDown, totalAt } from "../asks.ts";
import { NOON_MS } from "../commits.ts";
import { ForwardingLog, then } from "../forwarding-log.ts";
import { withGate } from "../gated-log.ts";
import { Rig, until } from "../rig.ts";
import type { Group } from "../subject.ts";
import { type AlarmCommand, alarmOf, type Ring, ringsOf } from "../toy-alarm.ts";
import { counterOf } from "../toy-counter.ts";

const A = alarmOf("a");
const LIST: AlarmCommand = { kind: "list" };
const MINUTE_MS = 60_000;

const tell = (rig: Rig, command: AlarmCommand, id = "a") => rig.ask(alarmOf(id), command);
const set = (rig: Rig, id: string, atMs: number, actor = "a") =>
  tell(rig, { kind: "set", id, atMs }, actor);

async function rings(rig: Rig, id = "a"): Promise<readonly Ring[]> {
  return ringsOf(await rig.ask(alarmOf(id), LIST));
}

const rung = (rig: Rig, count: number): Promise<void> =>
  until(async () => (await rings(rig)).length >= count, `${count} rings`);

export const alarms: Group = {
  "a timer rings at its time": (subject) =>
    Rig.with(subject, async (rig) => {
      await set(rig, "t", NOON_MS + MINUTE_MS);
      rig.clock.advance(MINUTE_MS);
      await rung(rig, 1);
      const atMs = NOON_MS + MINUTE_MS;
      expect(await rings(rig)).toEqual([{ id: "t", setForMs: atMs, rangMs: atMs }]);
      await settleDown();
      expect(await rig.log.timersNextAtMs()).toBeUndefined();
    }),

  "no timer rings early": (subject) =>
    Rig.with(subject, async (rig) => {
      for (const n of [5, 1, 3, 2, 4]) await set(rig, `t${n}`, NOON_MS + n * MINUTE_MS);
      for (let n = 0; n < 5; n++) {
        rig.clock.advance(MINUTE_MS - 1);
        await settleDown();
        expect((await rings(rig)).length).toBe(n);
        rig.clock.advance(1);
        await rung(rig, n + 1);
      }
      expect((await rings(rig)).map(({ id }) => id)).toEqual(["t1", "t2", "t3", "t4", "t5"]);
      expect((await rings(rig)).every(({ setForMs, rangMs }) => rangMs >= setForMs)).toBe(true);
    }),

  "a timer rings across a restart and across a crash": (subject) =>
    Rig.with(subject, async (rig) => {
      await set(rig, "t", NOON_MS + MINUTE_MS);
      await set(rig, "u", NOON_MS + 2 * MINUTE_MS);
      await rig.restart();
      rig.clock.advance(MINUTE_MS);
      await rung(rig, 1);
      await rig.crash();
      rig.clock.advance(MINUTE_MS);
      await rung(rig, 2);
      expect((await rings(rig)).map(({ id }) => id)).toEqual(["t", "u"]);
    }),

  "a timer that fell due while the switch was down rings at the start, once": (subject) =>
    Rig.with(subject, async (rig) => {
      await set(rig, "t", NOON_MS + MINUTE_MS);
      await rig.host.drain();
      rig.clock.advance(90 * 24 * 60 * MINUTE_MS);
      await rig.crash();
      await rung(rig, 1);
      await rig.crash();
      await settleDown();
      expect((await rings(rig)).length).toBe(1);
    }),

  "a timer set for the past rings once": (subject) =>
    Rig.with(subject, async (rig) => {
      await set(rig, "t", NOON_MS - MINUTE_MS);
      await rung(rig, 1);
      await settleDown();
      expect((await rings(rig)).length).toBe(1);
    }),

  "a cancelled timer does not ring": (subject) =>
    Rig.with(subject, async (rig) => {
      await set(rig, "t", NOON_MS + MINUTE_MS);
      await set(rig, "u", NOON_MS + MINUTE_MS);
      await tell(rig, { kind: "cancel", id: "t" });
      rig.clock.advance(2 * MINUTE_MS);
      await rung(rig, 1);
      await settleDown();
      expect((await rings(rig)).map(({ id }) => id)).toEqual(["u"]);
    }),

  "a timer that is set again rings at its new time only": (subject) =>
    Rig.with(subject, async (rig) => {
      await set(rig, "t", NOON_MS + MINUTE_MS);
      await set(rig, "t", NOON_MS + 3 * MINUTE_MS);
      rig.clock.advance(2 * MINUTE_MS);
      await settleDown();
      expect(await rings(rig)).toEqual([]);
      rig.clock.advance(MINUTE_MS);
      await rung(rig, 1);
      await set(rig, "t", NOON_MS + 4 * MINUTE_MS);
      rig.clock.advance(MINUTE_MS);
      await rung(rig, 2);
    }),

  "a clock that jumps 90 days rings every timer once, in order": (subject) =>
    Rig.with(subject, async (rig) => {
      for (let day = 1; day <= 90; day++) {
        await set(rig, `day ${day}`, NOON_MS + day * 24 * 60 * MINUTE_MS);
      }
      rig.clock.advance(90 * 24 * 60 * MINUTE_MS);
      await rung(rig, 90);
      await settleDown();
      expect((await rings(rig)).map(({ id }) => id)).toEqual(
        Array.from({ length: 90 }, (_, n) => `day ${n + 1}`),
      );
    }),

  "a timer that sets itself again goes on": (subject) =>
    Rig.with(subject, async (rig) => {
      await tell(rig, { kind: "tick", everyMs: MINUTE_MS, times: 5 });
      for (let n = 1; n < 5; n++) {
        rig.clock.advance(MINUTE_MS);
        await rung(rig, n + 1);
      }
      rig.clock.advance(10 * MINUTE_MS);
      await settleDown();
      expect((await rings(rig)).length).toBe(5);
    }),

  "a cancel that is on its way to the log silences the timer": (subject) =>
    withGate(subject, async (rig, gate) => {
      await set(rig, "t", NOON_MS + MINUTE_MS);
      const before = gate().lists.length;
      gate().hold();
      const cancelled = tell(rig, { kind: "cancel", id: "t" });
      await until(() => gate().lists.length > before, "the cancel is on its way");
      rig.clock.advance(MINUTE_MS);
      await settleDown();
      gate().release();
      await cancelled;
      rig.clock.advance(MINUTE_MS);
      await settleDown();
      expect(await rings(rig)).toEqual([]);
    }),

  "a cancel that comes between the reading of a due timer and its turn silences it": (subject) => {
    let beforeAnswer: () => Promise<void> = async () => {};
    /** Tells what was due when it was asked, some time after. */
    class SlowLog extends ForwardingLog {
      override async timersDue(nowMs: number, max: number): Promise<readonly DueTimer[]> {
        const due = await super.timersDue(nowMs, max);
        if (due.length > 0) await beforeAnswer();
        return due;
      }
    }
    return Rig.with(
      subject,
      async (rig) => {
        await set(rig, "t", NOON_MS + MINUTE_MS);
        await set(rig, "u", NOON_MS + MINUTE_MS);
        beforeAnswer = async () => {
          beforeAnswer = async () => {};
          await tell(rig, { kind: "cancel", id: "t" });
          await set(rig, "u", NOON_MS + 5 * MINUTE_MS);
        };
        rig.clock.advance(MINUTE_MS);
        await settleDown();
        await settleDown();
        expect(await rings(rig)).toEqual([]);
        rig.clock.advance(4 * MINUTE_MS);
        await rung(rig, 1);
        expect((await rings(rig)).map(({ id }) => id)).toEqual(["u"]);
      },
      { wrap: (log) => new SlowLog(log) },
    );
  },

  "a timer that is set while the log is being looked at is not forgotten": (subject) => {
    let gate: PromiseWithResolvers<void> | undefined;
    let looks = 0;
    class SlowLog extends ForwardingLog {
      override async timersNextAtMs(): Promise<number | undefined> {
        const next = await super.timersNextAtMs();
        looks++;
        await gate?.promise;
        return next;
      }
    }
    return Rig.with(
      subject,
      async (rig) => {
        await set(rig, "t", NOON_MS + MINUTE_MS);
        gate = Promise.withResolvers();
        const before = looks;
        rig.clock.advance(MINUTE_MS);
        await until(() => looks > before, "the log is being looked at");
        await set(rig, "u", NOON_MS + MINUTE_MS);
        await settleDown();
        gate.resolve();
        await rung(rig, 2);
      },
      { wrap: (log) => new SlowLog(log) },
    );
  },

  "timers that end in a bug do not keep the others from ringing": (subject) =>
    Rig.with(subject, async (rig) => {
      for (let n = 0; n < 1_200; n += 100) {
        const broken = Array.from({ length: 100 }, (_, m) =>
          tell(rig, { kind: "set_broken", id: `broken ${n + m}`, atMs: NOON_MS + n + m }, "b"),
        );
        await Promise.all(broken);
      }
      await set(rig, "t", NOON_MS + MINUTE_MS);
      rig.clock.advance(MINUTE_MS);
      await until(async () => {
        rig.clock.advance(1_000);
        return (await rings(rig)).length === 1;
      }, "the good one rings");
    }),

  "a log that tells of a timer twice does not ring it twice": (subject) => {
    class DoublingLog extends ForwardingLog {
      override timersDue(nowMs: number, max: number): Awaitable<readonly DueTimer[]> {
        return then(super.timersDue(nowMs, max), (due) => [...due, ...due]);
      }
    }
    return Rig.with(
      subject,
      async (rig) => {
        await set(rig, "t", NOON_MS + MINUTE_MS);
        rig.clock.advance(MINUTE_MS);
        await rung(rig, 1);
        await settleDown();
        expect((await rings(rig)).length).toBe(1);
      },
      { wrap: (log) => new DoublingLog(log) },
    );
  },

  "two nodes that see the same timer due ring it once": (subject) =>
    Rig.with(subject, async (rig) => {
      await set(rig, "t", NOON_MS + MINUTE_MS);
      const other = rig.hostOn(rig.log);
      await other.start();
      await other.ask(A, LIST, { principal: "desk:other" });
      rig.clock.advance(MINUTE_MS);
      await settleDown();
      await settleDown();
      const rangs = (await rig.log.read(0, 100)).filter(({ kind }) => kind === "rang");
      expect(rangs.length).toBe(1);
      await other.drain();
    }),

  "who writes elsewhere because of a firing that is lost, is lost with it": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        await Promise.all([set(rig, "t", NOON_MS + MINUTE_MS), totalAt(rig, "y")]);
        // The group is full: the cancel waits for the next one, and the timer falls due behind it.
        const others = ["b", "c"].map((id) => rig.ask(counterOf(id), add(1)));
        const cancelled = tell(rig, { kind: "cancel", id: "t" });
        others.push(rig.ask(counterOf("b"), add(1)));
        rig.clock.advance(MINUTE_MS);
        for (let step = 0; step < 5; step++) await Promise.resolve();
        const told = [1, 2].map(() => tell(rig, { kind: "pass_on", counter: "y" }));
        await Promise.all([...others, cancelled]);
        const believed = (await Promise.all(told)).map((reply) => ringsOf(reply).length);
        await settleDown();
        const rang = await rings(rig);
        // Cancelled in time or not: everybody knows of the same rings.
        expect(believed).toEqual([rang.length, rang.length]);
        expect(await totalAt(rig, "y")).toBe(2 * rang.length);
      },
      { limits: { groupUnitsMax: 2 } },
    ),

  "a row that cannot be understood keeps no other timer from ringing": (subject) => {
    class GarblingLog extends ForwardingLog {
      override timersDue(nowMs: number, max: number): Awaitable<readonly DueTimer[]> {
        return then(super.timersDue(nowMs, max), (due) =>
          due.map((timer) => (timer.id === "garbled" ? { ...timer, command: "{" } : timer)),
        );
      }
    }
    return Rig.with(
      subject,
      async (rig) => {
        await set(rig, "garbled", NOON_MS + MINUTE_MS);
        for (const id of ["t", "u"]) await set(rig, id, NOON_MS + 2 * MINUTE_MS);
        rig.clock.advance(2 * MINUTE_MS);
        await rung(rig, 2);
        expect((await rings(rig)).map(({ id }) => id).sort()).toEqual(["t", "u"]);
        expect(rig.reports.length).toBeGreaterThan(0);
      },
      { wrap: (log) => new GarblingLog(log) },
    );
  },

  "a timer that met a full disk rings within a second of there being room": (subject) =>
    withGate(subject, async (rig, gate) => {
      await set(rig, "t", NOON_MS + MINUTE_MS);
      gate().fates.push("full", "full", "full", "full", "full", "full");
      rig.clock.advance(MINUTE_MS);
      await until(async () => {
        await settleDown();
        if (gate().fates.length > 0) rig.clock.advance(1_000);
        return gate().fates.length === 0;
      }, "the disk has been full for a while");
      const atMs = rig.clock.nowMs();
      rig.clock.advance(1_000);
      await rung(rig, 1);
      expect(rig.clock.nowMs()).toBe(atMs + 1_000);
    }),
};
