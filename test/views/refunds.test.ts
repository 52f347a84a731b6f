/** How far a refund has come, and what its merchant hears of it, from the events of real actors. */
import { describe, expect, test } from "bun:test";
import type { AccountCommand } from "../../actors/account-messages.ts";
import { cents } from "../../actors/money.ts";
import { purchaseActor } from "../../actors/purchase.ts";
import type { RefundResolution } from "../../actors/stopped-refund-messages.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";
import { eventsSince, merchantEvents } from "../../src/views/merchant-events.ts";
import { findRefund, refunds, refundsOf } from "../../src/views/refunds.ts";
import {
  bought,
  checkedAccount,
  collect,
  file,
  fileId,
  payByHand,
  refund,
  refundId,
  replaceBankAccount,
  returnDebit,
  unfile,
} from "../actors/collecting.ts";
import { Drive } from "../actors/drive.ts";
import { accountId, LANE, NOON_MS, paymentId, requestId } from "../actors/samples.ts";
import { MemoryTable } from "./history.ts";

/** A refund of payment `number`: first its purchase says so, then the account is told. */
type Step =
  | AccountCommand
  | { readonly refund: number; readonly of: number; readonly cents: number };

/** Runs the steps on one account, and folds all events into both views. */
function run(steps: readonly Step[]) {
  const account = checkedAccount();
  const events: StoredEvent[] = [];
  const store = (kind: string, id: string, all: readonly { readonly kind: string }[]): void => {
    for (const event of all) {
      const position = events.length + 1;
      const ref = { kind, id };
      const data = JSON.stringify(event);
      events.push({ position, ref, kind: event.kind, atMs: NOON_MS, data } as StoredEvent);
    }
  };
  const tell = (command: AccountCommand): void => {
    const { length } = account.events;
    // Two people say it.
    if (command.kind === "ResolveRefund") account.principal = `desk:${length}`;
    account.tell(command);
    store("account", account.id, account.events.slice(length));
  };
  for (const step of steps) {
    if ("kind" in step) tell(step);
    else {
      store("purchase", paymentId(step.of), refunded(step));
      tell(refund(step.refund, step.of, step.cents));
    }
  }
  const [rows, told] = [new MemoryTable(), new MemoryTable()];
  refunds.apply(events, rows);
  merchantEvents.apply(events, told);
  return { rows, heard: eventsSince(told, 3, 0, 100).map(({ type }) => type), told };
}

function refunded(step: Extract<Step, { readonly refund: number }>) {
  const drive = new Drive(purchaseActor, paymentId(step.of), NOON_MS);
  drive.tell({
    ...{ kind: "RefundPurchase", refundId: refundId(step.refund), reason: "other", note: null },
    facts: {
      ...{ paymentId: paymentId(step.of), accountId: accountId(1), merchantNumber: 3 },
      ...{ laneId: LANE, requestId: requestId(step.of) },
      ...{ amountCents: cents(1_000), feeCents: cents(0) },
    },
    ...{ amountCents: cents(step.cents), creditedCents: cents(0), persons: "one" },
  });
  return drive.events;
}

const back = (
  number: number,
  of: number,
  trace: number,
  code: "R02" | "R03" | "R23",
): AccountCommand => ({
  kind: "ReturnEntry",
  subject: { kind: "refund", refundId: refundId(number), paymentId: paymentId(of) },
  ...{ fileId: fileId(trace / 100), trace, code, merchantNumber: 3 },
  ...{ amountCents: cents(400), isSettled: true },
});

const first = { refund: 1, of: 1, cents: 400 };
const filed = [...bought(1, 1_000), file(1, "2026-06-09")];
const collected = [...filed, collect(1), first, file(2, "2026-06-15")];
const replaced = replaceBankAccount();
const created = "refund.created";

const HISTORIES: readonly (readonly [string, readonly Step[], string, readonly string[]])[] = [
  [
    "before the debit is filed is done: less is debited",
    [...bought(1, 1_000), first],
    "debit_reduced",
    [created, "refund.paid_out"],
  ],
  ["of a debit that is under way waits for it", [...filed, first], "waiting", [created]],
  [
    "waits still when the debit is collected, until the next file",
    [...filed, first, collect(1)],
    "waiting",
    [created],
  ],
  ["is in a file", collected, "filed", [created]],
  ["waits again when its file was not sent", [...collected, unfile(2)], "waiting", [created]],
  [
    "is in the file after that",
    [...collected, unfile(2), file(3, "2026-06-16")],
    "filed",
    [created],
  ],
  ["is paid", [...collected, collect(2)], "paid", [created, "refund.paid_out"]],
  ["comes back", [...collected, back(1, 1, 200, "R03")], "returned", [created, "refund.failed"]],
  [
    "comes back though it was paid",
    [...collected, collect(2), back(1, 1, 200, "R03")],
    "returned",
    [created, "refund.paid_out", "refund.failed"],
  ],
  [
    "is filed anew when there is another bank account",
    [...collected, back(1, 1, 200, "R03"), replaced, file(4, "2026-06-16"), file(5, "2026-07-01")],
    "filed",
    [created, "refund.failed"],
  ],
  [
    "is in a file once more when two people send it again",
    [...collected, back(1, 1, 200, "R23"), ...byTwo("send_again"), file(4, "2026-06-16")],
    "filed",
    [created, "refund.failed"],
  ],
];

function byTwo(resolution: RefundResolution): readonly AccountCommand[] {
  const of = { refundId: refundId(1), resolution, note: "a call" };
  return [1, 2].map(() => ({ kind: "ResolveRefund", ...of }));
}

describe("a refund", () => {
  for (const [what, steps, status, expected] of HISTORIES) {
    test(what, () => {
      const { rows, heard } = run(steps);
      const row = findRefund(rows, refundId(1));
      expect([row?.status, heard] as unknown[]).toEqual([status, expected]);
      expect(row).toMatchObject({ paymentId: paymentId(1), amountCents: 400, reason: "other" });
    });
  }

  test("that is set off in two parts is done with the second", () => {
    const drive = checkedAccount();
    for (const command of [...filed, refund(1, 1, 400)] as AccountCommand[]) drive.tell(command);
    drive.tell(returnDebit(1, 1_000, "R02", { file: 1, trace: 100 }));
    drive.principal = "desk:alice";
    const off = { kind: "WriteOff", paymentId: paymentId(1), note: "gone away" } as const;
    drive.tell(off);
    drive.principal = "desk:bert";
    drive.tell(off);
    const setOff = drive.events.find(({ kind }) => kind === "RefundSetOff");
    const body = JSON.stringify({ ...setOff, amountCents: 150 });
    const rest = JSON.stringify({ ...setOff, amountCents: 250 });
    const ref = { kind: "account", id: drive.id };
    const [refunding] = refunded(first);
    const event = (position: number, data: string) =>
      ({ position, ref, kind: "RefundSetOff", atMs: NOON_MS, data }) as StoredEvent;
    const begun = {
      ...event(1, JSON.stringify(refunding)),
      ...{ ref: { kind: "purchase", id: paymentId(1) }, kind: "PurchaseRefunded" },
    };
    const [rows, told] = [new MemoryTable(), new MemoryTable()];
    for (const [view, table] of [
      [refunds, rows],
      [merchantEvents, told],
    ] as const) {
      view.apply([begun, event(2, body)], table);
    }
    expect(findRefund(rows, refundId(1))).toMatchObject({ status: "granted", setOffCents: 150 });
    expect(eventsSince(told, 3, 0, 9)).toHaveLength(1);
    for (const [view, table] of [
      [refunds, rows],
      [merchantEvents, told],
    ] as const) {
      view.apply([event(3, rest)], table);
    }
    expect(findRefund(rows, refundId(1))).toMatchObject({ status: "set_off", setOffCents: 400 });
    expect(eventsSince(told, 3, 0, 9).map(({ type }) => type)).toEqual([
      "refund.created",
      "refund.paid_out",
    ]);
  });
});

test("refunds of a purchase are listed in their order, and of no other", () => {
  const second = { refund: 2, of: 1, cents: 100 };
  const other = { refund: 3, of: 2, cents: 50 };
  const { rows } = run([...bought(1, 1_000), ...bought(2, 300), first, other, second]);
  const ids = (of: number) => refundsOf(rows, paymentId(of)).map((row) => row.refundId);
  expect([ids(1), ids(2), ids(9)]).toEqual([[refundId(1), refundId(2)], [refundId(3)], []]);
});

test("what was paid too much by hand is no refund of a purchase", () => {
  const { rows, heard } = run([payByHand(500), file(1, "2026-06-15"), collect(1)]);
  expect([rows.rows.size, heard]).toEqual([0, []]);
});

test("a merchant's events name payment and refund, and never the payer", () => {
  const { told } = run([...collected, collect(2)]);
  expect(eventsSince(told, 3, 0, 9)).toMatchObject([
    { number: 1, laneId: LANE, requestId: requestId(1), paymentId: paymentId(1) },
    { number: 2, type: "refund.paid_out", refundId: refundId(1) },
  ]);
  expect(JSON.stringify([...told.rows.values()])).not.toMatch(/acc_|dev_|per_|wallet/);
});
