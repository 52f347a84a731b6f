import { expect, test } from "bun:test";
import { AssertionFailed } from "../../actors/assert.ts";
import { NUMBER_MAX } from "../../actors/ids.ts";
import { numbersActor } from "../../actors/numbers.ts";
import { Drive } from "./drive.ts";
import { NOON_MS } from "./samples.ts";

const series = () => new Drive(numbersActor, "lane", NOON_MS);

test("numbers are given out once, from 1, without a gap", () => {
  series().table([
    [{ kind: "LastNumber" }, { kind: "number", number: 0 }],
    [{ kind: "TakeNumber" }, { kind: "number", number: 1 }],
    [{ kind: "TakeNumber" }, { kind: "number", number: 2 }],
    [{ kind: "LastNumber" }, { kind: "number", number: 2 }],
    [{ kind: "TakeNumber" }, { kind: "number", number: 3 }],
  ]);
});

test("a series ends at the greatest number of four bytes", () => {
  const numbers = series();
  numbers.state = { last: NUMBER_MAX - 1 };
  numbers.table([[{ kind: "TakeNumber" }, { number: NUMBER_MAX }]]);
  expect(() => numbers.tell({ kind: "TakeNumber" })).toThrow("a number fits four bytes");
});

test("a number out of order stops the series, and so does an event of another version", () => {
  const { actor, state } = series();
  const event = { kind: "NumberTaken", number: 2 } as const;
  expect(() => actor.apply(state, event)).toThrow("numbers are given out in order");
  expect(() => actor.upcast({ kind: event.kind, version: 2, body: event })).toThrow(
    AssertionFailed,
  );
});
