/** One actor's commands take effect in the order in which they were asked. */
import { expect } from "bun:test";
import type { ActorRef } from "../../../actors/actor.ts";
import type { LoadedActor } from "../../../src/runtime/event-log.ts";
import { add, faultOf, READ, settleDown, total, totalOf } from "../asks.ts";
import { ALL } from "../commits.ts";
import { ForwardingLog } from "../forwarding-log.ts";
import { withGate } from "../gated-log.ts";
import { Rig, until } from "../rig.ts";
import type { Capabilities, Group } from "../subject.ts";
import { counter, counterOf } from "../toy-counter.ts";

/** A counter without an end. */
const actors = [{ ...counter, init: () => ({ total: -1_000_000, done: [] }) }];
const ids = ["a", "b", "c", "d", "e"];

/**
 * Asks for `count` steps, round robin over five actors. Calls that are remembered and calls that
 * are not keep one order where the log answers at once; else the former are looked up first.
 */
async function steps(rig: Rig, count: number, capabilities: Capabilities): Promise<void> {
  const asked = Array.from({ length: count }, (_, n) => {
    const ref = counterOf(ids[n % 5] as string);
    const isOnce = !capabilities.embedded || n % 3 === 0;
    return isOnce ? rig.once(ref, add(n), `c${n}`) : rig.ask(ref, add(n), `c${n}`);
  });
  await Promise.all(asked);
}

async function expectOrder(rig: Rig, count: number): Promise<void> {
  const events = await rig.log.read(0, ALL);
  for (const [at, id] of ids.entries()) {
    const own = events.filter(({ ref }) => ref.id === id).map(({ commandId }) => commandId);
    const asked = Array.from({ length: count / 5 }, (_, n) => `c${n * 5 + at}`);
    expect(own.filter((commandId) => commandId !== "other")).toEqual(asked);
  }
}

export const order: Group = {
  "while the actors are being loaded": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        await steps(rig, 200, subject.capabilities);
        await expectOrder(rig, 200);
      },
      { actors },
    ),

  "through a waiting room and small groups": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        await steps(rig, 500, subject.capabilities);
        await expectOrder(rig, 500);
      },
      { actors, limits: { groupUnitsMax: 3 } },
    ),

  "through a waiting room while actors come and go from memory": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        await steps(rig, 500, subject.capabilities);
        await expectOrder(rig, 500);
      },
      { actors, limits: { groupUnitsMax: 4, cellsMax: 1 } },
    ),

  "when commits are lost to another writer": (subject) =>
    withGate(
      subject,
      async (rig, gate) => {
        const other = rig.hostOn(gate().inner);
        const options = { principal: "desk:other", commandId: "other" };
        await Promise.all(ids.map((id) => rig.ask(counterOf(id), READ)));
        gate().hold();
        const asked = steps(rig, 200, subject.capabilities);
        await until(() => gate().lists.length >= 1, "the first commit came");
        for (const id of ids) await other.ask(counterOf(id), add(1), options);
        gate().release();
        await asked;
        await expectOrder(rig, 200);
        await other.drain();
      },
      { actors, limits: { groupUnitsMax: 8, attemptsMax: 100 } },
    ),

  "questions behind a full group are all answered": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        await rig.ask(counterOf("a"), add(1));
        const asked = [
          ...Array.from({ length: 6 }, () => rig.ask(counterOf("a"), add(1))),
          ...Array.from({ length: 50 }, () => rig.ask(counterOf("b"), READ)),
        ];
        const replies = await Promise.all(asked);
        expect(replies.slice(0, 6).map(totalOf)).toEqual([2, 3, 4, 5, 6, 7]);
        expect(rig.host.figures().waiting).toBe(0);
      },
      { limits: { groupUnitsMax: 4 } },
    ),

  "commands for many actors that are being loaded count as waiting": (subject) => {
    const gate = Promise.withResolvers<void>();
    class SlowLoads extends ForwardingLog {
      override async load(refs: readonly ActorRef[]): Promise<readonly LoadedActor[]> {
        await gate.promise;
        return super.load(refs);
      }
    }
    return Rig.with(
      subject,
      async (rig) => {
        const asked = Array.from({ length: 30 }, (_, n) =>
          faultOf(rig.ask(counterOf(`actor ${n}`), add(1))),
        );
        await settleDown();
        gate.resolve();
        const faults = await Promise.all(asked);
        expect(faults.slice(0, 10)).toEqual(Array(10).fill(undefined));
        expect(faults.slice(10)).toEqual(Array(20).fill("busy"));
        expect(await rig.ask(counterOf("actor 29"), add(1))).toEqual(total(1));
      },
      { limits: { waitingMax: 10 }, wrap: (log) => new SlowLoads(log) },
    );
  },

  "a full waiting room answers busy and loses nothing it took": (subject) =>
    withGate(
      subject,
      async (rig, gate) => {
        await rig.ask(counterOf("a"), READ);
        gate().hold();
        const asked = Array.from({ length: 60 }, () => faultOf(rig.ask(counterOf("a"), add(1))));
        await until(() => gate().lists.length === 1, "the first commit came");
        gate().release();
        const faults = await Promise.all(asked);
        const taken = faults.filter((fault) => fault === undefined).length;
        expect(faults.filter((fault) => fault === "busy").length).toBe(60 - taken);
        // One group is collecting, and the room holds so many more.
        expect(taken).toBe(4 + 10);
        expect(await rig.ask(counterOf("a"), READ)).toEqual(total(taken));
      },
      { limits: { groupUnitsMax: 4, waitingMax: 10 } },
    ),
};
