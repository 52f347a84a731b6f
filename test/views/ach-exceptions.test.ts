/** What a person must look at stands in the view as long as the actors say so. */
import { expect, test } from "bun:test";
import type { Message } from "../../actors/actor.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { achExceptions, exceptionKinds, openExceptions } from "../../src/views/ach-exceptions.ts";
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
      key: `statement_differs/${ID}`,
      exception: {
        ...{ kind: "statement_differs", fileId: ID, debitCents: 1_500, creditCents: 400 },
        ...{ on: "2026-06-02", sinceMs: 1_004 },
      } as never,
    },
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
    expect(kindsOf(file)).toEqual([]);
  }
  const file = fileAt("rejected");
  file.tell(ACCEPT);
  expect(kindsOf(file)).toEqual(["file_contradicted"]);
});

test("what is kept of inbound pieces is listed page by page, and goes when it is resolved", () => {
  const kept = (number: number) => ({
    kind: "ExceptionKept",
    exception: { number, line: number, reason: "unmatched", sealed: null, money: null },
    entry: null,
  });
  const numbers = Array.from({ length: 12 }, (_, at) => at + 1);
  const resolved = { kind: "ExceptionResolved", number: 2, note: "x", entry: null };
  const events = stored("ach-inbound", "0f", [...numbers.map(kept), resolved]);
  const table = viewOf(achExceptions, events);
  const first = openExceptions(table, 5);
  const after = first.at(-1)?.key ?? "";
  const rest = openExceptions(table, 100, { after });
  const listed = [...first, ...rest].map(({ exception }) => {
    return exception.kind === "inbound" ? exception.number : 0;
  });
  expect(listed).toEqual([1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect(openExceptions(table, 100, { kind: "unexplained" })).toEqual([]);
});
