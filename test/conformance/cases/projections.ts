/** What is folded from the feed, live or from a stored position, is what a replay gives. */
import { expect } from "bun:test";
import type { StoredEvent } from "../../../src/runtime/event-log.ts";
import { add, openRequest, pay, payOnce, replyOf } from "../asks.ts";
import { ALL, readInPages } from "../commits.ts";
import { withGate } from "../gated-log.ts";
import { Rig } from "../rig.ts";
import type { Group } from "../subject.ts";
import { counterOf } from "../toy-counter.ts";

/** Totals by counter, and the position up to which they are true. */
class Totals {
  readonly byCounter = new Map<string, number>();
  position = 0;

  take(events: readonly StoredEvent[]): void {
    for (const { position, ref, data } of events) {
      if (position <= this.position) continue;
      expect(position).toBe(this.position + 1);
      this.position = position;
      const { by } = JSON.parse(data) as { by: number };
      this.byCounter.set(ref.id, (this.byCounter.get(ref.id) ?? 0) + by);
    }
  }
}

async function work(rig: Rig, from: number): Promise<void> {
  const asked = Array.from({ length: 60 }, (_, n) =>
    rig.ask(counterOf(`a${n % 7}`), add(from + n)),
  );
  await Promise.all(asked);
}

export const projections: Group = {
  "a live projection equals a replay": (subject) =>
    Rig.with(subject, async (rig) => {
      const live = new Totals();
      rig.host.feed.subscribe((events) => live.take(events));
      await work(rig, 0);
      await work(rig, 1);
      const replay = new Totals();
      replay.take(await rig.host.feed.read(0, ALL));
      expect(live.position).toBe(120);
      expect(live.byCounter).toEqual(replay.byCounter);
    }),

  "a projection that goes on from its stored position equals a replay": (subject) =>
    Rig.with(subject, async (rig) => {
      const live = new Totals();
      const stop = rig.host.feed.subscribe((events) => live.take(events));
      await work(rig, 0);
      stop();
      await work(rig, 1);
      await rig.crash();
      rig.host.feed.subscribe((events) => live.take(events));
      live.take(await rig.host.feed.read(live.position, ALL));
      await work(rig, 2);
      const replay = new Totals();
      replay.take(await readInPages(rig.log, 50));
      expect(live.byCounter).toEqual(replay.byCounter);
      expect(live.position).toBe(180);
    }),

  "listeners hear what is stored, when it is stored": (subject) =>
    withGate(subject, async (rig, gate) => {
      const heard: StoredEvent[] = [];
      rig.host.feed.subscribe((events) => heard.push(...events));
      gate().fates.push("full");
      await openRequest(rig, "r").catch(() => undefined);
      expect(heard).toEqual([]);
      await openRequest(rig, "r");
      expect(replyOf(await payOnce(rig, "p", pay("x", "r", 5)))).toEqual({ kind: "paid" });
      await rig.host.drain();
      expect(heard).toEqual([...(await rig.log.read(0, ALL))]);
    }),
};
