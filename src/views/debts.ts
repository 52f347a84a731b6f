/**
 * The accounts from which something is not collected: debits that came back or are disputed, fees,
 * and bank accounts and mandates that no longer do, with which what is due is stuck; and those to
 * which something cannot be paid back. The oldest first: that is the order in which people work.
 */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { Message } from "../../actors/actor.ts";
import { assert, present } from "../../actors/assert.ts";
import type { AccountId, AchFileId, PaymentId, RefundId } from "../../actors/ids.ts";
import type { JournalEntry } from "../../actors/ledger.ts";
import { addCents, type Cents, subtractCents, ZERO_CENTS } from "../../actors/money.ts";
import type { ReturnCode } from "../../actors/return-codes.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { View, ViewRows, ViewTable } from "../runtime/view.ts";
import { bodyOf, sortable } from "./event-body.ts";

/** One time that a debit came back. */
export interface ReturnedAttempt {
  readonly code: ReturnCode;
  /** Null where the collection had overtaken the return. */
  readonly fileId: AchFileId | null;
  readonly trace: number;
  readonly atMs: number;
}

export interface OpenDebit {
  readonly paymentId: PaymentId;
  /** `presented_again`: in a file for another time. */
  readonly stage: "returned" | "disputed" | "presented_again";
  readonly amountCents: Cents;
  /** The file that it is in for another time; null while it is in none. */
  readonly sentIn: AchFileId | null;
  /** Oldest first. */
  readonly attempts: readonly ReturnedAttempt[];
}

/** A return fee that a file holds. */
export interface FeeSent {
  readonly paymentId: PaymentId;
  readonly fileId: AchFileId;
  readonly amountCents: Cents;
}

/** A refund that waits for a person to find its way. */
export interface StoppedRefund {
  readonly refundId: RefundId;
  /** Null of a wrong receiver's: nothing is set off against that, nor sent to the customer. */
  readonly leftCents: Cents | null;
}

export interface DebtRow {
  readonly accountId: AccountId;
  /** Since when something is not collected, without a day between. */
  readonly sinceMs: number;
  readonly debits: readonly OpenDebit[];
  /** Those under way among them. */
  readonly feesCents: Cents;
  readonly feesSent: readonly FeeSent[];
  /** Why the bank account cannot be debited; null while it can. */
  readonly bankAccountCode: ReturnCode | null;
  /** What ended the mandate: what is due stays so until people do something about it. */
  readonly mandateEndedCode: ReturnCode | null;
  readonly stopped: readonly StoppedRefund[];
}

/** With the feed position that it has its place in the queue by. */
interface StoredRow extends DebtRow {
  readonly since: number;
}

const ACCOUNT = "account/";
const QUEUE = "queue/";

export const debts: View = {
  name: "debts",
  version: 5,
  apply(events, table) {
    for (const event of events) {
      const by = event.ref.kind === "account" ? changeBy(event) : undefined;
      if (by !== undefined) change(table, event, by);
    }
  },
};

type EventOf<Kind extends AccountEvent["kind"]> = Extract<AccountEvent, { kind: Kind }>;

type Change = (row: StoredRow) => StoredRow;

/** Undefined for an event that changes nothing here. */
function changeBy(stored: StoredEvent): Change | undefined {
  switch (stored.kind as AccountEvent["kind"]) {
    case "DebitReturned":
    case "DebitReopened":
      return (row) => cameBack(row, stored);
    case "DebitsFiled": {
      // Of every debit that is sent: only one that came back has a row.
      const { debits: filed, fileId } = bodyOf<EventOf<"DebitsFiled">>(stored);
      const again = new Set(filed.filter((one) => one.attempt > 1).map((one) => one.paymentId));
      return again.size === 0 ? undefined : (row) => presentedAgain(row, again, fileId);
    }
    case "DebitsUnfiled": {
      const { fileId } = bodyOf<EventOf<"DebitsUnfiled">>(stored);
      return (row) => unfiled(row, fileId);
    }
    case "DebitsCollected": {
      const { paymentIds } = bodyOf<EventOf<"DebitsCollected">>(stored);
      return (row) => without(row, new Set(paymentIds));
    }
    case "ReturnFeeCharged": {
      const { feeCents } = bodyOf<EventOf<"ReturnFeeCharged">>(stored);
      return (row) => ({ ...row, feesCents: addCents(row.feesCents, feeCents) });
    }
    case "FeesFiled": {
      const { fees, fileId } = bodyOf<EventOf<"FeesFiled">>(stored);
      const sent = fees.map(({ paymentId, amountCents }) => ({ paymentId, fileId, amountCents }));
      return (row) => ({ ...row, feesSent: [...row.feesSent, ...sent] });
    }
    case "FeesUnfiled":
    case "FeesCollected": {
      const event = bodyOf<EventOf<"FeesUnfiled" | "FeesCollected">>(stored);
      const lessCents = event.kind === "FeesCollected" ? event.amountCents : ZERO_CENTS;
      return (row) => {
        const feesSent = row.feesSent.filter(({ fileId }) => fileId !== event.fileId);
        return { ...row, feesSent, feesCents: subtractCents(row.feesCents, lessCents) };
      };
    }
    case "FeeReturned": {
      const { paymentId } = bodyOf<EventOf<"FeeReturned">>(stored);
      return (row) => {
        return { ...row, feesSent: row.feesSent.filter((fee) => fee.paymentId !== paymentId) };
      };
    }
    case "FeeReopened": {
      const { amountCents } = bodyOf<EventOf<"FeeReopened">>(stored);
      return (row) => ({ ...row, feesCents: addCents(row.feesCents, amountCents) });
    }
    case "FeeWaived":
    case "FeeSetOff": {
      const { amountCents } = bodyOf<EventOf<"FeeWaived" | "FeeSetOff">>(stored);
      return (row) => ({ ...row, feesCents: subtractCents(row.feesCents, amountCents) });
    }
    case "PaidByHand":
      return (row) => paid(row, bodyOf<EventOf<"PaidByHand">>(stored));
    // What was presented again and reversed is owed as at first, or no more.
    case "DebitReversed":
    case "DebtWrittenOff":
    case "DisputeDecided": {
      const { paymentId } = bodyOf<EventOf<"DebtWrittenOff" | "DisputeDecided">>(stored);
      return (row) => without(row, new Set([paymentId]));
    }
    case "PrenoteReturned":
    case "BankAccountRejected": {
      const { code } = bodyOf<EventOf<"PrenoteReturned" | "BankAccountRejected">>(stored);
      return (row) => ({ ...row, bankAccountCode: code });
    }
    case "MandateEnded": {
      const { code } = bodyOf<EventOf<"MandateEnded">>(stored);
      return (row) => ({ ...row, mandateEndedCode: code });
    }
    case "BankAccountReplaced": {
      const { mandate } = bodyOf<Partial<EventOf<"BankAccountReplaced">> & Message>(stored);
      // Before version 5 it came without a mandate of its own.
      const isNew = mandate !== undefined && mandate !== null;
      return (row) => {
        const mandateEndedCode = isNew ? null : row.mandateEndedCode;
        // What is the customer's is sent there.
        const stopped = row.stopped.filter(({ leftCents }) => leftCents === null);
        return { ...row, bankAccountCode: null, mandateEndedCode, stopped };
      };
    }
    case "AccountClosed":
      // Nothing is due any more, and nobody waits for another bank account.
      return (row) => ({ ...row, bankAccountCode: null, mandateEndedCode: null });
    default:
      return changeByRefund(stored);
  }
}

/** Of what is owed to the customer only what waits for a person stands here. */
function changeByRefund(stored: StoredEvent): Change | undefined {
  switch (stored.kind as AccountEvent["kind"]) {
    case "RefundSetOff": {
      const { refundId, paymentId, amountCents } = bodyOf<EventOf<"RefundSetOff">>(stored);
      return (row) => {
        return {
          ...lowered(row, paymentId, amountCents),
          stopped: less(row, refundId, amountCents),
        };
      };
    }
    case "RefundReturned": {
      const { refundId, isStopped, amountCents, reverses } =
        bodyOf<EventOf<"RefundReturned">>(stored);
      const leftCents = reverses === undefined ? amountCents : null;
      return isStopped ? (row) => stop(row, { refundId, leftCents }) : undefined;
    }
    case "ReversalLapsed": {
      const { refundId, isStopped } = bodyOf<EventOf<"ReversalLapsed">>(stored);
      return isStopped ? (row) => stop(row, { refundId, leftCents: null }) : undefined;
    }
    case "RefundSentAgain":
    case "RefundPaidByHand":
    case "RefundUnclaimed": {
      const { refundId } = bodyOf<EventOf<"RefundSentAgain">>(stored);
      return (row) => {
        return { ...row, stopped: row.stopped.filter((one) => one.refundId !== refundId) };
      };
    }
    default:
      return undefined;
  }
}

/** Puts the account's row where it belongs; an account without anything open has none. */
function change(table: ViewTable, { ref, position, atMs }: StoredEvent, by: Change): void {
  const accountId = ref.id as AccountId;
  const known = table.get(ACCOUNT + accountId);
  const fresh: StoredRow = {
    ...{ accountId, since: position, sinceMs: atMs, debits: [], feesCents: ZERO_CENTS },
    ...{ feesSent: [], bankAccountCode: null, mandateEndedCode: null, stopped: [] },
  };
  const before = known === undefined ? undefined : (JSON.parse(known) as StoredRow);
  const after = by(before ?? fresh);
  const { debits: open, feesCents, bankAccountCode, mandateEndedCode, stopped } = after;
  const isOver = bankAccountCode !== null || mandateEndedCode !== null;
  const isOpen = open.length + stopped.length > 0 || feesCents > 0 || isOver;
  if (before !== undefined && !isOpen) {
    table.remove(ACCOUNT + accountId);
    table.remove(placeOf(before));
  } else if (isOpen) {
    table.put(ACCOUNT + accountId, JSON.stringify(after));
    if (before === undefined) table.put(placeOf(after), JSON.stringify(accountId));
  }
}

function stop(row: StoredRow, stopped: StoppedRefund): StoredRow {
  const others = row.stopped.filter(({ refundId }) => refundId !== stopped.refundId);
  return { ...row, stopped: [...others, stopped] };
}

/** Set off against a debt, whole or in part. */
function less({ stopped }: StoredRow, refundId: RefundId, byCents: Cents): StoppedRefund[] {
  return stopped.flatMap((one) => {
    if (one.refundId !== refundId || one.leftCents === null) return [one];
    const leftCents = subtractCents(one.leftCents, byCents);
    return leftCents === 0 ? [] : [{ ...one, leftCents }];
  });
}

function placeOf({ since, accountId }: StoredRow): string {
  return `${QUEUE}${sortable(since)}/${accountId}`;
}

function cameBack(row: StoredRow, stored: StoredEvent): StoredRow {
  const event = bodyOf<EventOf<"DebitReturned" | "DebitReopened">>(stored);
  const { paymentId, to, code, trace } = event;
  const before = row.debits.find((debit) => debit.paymentId === paymentId);
  const fileId = event.kind === "DebitReturned" ? event.fileId : null;
  const attempt = { code, fileId, trace, atMs: stored.atMs };
  const debit: OpenDebit = {
    ...{ paymentId, stage: to, amountCents: amountTo(event.entry, to), sentIn: null },
    attempts: [...(before?.attempts ?? []), attempt],
  };
  const others = row.debits.filter((other) => other.paymentId !== paymentId);
  return { ...row, debits: [...others, debit] };
}

/** What the entry adds to the customer's account of that name. */
function amountTo({ postings }: JournalEntry, part: "returned" | "disputed"): Cents {
  const posting = postings.find(({ account }) => account.endsWith(`:${part}`));
  return present(posting, "what comes back is posted").amountCents;
}

function presentedAgain(
  row: StoredRow,
  payments: ReadonlySet<PaymentId>,
  sentIn: AchFileId,
): StoredRow {
  const changed = row.debits.map((debit): OpenDebit => {
    return payments.has(debit.paymentId) ? { ...debit, stage: "presented_again", sentIn } : debit;
  });
  return { ...row, debits: changed };
}

function unfiled(row: StoredRow, fileId: AchFileId): StoredRow {
  const changed = row.debits.map((debit): OpenDebit => {
    return debit.sentIn === fileId ? { ...debit, stage: "returned", sentIn: null } : debit;
  });
  return { ...row, debits: changed };
}

function without(row: StoredRow, gone: ReadonlySet<PaymentId>): StoredRow {
  return { ...row, debits: row.debits.filter(({ paymentId }) => !gone.has(paymentId)) };
}

function paid(row: StoredRow, { principal, feesCents }: EventOf<"PaidByHand">): StoredRow {
  const left = principal.reduce((all, part) => lowered(all, part.paymentId, part.cents), row);
  return { ...left, feesCents: subtractCents(left.feesCents, feesCents) };
}

/** Of a debit that is open no more, a loss was set off: nothing of it stands here. */
function lowered(row: StoredRow, paymentId: PaymentId, byCents: Cents): StoredRow {
  const changed = row.debits.flatMap((debit): OpenDebit[] => {
    if (debit.paymentId !== paymentId) return [debit];
    const amountCents = subtractCents(debit.amountCents, byCents);
    assert(amountCents >= 0, "no more is paid than is owed");
    return amountCents === 0 ? [] : [{ ...debit, amountCents }];
  });
  return { ...row, debits: changed };
}

export function findDebt(table: ViewRows, accountId: AccountId): DebtRow | undefined {
  const row = table.get(ACCOUNT + accountId);
  return row === undefined ? undefined : shown(JSON.parse(row) as StoredRow);
}

/** The oldest first; undefined where `after` is not in the queue. */
export function debtQueue(
  table: ViewRows,
  max: number,
  after?: AccountId,
): readonly DebtRow[] | undefined {
  const from = after === undefined ? undefined : table.get(ACCOUNT + after);
  if (after !== undefined && from === undefined) return undefined;
  const place = from === undefined ? {} : { after: placeOf(JSON.parse(from) as StoredRow) };
  return table.range({ prefix: QUEUE, max, ...place }).map(({ value }) => {
    const row = findDebt(table, JSON.parse(value) as AccountId);
    return present(row, "who is in the queue has a row");
  });
}

function shown({ since: _, ...row }: StoredRow): DebtRow {
  return row;
}
