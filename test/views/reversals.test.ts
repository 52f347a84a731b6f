/** How far a reversal has come, as its payer reads it, from the events of a real actor. */
import { expect, test } from "bun:test";
import type { AccountCommand } from "../../actors/account-messages.ts";
import { cents } from "../../actors/money.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import {
  hasFailedReversal,
  reversals,
  reversalsNewestFirst,
  reversalsOf,
} from "../../src/views/reversals.ts";
import {
  bought,
  checkedAccount,
  collect,
  date,
  file,
  fileId,
  refund,
  refundId,
  unfile,
} from "../actors/collecting.ts";
import { accountId, NOON_MS, paymentId } from "../actors/samples.ts";
import { MemoryTable } from "./history.ts";

const REVERSES = {
  ...{ fileId: fileId(1), trace: 100, bankAccount: "vault-bank" },
  lastOn: date("2026-06-15"),
  reason: "wrong_date",
} as const;
const reverse: AccountCommand = {
  ...{ kind: "ReverseDebit", refundId: refundId(9), paymentId: paymentId(1) },
  ...{ merchantNumber: 3, amountCents: cents(1_000), reverses: REVERSES, note: "a week early" },
};
const back: AccountCommand = {
  kind: "ReturnEntry",
  subject: {
    ...{ kind: "reversal", refundId: refundId(9), paymentId: paymentId(1) },
    reverses: REVERSES,
  },
  ...{ fileId: fileId(2), trace: 200, code: "R16", merchantNumber: 3 },
  ...{ amountCents: cents(1_000), isSettled: true },
};

function viewAfter(...steps: readonly AccountCommand[]): MemoryTable {
  return viewOf([reverse, ...steps]);
}

function viewOf(steps: readonly AccountCommand[]): MemoryTable {
  const account = checkedAccount();
  const all = [...bought(1, 1_000), file(1, "2026-06-08"), ...steps];
  for (const step of all) account.tell(step);
  const ref = { kind: "account", id: account.id };
  const events = account.events.map((event, at) => {
    const data = JSON.stringify(event);
    return { position: at + 1, ref, kind: event.kind, atMs: NOON_MS, data } as StoredEvent;
  });
  const table = new MemoryTable();
  reversals.apply(events, table);
  return table;
}

function statusAfter(...steps: readonly AccountCommand[]): string | undefined {
  const table = viewAfter(...steps);
  const rows = reversalsOf(table, paymentId(1));
  expect(rows).toMatchObject([
    { amountCents: 1_000, reason: "wrong_date", note: "a week early", atMs: NOON_MS },
  ]);
  expect(reversalsOf(table, paymentId(2))).toEqual([]);
  return rows[0]?.status;
}

const FILED = file(2, "2026-06-10");

test.each<[string, readonly AccountCommand[]]>([
  ["waiting", []],
  ["filed", [FILED]],
  ["waiting", [FILED, unfile(2)]],
  ["filed", [FILED, unfile(2), file(3, "2026-06-11")]],
  ["paid", [FILED, collect(2)]],
  ["returned", [FILED, back]],
  ["not_sent", [file(2, "2026-06-16")]],
])("%s", (status, steps) => {
  expect(statusAfter(...steps)).toBe(status);
});

test("the desk lists them, the newest first", () => {
  const table = viewAfter(FILED);
  expect(reversalsNewestFirst(table, 10)).toMatchObject([
    { refundId: refundId(9), accountId: accountId(1), paymentId: paymentId(1), status: "filed" },
  ]);
  expect(reversalsNewestFirst(table, 10, refundId(9))).toEqual([]);
  expect(reversalsNewestFirst(table, 10, refundId(8))).toBeUndefined();
});

const LATE = file(2, "2026-06-16");
const twice = { ...reverse, reverses: { ...REVERSES, reason: "duplicate" } } as AccountCommand;

test.each<[string, boolean, readonly AccountCommand[]]>([
  ["is under way", false, [FILED]],
  ["was given back", false, [FILED, collect(2)]],
  ["came back", true, [FILED, back]],
  ["no file took in time", true, [LATE]],
])("the desk is told of one that %s: %p", (_, isTold, steps) => {
  const table = viewAfter(...steps);
  // The events are of 1 June: for two weeks.
  for (const today of ["2026-06-01", "2026-06-15"] as const) {
    expect(hasFailedReversal(table, date(today))).toBe(isTold);
  }
  expect(hasFailedReversal(table, date("2026-06-16"))).toBe(false);
});

test("and no more once the merchant refunds, or the money goes as a refund", () => {
  const today = date("2026-06-02");
  expect(hasFailedReversal(viewAfter(LATE, refund(1, 1, 300)), today)).toBe(false);
  expect(hasFailedReversal(viewOf([twice, LATE]), today)).toBe(true);
  expect(hasFailedReversal(viewOf([twice, LATE, collect(2)]), today)).toBe(false);
});
