/** Dedupe rows: one effect per command id, and the first reply for every repeat. */
import { expect } from "bun:test";
import { DAY_MS } from "../../../src/runtime/event-log.ts";
import {
  ALL,
  commitOf,
  commitOne,
  contentsOf,
  fullCommitOf,
  NOON_MS,
  refOf,
  rememberedOf,
  withLog,
} from "../commits.ts";
import type { Group } from "../subject.ts";

export const dedupe: Group = {
  "the same command id writes nothing and gives the stored reply": (subject) =>
    withLog(subject, async (log) => {
      await commitOne(log, fullCommitOf("pay"));
      const before = await contentsOf(log, [refOf("a")], ["pay"]);
      const again = fullCommitOf("pay", {
        expectedSeq: 1,
        remember: [rememberedOf("pay", "something else")],
      });
      expect(await commitOne(log, again)).toEqual({
        kind: "duplicate",
        remembered: rememberedOf("pay", "done"),
      });
      expect(await contentsOf(log, [refOf("a")], ["pay"])).toEqual(before);
    }),

  "the same command id on a stale sequence gives the stored reply": (subject) =>
    withLog(subject, async (log) => {
      await commitOne(log, fullCommitOf("pay"));
      const again = await commitOne(log, fullCommitOf("pay"));
      expect(again).toEqual({ kind: "duplicate", remembered: rememberedOf("pay") });
      expect((await log.head()).position).toBe(1);
    }),

  "the same command id twice in one list takes effect once": (subject) =>
    withLog(subject, async (log) => {
      const results = await log.commit([
        fullCommitOf("pay", { ref: refOf("a"), unit: 0 }),
        fullCommitOf("pay", { ref: refOf("b"), unit: 1, timers: [], outbox: [] }),
      ]);
      expect(results).toEqual([
        { kind: "ok", position: 1 },
        { kind: "duplicate", remembered: rememberedOf("pay") },
      ]);
      expect((await log.head()).position).toBe(1);
    }),

  "of several ids to be remembered any one that is known makes a duplicate": (subject) =>
    withLog(subject, async (log) => {
      await commitOne(log, fullCommitOf("pay"));
      for (const ids of [
        ["pay", "new"],
        ["new", "pay"],
      ]) {
        const remember = ids.map((id) => rememberedOf(id, "again"));
        const again = await commitOne(log, commitOf({ expectedSeq: 1, remember }));
        expect(again).toEqual({ kind: "duplicate", remembered: rememberedOf("pay") });
      }
      expect(await log.recall("new")).toBeUndefined();
      expect((await log.head()).position).toBe(1);
    }),

  "another command id with the same content is another effect": (subject) =>
    withLog(subject, async (log) => {
      await commitOne(log, commitOf({ remember: [rememberedOf("one")] }));
      const result = await commitOne(
        log,
        commitOf({ expectedSeq: 1, remember: [rememberedOf("two")] }),
      );
      expect(result.kind).toBe("ok");
      expect((await log.read(0, ALL)).length).toBe(2);
    }),

  "a refusal is remembered without an event": (subject) =>
    withLog(subject, async (log) => {
      const refusal = commitOf({ events: [], remember: [rememberedOf("no", "refused")] });
      expect((await commitOne(log, refusal)).kind).toBe("ok");
      expect(await log.recall("no")).toEqual(rememberedOf("no", "refused"));
      expect((await commitOne(log, refusal)).kind).toBe("duplicate");
      expect((await log.head()).position).toBe(0);
    }),

  "a command id that nobody used is not recalled": (subject) =>
    withLog(subject, async (log) => {
      expect(await log.recall("nobody")).toBeUndefined();
    }),

  "command ids are told apart to the letter": (subject) =>
    withLog(subject, async (log) => {
      await commitOne(log, commitOf({ remember: [rememberedOf("Pay-1")] }));
      for (const other of ["pay-1", "Pay-1 ", " Pay-1", "Pay-", "Pay-11", "Pay-%", ""]) {
        expect(await log.recall(other)).toBeUndefined();
      }
      expect((await log.recall("Pay-1"))?.commandId).toBe("Pay-1");
    }),

  "a remembered reply is there after a restart, on any later day": (subject) =>
    withLog(subject, async (log, store) => {
      await commitOne(log, fullCommitOf("pay"));
      await store.stop();
      const reopened = await store.open();
      expect(await reopened.recall("pay")).toEqual(rememberedOf("pay"));
      const repeat = fullCommitOf("pay", { expectedSeq: 1, atMs: NOON_MS + 3 * DAY_MS });
      expect((await commitOne(reopened, repeat)).kind).toBe("duplicate");
    }),

  "pruning forgets the days before and no other": (subject) =>
    withLog(subject, async (log) => {
      const days = [0, 1, 2];
      for (const day of days) {
        const remember = [rememberedOf(`day ${day}`)];
        await commitOne(
          log,
          commitOf({ expectedSeq: day, atMs: NOON_MS + day * DAY_MS, remember }),
        );
      }
      await log.prune(NOON_MS + DAY_MS, ALL);
      expect(await log.recall("day 0")).toBeUndefined();
      expect((await log.recall("day 1"))?.commandId).toBe("day 1");
      expect((await log.recall("day 2"))?.commandId).toBe("day 2");
    }),

  "pruning forgets no more than it is told, the oldest first, and says how many": (subject) =>
    withLog(subject, async (log) => {
      const [a, b, c] = ["a", "b", "c"].map((id) => rememberedOf(id));
      await commitOne(log, commitOf({ remember: [a, b].flatMap((one) => one ?? []) }));
      const later = { expectedSeq: 1, atMs: NOON_MS + DAY_MS };
      await commitOne(log, commitOf({ ...later, remember: [c].flatMap((one) => one ?? []) }));
      const known = async () =>
        (await Promise.all(["a", "b", "c"].map((id) => log.recall(id)))).flatMap(
          (row) => row?.commandId ?? [],
        );
      const beforeMs = NOON_MS + 2 * DAY_MS;
      expect(await log.prune(NOON_MS, ALL)).toBe(0);
      expect(await log.prune(beforeMs, 1)).toBe(1);
      expect((await known()).length).toBe(2);
      expect(await log.prune(beforeMs, 1)).toBe(1);
      expect(await known()).toEqual(["c"]);
      expect(await log.prune(beforeMs, 2)).toBe(1);
      expect(await known()).toEqual([]);
      expect(await log.prune(beforeMs, 2)).toBe(0);
    }),

  "a command id that was forgotten may be used again": (subject) =>
    withLog(subject, async (log) => {
      await commitOne(log, fullCommitOf("pay"));
      await log.prune(NOON_MS + DAY_MS, ALL);
      const atMs = NOON_MS + DAY_MS;
      const result = await commitOne(
        log,
        fullCommitOf("pay", { expectedSeq: 1, atMs, outbox: [] }),
      );
      expect(result.kind).toBe("ok");
      expect(await log.recall("pay")).toEqual(rememberedOf("pay"));
    }),
};
