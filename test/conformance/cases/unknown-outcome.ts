/** A commit whose answer was lost is tried again, the same one, until its outcome is known. */
import { expect } from "bun:test";
import type { StoredEvent } from "../../../src/runtime/event-log.ts";
import {
  add,
  faultOf,
  openRequest,
  overLimit,
  pay,
  payOnce,
  replyOf,
  total,
  totalAt,
} from "../asks.ts";
import { ALL } from "../commits.ts";
import { type Fate, withGate } from "../gated-log.ts";
import { until } from "../rig.ts";
import type { Case, Group } from "../subject.ts";
import { counterOf, LIMIT } from "../toy-counter.ts";

const A = counterOf("a");
/** The host tries again soon, so that the cases are quick. */
const limits = { commitRetriesMax: 6, commitRetryMsMax: 1 };

/** Ten commands of two actors, with and without an id, over these fates of their commits. */
function tenCommands(fates: readonly Fate[]): Case {
  return (subject) =>
    withGate(
      subject,
      async (rig, gate) => {
        const heard: StoredEvent[] = [];
        rig.host.feed.subscribe((events) => heard.push(...events));
        gate().fates.push(...fates);
        const answers = Array.from({ length: 10 }, async (_, n) => {
          const ref = counterOf(n % 2 === 0 ? "a" : "b");
          if (n < 5) return rig.ask(ref, add(1));
          return replyOf(await rig.once(ref, add(1), `c${n}`));
        });
        const totals = (await Promise.all(answers)).map((reply) => ({ ...reply }));
        expect(totals).toEqual(Array.from({ length: 10 }, (_, n) => total((n >> 1) + 1)));
        const stored = await rig.log.read(0, ALL);
        expect(stored.length).toBe(10);
        expect(heard).toEqual([...stored]);
        expect(gate().fates).toEqual([]);
        await rig.crash();
        expect([await totalAt(rig, "a"), await totalAt(rig, "b")]).toEqual([5, 5]);
      },
      { limits },
    );
}

export const unknownOutcome: Group = {
  "cut before the commit: it is written once": tenCommands(["cut_before"]),
  "cut after the commit: it is not written again": tenCommands(["cut_after"]),
  "cut again and again: it is written once": tenCommands([
    "cut_before",
    "cut_before",
    "cut_after",
    "cut_after",
    "cut_before",
  ]),
  "a full disk after a cut does not pass for nothing written": tenCommands([
    "cut_after",
    "full",
    "pass",
  ]),

  "a payment over two actors that was cut off ends once": (subject) =>
    withGate(
      subject,
      async (rig, gate) => {
        await openRequest(rig, "r");
        gate().fates.push("cut_after", "cut_before", "cut_after", "cut_after", "cut_after");
        expect(replyOf(await payOnce(rig, "p", pay("x", "r", 10)))).toEqual({ kind: "paid" });
        const kinds = (await rig.log.read(0, ALL)).map(({ kind }) => kind);
        expect(kinds).toEqual(["opened", "held", "paid", "captured"]);
        expect(await rig.log.timersNextAtMs()).toBeUndefined();
        await until(async () => (await rig.log.outboxNext(1)).length === 0, "the outbox is empty");
      },
      { limits },
    ),

  "another writer's event in the same place is not taken for one's own": (subject) =>
    withGate(
      subject,
      async (rig, gate) => {
        await rig.ask(A, add(1));
        const other = rig.hostOn(gate().inner);
        await other.ask(A, add(2), { principal: "desk:other" });
        gate().fates.push("cut_before");
        const answer = rig.ask(A, add(4));
        expect(await answer).toEqual(total(7));
        expect(await totalAt(rig, "a")).toBe(7);
        await other.drain();
      },
      { limits },
    ),

  "a refusal that was cut off is remembered once": (subject) =>
    withGate(
      subject,
      async (rig, gate) => {
        await rig.ask(A, add(LIMIT));
        gate().fates.push("cut_after");
        const refused = overLimit(LIMIT);
        expect(replyOf(await rig.once(A, add(1), "c1"))).toEqual(refused);
        expect(replyOf(await rig.once(A, add(1), "c1"))).toEqual(refused);
      },
      { limits },
    ),

  "where the outcome stays unknown nothing is acknowledged any more": (subject) =>
    withGate(
      subject,
      async (rig, gate) => {
        gate().fates.push(...Array.from({ length: 30 }, (): Fate => "cut_after"));
        expect(await faultOf(rig.once(A, add(1), "c1"))).toBe("storage_failed");
        expect(await faultOf(rig.ask(A, add(1)))).toBe("storage_failed");
        expect(gate().lists.length).toBe(1 + limits.commitRetriesMax);
        expect(rig.host.failure?.kind).toBe("storage_failed");
        // It had been written all along; the same id finds it.
        await rig.crash();
        expect(replyOf(await rig.once(A, add(1), "c1"))).toEqual(total(1));
        expect((await rig.log.read(0, ALL)).length).toBe(1);
      },
      { limits },
    ),

  "killed between commit and reply: the repeat finds the effect": (subject) =>
    withGate(subject, async (rig, gate) => {
      gate().fates.push("cut_after");
      void rig.once(A, add(1), "c1").catch(() => undefined);
      await until(() => gate().lists.length === 1 && gate().fates.length === 0, "the commit came");
      await until(async () => (await gate().inner.head()).position === 1, "it is written");
      await rig.crash();
      expect(replyOf(await rig.once(A, add(1), "c1"))).toEqual(total(1));
      expect((await rig.log.read(0, ALL)).length).toBe(1);
    }),
};
