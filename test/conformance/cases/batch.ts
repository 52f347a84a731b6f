/** A list of commits is one transaction, and yet each unit in it wins or loses for itself. */
import { expect } from "bun:test";
import {
  ALL,
  commitOf,
  contentsOf,
  eventOf,
  fullCommitOf,
  loadOne,
  refOf,
  withLog,
} from "../commits.ts";
import type { Group } from "../subject.ts";

const kinds = (results: readonly { kind: string }[]): string[] => results.map(({ kind }) => kind);

export const batch: Group = {
  "a list of one writes every part of its commit": (subject) =>
    withLog(subject, async (log) => {
      await log.commit([fullCommitOf("only")]);
      const held = await contentsOf(log, [refOf("a")], ["only"]);
      expect(held.feed[0]).toEqual({
        ...eventOf(1),
        position: 1,
        ref: refOf("a"),
        seq: 1,
        previous: 0,
        atMs: fullCommitOf("only").atMs,
        principal: "desk:test",
        commandId: "only",
      });
      expect(held.loaded[0]?.state).toEqual({ seq: 1, json: '{"tag":"only"}', version: 1 });
      expect(held.outbox).toEqual([...fullCommitOf("only").outbox]);
      expect(held.timers.map(({ id, ref }) => [id, ref.id])).toEqual([["only", "a"]]);
      expect(held.recalled).toEqual([...fullCommitOf("only").remember]);
    }),

  "a list of 256 actors is written whole": (subject) =>
    withLog(subject, async (log) => {
      const list = Array.from({ length: 256 }, (_, unit) =>
        fullCommitOf(`c${unit}`, { ref: refOf(`a${unit}`), unit }),
      );
      const results = await log.commit(list);
      expect(results).toEqual(list.map((_, at) => ({ kind: "ok", position: at + 1 })));
      expect((await log.outboxNext(ALL)).length).toBe(256);
    }),

  "an empty list is answered by an empty list": (subject) =>
    withLog(subject, async (log) => {
      expect(await log.commit([])).toEqual([]);
      expect((await log.head()).position).toBe(0);
    }),

  "one conflict among many fails nobody else": (subject) =>
    withLog(subject, async (log) => {
      const list = Array.from({ length: 64 }, (_, unit) =>
        commitOf({ ref: refOf(`a${unit}`), unit, expectedSeq: unit === 40 ? 3 : 0 }),
      );
      const results = await log.commit(list);
      expect(kinds(results)).toEqual(list.map((_, at) => (at === 40 ? "conflict" : "ok")));
      expect((await log.read(0, ALL)).map(({ ref }) => ref.id)).toEqual(
        list.filter((_, at) => at !== 40).map(({ ref }) => ref.id),
      );
    }),

  "answers come in the order of the list, with the positions of its events": (subject) =>
    withLog(subject, async (log) => {
      const results = await log.commit([
        commitOf({ ref: refOf("a"), unit: 0, events: [eventOf(1), eventOf(2)] }),
        commitOf({ ref: refOf("b"), unit: 1, expectedSeq: 9 }),
        commitOf({ ref: refOf("c"), unit: 2, events: [] }),
        commitOf({ ref: refOf("d"), unit: 3, events: [eventOf(3)] }),
        commitOf({ ref: refOf("e"), unit: 4, events: [eventOf(4)] }),
      ]);
      expect(results).toEqual([
        { kind: "ok", position: 1 },
        { kind: "conflict" },
        { kind: "ok", position: 2 },
        { kind: "ok", position: 3 },
        { kind: "ok", position: 4 },
      ]);
      expect((await log.read(2, ALL)).map(({ ref }) => ref.id)).toEqual(["d", "e"]);
    }),

  "one actor twice in a list is written twice, in order": (subject) =>
    withLog(subject, async (log) => {
      const results = await log.commit([
        commitOf({ unit: 0, commandId: "one" }),
        commitOf({ unit: 1, commandId: "two", expectedSeq: 1, state: '{"n":2}' }),
      ]);
      expect(kinds(results)).toEqual(["ok", "ok"]);
      const { seq, state } = await loadOne(log, refOf("a"));
      expect([seq, state]).toEqual([2, { seq: 2, json: '{"n":2}', version: 1 }]);
    }),

  "one actor twice in a unit is written twice, in order": (subject) =>
    withLog(subject, async (log) => {
      const results = await log.commit([
        commitOf({ commandId: "one" }),
        commitOf({ ref: refOf("b"), commandId: "two" }),
        commitOf({ commandId: "three", expectedSeq: 1 }),
      ]);
      expect(kinds(results)).toEqual(["ok", "ok", "ok"]);
      expect((await log.read(0, ALL)).map(({ commandId }) => commandId)).toEqual([
        "one",
        "two",
        "three",
      ]);
    }),

  "of a loser not one row is written": (subject) =>
    withLog(subject, async (log) => {
      await log.commit([commitOf()]);
      const before = await contentsOf(log, [refOf("a")], ["loser"]);
      const results = await log.commit([fullCommitOf("loser", { expectedSeq: 0 })]);
      expect(kinds(results)).toEqual(["conflict"]);
      expect(await contentsOf(log, [refOf("a")], ["loser"])).toEqual(before);
    }),

  "the commits of a unit stand or fall together": (subject) =>
    withLog(subject, async (log) => {
      await log.commit([commitOf({ ref: refOf("b") })]);
      const refs = [refOf("a"), refOf("b"), refOf("c")];
      const before = await contentsOf(log, refs, ["x", "y", "z"]);
      const results = await log.commit([
        fullCommitOf("x", { ref: refOf("a"), unit: 3 }),
        fullCommitOf("y", { ref: refOf("b"), unit: 3, expectedSeq: 0 }),
        fullCommitOf("z", { ref: refOf("c"), unit: 3 }),
      ]);
      expect(kinds(results)).toEqual(["conflict", "conflict", "conflict"]);
      expect(await contentsOf(log, refs, ["x", "y", "z"])).toEqual(before);
    }),

  "a unit that lost takes down the one that was decided on it": (subject) =>
    withLog(subject, async (log) => {
      const results = await log.commit([
        commitOf({ ref: refOf("a"), unit: 0 }),
        commitOf({ ref: refOf("b"), unit: 0, expectedSeq: 5 }),
        commitOf({ ref: refOf("a"), unit: 1, expectedSeq: 1 }),
        commitOf({ ref: refOf("c"), unit: 2 }),
      ]);
      expect(kinds(results)).toEqual(["conflict", "conflict", "conflict", "ok"]);
      expect((await log.read(0, ALL)).map(({ ref }) => ref.id)).toEqual(["c"]);
    }),

  "another writer's event in the place of a lost one does not let the next pass": (subject) =>
    withLog(subject, async (log) => {
      await log.commit([commitOf({ commandId: "of another writer" })]);
      const results = await log.commit([
        commitOf({ unit: 0, commandId: "lost" }),
        commitOf({ unit: 1, commandId: "decided on the lost one", expectedSeq: 1 }),
      ]);
      expect(kinds(results)).toEqual(["conflict", "conflict"]);
      expect((await log.head()).position).toBe(1);
    }),
};
