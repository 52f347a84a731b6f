/** Messages that leave through the outbox: after their commit, at least once, effect once. */
import { expect } from "bun:test";
import type {
  ActorCommit,
  Awaitable,
  CommitResult,
  OutboxItem,
} from "../../../src/runtime/event-log.ts";
import { add, settleDown, totalAt } from "../asks.ts";
import { ALL } from "../commits.ts";
import { ForwardingLog, then } from "../forwarding-log.ts";
import { withGate } from "../gated-log.ts";
import { Rig, until } from "../rig.ts";
import type { Group } from "../subject.ts";
import { type CounterCommand, counterOf } from "../toy-counter.ts";

const A = counterOf("a");
const note = (text: string): CounterCommand => ({ kind: "note", text });
const relay = (to: string, by: number): CounterCommand => ({
  kind: "relay",
  to,
  command: add(by),
});

const isEmpty = async (rig: Rig): Promise<boolean> => (await rig.log.outboxNext(1)).length === 0;
const textsOf = (rig: Rig): string[] =>
  rig.deliveries.map(({ command }) => (command as { kind: string; text: string }).text);

/** Keeps the rows that deliveries should remove, as a crash between the two would. */
class ForgettingLog extends ForwardingLog {
  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    return super.commit(list.map((commit) => ({ ...commit, delivered: [] })));
  }
}

class ReversedLog extends ForwardingLog {
  override outboxNext(max: number, after?: string): Awaitable<readonly OutboxItem[]> {
    return then(super.outboxNext(max, after), (items) => items.toReversed());
  }
}

/** Puts messages to `b` into the outbox, unknown to the host. */
async function post(rig: Rig, count: number): Promise<void> {
  const items = Array.from({ length: count }, (_, n) => ({
    id: `stranded>${n}`,
    to: counterOf("b"),
    command: JSON.stringify(add(n + 1)),
  }));
  const commit = {
    ref: counterOf("z"),
    expectedSeq: 0,
    unit: 0,
    commandId: "stranded",
    principal: "switch",
    atMs: rig.clock.nowMs(),
    events: [],
    state: undefined,
    stateVersion: 1,
    outbox: items,
    delivered: [],
    timers: [],
    remember: [],
  };
  await rig.log.commit([commit]);
}

/** Leaves messages in the outbox: their sender dies before anybody could deliver them. */
async function strand(rig: Rig, count: number): Promise<void> {
  await post(rig, count);
  await rig.crash();
}

export const deliveries: Group = {
  "nothing leaves the process before its commit": (subject) =>
    withGate(subject, async (rig, gate) => {
      gate().hold();
      const answer = rig.ask(A, note("hello"));
      await until(() => gate().lists.length === 1, "the commit came");
      await settleDown();
      expect(rig.deliveries).toEqual([]);
      gate().release();
      await answer;
      await until(() => rig.deliveries.length === 1, "the note is delivered");
      await until(() => isEmpty(rig), "the outbox is empty");
    }),

  "nothing is sent for a loser": (subject) =>
    withGate(subject, async (rig, gate) => {
      await rig.ask(A, add(1));
      const other = rig.hostOn(gate().inner);
      await other.ask(A, add(999), { principal: "desk:other" });
      expect((await rig.ask(A, note("too much"))).kind).toBe("limit_exceeded");
      await settleDown();
      expect(rig.deliveries).toEqual([]);
      expect(await isEmpty(rig)).toBe(true);
      await other.drain();
    }),

  "what was not delivered before a crash is delivered after it": (subject) =>
    Rig.with(subject, async (rig) => {
      let attempts = 0;
      rig.beforeDelivery = () => {
        attempts++;
        return new Promise(() => {});
      };
      await rig.ask(A, note("hello"));
      await until(() => attempts === 1, "the delivery has begun");
      rig.beforeDelivery = async () => {};
      await rig.crash();
      await until(() => rig.deliveries.length === 1, "the note is delivered");
      expect(textsOf(rig)).toEqual(["hello"]);
      await until(() => isEmpty(rig), "the outbox is empty");
    }),

  "messages between actors are delivered after a crash, each once": (subject) =>
    Rig.with(subject, async (rig) => {
      await strand(rig, 5);
      await until(async () => (await totalAt(rig, "b")) === 15, "all five are delivered");
      expect(await isEmpty(rig)).toBe(true);
      await rig.crash();
      await settleDown();
      expect(await totalAt(rig, "b")).toBe(15);
    }),

  "a message that is delivered twice takes effect once": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        await strand(rig, 3);
        await until(async () => (await totalAt(rig, "b")) === 6, "all three are delivered");
        for (let life = 0; life < 3; life++) {
          await rig.crash();
          await settleDown();
          expect(await totalAt(rig, "b")).toBe(6);
        }
        expect((await rig.log.read(0, ALL)).length).toBe(3);
        await until(() => isEmpty(rig), "repeats are recognised and removed");
      },
      { wrap: (log) => new ForgettingLog(log) },
    ),

  "messages in another order have the same effect": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        await strand(rig, 4);
        await until(async () => (await totalAt(rig, "b")) === 10, "all four are delivered");
        await until(() => isEmpty(rig), "the outbox is empty");
      },
      { wrap: (log) => new ReversedLog(log) },
    ),

  "a message to another actor arrives, whether it rides along or not": (subject) =>
    Rig.with(subject, async (rig) => {
      await rig.ask(A, relay("b", 5));
      await rig.ask(A, relay("b", 6));
      await until(async () => (await totalAt(rig, "b")) === 11, "both arrived");
      await until(() => isEmpty(rig), "the outbox is empty");
      expect(await totalAt(rig, "a")).toBe(2);
    }),

  "an outlet that fails is tried again, and holds up nobody else": (subject) =>
    Rig.with(subject, async (rig) => {
      let failures = 3;
      rig.beforeDelivery = async ({ target }) => {
        if (target === "a" && failures-- > 0) throw new Error("planted");
      };
      await rig.ask(A, note("stubborn"));
      await rig.ask(counterOf("b"), note("easy"));
      await until(() => textsOf(rig).includes("easy"), "the other is delivered");
      expect(rig.host.outbox.troubled).toBe(1);
      await until(() => {
        rig.clock.advance(60_000);
        return textsOf(rig).includes("stubborn");
      }, "it is delivered in the end");
      await until(() => isEmpty(rig), "the outbox is empty");
      await until(() => rig.host.outbox.troubled === 0, "it is no trouble any more");
    }),

  "many messages at once all arrive, with a bound on those under way": (subject) =>
    Rig.with(subject, async (rig) => {
      let [underWay, most] = [0, 0];
      rig.beforeDelivery = async () => {
        most = Math.max(most, ++underWay);
        await new Promise((resolve) => setImmediate(resolve));
        underWay--;
      };
      const asked = Array.from({ length: 1_000 }, (_, n) =>
        rig.ask(counterOf(`c${n % 50}`), note(`n${n}`)),
      );
      await Promise.all(asked);
      await until(() => rig.deliveries.length >= 1_000, "all are delivered");
      expect(new Set(textsOf(rig)).size).toBe(1_000);
      expect(most).toBeLessThanOrEqual(256);
      await until(() => isEmpty(rig), "the outbox is empty");
      expect(rig.deliveries.length).toBe(1_000);
    }),

  "an outbox that cannot be read for a moment is read again": (subject) => {
    let failures = 2;
    class FlakyLog extends ForwardingLog {
      override outboxNext(max: number, after?: string): Awaitable<readonly OutboxItem[]> {
        if (failures-- > 0) throw new Error("planted");
        return super.outboxNext(max, after);
      }
    }
    return Rig.with(
      subject,
      async (rig) => {
        await rig.ask(A, note("hello"));
        await until(() => {
          rig.clock.advance(1_000);
          return rig.deliveries.length === 1;
        }, "the note is delivered");
      },
      { wrap: (log) => new FlakyLog(log) },
    );
  },

  "a message that is answered later does not keep its place in the outbox": (subject) =>
    Rig.with(subject, async (rig) => {
      const promise: CounterCommand = { kind: "promise", key: "k" };
      const command: CounterCommand = { kind: "relay", to: "b", command: promise };
      await rig.ask(A, command);
      await until(async () => (await totalAt(rig, "b")) === 1, "it arrived");
      await until(() => isEmpty(rig), "the outbox is empty");
      await rig.host.drain();
      expect(rig.reports).toEqual([]);
    }),

  "a row that cannot be understood holds up nobody else": (subject) => {
    class GarblingLog extends ForwardingLog {
      override outboxNext(max: number, after?: string): Awaitable<readonly OutboxItem[]> {
        return then(super.outboxNext(max, after), (items) =>
          items.map((item) => (item.to.id === "a" ? { ...item, command: "{" } : item)),
        );
      }
    }
    return Rig.with(
      subject,
      async (rig) => {
        await rig.ask(A, note("garbled"));
        for (let n = 0; n < 3; n++) await rig.ask(counterOf("b"), note(`sound ${n}`));
        await until(() => rig.deliveries.length === 3, "the sound ones are delivered");
        expect(rig.host.outbox.troubled).toBe(1);
        const left = async () => (await rig.log.outboxNext(ALL)).length;
        await until(async () => (await left()) === 1, "only the garbled one is left");
      },
      { wrap: (log) => new GarblingLog(log) },
    );
  },

  "what waits for its next attempt is not read again with every new message": (subject) => {
    let rows = 0;
    class CountingLog extends ForwardingLog {
      override outboxNext(max: number, after?: string): Awaitable<readonly OutboxItem[]> {
        return then(super.outboxNext(max, after), (items) => {
          rows += items.length;
          return items;
        });
      }
    }
    return Rig.with(
      subject,
      async (rig) => {
        rig.beforeDelivery = async ({ target }) => {
          if (target.startsWith("down")) throw new Error("planted");
        };
        const down = Array.from({ length: 400 }, (_, n) =>
          rig.ask(counterOf(`down ${n}`), note("")),
        );
        await Promise.all(down);
        await until(() => rig.host.outbox.troubled === 400, "all have failed once");
        const before = rows;
        for (let n = 0; n < 5; n++) {
          await rig.ask(A, note(`n${n}`));
          await until(() => rig.deliveries.length === n + 1, "the note is delivered");
        }
        expect(rows - before).toBeLessThan(400);
      },
      { wrap: (log) => new CountingLog(log) },
    );
  },

  "many that fail hide none of many that come after them": (subject) =>
    Rig.with(subject, async (rig) => {
      rig.beforeDelivery = async ({ target }) => {
        if (target.startsWith("down")) throw new Error("planted");
      };
      const notes = (name: string, count: number) =>
        Promise.all(
          Array.from({ length: count }, (_, n) => rig.ask(counterOf(`${name} ${n}`), note(""))),
        );
      await notes("down", 300);
      await until(() => rig.host.outbox.troubled === 300, "all have failed once");
      await notes("up", 300);
      await until(() => rig.deliveries.length === 300, "the others are delivered");
    }),

  "what failed together is tried again within the same bound": (subject) =>
    Rig.with(subject, async (rig) => {
      let isDown = true;
      let [underWay, most] = [0, 0];
      rig.beforeDelivery = async () => {
        most = Math.max(most, ++underWay);
        await new Promise((resolve) => setImmediate(resolve));
        underWay--;
        if (isDown) throw new Error("planted");
      };
      const asked = Array.from({ length: 600 }, (_, n) => rig.ask(counterOf(`c${n}`), note("")));
      await Promise.all(asked);
      await until(() => rig.host.outbox.troubled === 600, "all have failed once");
      isDown = false;
      rig.clock.advance(60_000);
      await until(() => isEmpty(rig), "the outbox is empty");
      expect(rig.deliveries.length).toBe(600);
      expect(most).toBeLessThanOrEqual(256);
    }),

  "a message that met a full disk arrives within a second of there being room": (subject) =>
    withGate(subject, async (rig, gate) => {
      await post(rig, 1);
      gate().fates.push("full", "full", "full", "full", "full", "full", "full", "full");
      rig.host.outbox.wake();
      await until(async () => {
        await settleDown();
        if (gate().fates.length > 0) rig.clock.advance(1_000);
        return gate().fates.length === 0;
      }, "the disk has been full for a while");
      rig.clock.advance(1_000);
      await until(async () => (await totalAt(rig, "b")) === 1, "it is delivered");
    }),
};
