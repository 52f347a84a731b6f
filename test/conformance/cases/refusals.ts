/** Decisions that write nothing: true only as long as the state they were made on. */
import { expect } from "bun:test";
import { add, overLimit, READ, replyOf, total } from "../asks.ts";
import { ALL } from "../commits.ts";
import { ForwardingLog } from "../forwarding-log.ts";
import { Rig, type RigOptions } from "../rig.ts";
import type { Group } from "../subject.ts";
import { counterOf, LIMIT } from "../toy-counter.ts";

const A = counterOf("a");
const principal = "desk:other";

/** A log with other writers, as a database is that several nodes share. */
class SharedLog extends ForwardingLog {
  override get isShared(): boolean {
    return true;
  }
}

const shared: RigOptions = { wrap: (log) => new SharedLog(log) };

export const refusals: Group = {
  "a refusal writes no event": (subject) =>
    Rig.with(subject, async (rig) => {
      await rig.ask(A, add(LIMIT));
      const before = await rig.log.head();
      expect((await rig.ask(A, add(1))).kind).toBe("limit_exceeded");
      expect(replyOf(await rig.once(A, add(1), "c1")).kind).toBe("limit_exceeded");
      expect(await rig.log.head()).toEqual(before);
    }),

  "a refusal on a stale cache is decided again": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        const other = rig.hostOn(rig.log);
        await rig.ask(A, add(LIMIT));
        // The other node frees the limit; this one does not know.
        await other.ask(A, add(-LIMIT), { principal });
        expect(await rig.ask(A, add(1))).toEqual(total(1));
        // And the other way round: the refusal itself is stale.
        await other.ask(A, add(LIMIT - 1), { principal });
        expect(await rig.ask(A, add(1))).toEqual(overLimit(LIMIT));
        expect((await rig.log.read(0, ALL)).length).toBe(4);
        await other.drain();
      },
      shared,
    ),

  "a remembered refusal on a stale cache is decided again": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        const other = rig.hostOn(rig.log);
        await rig.ask(A, add(LIMIT));
        await other.ask(A, add(-LIMIT), { principal });
        expect(replyOf(await rig.once(A, add(1), "c1"))).toEqual(total(1));
        await other.drain();
      },
      shared,
    ),

  "an answer that reads only is confirmed where others write": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        const other = rig.hostOn(rig.log);
        await rig.ask(A, READ);
        await other.ask(A, add(7), { principal });
        expect(await rig.ask(A, READ)).toEqual(total(7));
        await other.drain();
      },
      shared,
    ),

  "two nodes on one actor lose nothing and pass no limit": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        const other = rig.hostOn(rig.log);
        const step = 40;
        const asked = Array.from({ length: 40 }, (_, n) => {
          const host = n % 2 === 0 ? rig.host : other;
          return host.ask(A, add(step), { principal });
        });
        const kinds = (await Promise.all(asked)).map(({ kind }) => kind);
        expect(kinds.filter((kind) => kind === "total").length).toBe(LIMIT / step);
        const reply = await rig.ask(A, READ);
        expect(reply).toEqual(total(LIMIT));
        expect((await rig.log.read(0, ALL)).length).toBe(LIMIT / step);
        await other.drain();
      },
      { ...shared, limits: { attemptsMax: 100 } },
    ),

  "two nodes with one id and two commands tell the later one so": (subject) =>
    Rig.with(
      subject,
      async (rig) => {
        const other = rig.hostOn(rig.log);
        const options = { principal, commandId: "c1", fingerprint: "add 2" };
        const answers = await Promise.all([
          rig.once(A, add(1), "c1", "add 1"),
          other.askOnce(A, add(2), options),
        ]);
        expect(answers.map(({ kind }) => kind).sort()).toEqual(["answered", "mismatch"]);
        expect((await rig.log.read(0, ALL)).length).toBe(1);
        await other.drain();
      },
      shared,
    ),
};
