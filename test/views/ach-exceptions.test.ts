/** What a person must look at stands in the view as long as the actors say so. */
import { describe, expect, test } from "bun:test";
import type { Message } from "../../actors/actor.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import {
  achExceptions,
  exceptionKinds,
  findException,
  type KeptException,
  openExceptions,
} from "../../src/views/ach-exceptions.ts";
import {
  ACCEPT,
  BEFORE,
  byHand,
  count,
  fileAt,
  ID,
  REJECT,
  resolve,
  settle,
} from "../actors/filing.ts";
import { viewOf } from "./history.ts";

/** The events of actors as a log has them. */
function stored(kind: string, id: string, events: readonly Message[]): readonly StoredEvent[] {
  return events.map((event, at) => ({
    ...{ position: at + 1, ref: { kind, id }, seq: at + 1, previous: at, atMs: 1_000 + at },
    ...{ principal: "test", commandId: `c${at}`, kind: event.kind, version: 2 },
    data: JSON.stringify(event),
  }));
}

function kindsOf({ events }: ReturnType<typeof fileAt>) {
  return exceptionKinds(viewOf(achExceptions, stored("ach-file", ID, events)));
}

test("a statement that differs stands until something explains it", () => {
  const file = fileAt("acknowledged");
  file.tell(settle(1_500));
  expect(kindsOf(file)).toEqual(["statement_differs"]);
  const table = viewOf(achExceptions, stored("ach-file", ID, file.events));
  expect(openExceptions(table, 10)).toEqual([
    {
      ...{ kind: "statement_differs", fileId: ID, debitCents: 1_500, creditCents: 400 },
      ...{ on: "2026-06-02", sinceMs: 1_004, position: 5 },
    } as never,
  ]);
  file.tell(count(1_000, "debit", BEFORE));
  expect(kindsOf(file)).toEqual([]);
});

test("money that nothing explains stands until the bank says otherwise", () => {
  const file = fileAt("acknowledged");
  file.tell(settle(2_507));
  file.tell(byHand(2_507));
  expect(kindsOf(file)).toEqual(["unexplained"]);
  file.tell(settle());
  expect(kindsOf(file)).toEqual([]);
});

test("a contradiction stands until a person has asked the bank", () => {
  for (const outcome of ["accepted", "rejected"] as const) {
    const file = fileAt("acknowledged");
    file.tell(REJECT);
    expect(kindsOf(file)).toEqual(["file_contradicted"]);
    file.tell(resolve(outcome));
    // That it was rejected takes two.
    if (outcome === "rejected") {
      expect(kindsOf(file)).toEqual(["file_contradicted"]);
      file.principal = "desk:bob";
      file.tell(resolve(outcome));
    }
    expect(kindsOf(file)).toEqual([]);
  }
  const file = fileAt("rejected");
  file.tell(ACCEPT);
  expect(kindsOf(file)).toEqual(["file_contradicted"]);
});

describe("what is kept of inbound pieces", () => {
  const kept = (number: number, money: unknown = null) => ({
    kind: "ExceptionKept",
    exception: { number, line: number, reason: "unmatched", sealed: null, received: null, money },
    entry: null,
  });
  const numbers = Array.from({ length: 12 }, (_, at) => at + 1);

  test("is listed by age, page by page, and goes when it is resolved", () => {
    const resolved = { kind: "ExceptionResolved", number: 2, how: "noted", note: "x", entry: null };
    const table = viewOf(
      achExceptions,
      stored("ach-inbound", "0f", [...numbers.map((number) => kept(number)), resolved]),
    );
    const first = openExceptions(table, 5);
    const rest = openExceptions(table, 100, first.at(-1)?.position);
    expect([...first, ...rest].map(({ position }) => position)).toEqual([
      1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    ]);
    expect(findException(table, 3)).toMatchObject({ kind: "inbound", number: 3 });
    expect([findException(table, 2), findException(table, 99)]).toEqual([undefined, undefined]);
    expect(exceptionKinds(table)).toEqual(["inbound"]);
  });

  test("keeps its age while money of it is applied, and loses what was proposed", () => {
    const money = { of: "return", direction: "debit", amountCents: 1_001 };
    const events = [
      kept(1, money),
      { kind: "ExceptionGiveUpProposed", number: 1, by: "desk:alice", note: "x" },
      { kind: "ExceptionMatched", number: 1, to: "f/7", code: "R01", note: "x" },
      { kind: "ExceptionApplied", number: 1, amountCents: 1_000, entry: null },
    ];
    const after = (count: number) => {
      const table = viewOf(achExceptions, stored("ach-inbound", "0f", events.slice(0, count)));
      return findException(table, 1) as KeptException;
    };
    expect(after(2)).toMatchObject({ proposedBy: "desk:alice", money: { amountCents: 1_001 } });
    expect(after(4)).toMatchObject({ sinceMs: 1_000, proposedBy: null, money: { amountCents: 1 } });
    const rest = { kind: "ExceptionApplied", number: 1, amountCents: 1, entry: null };
    const whole = viewOf(achExceptions, stored("ach-inbound", "0f", [...events, rest]));
    expect(openExceptions(whole, 10)).toEqual([]);
  });
});

test("another word on what is open leaves it its age", () => {
  const file = fileAt("acknowledged");
  file.tell(settle(1_500));
  file.tell(settle(1_400));
  const table = viewOf(achExceptions, stored("ach-file", ID, file.events));
  expect(openExceptions(table, 10)).toMatchObject([{ position: 5, debitCents: 1_400 }]);
});
