/** The feed of the log: one gap-free order, from any position, the same every time. */
import { expect } from "bun:test";
import type { EventLog } from "../../../src/runtime/event-log.ts";
import { ALL, commitOf, commitOne, eventOf, readInPages, refOf, withLog } from "../commits.ts";
import type { Group } from "../subject.ts";

/** 30 actors, one to three events each, ten commits a list. */
async function fill(log: EventLog): Promise<void> {
  for (let round = 0; round < 6; round++) {
    const list = Array.from({ length: 10 }, (_, unit) => {
      const id = `a${(round * 10 + unit) % 30}`;
      const turn = Math.floor((round * 10 + unit) / 30);
      const events = Array.from({ length: (unit % 3) + 1 }, () => eventOf(round));
      return commitOf({ ref: refOf(id), unit, expectedSeq: turn * events.length, events });
    });
    const results = await log.commit(list);
    expect(results.every(({ kind }) => kind === "ok")).toBe(true);
  }
}

export const feed: Group = {
  "reading twice gives the same events in the same order": (subject) =>
    withLog(subject, async (log, store) => {
      await fill(log);
      const first = await log.read(0, ALL);
      expect(await log.read(0, ALL)).toEqual(first);
      await store.stop();
      expect(await (await store.open()).read(0, ALL)).toEqual(first);
    }),

  "positions count 1, 2, 3 and agree with the answers of the commits": (subject) =>
    withLog(subject, async (log) => {
      await fill(log);
      const result = await commitOne(log, commitOf({ ref: refOf("last") }));
      const events = await log.read(0, ALL);
      expect(events.map(({ position }) => position)).toEqual(events.map((_, at) => at + 1));
      expect(result).toEqual({ kind: "ok", position: events.length });
      expect((await log.head()).position).toBe(events.length);
    }),

  "a reader that goes on from a stored position misses nothing": (subject) =>
    withLog(subject, async (log) => {
      await fill(log);
      const whole = await log.read(0, ALL);
      for (const size of [1, 7, 64]) expect(await readInPages(log, size)).toEqual([...whole]);
      expect(await log.read(whole.length, ALL)).toEqual([]);
      expect(await log.read(whole.length + 5, ALL)).toEqual([]);
    }),

  "a reader beside running commits never skips a row": (subject) =>
    withLog(subject, async (log) => {
      const seen: number[] = [];
      const read = async (): Promise<void> => {
        for (const { position } of await log.read(seen.length, ALL)) seen.push(position);
      };
      const writers: Promise<unknown>[] = [];
      for (let n = 0; n < 40; n++) {
        const events = Array.from({ length: (n % 3) + 1 }, () => eventOf(n));
        writers.push(commitOne(log, commitOf({ ref: refOf(`a${n}`), events })));
        await read();
      }
      await Promise.all(writers);
      await read();
      expect(seen).toEqual(seen.map((_, at) => at + 1));
      expect(seen.length).toBe((await log.head()).position);
    }),

  "an actor's history is its part of the feed, newest first": (subject) =>
    withLog(subject, async (log) => {
      await fill(log);
      const own = (await log.read(0, ALL)).filter(({ ref }) => ref.id === "a2").reverse();
      expect(own.length).toBe(6);
      expect(await log.history(refOf("a2"), ALL, ALL)).toEqual(own);
      expect(await log.history(refOf("a2"), ALL, 2)).toEqual(own.slice(0, 2));
      expect(await log.history(refOf("a2"), own[1]?.position ?? 0, 2)).toEqual(own.slice(2, 4));
      expect(await log.history(refOf("a2"), 1, ALL)).toEqual([]);
      expect(await log.history(refOf("a2"), ALL, 0)).toEqual([]);
      expect(await log.history(refOf("nobody"), ALL, ALL)).toEqual([]);
    }),
};
