/** Provisional state: decided ahead of the commit, believed by nobody before it. */
import { expect } from "bun:test";
import type {
  ActorCommit,
  Awaitable,
  CommitResult,
  EventLog,
} from "../../../src/runtime/event-log.ts";
import { add, faultOf, READ, replyOf, settleDown, total, totalAt, watch } from "../asks.ts";
import { ALL } from "../commits.ts";
import { ForwardingLog } from "../forwarding-log.ts";
import { withGate } from "../gated-log.ts";
import { Rig, until } from "../rig.ts";
import type { Group, Subject } from "../subject.ts";
import { type CounterCommand, counterOf } from "../toy-counter.ts";

const A = counterOf("a");
const ATTEMPTS_MAX = 5;

/** Another writer is faster, as often as told. */
class LosingLog extends ForwardingLog {
  losses = 0;
  commits = 0;

  override commit(list: readonly ActorCommit[]): Awaitable<readonly CommitResult[]> {
    this.commits++;
    if (this.losses-- > 0) return list.map(() => ({ kind: "conflict" }));
    return super.commit(list);
  }
}

function withLosses(
  subject: Subject,
  run: (rig: Rig, log: () => LosingLog) => Promise<void>,
): Promise<void> {
  let losing: LosingLog | undefined;
  const wrap = (log: EventLog): EventLog => {
    losing = new LosingLog(log);
    return losing;
  };
  const limits = { attemptsMax: ATTEMPTS_MAX };
  return Rig.with(subject, (rig) => run(rig, () => losing as LosingLog), { wrap, limits });
}

export const provisional: Group = {
  "who loses to another writer tries again, as often as the maximum": (subject) =>
    withLosses(subject, async (rig, log) => {
      log().losses = ATTEMPTS_MAX;
      const asked = [rig.ask(A, add(1)), rig.once(A, add(2), "c1").then(replyOf)];
      expect(await Promise.all(asked)).toEqual([total(1), total(3)]);
      expect(log().commits).toBe(ATTEMPTS_MAX + 1);
    }),

  "who loses more often is told so, and nothing was written": (subject) =>
    withLosses(subject, async (rig, log) => {
      log().losses = ATTEMPTS_MAX + 1;
      const asked = [faultOf(rig.ask(A, add(1))), faultOf(rig.once(A, add(2), "c1"))];
      expect(await Promise.all(asked)).toEqual(["conflict", "conflict"]);
      expect(log().commits).toBe(ATTEMPTS_MAX + 1);
      expect((await log().read(0, ALL)).length).toBe(0);
      expect(replyOf(await rig.once(A, add(2), "c1"))).toEqual(total(2));
    }),

  "no reply leaves before its commit": (subject) =>
    withGate(subject, async (rig, gate) => {
      gate().hold();
      const answer = rig.ask(A, add(1));
      const watched = watch(answer);
      await until(() => gate().lists.length === 1, "the commit came");
      await settleDown();
      expect(watched.ended).toBe(false);
      gate().release();
      expect(await answer).toEqual(total(1));
    }),

  "an answer that rests on provisional state waits for it": (subject) =>
    withGate(subject, async (rig, gate) => {
      await rig.ask(A, READ);
      gate().hold();
      const write = rig.ask(A, add(1));
      const read = rig.ask(A, READ);
      const watched = watch(read);
      await until(() => gate().lists.length === 1, "the commit came");
      await settleDown();
      expect(watched.ended).toBe(false);
      gate().release();
      expect([await write, await read]).toEqual([total(1), total(1)]);
    }),

  "three commands in a row whose first commit fails are all decided again, in order": (subject) =>
    withGate(subject, async (rig, gate) => {
      await rig.ask(A, READ);
      gate().hold();
      // The first is on its way when another writer comes before it; the others wait behind it.
      const first = rig.ask(A, add(1));
      await until(() => gate().lists.length === 1, "the commit came");
      const rest = [add(2), add(3), READ].map((command) => rig.ask(A, command));
      const other = rig.hostOn(gate().inner);
      await other.ask(A, add(100), { principal: "desk:other" });
      gate().release();
      const replies = await Promise.all([first, ...rest]);
      expect([...replies]).toEqual([101, 103, 106, 106].map(total));
      expect((await rig.log.read(0, ALL)).map(({ data }) => JSON.parse(data).by)).toEqual([
        100, 1, 2, 3,
      ]);
      await other.drain();
    }),

  "a conflict of one actor costs the others nothing": (subject) =>
    withGate(subject, async (rig, gate) => {
      await Promise.all(["a", "b", "c"].map((id) => rig.ask(counterOf(id), READ)));
      const other = rig.hostOn(gate().inner);
      await other.ask(A, add(100), { principal: "desk:other" });
      gate().hold();
      const firsts = ["a", "b"].map((id) => rig.ask(counterOf(id), add(1)));
      await until(() => gate().lists.length === 1, "the commit came");
      const lasts = ["c", "b"].map((id) => rig.ask(counterOf(id), add(1)));
      gate().release();
      const totals = [101, 1, 1, 2].map(total);
      expect(await Promise.all([...firsts, ...lasts])).toEqual(totals);
      await other.drain();
    }),

  "a full disk fails what rests on the commit, and nothing when there is room again": (subject) =>
    withGate(subject, async (rig, gate) => {
      await rig.ask(A, add(1));
      expect(rig.host.isFull).toBe(false);
      gate().hold();
      gate().fates.push("full");
      const first = faultOf(rig.ask(A, add(2)));
      await until(() => gate().lists.length === 2, "the commit came");
      const second = faultOf(rig.ask(A, add(4)));
      gate().release();
      expect([await first, await second]).toEqual(["storage_full", "storage_full"]);
      expect(await totalAt(rig, "a")).toBe(1);
      expect(rig.host.isFull).toBe(true);
      expect(await rig.ask(A, add(8))).toEqual(total(9));
      expect(rig.host.isFull).toBe(false);
    }),

  "a failed disk ends all acknowledgement until the next start": (subject) =>
    withGate(subject, async (rig, gate) => {
      await rig.ask(A, add(1));
      gate().fates.push("failed");
      expect(await faultOf(rig.ask(A, add(2)))).toBe("storage_failed");
      expect(await faultOf(rig.ask(A, READ))).toBe("storage_failed");
      expect(await faultOf(rig.ask(counterOf("b"), add(1)))).toBe("storage_failed");
      await rig.restart();
      expect(await totalAt(rig, "a")).toBe(1);
    }),

  "a caller of a promised answer is told when the disk fails": (subject) =>
    withGate(subject, async (rig, gate) => {
      const promise: CounterCommand = { kind: "promise", key: "k" };
      const promised = faultOf(rig.ask(A, promise));
      await until(() => gate().lists.length === 1, "the promise is made");
      await settleDown();
      gate().fates.push("failed");
      await faultOf(rig.ask(A, add(2)));
      expect(await promised).toBe("storage_failed");
    }),
};
