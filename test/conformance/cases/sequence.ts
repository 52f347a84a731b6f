/** Compare-and-set on an actor's sequence: the rule that two writers can never both be right. */
import { expect } from "bun:test";
import type { CommitResult } from "../../../src/runtime/event-log.ts";
import { ALL, commitOf, commitOne, eventOf, loadOne, refOf, withLog } from "../commits.ts";
import type { Group } from "../subject.ts";

/** Further than any actor of these cases gets. */
const WRONG = 500;

export const sequence: Group = {
  "the first commit of a new actor expects sequence 0": (subject) =>
    withLog(subject, async (log) => {
      expect(await loadOne(log, refOf("a"))).toEqual({
        seq: 0,
        lastPosition: 0,
        state: undefined,
        events: [],
      });
      expect(await commitOne(log, commitOf())).toEqual({ kind: "ok", position: 1 });
      const loaded = await loadOne(log, refOf("a"));
      expect([loaded.seq, loaded.lastPosition]).toEqual([1, 1]);
    }),

  "a commit on the right sequence continues it": (subject) =>
    withLog(subject, async (log) => {
      await commitOne(log, commitOf({ events: [eventOf(1), eventOf(2)] }));
      const result = await commitOne(log, commitOf({ expectedSeq: 2, commandId: "next" }));
      expect(result).toEqual({ kind: "ok", position: 3 });
      const { events } = await loadOne(log, refOf("a"));
      expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect(events.map(({ previous }) => previous)).toEqual([0, 1, 2]);
    }),

  "a commit on too low a sequence is a conflict and writes nothing": (subject) =>
    withLog(subject, async (log) => {
      await commitOne(log, commitOf({ events: [eventOf(1), eventOf(2)] }));
      const before = await log.head();
      for (const expectedSeq of [0, 1]) {
        expect(await commitOne(log, commitOf({ expectedSeq }))).toEqual({ kind: "conflict" });
      }
      expect(await log.head()).toEqual(before);
    }),

  "a commit on too high a sequence is a conflict and writes nothing": (subject) =>
    withLog(subject, async (log) => {
      expect(await commitOne(log, commitOf({ expectedSeq: 1 }))).toEqual({ kind: "conflict" });
      await commitOne(log, commitOf());
      expect(await commitOne(log, commitOf({ expectedSeq: 7 }))).toEqual({ kind: "conflict" });
      expect((await log.read(0, ALL)).length).toBe(1);
    }),

  "a commit without events confirms the sequence and leaves it": (subject) =>
    withLog(subject, async (log) => {
      await commitOne(log, commitOf());
      const confirm = (expectedSeq: number): Promise<CommitResult> =>
        commitOne(log, commitOf({ expectedSeq, events: [] }));
      expect(await confirm(1)).toEqual({ kind: "ok", position: 1 });
      expect(await confirm(0)).toEqual({ kind: "conflict" });
      expect(await confirm(2)).toEqual({ kind: "conflict" });
      expect((await loadOne(log, refOf("a"))).seq).toBe(1);
    }),

  "of two writers on one sequence exactly one wins": (subject) =>
    withLog(subject, async (log) => {
      const results = await Promise.all(
        ["one", "two"].map((commandId) => commitOne(log, commitOf({ commandId }))),
      );
      expect(results.map(({ kind }) => kind).sort()).toEqual(["conflict", "ok"]);
      expect((await loadOne(log, refOf("a"))).seq).toBe(1);
    }),

  "actors of the same id and another kind are other actors": (subject) =>
    withLog(subject, async (log) => {
      await commitOne(log, commitOf({ ref: refOf("a", "counter") }));
      expect((await commitOne(log, commitOf({ ref: refOf("a", "purse") }))).kind).toBe("ok");
      const page = await log.read(0, ALL);
      expect(page.map(({ ref }) => ref.kind)).toEqual(["counter", "purse"]);
    }),

  "sequences and positions have no gap after 1,000 mixed commits": (subject) =>
    withLog(subject, async (log) => {
      const seqs = new Map<string, number>();
      for (let n = 0; n < 1_000; ) {
        // Each actor once a list: what is decided on a loser would be lost as well.
        const list = Array.from({ length: 10 }, (_, unit) => {
          const id = `a${(n * 7) % 30}`;
          const seq = seqs.get(id) ?? 0;
          const isWrong = n % 7 === 0;
          const events = Array.from({ length: n % 4 }, () => eventOf(n));
          if (!isWrong) seqs.set(id, seq + events.length);
          const expectedSeq = isWrong ? seq + WRONG : seq;
          return commitOf({ ref: refOf(id), expectedSeq, unit, commandId: `c${n++}`, events });
        });
        const results = await log.commit(list);
        const conflicts = results.filter(({ kind }) => kind === "conflict").length;
        expect(conflicts).toBe(list.filter(({ expectedSeq }) => expectedSeq >= WRONG).length);
      }
      await expectNoGaps(log, seqs);
    }),
};

type Log = Parameters<typeof loadOne>[0];

async function expectNoGaps(log: Log, seqs: ReadonlyMap<string, number>): Promise<void> {
  const feed = await log.read(0, ALL);
  expect(feed.map(({ position }) => position)).toEqual(feed.map((_, at) => at + 1));
  expect((await log.head()).position).toBe(feed.length);
  for (const [id, seq] of seqs) {
    const own = feed.filter(({ ref }) => ref.id === id);
    expect(own.map((event) => event.seq)).toEqual(own.map((_, at) => at + 1));
    expect(own.map(({ previous }) => previous)).toEqual(
      own.map((_, at) => own[at - 1]?.position ?? 0),
    );
    expect(own.length).toBe(seq);
  }
}
