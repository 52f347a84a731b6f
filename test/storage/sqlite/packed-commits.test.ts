/** A list of commits on its way to the writer: what comes out is what went in. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import type { ActorCommit, TimerChange } from "../../../src/runtime/event-log.ts";
import { packCommits, unpackCommits } from "../../../src/storage/sqlite/packed-commits.ts";

/** Any text that UTF-8 can hold; what the actors write is JSON, and that is. */
const text = fc.string({ unit: "binary", maxLength: 40 });
const number = fc.maxSafeNat();
const id = { id: text };

const timer: fc.Arbitrary<TimerChange> = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), ...id, atMs: number, command: text }),
  fc.record({ kind: fc.constant("cancel" as const), ...id }),
  fc.record({ kind: fc.constant("fired" as const), ...id, atMs: number }),
);
const ref = fc.record({ kind: text, ...id });
const commit: fc.Arbitrary<ActorCommit> = fc.record({
  ref,
  expectedSeq: number,
  unit: number,
  commandId: text,
  principal: text,
  atMs: number,
  events: fc.array(fc.record({ kind: text, version: number, data: text })),
  state: fc.option(text, { nil: undefined }),
  stateVersion: number,
  outbox: fc.array(fc.record({ ...id, to: ref, command: text })),
  delivered: fc.array(text),
  timers: fc.array(timer),
  remember: fc.array(
    fc.record({ commandId: text, fingerprint: text, reply: text, requestId: text }),
  ),
});

test("packed commits are the same when they are unpacked, to the last field", () => {
  fc.assert(
    fc.property(fc.array(commit, { maxLength: 5 }), (list) => {
      const packed = packCommits(list);
      expect(unpackCommits(packed)).toEqual(list);
      // It changes hands as it is, without another copy.
      expect(packed.byteOffset).toBe(0);
    }),
  );
});

test("a state that is empty is not one that is absent", () => {
  const [empty, absent] = ["", undefined].map((state) => {
    const one = fc.sample(commit, { numRuns: 1, seed: 7 }).map((made) => ({ ...made, state }));
    return unpackCommits(packCommits(one))[0]?.state;
  });
  expect([empty, absent]).toEqual(["", undefined]);
});

test("bytes that end too soon, or hold more, are a bug that is noticed", () => {
  const [one] = fc.sample(commit, { numRuns: 1, seed: 11 });
  const packed = packCommits(one === undefined ? [] : [one]);
  const more = new Uint8Array([...packed, 0x61]);
  expect(() => unpackCommits(more)).toThrow("nothing is left of the bytes");
  expect(() => unpackCommits(packed.slice(0, packed.length - 1))).toThrow();
});
