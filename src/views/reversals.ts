/**
 * Debits that were our mistake and go back, by purchase: the payer reads beside the receipt what
 * was wrong, and how far the money is (Nacha Operating Rules 2.9: the receiver is told). The desk
 * has them all, and is told for a while of those that failed: the wrong debit stands.
 */
import type { AccountEvent } from "../../actors/account-messages.ts";
import { addDays, type BankDate, bankDateAt } from "../../actors/banking-calendar.ts";
import type { AccountId, AchFileId, PaymentId, RefundId } from "../../actors/ids.ts";
import type { Cents } from "../../actors/money.ts";
import type { ReversalReason } from "../../actors/reversal-messages.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { View, ViewRows, ViewTable } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";
import { enqueue, leave, waitingBehind } from "./queue.ts";

export const REVERSAL_STATUSES = [
  /** For the next file. */
  "waiting",
  /** In a file, or at the bank. */
  "filed",
  "paid",
  /** The bank sent it back: what was debited is kept for what is owed, or waits for a person. */
  "returned",
  /** No file took it in time: the same. */
  "not_sent",
] as const;

export type ReversalStatus = (typeof REVERSAL_STATUSES)[number];

export interface ReversalRow {
  readonly refundId: RefundId;
  readonly accountId: AccountId;
  readonly paymentId: PaymentId;
  readonly amountCents: Cents;
  readonly reason: ReversalReason;
  readonly note: string;
  readonly status: ReversalStatus;
  /** When it was decided; Unix milliseconds. */
  readonly atMs: number;
}

/** With the feed position that it has its place in the list by. */
interface StoredRow extends ReversalRow {
  readonly position: number;
}

const REVERSAL = "reversal/";
const OF_PAYMENT = "payment/";
const IN_FILE = "file/";
const AGE = "age/";
/** Calendar days for which the desk is told that one failed, unless it is mended before. */
const TOLD_DAYS = 14;
/** As many debits as a purchase was ever given back of; an account's in one file are fewer. */
const ROWS_MAX = 1_000;

type Of<Kind extends AccountEvent["kind"]> = Extract<AccountEvent, { kind: Kind }>;

export const reversals: View = {
  name: "reversals",
  version: 2,
  apply(events, table) {
    for (const event of events) if (event.ref.kind === "account") hear(event, table);
  },
};

function hear(stored: StoredEvent, table: ViewTable): void {
  switch (stored.kind as AccountEvent["kind"]) {
    case "DebitReversed": {
      const { refundId, paymentId, amountCents, reverses, note } =
        bodyOf<Of<"DebitReversed">>(stored);
      const { reason } = reverses;
      const accountId = stored.ref.id as AccountId;
      const terms = { refundId, accountId, paymentId, amountCents, reason, note };
      const { position, atMs } = stored;
      const row: StoredRow = { ...terms, status: "waiting", atMs, position };
      table.put(REVERSAL + refundId, JSON.stringify(row));
      table.put(AGE + sortable(position), JSON.stringify(refundId));
      const place = `${OF_PAYMENT}${paymentId}/${sortable(stored.position)}`;
      table.put(place, JSON.stringify(refundId));
      return;
    }
    case "RefundsFiled": {
      const { fileId, refunds } = bodyOf<Of<"RefundsFiled">>(stored);
      for (const { refundId, reverses } of refunds) {
        if (reverses === undefined) continue;
        change(table, refundId, "filed");
        table.put(inFile(fileId, stored.ref.id) + refundId, JSON.stringify(refundId));
      }
      return;
    }
    case "RefundsUnfiled": {
      const prefix = inFile(bodyOf<Of<"RefundsUnfiled">>(stored).fileId, stored.ref.id);
      for (const { key, value } of table.range({ prefix, max: ROWS_MAX })) {
        change(table, JSON.parse(value) as RefundId, "waiting");
        table.remove(key);
      }
      return;
    }
    case "RefundsPaid": {
      const { fileId, refundIds } = bodyOf<Of<"RefundsPaid">>(stored);
      for (const refundId of refundIds) {
        change(table, refundId, "paid");
        table.remove(inFile(fileId, stored.ref.id) + refundId);
      }
      return;
    }
    case "RefundPaidByHand":
      change(table, bodyOf<Of<"RefundPaidByHand">>(stored).refundId, "paid");
      return;
    case "RefundUnclaimed":
      leave(table, bodyOf<Of<"RefundUnclaimed">>(stored).refundId);
      return;
    case "RefundGranted":
      // What was too much is given back so.
      for (const { refundId } of reversalsOf(table, bodyOf<Of<"RefundGranted">>(stored).paymentId))
        leave(table, refundId);
      return;
    case "RefundReturned":
      fail(table, stored, bodyOf<Of<"RefundReturned">>(stored).refundId, "returned");
      return;
    case "ReversalLapsed":
      fail(table, stored, bodyOf<Of<"ReversalLapsed">>(stored).refundId, "not_sent");
      return;
    default:
  }
}

function inFile(fileId: AchFileId, accountId: string): string {
  return `${IN_FILE}${fileId}/${accountId}/`;
}

/** Ordinary refunds have no row here. */
function change(table: ViewTable, refundId: RefundId, status: ReversalStatus): void {
  const row = find(table, refundId);
  if (row === undefined) return;
  table.put(REVERSAL + refundId, JSON.stringify({ ...row, status } satisfies StoredRow));
  if (status === "paid") leave(table, refundId);
}

function fail(
  table: ViewTable,
  { atMs, position }: StoredEvent,
  refundId: RefundId,
  status: "returned" | "not_sent",
): void {
  if (find(table, refundId) === undefined) return;
  change(table, refundId, status);
  enqueue(table, refundId, `${bankDateAt(atMs)}/${sortable(position)}`, refundId);
}

function find(table: ViewRows, refundId: RefundId): StoredRow | undefined {
  const value = table.get(REVERSAL + refundId);
  return value === undefined ? undefined : (JSON.parse(value) as StoredRow);
}

function shown({ position: _, ...row }: StoredRow): ReversalRow {
  return row;
}

/** Of a purchase, oldest first. */
export function reversalsOf(table: ViewRows, paymentId: PaymentId): readonly ReversalRow[] {
  const found = table.range({ prefix: `${OF_PAYMENT}${paymentId}/`, max: ROWS_MAX });
  return rowsOf(table, found);
}

/** All of them, the newest first; undefined where `after` is none. */
export function reversalsNewestFirst(
  table: ViewRows,
  max: number,
  after?: RefundId,
): readonly ReversalRow[] | undefined {
  const from = after === undefined ? undefined : find(table, after);
  if (after !== undefined && from === undefined) return undefined;
  const place = from === undefined ? {} : { after: AGE + sortable(from.position) };
  return rowsOf(table, table.range({ prefix: AGE, max, newestFirst: true, ...place }));
}

/** Whether one failed in the days before `today`, and nothing has mended it. */
export function hasFailedReversal(table: ViewRows, today: BankDate): boolean {
  return waitingBehind(table, 1, addDays(today, -TOLD_DAYS)).length > 0;
}

function rowsOf(table: ViewRows, found: readonly { readonly value: string }[]): ReversalRow[] {
  return found.flatMap(({ value }) => {
    const row = find(table, JSON.parse(value) as RefundId);
    return row === undefined ? [] : [shown(row)];
  });
}
