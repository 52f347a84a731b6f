/** Stored states are a cache of the events: any of them may be missing. */
import { expect } from "bun:test";
import type { EventLog } from "../../../src/runtime/event-log.ts";
import { commitOf, commitOne, eventOf, loadOne, refOf, withLog } from "../commits.ts";
import type { Group } from "../subject.ts";

const states = ['{"n":1}', undefined, undefined, '{"n":4}', undefined];

async function fill(log: EventLog): Promise<void> {
  for (const [at, state] of states.entries()) {
    await commitOne(log, commitOf({ expectedSeq: at, events: [eventOf(at)], state }));
  }
}

export const snapshots: Group = {
  "an actor loads as its newest state and the events after it": (subject) =>
    withLog(subject, async (log) => {
      await fill(log);
      const { seq, state, events } = await loadOne(log, refOf("a"));
      expect(state).toEqual({ seq: 4, json: '{"n":4}', version: 1 });
      expect([seq, events.map((event) => event.seq)]).toEqual([5, [5]]);
    }),

  "an actor without a stored state loads as all its events": (subject) =>
    withLog(subject, async (log) => {
      await commitOne(log, commitOf({ events: [1, 2, 3].map(eventOf) }));
      const { seq, state, events } = await loadOne(log, refOf("a"));
      expect([seq, state]).toEqual([3, undefined]);
      expect(events.map(({ data }) => data)).toEqual([1, 2, 3].map((n) => eventOf(n).data));
    }),

  "state and events are the same after a restart and after a crash": (subject) =>
    withLog(subject, async (log, store) => {
      await fill(log);
      const before = await loadOne(log, refOf("a"));
      await store.stop();
      expect(await loadOne(await store.open(), refOf("a"))).toEqual(before);
      await store.crash();
      expect(await loadOne(await store.open(), refOf("a"))).toEqual(before);
    }),

  "actors load in the order they are asked for, known and unknown": (subject) =>
    withLog(subject, async (log) => {
      await commitOne(log, commitOf({ ref: refOf("b"), events: [1, 2].map(eventOf) }));
      await commitOne(log, commitOf({ ref: refOf("c") }));
      const loaded = await log.load(["c", "nobody", "b"].map((id) => refOf(id)));
      expect(loaded.map(({ seq }) => seq)).toEqual([1, 0, 2]);
    }),
};
