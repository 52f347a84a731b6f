/** Commands with an id: one effect, and every repeat hears of it. */
import { expect } from "bun:test";
import { DAY_MS } from "../../../src/runtime/event-log.ts";
import type { OnceAnswer } from "../../../src/runtime/host.ts";
import {
  add,
  faultOf,
  kept,
  openRequest,
  overLimit,
  pay,
  payOnce,
  READ,
  replyOf,
  settleDown,
  total,
  totalAt,
} from "../asks.ts";
import { ALL, NOON_MS, refOf } from "../commits.ts";
import { Rig, until } from "../rig.ts";
import type { Group } from "../subject.ts";
import { type CounterCommand, counterOf, LIMIT } from "../toy-counter.ts";
import { purseOf } from "../toy-saga.ts";

const A = counterOf("a");

function replayOf(first: OnceAnswer): OnceAnswer {
  return first.kind === "answered" ? { ...first, replayed: true } : first;
}

export const repeats: Group = {
  "a repeat gets the first reply and has no effect": (subject) =>
    Rig.with(subject, async (rig) => {
      const first = await rig.once(A, add(5), "c1");
      await rig.once(A, add(7), "c2");
      const again = await rig.once(A, add(5), "c1");
      expect(first).toEqual({
        kind: "answered",
        reply: total(5),
        replayed: false,
        requestId: "request of c1",
      });
      expect(again).toEqual(replayOf(first));
      expect(await totalAt(rig, "a")).toBe(12);
    }),

  "a repeat of a command in flight joins it": (subject) =>
    Rig.with(subject, async (rig) => {
      const answers = await Promise.all([1, 2, 3].map(() => rig.once(A, add(5), "c1")));
      expect(answers.map(replyOf)).toEqual([5, 5, 5].map(total));
      expect(answers.map((answer) => answer.kind === "answered" && answer.replayed)).toEqual([
        false,
        true,
        true,
      ]);
      expect((await rig.log.read(0, ALL)).length).toBe(1);
    }),

  "a promised answer is joined while it is awaited": (subject) =>
    Rig.with(subject, async (rig) => {
      await openRequest(rig, "r");
      const answers = await Promise.all([1, 2, 3].map(() => payOnce(rig, "p", pay("x", "r", 10))));
      expect(answers.map(replyOf)).toEqual([1, 2, 3].map(() => ({ kind: "paid" })));
      const held = (await rig.log.read(0, ALL)).filter(({ kind }) => kind === "held");
      expect(held.length).toBe(1);
    }),

  "another command under the same id is told so, in flight and afterwards": (subject) =>
    Rig.with(subject, async (rig) => {
      const first = rig.once(A, add(5), "c1", "add 5");
      expect(await rig.once(A, add(6), "c1", "add 6")).toEqual({ kind: "mismatch" });
      await first;
      expect(await rig.once(A, add(6), "c1", "add 6")).toEqual({ kind: "mismatch" });
      expect(await totalAt(rig, "a")).toBe(5);
    }),

  "a repeat gets its reply while another command under its id is in flight": (subject) =>
    Rig.with(subject, async (rig) => {
      const first = await rig.once(A, add(5), "c1", "add 5");
      const other = rig.once(A, add(6), "c1", "add 6");
      const again = rig.once(A, add(5), "c1", "add 5");
      expect(await Promise.all([other, again])).toEqual([{ kind: "mismatch" }, replayOf(first)]);
      expect(await totalAt(rig, "a")).toBe(5);
    }),

  "two ids with the same content are two effects": (subject) =>
    Rig.with(subject, async (rig) => {
      await Promise.all([rig.once(A, add(5), "c1"), rig.once(A, add(5), "c2")]);
      expect(await totalAt(rig, "a")).toBe(10);
    }),

  "a repeat after a restart, and after a crash, gets the first reply": (subject) =>
    Rig.with(subject, async (rig) => {
      const first = await rig.once(A, add(5), "c1");
      await rig.restart();
      expect(await rig.once(A, add(5), "c1")).toEqual(replayOf(first));
      await rig.crash();
      expect(await rig.once(A, add(5), "c1")).toEqual(replayOf(first));
      expect(await totalAt(rig, "a")).toBe(5);
    }),

  "a refusal is remembered although it would be granted now": (subject) =>
    Rig.with(subject, async (rig) => {
      await rig.ask(A, add(LIMIT));
      const refused = replyOf(await rig.once(A, add(1), "c1"));
      expect(refused).toEqual(overLimit(LIMIT));
      await rig.ask(A, add(-LIMIT));
      expect(replyOf(await rig.once(A, add(1), "c1"))).toEqual(refused);
      expect(await totalAt(rig, "a")).toBe(0);
    }),

  "a promised answer is remembered for its repeat": (subject) =>
    Rig.with(subject, async (rig) => {
      await openRequest(rig, "r");
      const first = await payOnce(rig, "p", pay("x", "r", 10));
      expect(replyOf(first)).toEqual({ kind: "paid" });
      await rig.crash();
      const again = await payOnce(rig, "p", pay("x", "r", 10));
      expect(again).toEqual(replayOf(first));
    }),

  "who answers another remembers a reply of its own": (subject) =>
    Rig.with(subject, async (rig) => {
      const promise: CounterCommand = { kind: "promise", key: "k" };
      const keep: CounterCommand = { kind: "keep", key: "k" };
      const waiting = rig.once(A, promise, "c1");
      await until(async () => (await totalAt(rig, "a")) === 1, "it waits");
      const keeping = await rig.once(A, keep, "c2");
      const waited = await waiting;
      expect([replyOf(waited), replyOf(keeping)]).toEqual([kept("k"), total(2)]);
      await rig.restart();
      expect(await rig.once(A, promise, "c1")).toEqual(replayOf(waited));
      expect(await rig.once(A, keep, "c2")).toEqual(replayOf(keeping));
    }),

  "a repeat after pruning is answered from the actor's own state": (subject) =>
    Rig.with(subject, async (rig) => {
      await openRequest(rig, "r");
      await payOnce(rig, "p", pay("x", "r", 10));
      await rig.log.prune(NOON_MS + 2 * DAY_MS, ALL);
      expect(await rig.log.recall("pay/x")).toBeUndefined();
      const again = await payOnce(rig, "p", pay("x", "r", 10));
      expect(replyOf(again)).toEqual({ kind: "paid" });
      const own = await rig.log.history(purseOf("p"), ALL, ALL);
      expect(own.map(({ kind }) => kind)).toEqual(["captured", "held"]);
    }),

  "a reply is remembered for a week, and then forgotten by itself": (subject) =>
    Rig.with(subject, async (rig) => {
      await rig.once(A, add(5), "c1");
      const recalled = async () => (await rig.log.recall("c1")) !== undefined;
      for (let hour = 0; hour < 7 * 24; hour++) {
        rig.clock.advance(DAY_MS / 24);
        await settleDown();
      }
      expect(await recalled()).toBe(true);
      rig.clock.advance(DAY_MS);
      await until(async () => !(await recalled()), "the reply is forgotten");
      await rig.once(A, add(1), "c2");
      rig.clock.advance(9 * DAY_MS);
      await rig.restart();
      await until(async () => (await rig.log.recall("c2")) === undefined, "forgotten at the start");
    }),

  "many replies are forgotten in slices": (subject) =>
    Rig.with(subject, async (rig) => {
      const ids = Array.from({ length: 2_500 }, (_, at) => `c${at}`);
      for (let at = 0; at < ids.length; at += 500) {
        await Promise.all(ids.slice(at, at + 500).map((id) => rig.once(A, add(0), id)));
      }
      rig.clock.advance(9 * DAY_MS);
      const left = async () => {
        const rows = await Promise.all(ids.map((id) => rig.log.recall(id)));
        return rows.filter((row) => row !== undefined).length;
      };
      await until(async () => (await left()) === 0, "all are forgotten");
    }),

  "a caller's id cannot be that of a message between actors": (subject) =>
    Rig.with(subject, async (rig) => {
      for (const id of ["c1>0", "timer/counter:a/t/1", "two\nlines"]) {
        expect(await faultOf(rig.once(A, add(1), id))).toBe("bug");
        expect(await faultOf(rig.ask(A, READ, id))).toBe("bug");
      }
      expect(await rig.log.history(refOf("a"), ALL, ALL)).toEqual([]);
      expect(await totalAt(rig, "a")).toBe(0);
    }),
};
