/** How far a reversal has come, as its payer reads it, from the events of a real actor. */
import { expect, test } from "bun:test";
import type { AccountCommand } from "../../actors/account-messages.ts";
import { cents } from "../../actors/money.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { reversals, reversalsOf } from "../../src/views/reversals.ts";
import {
  bought,
  checkedAccount,
  collect,
  date,
  file,
  fileId,
  refundId,
  unfile,
} from "../actors/collecting.ts";
import { NOON_MS, paymentId } from "../actors/samples.ts";
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

function statusAfter(...steps: readonly AccountCommand[]): string | undefined {
  const account = checkedAccount();
  const all = [...bought(1, 1_000), file(1, "2026-06-08"), reverse, ...steps];
  for (const step of all) account.tell(step);
  const ref = { kind: "account", id: account.id };
  const events = account.events.map((event, at) => {
    const data = JSON.stringify(event);
    return { position: at + 1, ref, kind: event.kind, atMs: NOON_MS, data } as StoredEvent;
  });
  const table = new MemoryTable();
  reversals.apply(events, table);
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
