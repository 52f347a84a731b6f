/** Outbox rows: kept from the sender's commit until somebody says that they are delivered. */
import { expect } from "bun:test";
import type { EventLog } from "../../../src/runtime/event-log.ts";
import { ALL, commitOf, commitOne, itemOf, refOf, withLog } from "../commits.ts";
import type { Group } from "../subject.ts";

const idsOf = async (log: EventLog, max = ALL): Promise<string[]> =>
  (await log.outboxNext(max)).map(({ id }) => id);

export const outbox: Group = {
  "items come oldest first and as they were sent": (subject) =>
    withLog(subject, async (log) => {
      const items = ["one>0", "one>1", "two>0"].map(itemOf);
      await commitOne(log, commitOf({ outbox: items.slice(0, 2) }));
      await commitOne(log, commitOf({ expectedSeq: 1, outbox: items.slice(2) }));
      expect(await log.outboxNext(ALL)).toEqual(items);
      expect(await log.outboxNext(2)).toEqual(items.slice(0, 2));
    }),

  "an item is there until it is done, and then for good": (subject) =>
    withLog(subject, async (log, store) => {
      await commitOne(log, commitOf({ outbox: ["x>0", "x>1", "x>2"].map(itemOf) }));
      await log.outboxDone(["x>1", "never sent"]);
      await log.outboxDone(["x>1"]);
      expect(await idsOf(log)).toEqual(["x>0", "x>2"]);
      await store.crash();
      expect(await idsOf(await store.open())).toEqual(["x>0", "x>2"]);
    }),

  "the receiver's commit removes what it delivered": (subject) =>
    withLog(subject, async (log) => {
      await commitOne(log, commitOf({ outbox: ["x>0", "x>1"].map(itemOf) }));
      const receiver = commitOf({ ref: refOf("b"), delivered: ["x>0"] });
      expect((await commitOne(log, receiver)).kind).toBe("ok");
      expect(await idsOf(log)).toEqual(["x>1"]);
    }),

  "a receiver that lost leaves the item where it was": (subject) =>
    withLog(subject, async (log) => {
      await commitOne(log, commitOf({ outbox: [itemOf("x>0")] }));
      const receiver = commitOf({ ref: refOf("b"), expectedSeq: 4, delivered: ["x>0"] });
      expect((await commitOne(log, receiver)).kind).toBe("conflict");
      expect(await idsOf(log)).toEqual(["x>0"]);
    }),

  "an item sent and delivered in one list is gone": (subject) =>
    withLog(subject, async (log) => {
      await log.commit([
        commitOf({ unit: 0, outbox: [itemOf("x>0")] }),
        commitOf({ ref: refOf("b"), unit: 1, delivered: ["x>0"] }),
      ]);
      expect(await idsOf(log)).toEqual([]);
    }),

  "what is sent after a removal comes after what is left": (subject) =>
    withLog(subject, async (log) => {
      await commitOne(log, commitOf({ outbox: ["a>0", "b>0"].map(itemOf) }));
      await log.outboxDone(["b>0"]);
      await commitOne(log, commitOf({ expectedSeq: 1, outbox: [itemOf("0>0")] }));
      expect(await idsOf(log)).toEqual(["a>0", "0>0"]);
    }),

  "an item sent again under its id waits once, as it was first sent": (subject) =>
    withLog(subject, async (log) => {
      await commitOne(log, commitOf({ outbox: [itemOf("x>0"), itemOf("y>0")] }));
      const again = { ...itemOf("x>0"), command: '{"kind":"note","text":"another"}' };
      const result = await commitOne(log, commitOf({ expectedSeq: 1, outbox: [again] }));
      expect(result.kind).toBe("ok");
      expect(await log.outboxNext(ALL)).toEqual([itemOf("x>0"), itemOf("y>0")]);
    }),

  "reading goes on behind an item, and from the oldest where that is gone": (subject) =>
    withLog(subject, async (log) => {
      await commitOne(log, commitOf({ outbox: ["x>0", "x>1", "x>2"].map(itemOf) }));
      expect((await log.outboxNext(ALL, "x>0")).map(({ id }) => id)).toEqual(["x>1", "x>2"]);
      expect((await log.outboxNext(1, "x>1")).map(({ id }) => id)).toEqual(["x>2"]);
      expect(await log.outboxNext(ALL, "x>2")).toEqual([]);
      await log.outboxDone(["x>1"]);
      expect((await log.outboxNext(ALL, "x>1")).map(({ id }) => id)).toEqual(["x>0", "x>2"]);
    }),
};
