/**
 * Refunds by purchase, and how far each has come: granted by its purchase, then taken off a debit
 * that was not filed, or owed to the payer, filed, paid; or back again.
 */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { AchFileId, PaymentId, RefundId } from "../../actors/ids.ts";
import { addCents, type Cents, ZERO_CENTS } from "../../actors/money.ts";
import { type PurchaseEvent, REFUNDS_MAX, type RefundReason } from "../../actors/purchase.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { View, ViewRows, ViewTable } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";

export const REFUND_STATUSES = [
  /** On its way to the payer's account: a moment. */
  "granted",
  /** The debit had not been filed: so much less is debited. Done. */
  "debit_reduced",
  /** Owed to the payer; in the next file once the debit of the purchase is collected. */
  "waiting",
  /** In a file for the bank. */
  "filed",
  /** Done. */
  "paid",
  /** The payer's bank sent it back: filed again when the payer or the desk has mended why. */
  "returned",
  /** It lowered what is owed for the same purchase. Done. */
  "set_off",
] as const;

export type RefundStatus = (typeof REFUND_STATUSES)[number];

export interface RefundRow {
  readonly refundId: RefundId;
  readonly paymentId: PaymentId;
  readonly amountCents: Cents;
  readonly reason: RefundReason;
  readonly status: RefundStatus;
  /** The part of it that lowered a debt for the same purchase. */
  readonly setOffCents: Cents;
  readonly atMs: number;
}

const REFUND = "refund/";
const OF_PAYMENT = "of/";
const IN_FILE = "file/";
/** More than one account has in one file: it has so many traces there. */
const IN_FILE_MAX = 1_000;

export const refunds: View = {
  name: "refunds",
  version: 1,
  apply(events, table) {
    for (const event of events) {
      if (event.ref.kind === "purchase") applyPurchase(event, table);
      else if (event.ref.kind === "account") applyAccount(event, table);
    }
  },
};

type Of<Kind extends AccountEvent["kind"]> = Extract<AccountEvent, { kind: Kind }>;

function applyPurchase(stored: StoredEvent, table: ViewTable): void {
  if (stored.kind !== "PurchaseRefunded") return;
  const { refundId, facts, amountCents, reason } =
    bodyOf<Extract<PurchaseEvent, { kind: "PurchaseRefunded" }>>(stored);
  const { paymentId } = facts;
  put(table, {
    ...{ refundId, paymentId, amountCents, reason, status: "granted" },
    ...{ setOffCents: ZERO_CENTS, atMs: stored.atMs },
  });
  table.put(`${OF_PAYMENT}${paymentId}/${sortable(stored.position)}`, JSON.stringify(refundId));
}

function applyAccount(stored: StoredEvent, table: ViewTable): void {
  switch (stored.kind as AccountEvent["kind"]) {
    case "RefundGranted": {
      const { refundId, owedCents } = bodyOf<Of<"RefundGranted">>(stored);
      change(table, refundId, { status: owedCents === 0 ? "debit_reduced" : "waiting" });
      return;
    }
    case "RefundSetOff": {
      const { refundId, amountCents } = bodyOf<Of<"RefundSetOff">>(stored);
      const refund = findRefund(table, refundId);
      if (refund === undefined) return;
      const setOffCents = addCents(refund.setOffCents, amountCents);
      const isAll = setOffCents === refund.amountCents;
      put(table, { ...refund, setOffCents, status: isAll ? "set_off" : refund.status });
      return;
    }
    case "RefundsFiled": {
      const { fileId, refunds } = bodyOf<Of<"RefundsFiled">>(stored);
      for (const { refundId } of refunds) {
        change(table, refundId, { status: "filed" });
        table.put(inFile(fileId, stored.ref.id) + refundId, JSON.stringify(refundId));
      }
      return;
    }
    case "RefundsUnfiled": {
      const prefix = inFile(bodyOf<Of<"RefundsUnfiled">>(stored).fileId, stored.ref.id);
      for (const { key, value } of table.range({ prefix, max: IN_FILE_MAX })) {
        change(table, JSON.parse(value) as RefundId, { status: "waiting" });
        table.remove(key);
      }
      return;
    }
    case "RefundsPaid": {
      const { fileId, refundIds } = bodyOf<Of<"RefundsPaid">>(stored);
      for (const refundId of refundIds) {
        change(table, refundId, { status: "paid" });
        table.remove(inFile(fileId, stored.ref.id) + refundId);
      }
      return;
    }
    case "RefundPaidByHand": {
      const { refundId } = bodyOf<Of<"RefundPaidByHand">>(stored);
      change(table, refundId, { status: "paid" });
      return;
    }
    case "RefundSentAgain":
      change(table, bodyOf<Of<"RefundSentAgain">>(stored).refundId, { status: "waiting" });
      return;
    case "RefundReturned": {
      const { refundId } = bodyOf<Of<"RefundReturned">>(stored);
      change(table, refundId, { status: "returned" });
      return;
    }
    default:
  }
}

function inFile(fileId: AchFileId, accountId: string): string {
  return `${IN_FILE}${fileId}/${accountId}/`;
}

/** What is owed of no purchase, paid too much by hand, has no row. */
function change(table: ViewTable, refundId: RefundId, changed: Partial<RefundRow>): void {
  const refund = findRefund(table, refundId);
  if (refund !== undefined) put(table, { ...refund, ...changed });
}

function put(table: ViewTable, refund: RefundRow): void {
  table.put(REFUND + refund.refundId, JSON.stringify(refund));
}

export function findRefund(table: ViewRows, refundId: RefundId): RefundRow | undefined {
  const value = table.get(REFUND + refundId);
  return value === undefined ? undefined : (JSON.parse(value) as RefundRow);
}

/** Refunds of a purchase, oldest first. */
export function refundsOf(table: ViewRows, paymentId: PaymentId): readonly RefundRow[] {
  const found = table.range({ prefix: `${OF_PAYMENT}${paymentId}/`, max: REFUNDS_MAX });
  return found.flatMap(({ value }) => findRefund(table, JSON.parse(value) as RefundId) ?? []);
}
