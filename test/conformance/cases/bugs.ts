/** A failed assertion stops its actor before it writes, and touches nobody else. */
import { expect } from "bun:test";
import type { AnyActor } from "../../../actors/actor.ts";
import { add, faultOf, kept, replyOf, settleDown, total, totalAt, watch } from "../asks.ts";
import { ALL, commitOf, NOON_MS } from "../commits.ts";
import { Rig, until } from "../rig.ts";
import type { Group } from "../subject.ts";
import { type CounterCommand, counter, counterOf } from "../toy-counter.ts";

const A = counterOf("a");
const HOWS = ["decide", "late", "event", "send"] as const;

export const bugs: Group = {
  "a bug is told to its caller, writes nothing, and the actor goes on": (subject) =>
    Rig.with(subject, async (rig) => {
      await rig.ask(A, add(1));
      for (const how of HOWS) {
        const fail: CounterCommand = { kind: "fail", how };
        expect(await faultOf(rig.ask(A, fail))).toBe("bug");
      }
      expect(await rig.ask(A, add(1))).toEqual(total(2));
      expect((await rig.log.read(0, ALL)).length).toBe(2);
      expect(rig.reports.length).toBe(HOWS.length);
    }),

  "a decision that fails answers nobody's promise": (subject) =>
    Rig.with(subject, async (rig) => {
      const promise: CounterCommand = { kind: "promise", key: "k" };
      const promised = rig.ask(A, promise);
      const watched = watch(promised);
      for (const how of HOWS) {
        const fail: CounterCommand = { kind: "fail", how };
        const relay: CounterCommand = { kind: "relay", to: "a", command: fail };
        await rig.ask(counterOf("b"), relay);
        await settleDown();
        expect(watched.ended).toBe(false);
      }
      const keep: CounterCommand = { kind: "keep", key: "k" };
      await rig.ask(A, keep);
      expect(await promised).toEqual(kept("k"));
    }),

  "a bug at the receiver keeps the message at the sender, which is not failed": (subject) => {
    let isBroken = true;
    const decide: AnyActor["decide"] = (state, command, meta) => {
      if (isBroken && meta.actor.id === "b") throw new Error("planted");
      return counter.decide(state, command, meta);
    };
    const actors: readonly AnyActor[] = [{ ...counter, decide }];
    return Rig.with(
      subject,
      async (rig) => {
        const relay: CounterCommand = { kind: "relay", to: "b", command: add(5) };
        expect(await rig.ask(A, relay)).toEqual(total(1));
        await until(() => rig.reports.length >= 2, "it was tried again");
        expect((await rig.log.outboxNext(ALL)).length).toBe(1);
        isBroken = false;
        await until(async () => {
          rig.clock.advance(1_000);
          return (await totalAt(rig, "b")) === 5;
        }, "it is delivered");
        expect(await rig.log.outboxNext(ALL)).toEqual([]);
      },
      { actors },
    );
  },

  "a message to a kind that nobody knows is kept": (subject) =>
    Rig.with(subject, async (rig) => {
      const commit = commitOf({
        outbox: [{ id: "x>0", to: { kind: "nobody", id: "x" }, command: '{"kind":"hello"}' }],
        atMs: NOON_MS,
      });
      await rig.log.commit([{ ...commit, ref: counterOf("z"), events: [] }]);
      rig.host.outbox.wake();
      await until(() => rig.reports.length > 0, "it is reported");
      expect((await rig.log.outboxNext(ALL)).length).toBe(1);
      expect(await faultOf(rig.ask({ kind: "nobody", id: "x" }, add(1)))).toBe("bug");
    }),

  "of two answers to one promise the first stands, and the host goes on": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        const promise: CounterCommand = { kind: "promise", key: "k" };
        const promised = rig.once(A, promise, "c1");
        await until(async () => (await rig.log.head()).position === 1, "the promise is made");
        await settleDown();
        const keep: CounterCommand = { kind: "keep", key: "k" };
        await rig.ask(A, keep);
        expect(replyOf(await promised)).toEqual(kept("k"));
        expect(replyOf(await rig.once(A, promise, "c1"))).toEqual(kept("k"));
        expect(rig.host.failure).toBeUndefined();
      },
      { actors: [twice] },
    ),

  "a message that cannot be kept undoes the whole turn": (subject) => {
    const unkeepable = (command: CounterCommand): CounterCommand =>
      Object.assign({ big: 1n }, command);
    return Rig.with(subject, async (rig) => {
      await rig.ask(A, add(1));
      // `broken` has a bug, so the message to it would have to be kept.
      const toBroken: CounterCommand = {
        kind: "relay",
        to: "broken",
        command: unkeepable({ kind: "fail", how: "decide" }),
      };
      const relay: CounterCommand = { kind: "relay", to: "a", command: toBroken };
      expect(await faultOf(rig.ask(A, relay))).toBe("bug");
      expect(await rig.ask(A, add(1))).toEqual(total(2));
      await rig.crash();
      expect(await totalAt(rig, "a")).toBe(2);
      expect((await rig.log.read(0, ALL)).length).toBe(2);
    });
  },
};

/** A counter whose every answer is given twice. */
const twice: AnyActor = {
  ...counter,
  decide(state, command, meta) {
    const decision = counter.decide(state, command, meta);
    const answers = decision.effects.filter(({ kind }) => kind === "answer");
    return { ...decision, effects: [...decision.effects, ...answers] };
  },
};
