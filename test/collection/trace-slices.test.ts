/** Traces for many owners at once: each trace is one owner's, and few are left over. */
import { expect, test } from "bun:test";
import type { TraceBlock } from "../../actors/collection-messages.ts";
import { type TakeTraces, type TracesState, tracesActor } from "../../actors/traces.ts";
import type { CollectionParts } from "../../src/collection/parts.ts";
import { TraceSlices } from "../../src/collection/trace-slices.ts";
import type { Host } from "../../src/runtime/host.ts";
import { PROFILE } from "./rig.ts";

/** The actor of the sequence itself, which answers a moment later. */
function sequence(): Pick<CollectionParts, "host" | "profile"> & { readonly asked: number[] } {
  const asked: number[] = [];
  let state: TracesState = tracesActor.init("");
  const host = {
    async ask(actor: { readonly kind: string; readonly id: string }, command: TakeTraces) {
      expect(actor).toEqual({ kind: "traces", id: PROFILE.odfi });
      asked.push(command.count);
      await new Promise(setImmediate);
      const meta = { actor, commandId: "x", nowMs: 0, principal: "test" };
      const { events, reply } = tracesActor.decide(state, command, meta);
      state = events.reduce(tracesActor.apply, state);
      return reply;
    },
  };
  return { host: host as unknown as Host, profile: PROFILE, asked };
}

test("owners that are asked at once share blocks, and no trace is given twice", async () => {
  const parts = sequence();
  const slices = new TraceSlices(parts);
  const used: number[] = [];
  const owner = async (entries: number): Promise<void> => {
    const slice: TraceBlock = await slices.take();
    expect(slice.count).toBeGreaterThanOrEqual(32);
    await new Promise(setImmediate);
    for (let at = 0; at < entries; at++) used.push(slice.first + at);
    slices.give(slice, entries);
  };
  for (let round = 0; round < 40; round++) {
    await Promise.all(Array.from({ length: 100 }, (_, at) => owner(at % 4)));
  }
  expect(new Set(used).size).toBe(used.length);
  // 6,000 traces are used; of each slice of 64 at least half is.
  expect(used.length).toBe(6_000);
  expect(parts.asked.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(16_384);
});

test("an owner that had more than it is given now leaves nothing of the slice", async () => {
  const slices = new TraceSlices(sequence());
  const first = await slices.take();
  slices.give(first, 70);
  const next = await slices.take();
  expect(next.first).not.toBeLessThan(first.first + first.count);
});
