import { expect, test } from "bun:test";
import { AssertionFailed } from "../../actors/assert.ts";
import {
  bankStatementActor,
  STATED_FILES_MAX,
  STATEMENT_ITEMS_MAX,
} from "../../actors/bank-statement.ts";
import { cents } from "../../actors/money.ts";
import { Drive } from "./drive.ts";
import { NOON_MS } from "./samples.ts";

const day = () => new Drive(bankStatementActor, "2026-06-01", NOON_MS);
const line = (fileName: string, debit: number, credit = 0) => ({
  ...{ fileName, debitCents: cents(debit), creditCents: cents(credit) },
});
const receive = (itemId: string, ...lines: ReturnType<typeof line>[]) => {
  return { kind: "ReceiveStatement", itemId, lines } as const;
};
const describe = { kind: "DescribeStatement" } as const;

test("the last word on each file counts, and every word is on record", () => {
  const drive = day().table([
    [describe, { state: { pieces: [], lines: [] } }],
    [receive("s1", line("A", 100), line("B", 7, 3)), "received"],
    [receive("s2", line("A", 90)), "received"],
    [describe, { state: { lines: [line("A", 90), line("B", 7, 3)] } }],
  ]);
  expect(drive.events.map(({ lines }) => lines)).toEqual([
    [line("A", 100), line("B", 7, 3)],
    [line("A", 90)],
  ]);
});

test("a piece that is given again is no newer word", () => {
  const drive = day().table([
    [receive("s1", line("A", 100)), { kind: "received", lines: [line("A", 100)] }],
    [receive("s2", line("A", 90), line("B", 5)), "received"],
    [receive("s1", line("A", 100)), { kind: "received", lines: [line("A", 90)] }],
    [describe, { state: { lines: [line("A", 90), line("B", 5)] } }],
  ]);
  expect(drive.events.length).toBe(2);
});

test("a piece says what it changes, and so each time it is given", () => {
  const changed = (debitCents: number, creditCents = 0) => ({
    changed: { debitCents: cents(debitCents), creditCents: cents(creditCents) },
  });
  day().table([
    [receive("s1", line("A", 100)), { lines: [{ ...line("A", 100), ...changed(100) }] }],
    [receive("s2", line("A", 90, 5)), { lines: [{ ...line("A", 90, 5), ...changed(-10, 5) }] }],
    [receive("s3", line("A", 90, 5)), { lines: [changed(0, 0)] }],
    [receive("s1", line("A", 100)), { lines: [{ ...line("A", 90, 5), ...changed(100) }] }],
    [receive("s2", line("A", 90, 5)), { lines: [{ ...line("A", 90, 5), ...changed(-10, 5) }] }],
  ]);
});

test("lines of one file in one piece are one movement", () => {
  day().table([
    [
      receive("s1", line("A", 100), line("B", 1), line("A", 0, 40)),
      { kind: "received", lines: [line("A", 100, 40), line("B", 1)] },
    ],
    [describe, { state: { lines: [line("A", 100, 40), line("B", 1)] } }],
  ]);
});

test("a day has so many files and pieces, and no more", () => {
  const many = Array.from({ length: STATED_FILES_MAX }, (_, at) => line(`F${at}`, 1));
  const full = day().table([[receive("s1", ...many), "received"]]);
  expect(() => full.tell(receive("s2", line("one more", 1)))).toThrow(AssertionFailed);
  full.table([[receive("s3", line("F0", 2)), "received"]]);
  const pieces = day();
  for (let at = 0; at < STATEMENT_ITEMS_MAX; at++) pieces.tell(receive(`s${at}`));
  expect(() => pieces.tell(receive("one more"))).toThrow(AssertionFailed);
});

test.each([
  ["debit", line("A", -1)],
  ["credit", line("A", 0, -1)],
])("a %s has no sign", (_, signed) => {
  expect(() => day().tell(receive("s1", signed))).toThrow(AssertionFailed);
});

test("a log that has a piece twice is not believed, nor one of another version", () => {
  const drive = day().table([[receive("s1", line("A", 1)), "received"]]);
  const [event] = drive.events;
  if (event === undefined) throw new Error("it was received");
  expect(() => drive.actor.apply(drive.state, event)).toThrow("a piece is received once");
  expect(() => drive.actor.upcast({ kind: event.kind, version: 3, body: {} })).toThrow(
    AssertionFailed,
  );
});
