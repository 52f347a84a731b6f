/** Stored states are a cache, and events of every older version are understood. */
import { expect } from "bun:test";
import type { AnyActor } from "../../../actors/actor.ts";
import type {
  ActorCommit,
  Awaitable,
  CommitResult,
  EventLog,
} from "../../../src/runtime/event-log.ts";
import { add, faultOf, READ, total, totalAt } from "../asks.ts";
import { commitOf } from "../commits.ts";
import { ForwardingLog } from "../forwarding-log.ts";
import { Rig, until } from "../rig.ts";
import type { Group } from "../subject.ts";
import { type CounterCommand, counter, counterOf } from "../toy-counter.ts";

const A = counterOf("a");

/** Loses every stored state. */
class StatelessLog extends ForwardingLog {
  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    return super.commit(list.map((commit) => ({ ...commit, state: undefined })));
  }
}

/** Notes with how many events of the actor a state is kept. */
class StateNotingLog extends ForwardingLog {
  readonly keptAt: number[] = [];

  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    for (const { ref, state, expectedSeq, events } of list) {
      if (ref.id === A.id && state !== undefined) this.keptAt.push(expectedSeq + events.length);
    }
    return super.commit(list);
  }
}

const oldEvent = (amount: number, version: number) => ({
  kind: "added",
  version,
  data: JSON.stringify({ kind: "added", amount }),
});

export const evolution: Group = {
  "an actor without its stored states is the same actor": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        for (let n = 1; n <= 5; n++) await rig.ask(A, add(n));
        await rig.crash();
        expect(await totalAt(rig, "a")).toBe(15);
        await rig.ask(A, add(6));
        await rig.crash();
        expect(await totalAt(rig, "a")).toBe(21);
      },
      { wrap: (log) => new StatelessLog(log) },
    ),

  "a state is kept every eighth event, and sooner while the actor is young": async (subject) => {
    const logs: StateNotingLog[] = [];
    const wrap = (log: EventLog): EventLog => {
      const noting = new StateNotingLog(log);
      logs.push(noting);
      return noting;
    };
    const few = async (rig: Rig): Promise<void> => {
      for (let n = 1; n <= 13; n++) await rig.ask(A, add(n));
      await rig.crash();
      for (let n = 14; n <= 33; n++) await rig.ask(A, add(n));
    };
    await Rig.with(subject, few, { wrap });
    expect(logs.flatMap(({ keptAt }) => keptAt)).toEqual([2, 4, 8, 16, 24, 32]);
  },

  "events of an older version are read as today's": (subject) =>
    Rig.with(subject, async (rig) => {
      const events = [oldEvent(3, 1), oldEvent(4, 1)];
      await rig.log.commit([commitOf({ ref: A, events })]);
      expect(await rig.ask(A, add(5))).toEqual(total(12));
      await rig.crash();
      expect(await totalAt(rig, "a")).toBe(12);
    }),

  "a state of an older version is not believed: the events are": (subject) => {
    const older: AnyActor = { ...counter, schemaVersion: 2 };
    // Version 3 counts in tenths and has the same events.
    const newer: AnyActor = {
      ...counter,
      schemaVersion: 3,
      init: () => ({ tenths: 0 }),
      decide: (state) => ({
        events: [],
        reply: { kind: "total", total: state.tenths / 10 },
        effects: [],
      }),
      apply: (state, event) => ({ tenths: state.tenths + event.by * 10 }),
      upcast: ({ body }) => body,
    };
    const actors = [older];
    return Rig.with(
      subject,
      async (rig) => {
        for (let n = 1; n <= 20; n++) await rig.ask(A, add(n));
        const [loaded] = await rig.log.load([A]);
        expect(loaded?.state?.version).toBe(2);
        actors[0] = newer;
        await rig.crash();
        expect(await totalAt(rig, "a")).toBe(210);
      },
      { actors },
    );
  },

  "an event of an unknown version stops its actor, with a name, and no other": (subject) =>
    Rig.with(subject, async (rig) => {
      await rig.log.commit([commitOf({ ref: A, events: [oldEvent(3, 9)] })]);
      await rig.log.commit([commitOf({ ref: counterOf("b"), events: [oldEvent(3, 0)] })]);
      expect(await faultOf(rig.ask(A, READ))).toBe("bug");
      expect(await faultOf(rig.ask(counterOf("b"), READ))).toBe("bug");
      expect(await totalAt(rig, "c")).toBe(0);
      expect(rig.host.failure).toBeUndefined();
    }),

  "a message to an actor that cannot be understood is kept": (subject) =>
    Rig.with(subject, async (rig) => {
      await rig.log.commit([commitOf({ ref: A, events: [oldEvent(3, 9)] })]);
      const relay: CounterCommand = { kind: "relay", to: "a", command: add(1) };
      expect(await rig.ask(counterOf("b"), relay)).toEqual(total(1));
      await until(() => rig.reports.length > 0, "it is reported");
      expect((await rig.log.outboxNext(9)).length).toBe(1);
    }),
};
