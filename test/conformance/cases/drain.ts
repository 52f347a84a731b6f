/** Shutting down: nothing new is taken up, and what was taken up is brought to its end. */
import { expect } from "bun:test";
import type { ActorRef } from "../../../actors/actor.ts";
import type { LoadedActor } from "../../../src/runtime/event-log.ts";
import {
  add,
  faultOf,
  kept,
  openRequest,
  pay,
  payOnce,
  READ,
  replyOf,
  total,
  totalAt,
  watch,
} from "../asks.ts";
import { ForwardingLog } from "../forwarding-log.ts";
import { withGate } from "../gated-log.ts";
import { Rig, until } from "../rig.ts";
import type { Group } from "../subject.ts";
import { type CounterCommand, counterOf } from "../toy-counter.ts";

const A = counterOf("a");

export const drain: Group = {
  "running work is finished and new work is refused": (subject) =>
    withGate(
      subject,
      async (rig, gate) => {
        await rig.ask(A, READ);
        gate().hold();
        const asked = Array.from({ length: 20 }, () => faultOf(rig.ask(A, add(1))));
        const drained = rig.host.drain();
        const watched = watch(drained);
        expect(await faultOf(rig.ask(A, READ))).toBe("draining");
        expect(await faultOf(rig.once(A, add(1), "late"))).toBe("draining");
        await until(() => gate().lists.length === 1, "the commit came");
        expect(watched.ended).toBe(false);
        gate().release();
        await drained;
        expect(await Promise.all(asked)).toEqual(asked.map(() => undefined));
        await rig.restart();
        expect(await totalAt(rig, "a")).toBe(20);
      },
      { limits: { groupUnitsMax: 4 } },
    ),

  "a payment that has begun is finished": (subject) =>
    Rig.with(subject, async (rig) => {
      await openRequest(rig, "r");
      const paid = payOnce(rig, "p", pay("x", "r", 10));
      await until(async () => (await rig.log.head()).position >= 2, "the hold is made");
      await rig.host.drain();
      expect(replyOf(await paid)).toEqual({ kind: "paid" });
    }),

  "a command for an actor that is being loaded is finished": (subject) => {
    class SlowLoads extends ForwardingLog {
      override async load(refs: readonly ActorRef[]): Promise<readonly LoadedActor[]> {
        await Bun.sleep(20);
        return super.load(refs);
      }
    }
    return Rig.with(
      subject,
      async (rig) => {
        const asked = rig.ask(A, add(1));
        const watched = watch(asked);
        await rig.host.drain();
        await asked;
        expect(watched.ended).toBe(true);
        expect((await rig.log.head()).position).toBe(1);
      },
      { wrap: (log) => new SlowLoads(log) },
    );
  },

  "a promise that is not kept in time ends in its caller being told": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        const promise: CounterCommand = { kind: "promise", key: "k" };
        const promised = faultOf(rig.ask(A, promise));
        await until(async () => (await rig.log.head()).position === 1, "the promise is made");
        await rig.host.drain();
        expect(await promised).toBe("timeout");
      },
      { limits: { drainMsMax: 20 } },
    ),

  "an outlet that never answers does not hold up the end": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        rig.beforeDelivery = () => new Promise(() => {});
        const note: CounterCommand = { kind: "note", text: "never" };
        await rig.ask(A, note);
        await rig.host.drain();
        rig.beforeDelivery = async () => {};
        await rig.crash();
        await until(() => rig.deliveries.length === 1, "the next life delivers it");
      },
      { limits: { drainMsMax: 20 } },
    ),

  "no timer rings and nothing is delivered after the end": (subject) =>
    Rig.with(subject, async (rig) => {
      const wakeUp: CounterCommand = { kind: "wake", id: "t", atMs: rig.clock.nowMs() + 1_000 };
      await rig.ask(A, wakeUp);
      await rig.host.drain();
      const before = await rig.log.head();
      rig.clock.advance(2_000);
      await Bun.sleep(5);
      expect(await rig.log.head()).toEqual(before);
      await rig.crash();
      await until(async () => (await totalAt(rig, "a")) === 1, "it rings in the next life");
    }),

  "a promise that is never kept times out, and the same id asks again": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        const promise: CounterCommand = { kind: "promise", key: "k" };
        expect(await faultOf(rig.once(A, promise, "c1"))).toBe("timeout");
        // The counter knows the id by its own state.
        expect(replyOf(await rig.once(A, promise, "c1"))).toEqual(total(1));
      },
      { limits: { laterMsMax: 5, drainMsMax: 20 } },
    ),

  "more promises than may be waited for end in asking again, not in more memory": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        const promise = (key: string): CounterCommand => ({ kind: "promise", key });
        const asked = ["k", "k", "l"].map((key) => faultOf(rig.ask(A, promise(key))));
        expect(await asked[2]).toBe("timeout");
        const keep = (key: string): CounterCommand => ({ kind: "keep", key });
        await rig.ask(A, keep("k"));
        expect(await Promise.all(asked)).toEqual([undefined, undefined, "timeout"]);
        // There is room again.
        const again = rig.ask(A, promise("m"));
        await rig.ask(A, keep("m"));
        expect(await again).toEqual(kept("m"));
      },
      { limits: { waitersMax: 2 } },
    ),
};
