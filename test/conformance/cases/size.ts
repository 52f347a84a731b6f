/** Memory is bounded by the working set, and every queue has its maximum. */
import { expect } from "bun:test";
import type { ActorRef } from "../../../actors/actor.ts";
import type { LoadedActor } from "../../../src/runtime/event-log.ts";
import { add, faultOf, openRequest, pay, payOnce, READ, replyOf, totalAt } from "../asks.ts";
import { ALL } from "../commits.ts";
import { ForwardingLog } from "../forwarding-log.ts";
import { Rig, until } from "../rig.ts";
import type { Group } from "../subject.ts";
import { counterOf } from "../toy-counter.ts";

const ACTORS = 10_000;

/** Loads wait until the gate opens. */
class SlowLoads extends ForwardingLog {
  constructor(
    inner: ForwardingLog["inner"],
    private readonly gate: Promise<void>,
  ) {
    super(inner);
  }

  override async load(refs: readonly ActorRef[]): Promise<readonly LoadedActor[]> {
    await this.gate;
    return super.load(refs);
  }
}

export const size: Group = {
  "10,000 actors come back as they were, a few hundred of them in memory": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        const all = Array.from({ length: ACTORS }, (_, n) => n);
        await Promise.all(all.map((n) => rig.ask(counterOf(`a${n}`), add(n % 100))));
        await rig.restart();
        const totals = await Promise.all(all.map((n) => totalAt(rig, `a${n}`)));
        expect(totals).toEqual(all.map((n) => n % 100));
        expect(rig.host.figures().cells).toBeLessThanOrEqual(400);
      },
      { limits: { cellsMax: 300 } },
    ),

  "a payment over two actors works where one actor fits into memory": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        for (let n = 0; n < 10; n++) {
          await openRequest(rig, `r${n}`);
          const paid = await payOnce(rig, `p${n % 3}`, pay(`x${n}`, `r${n}`, 1));
          expect(replyOf(paid)).toEqual({ kind: "paid" });
        }
        expect((await rig.log.read(0, ALL)).length).toBe(40);
        expect(rig.reports).toEqual([]);
      },
      { limits: { cellsMax: 1 } },
    ),

  "a full mailbox answers busy, and the others in it are served": (subject) => {
    const gate = Promise.withResolvers<void>();
    return Rig.with(
      subject,
      async (rig) => {
        const asked = Array.from({ length: 20 }, () => faultOf(rig.ask(counterOf("a"), add(1))));
        gate.resolve();
        const faults = await Promise.all(asked);
        expect(faults.filter((fault) => fault === "busy").length).toBe(12);
        expect(await totalAt(rig, "a")).toBe(8);
      },
      { limits: { mailboxMax: 8 }, wrap: (log) => new SlowLoads(log, gate.promise) },
    );
  },

  "an actor that cannot be read for a moment is read again": (subject) => {
    let failures = 2;
    class FlakyLog extends ForwardingLog {
      override load(refs: readonly ActorRef[]) {
        if (failures-- > 0) throw new Error("planted");
        return super.load(refs);
      }
    }
    return Rig.with(
      subject,
      async (rig) => {
        expect(await faultOf(rig.ask(counterOf("a"), READ))).toBe("busy");
        expect(await faultOf(rig.ask(counterOf("a"), READ))).toBe("busy");
        expect(await totalAt(rig, "a")).toBe(0);
        await until(() => rig.reports.length === 2, "both are reported");
      },
      { wrap: (log) => new FlakyLog(log) },
    );
  },
};
