/** What of an inbound piece nobody could act on. */
import { describe, expect, test } from "bun:test";
import {
  type AchInboundCommand,
  type AchInboundEvent,
  achInboundActor,
  EXCEPTIONS_MAX,
} from "../../actors/ach-inbound.ts";
import { AssertionFailed } from "../../actors/assert.ts";
import type { InboundException, Resolution } from "../../actors/inbound-exception.ts";
import { entryOf } from "../../actors/ledger.ts";
import { cents } from "../../actors/money.ts";
import { Drive } from "./drive.ts";
import { NOON_MS } from "./samples.ts";

const RECEIVE: AchInboundCommand = { kind: "ReceiveInbound", bytes: 940 };
const FINISH: AchInboundCommand = { kind: "FinishInbound", applied: 3, known: 1 };
const DESCRIBE: AchInboundCommand = { kind: "DescribeInbound" };

const debit = (of: "return" | "settlement"): InboundException["money"] => {
  return { of, direction: "debit", amountCents: cents(700) };
};
const keep = (number: number, money: InboundException["money"] = null): AchInboundCommand => ({
  kind: "KeepException",
  exception: {
    number,
    line: 10 + number,
    reason: "unmatched",
    sealed: null,
    received: null,
    money,
  },
});
const resolve = (
  number: number,
  resolution: Resolution = { kind: "noted" },
): AchInboundCommand => ({ kind: "ResolveException", number, resolution, note: "asked the bank" });
const piece = () => new Drive(achInboundActor, "0f".repeat(32), NOON_MS);

describe("an inbound piece", () => {
  test("is received, kept of, finished, and resolved by a person", () => {
    piece().table([
      [DESCRIBE, { state: { kind: "vacant" } }],
      [resolve(1), "exception_not_open"],
      [RECEIVE, { state: { kind: "reading", open: [] } }],
      [keep(1), "noted"],
      [keep(2), "noted"],
      [FINISH, "noted"],
      [RECEIVE, { state: { kind: "finished", open: [{ number: 1 }, { number: 2 }] } }],
      [resolve(2), "exception_resolved"],
      [resolve(2), "exception_not_open"],
      [DESCRIBE, { state: { kind: "finished", open: [{ number: 1, line: 11 }], exceptions: 2 } }],
    ]);
  });

  test("read again after a crash keeps nothing twice", () => {
    const drive = piece().table([
      [RECEIVE, "inbound"],
      [keep(1), "noted"],
      [RECEIVE, { state: { kind: "reading" } }],
      [keep(1), "noted"],
      [keep(2), "noted"],
      [FINISH, "noted"],
      [FINISH, "noted"],
    ]);
    expect(drive.eventKinds).toEqual([
      "InboundReceived",
      "ExceptionKept",
      "ExceptionKept",
      "InboundFinished",
    ]);
  });

  test("keeps so many exceptions, in order, and only of what was received", () => {
    expect(() => piece().tell(keep(1))).toThrow(AssertionFailed);
    expect(() => piece().tell(FINISH)).toThrow(AssertionFailed);
    const drive = piece().table([[RECEIVE, "inbound"]]);
    expect(() => drive.tell(keep(2))).toThrow("exceptions are numbered in order");
    expect(() => drive.tell(keep(EXCEPTIONS_MAX + 1))).toThrow(AssertionFailed);
  });
});

describe("money of an exception", () => {
  const lines = (event: AchInboundEvent | undefined) =>
    entryOf(event ?? {})?.postings.map(({ account, side }) => `${side} ${account}`);

  test.each([
    ["return", "debit", ["debit ach:suspense", "credit cash:bank"]],
    ["return", "credit", ["debit cash:bank", "credit ach:suspense"]],
    ["settlement", "debit", ["debit cash:bank", "credit ach:suspense"]],
    ["settlement", "credit", ["debit ach:suspense", "credit cash:bank"]],
  ] as const)("of a %s of a %s waits in suspense until it is understood", (of, direction, kept) => {
    const money = { of, direction, amountCents: cents(700) };
    const drive = piece().table([
      [RECEIVE, "inbound"],
      [keep(1, money), "noted"],
    ]);
    expect(lines(drive.events.at(-1))).toEqual([...kept]);
    drive.table([
      [resolve(1), "resolution_does_not_fit"],
      [resolve(1, { kind: "back_to_bank" }), { kind: "exception_resolved", leftCents: 0 }],
    ]);
    const back = kept.map((line) => line.replace("ach:suspense", "x").replace("cash:bank", "y"));
    const turned = back.map((line) => line.replace("x", "cash:bank").replace("y", "ach:suspense"));
    expect(lines(drive.events.at(-1))).toEqual(turned);
  });
});

test("an exception of version 1 is one of a return", () => {
  // As that version wrote it, byte for byte.
  const golden =
    '{"kind":"ExceptionKept","exception":{"number":1,"line":4,"reason":"unmatched","sealed":null,' +
    '"money":{"direction":"debit","amountCents":700}},"entry":{"name":"unmatched_return",' +
    '"postings":[{"account":"ach:suspense","side":"debit","amountCents":700},{"account":' +
    '"cash:bank","side":"credit","amountCents":700}]}}';
  const drive = piece().table([[RECEIVE, "inbound"]]);
  const body: unknown = JSON.parse(golden);
  drive.apply(drive.actor.upcast({ kind: "ExceptionKept", version: 1, body }));
  drive.table([[DESCRIBE, { state: { open: [{ money: debit("return") }] } }]]);
  const plain = { kind: "InboundReceived", bytes: 1, atMs: 2 };
  expect(drive.actor.upcast({ kind: plain.kind, version: 1, body: plain })).toEqual(
    plain as AchInboundEvent,
  );
  expect(() => drive.actor.upcast({ kind: "InboundReceived", version: 4, body: {} })).toThrow(
    AssertionFailed,
  );
});
