/**
 * Undoing our own mistake (Nacha Operating Rules, Subsection 2.9): a debit that should not have
 * been sent so is given back by an entry of the same amount, company and class. What is said of it
 * between the desk, the entry and its owner.
 */
import type { BankDate } from "./banking-calendar.ts";
import type { AchFileId, PaymentId, RefundId } from "./ids.ts";
import type { JournalEntry } from "./ledger.ts";
import type { Cents } from "./money.ts";

/** Why an entry was wrong. Nothing else is reversed: what a merchant gives back is a refund. */
export const REVERSAL_REASONS = [
  "duplicate",
  "wrong_receiver",
  "wrong_amount",
  "wrong_date",
] as const;

export type ReversalReason = (typeof REVERSAL_REASONS)[number];

/** The entry that is undone, and until when that is a reversal. */
export interface Reverses {
  readonly fileId: AchFileId;
  /** Sequence number of its trace. */
  readonly trace: number;
  /** Token of the bank account that it was sent to: there it goes back, and nowhere else. */
  readonly bankAccount: string;
  /** The last effective date of a reversal: five banking days after the entry was settled. */
  readonly lastOn: BankDate;
  readonly reason: ReversalReason;
}

/** What an entry of a file is about that undoes another one. */
export interface ReversalSubject {
  readonly kind: "reversal";
  readonly refundId: RefundId;
  readonly paymentId: PaymentId;
  readonly reverses: Reverses;
}

/** From the actor of the entry, which lets one reversal through. */
export interface ReverseDebit {
  readonly kind: "ReverseDebit";
  /** Under which the money is owed to the customer. */
  readonly refundId: RefundId;
  readonly paymentId: PaymentId;
  readonly merchantNumber: number;
  readonly amountCents: Cents;
  readonly reverses: Reverses;
  readonly note: string;
}

export type ReversalEvent =
  | {
      readonly kind: "DebitReversed";
      readonly refundId: RefundId;
      readonly paymentId: PaymentId;
      readonly merchantNumber: number;
      readonly amountCents: Cents;
      /** The file of the entry that is undone. */
      readonly fileId: AchFileId;
      readonly reverses: Reverses;
      /** `in_flight`: its window was open, and it counts as collected with this. */
      readonly from: "in_flight" | "collected";
      /** Whether the purchase is owed again: not what was debited twice. */
      readonly isDueAgain: boolean;
      readonly note: string;
      readonly entry: JournalEntry;
    }
  /** No file took it in time: what is left is owed as any refund, or waits for a person. */
  | {
      readonly kind: "ReversalLapsed";
      readonly refundId: RefundId;
      readonly paymentId: PaymentId;
      readonly isStopped: boolean;
    };

/** What was sent to a stranger is nobody's here to set off, or to be paid to. */
export function isStrangers(reverses: Reverses | undefined): boolean {
  return reverses?.reason === "wrong_receiver";
}
