import { expect, test } from "bun:test";
import { AssertionFailed } from "../../actors/assert.ts";
import { TRACE_MAX, tracesActor } from "../../actors/traces.ts";
import { Drive } from "./drive.ts";
import { NOON_MS } from "./samples.ts";

const traces = () => new Drive(tracesActor, "12345678", NOON_MS);
const take = (count: number) => ({ kind: "TakeTraces", count }) as const;
const block = (first: number, count: number) => ({ kind: "traces", block: { first, count } });

test("traces are taken from 1, block after block", () => {
  traces().table([
    [take(3), block(1, 3)],
    [take(1), block(4, 1)],
    [take(2_048), block(5, 2_048)],
  ]);
});

test("the last trace is used, and then they begin anew", () => {
  traces().table([
    [take(TRACE_MAX - 1), block(1, TRACE_MAX - 1)],
    [take(1), block(TRACE_MAX, 1)],
    [take(1), block(1, 1)],
    [take(2), block(2, 2)],
  ]);
});

test("a block never spans the end: what does not fit is a gap", () => {
  traces().table([
    [take(TRACE_MAX - 1), block(1, TRACE_MAX - 1)],
    [take(2), block(1, 2)],
    [take(TRACE_MAX), block(1, TRACE_MAX)],
    [take(1), block(1, 1)],
  ]);
});

test.each([0, -1, 1.5, Number.NaN, TRACE_MAX + 1])("no block has %d traces", (count) => {
  expect(() => traces().tell(take(count))).toThrow(AssertionFailed);
});

test("a log with a trace left out or taken twice is not believed", () => {
  const drive = traces().table([[take(5), block(1, 5)]]);
  for (const first of [5, 7]) {
    const event = { kind: "TracesTaken", block: { first, count: 1 } } as const;
    expect(() => drive.actor.apply(drive.state, event)).toThrow("traces are taken in order");
  }
  expect(() => drive.actor.upcast({ kind: "TracesTaken", version: 2, body: {} })).toThrow(
    AssertionFailed,
  );
});
