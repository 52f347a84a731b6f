/** The hash chain: the head's hash covers every byte of the past. */
import { expect } from "bun:test";
import type { EventLog, StoredEvent } from "../../../src/runtime/event-log.ts";
import { chainHash, GENESIS } from "../../../src/runtime/hash-chain.ts";
import { settled } from "../../failure.ts";
import { ALL, commitOf, commitOne, eventOf, refOf, withLog } from "../commits.ts";
import type { Group } from "../subject.ts";

export function chainOf(events: readonly StoredEvent[]): string {
  return events.reduce(chainHash, GENESIS).toHex();
}

/** Events of three actors in lists of four, with losers among them. */
async function fill(log: EventLog, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const list = ["a", "b", "c", "a"].map((id, unit) => {
      const isSecond = unit === 3;
      const expectedSeq = round * (id === "a" ? 3 : 1) + (isSecond ? 1 : 0);
      const events = isSecond ? [eventOf(round), eventOf(-round)] : [eventOf(round)];
      return commitOf({ ref: refOf(id), unit, expectedSeq, events, commandId: `${round} ü ${id}` });
    });
    await log.commit([commitOf({ ref: refOf("loser"), expectedSeq: 9 })]);
    const results = await log.commit(list);
    expect(results.map(({ kind }) => kind)).toEqual(["ok", "ok", "ok", "ok"]);
  }
}

export const chain: Group = {
  "an empty log has the hash of nothing": (subject) =>
    withLog(subject, async (log) => {
      expect(await log.head()).toEqual({ position: 0, hash: "0".repeat(64) });
    }),

  "the head's hash is that of the chain computed again, after each list": (subject) =>
    withLog(subject, async (log) => {
      for (let rounds = 1; rounds <= 5; rounds++) {
        const given = { expectedSeq: rounds - 1, commandId: `round ${rounds}` };
        await commitOne(log, commitOf(given));
        const { position, hash } = await log.head();
        expect(hash).toBe(chainOf(await log.read(0, ALL)));
        expect(position).toBe(rounds);
      }
    }),

  "losers leave no trace in the chain, and it goes on after a restart and a crash": (subject) =>
    withLog(subject, async (log, store) => {
      await fill(log, 4);
      const before = await log.head();
      expect(before.hash).toBe(chainOf(await log.read(0, ALL)));
      await store.stop();
      const reopened = await store.open();
      expect(await reopened.head()).toEqual(before);
      await commitOne(reopened, commitOf({ ref: refOf("d") }));
      await store.crash();
      const after = await store.open();
      const events = await after.read(0, ALL);
      expect(events.length).toBe(before.position + 1);
      expect((await after.head()).hash).toBe(chainOf(events));
    }),

  "a change of any field of any event changes the head": (subject) =>
    withLog(subject, async (log) => {
      await fill(log, 1);
      const events = await log.read(0, ALL);
      const { hash } = await log.head();
      const changes: ((event: StoredEvent) => StoredEvent)[] = [
        (event) => ({ ...event, position: event.position + 1 }),
        (event) => ({ ...event, ref: { ...event.ref, kind: "purse" } }),
        (event) => ({ ...event, ref: { ...event.ref, id: `${event.ref.id}.` } }),
        (event) => ({ ...event, seq: event.seq + 1 }),
        (event) => ({ ...event, previous: event.previous + 1 }),
        (event) => ({ ...event, kind: "subtracted" }),
        (event) => ({ ...event, version: 2 }),
        (event) => ({ ...event, atMs: event.atMs - 1 }),
        (event) => ({ ...event, principal: "desk:other" }),
        (event) => ({ ...event, commandId: `${event.commandId} ` }),
        (event) => ({ ...event, data: event.data.replace("}", " }") }),
      ];
      for (const change of changes) {
        for (const at of events.keys()) {
          const changed = events.map((event, other) => (other === at ? change(event) : event));
          expect(chainOf(changed)).not.toBe(hash);
        }
      }
    }),

  "fields with line breaks, which would make the chain ambiguous, are refused": (subject) =>
    withLog(subject, async (log) => {
      const refused = [
        commitOf({ ref: refOf("a\nb") }),
        commitOf({ ref: refOf("a", "k\nl") }),
        commitOf({ principal: "a\nb" }),
        commitOf({ commandId: "a\nb" }),
        commitOf({ events: [{ ...eventOf(1), kind: "a\nb" }] }),
      ];
      for (const commit of refused) {
        expect(await settled((async () => log.commit([commit]))())).toThrow("one line");
      }
      expect((await log.head()).position).toBe(0);
    }),
};
