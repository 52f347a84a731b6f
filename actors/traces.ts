/**
 * Trace sequence numbers of ACH entries, one actor for each bank we send through: 1 to 9,999,999,
 * taken in blocks before they are used, and begun anew at the end. A block never spans the end, so
 * that traces rise inside a file; what is taken and not used is a gap, which is allowed.
 */
import { type ActorDefinition, decided, type StoredBody } from "./actor.ts";
import { assert } from "./assert.ts";
import type { TraceBlock } from "./collection-messages.ts";

/** Seven digits (Nacha, positions 88 to 94 of an entry). */
export const TRACE_MAX = 9_999_999;

export interface TracesState {
  readonly last: number;
}
export interface TakeTraces {
  readonly kind: "TakeTraces";
  readonly count: number;
}
export interface TracesTaken {
  readonly kind: "TracesTaken";
  readonly block: TraceBlock;
}
export interface TracesReply {
  readonly kind: "traces";
  readonly block: TraceBlock;
}

export const tracesActor: ActorDefinition<TracesState, TakeTraces, TracesTaken, TracesReply> = {
  kind: "traces",
  schemaVersion: 1,
  eventKinds: ["TracesTaken"],
  init: () => ({ last: 0 }),
  decide(state, { count }) {
    assert(Number.isInteger(count) && count >= 1, "a block has a trace");
    assert(count <= TRACE_MAX, "a block fits the sequence");
    const first = state.last + count > TRACE_MAX ? 1 : state.last + 1;
    const block = { first, count };
    return decided([{ kind: "TracesTaken", block }], { kind: "traces", block });
  },
  apply(state, { block }) {
    const isNext = block.first === state.last + 1 || block.first === 1;
    assert(isNext, "traces are taken in order");
    return { last: block.first + block.count - 1 };
  },
  upcast(stored: StoredBody) {
    assert(stored.version === 1, "trace events are of version 1");
    return stored.body as TracesTaken;
  },
};
