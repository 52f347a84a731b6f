/**
 * Debits that were our mistake and go back, by purchase: the payer reads beside the receipt what
 * was wrong, and how far the money is (Nacha Operating Rules 2.9: the receiver is told).
 */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { AchFileId, PaymentId, RefundId } from "../../actors/ids.ts";
import type { Cents } from "../../actors/money.ts";
import type { ReversalReason } from "../../actors/reversal-messages.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { View, ViewRows, ViewTable } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";

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
  readonly paymentId: PaymentId;
  readonly amountCents: Cents;
  readonly reason: ReversalReason;
  readonly note: string;
  readonly status: ReversalStatus;
  /** When it was decided; Unix milliseconds. */
  readonly atMs: number;
}

const REVERSAL = "reversal/";
const OF_PAYMENT = "payment/";
const IN_FILE = "file/";
/** As many debits as a purchase was ever given back of; an account's in one file are fewer. */
const ROWS_MAX = 1_000;

type Of<Kind extends AccountEvent["kind"]> = Extract<AccountEvent, { kind: Kind }>;

export const reversals: View = {
  name: "reversals",
  version: 1,
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
      const terms = { refundId, paymentId, amountCents, reason, note };
      const row: ReversalRow = { ...terms, status: "waiting", atMs: stored.atMs };
      table.put(REVERSAL + refundId, JSON.stringify(row));
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
    case "RefundReturned":
      change(table, bodyOf<Of<"RefundReturned">>(stored).refundId, "returned");
      return;
    case "ReversalLapsed":
      change(table, bodyOf<Of<"ReversalLapsed">>(stored).refundId, "not_sent");
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
  table.put(REVERSAL + refundId, JSON.stringify({ ...row, status } satisfies ReversalRow));
}

function find(table: ViewRows, refundId: RefundId): ReversalRow | undefined {
  const value = table.get(REVERSAL + refundId);
  return value === undefined ? undefined : (JSON.parse(value) as ReversalRow);
}

/** Of a purchase, oldest first. */
export function reversalsOf(table: ViewRows, paymentId: PaymentId): readonly ReversalRow[] {
  const found = table.range({ prefix: `${OF_PAYMENT}${paymentId}/`, max: ROWS_MAX });
  return found.flatMap(({ value }) => find(table, JSON.parse(value) as RefundId) ?? []);
}
