/** What the collection of money says to an account, and what the account answers and records. */
import type { BankDate } from "./banking-calendar.ts";
import type { FileScope } from "./file-scope.ts";
import type { AchFileId, PaymentId, RefundId } from "./ids.ts";
import type { JournalEntry } from "./ledger.ts";
import type { AcceptedMandate } from "./mandate.ts";
import type { Cents } from "./money.ts";
import type { MerchantShare } from "./postings.ts";
import type { PayRefund, RefundByHandEvent } from "./refund-by-hand-messages.ts";
import type { Refusal } from "./refusals.ts";
import type { ReturnCode } from "./return-codes.ts";
import type { FeeEvent, WaiverEvent } from "./return-fee-messages.ts";
import type {
  ReversalEvent,
  ReversalSubject,
  ReverseDebit,
  Reverses,
} from "./reversal-messages.ts";
import type { ResolveRefund, StoppedRefundEvent } from "./stopped-refund-messages.ts";

/** Trace sequence numbers that a file has set aside for one owner of entries. */
export interface TraceBlock {
  readonly first: number;
  readonly count: number;
}

/** What of an account an entry of a file is about. */
export type EntrySubject =
  | { readonly kind: "prenote" }
  | { readonly kind: "debit"; readonly paymentId: PaymentId }
  /** The return fee of that debit. */
  | { readonly kind: "fee"; readonly paymentId: PaymentId }
  /** Of no purchase where more was paid by hand than was owed. */
  | {
      readonly kind: "refund";
      readonly refundId: RefundId;
      readonly paymentId: PaymentId | null;
    }
  /** Of a debit that was wrong. */
  | ReversalSubject;

export type CollectionCommand =
  /** Put into the file what may go into it. The same file again changes nothing. */
  | {
      readonly kind: "FileEntries";
      readonly fileId: AchFileId;
      readonly effectiveOn: BankDate;
      readonly traces: TraceBlock;
      readonly scope?: FileScope | null;
    }
  /** The bank took the file back whole: nothing of it was sent. */
  | { readonly kind: "UnfileEntries"; readonly fileId: AchFileId }
  /** The return window of the file is over: what has not come back is collected. */
  | { readonly kind: "CollectEntries"; readonly fileId: AchFileId }
  /** An entry of the account came back; the actor of that entry says so once. */
  | {
      readonly kind: "ReturnEntry";
      readonly subject: EntrySubject;
      readonly fileId: AchFileId;
      readonly trace: number;
      readonly code: ReturnCode;
      readonly merchantNumber: number;
      readonly amountCents: Cents;
      /** Whether the bank had settled the file. */
      readonly isSettled: boolean;
      /** Not said by messages of before: then it is the day on which they are heard. */
      readonly bookedOn?: BankDate;
    }
  /**
   * Paid by the customer outside ACH. What is above the debt is paid back, so it takes two people:
   * the second one says the same amount and evidence.
   */
  | {
      readonly kind: "RecordPayment";
      readonly amountCents: Cents;
      readonly evidence: string;
      /** Under which what is too much is owed back. */
      readonly excessId: RefundId;
    }
  /** The customer agreed anew to a debit that came back (R08), or our own defect is mended. */
  | { readonly kind: "AllowRetry"; readonly paymentId: PaymentId; readonly note: string }
  /** The first operator proposes, another one agrees. */
  | { readonly kind: "WriteOff"; readonly paymentId: PaymentId; readonly note: string }
  /** The return fee of that debit: the first operator proposes, another one agrees. */
  | { readonly kind: "WaiveFee"; readonly paymentId: PaymentId; readonly note: string }
  | {
      readonly kind: "DecideDispute";
      readonly paymentId: PaymentId;
      readonly outcome: DisputeOutcome;
      readonly note: string;
    }
  /** From the merchant, who has given its share. */
  | ApplyRefund
  | PayRefund
  | ReverseDebit
  | ResolveRefund
  /** The customer has another bank account, and a mandate for it. */
  | {
      readonly kind: "ReplaceBankAccount";
      readonly token: string;
      /** Token of the person, sealed anew: what is shown of the bank account is in it. */
      readonly person: string;
      /** Of the bank accounts that this account has had, from 1 at registration. */
      readonly number: number;
      readonly mandate: Omit<AcceptedMandate, "acceptedAtMs" | "amountRule">;
      /** Owners of the same bank account. */
      readonly others: readonly string[];
    }
  /** A notification of change: the same account, written otherwise. */
  | {
      readonly kind: "CorrectBankAccount";
      /** Token of the bank account that the bank speaks of: it may have been replaced. */
      readonly of: string;
      readonly token: string;
      readonly code: string;
      /** Owners of the bank account as it is now written, customers and merchants. */
      readonly others?: readonly string[];
    };

export interface ApplyRefund {
  readonly kind: "ApplyRefund";
  readonly refundId: RefundId;
  readonly paymentId: PaymentId;
  readonly amountCents: Cents;
  readonly feeCents: Cents;
  readonly share: MerchantShare;
}

export type DisputeOutcome = "merchant_pays" | "lost" | "won";

/** Where the money is fetched from or sent to: tokens of the vault, as they were at the time. */
export interface FiledVault {
  readonly person: string;
  readonly bankAccount: string;
}

export interface DebitFiled {
  readonly paymentId: PaymentId;
  readonly trace: number;
  readonly amountCents: Cents;
  /** From 1. */
  readonly attempt: number;
  readonly merchantNumber: number;
}

export interface RefundFiled {
  readonly refundId: RefundId;
  readonly paymentId: PaymentId | null;
  /** 0 where it is of no purchase. */
  readonly merchantNumber: number;
  readonly trace: number;
  readonly amountCents: Cents;
  /** Of a reversal: it goes to the bank account that this says. */
  readonly reverses?: Reverses;
}

export type CollectionEvent =
  | FeeEvent
  | WaiverEvent
  | RefundByHandEvent
  | ReversalEvent
  | StoppedRefundEvent
  | {
      readonly kind: "PrenoteFiled";
      readonly fileId: AchFileId;
      readonly trace: number;
      readonly effectiveOn: BankDate;
      readonly usableFrom: BankDate;
      readonly vault: FiledVault;
      /** Something waits for the answer to it. */
      readonly hasMore: boolean;
    }
  | {
      readonly kind: "DebitsFiled";
      readonly fileId: AchFileId;
      readonly effectiveOn: BankDate;
      readonly debits: readonly DebitFiled[];
      readonly vault: FiledVault;
      /** Something is left that a later file may take. */
      readonly hasMore: boolean;
      readonly entry: JournalEntry;
    }
  | {
      readonly kind: "RefundsFiled";
      readonly fileId: AchFileId;
      readonly effectiveOn: BankDate;
      readonly refunds: readonly RefundFiled[];
      readonly vault: FiledVault;
      readonly hasMore: boolean;
      readonly entry: JournalEntry;
    }
  | { readonly kind: "PrenoteUnfiled"; readonly fileId: AchFileId }
  | {
      readonly kind: "DebitsUnfiled";
      readonly fileId: AchFileId;
      readonly entry: JournalEntry;
    }
  | {
      readonly kind: "RefundsUnfiled";
      readonly fileId: AchFileId;
      readonly entry: JournalEntry;
    }
  | {
      readonly kind: "DebitsCollected";
      readonly fileId: AchFileId;
      readonly paymentIds: readonly PaymentId[];
      readonly amountCents: Cents;
      /** Refunds waited for it and may be filed now. */
      readonly hasMore: boolean;
      readonly entry: JournalEntry;
    }
  | {
      readonly kind: "RefundsPaid";
      readonly fileId: AchFileId;
      readonly refundIds: readonly RefundId[];
    }
  | {
      readonly kind: "PrenoteReturned";
      readonly code: ReturnCode;
      readonly trace: number;
    }
  | {
      readonly kind: "DebitReturned";
      readonly paymentId: PaymentId;
      readonly fileId: AchFileId;
      readonly trace: number;
      readonly code: ReturnCode;
      readonly to: "returned" | "disputed";
      readonly retryFrom: BankDate | null;
      readonly entry: JournalEntry;
    }
  /** Came back after it was collected. */
  | {
      readonly kind: "DebitReopened";
      readonly paymentId: PaymentId;
      readonly to: "returned" | "disputed";
      readonly returnedOn: BankDate;
      readonly merchantNumber: number;
      readonly amountCents: Cents;
      readonly trace: number;
      readonly code: ReturnCode;
      readonly entry: JournalEntry;
    }
  | {
      readonly kind: "RefundReturned";
      readonly refundId: RefundId;
      readonly paymentId: PaymentId | null;
      readonly merchantNumber: number;
      readonly amountCents: Cents;
      readonly trace: number;
      readonly code: ReturnCode;
      /** Not sent again by itself: the reason is not the bank account. */
      readonly isStopped: boolean;
      /** What came back of a wrong receiver is nobody's here. */
      readonly reverses?: Reverses;
      readonly entry: JournalEntry;
    }
  /** By a return that says so; the time is null in logs of version 2. */
  | {
      readonly kind: "MandateEnded";
      readonly code: ReturnCode;
      readonly atMs: number | null;
    }
  | { readonly kind: "BankAccountRejected"; readonly code: ReturnCode }
  /** More than is owed: nothing has happened before somebody else says the same. */
  | {
      readonly kind: "PaymentProposed";
      readonly amountCents: Cents;
      readonly evidence: string;
      readonly by: string;
    }
  | {
      readonly kind: "PaidByHand";
      readonly evidence: string;
      /** Of each debt what was paid of it. */
      readonly principal: readonly { readonly paymentId: PaymentId; readonly cents: Cents }[];
      readonly feesCents: Cents;
      /** Owed back to the customer. */
      readonly excess: { readonly refundId: RefundId; readonly cents: Cents } | null;
      readonly entry: JournalEntry;
    }
  /** Paid by hand, each whole, because no debit of it can be sent any more. */
  | {
      readonly kind: "DuePaidByHand";
      readonly evidence: string;
      readonly paid: readonly { readonly paymentId: PaymentId; readonly cents: Cents }[];
      readonly entry: JournalEntry;
    }
  /** Paid after it was written off. */
  | {
      readonly kind: "DebtRecovered";
      readonly evidence: string;
      readonly amountCents: Cents;
      readonly entry: JournalEntry;
    }
  | {
      readonly kind: "RetryAllowed";
      readonly paymentId: PaymentId;
      readonly retryFrom: BankDate;
      readonly note: string;
    }
  | {
      readonly kind: "WriteOffProposed";
      readonly paymentId: PaymentId;
      readonly by: string;
      readonly note: string;
    }
  /** Owed to the customer for a debit that is not collected: it lowers the debt, or the loss. */
  | {
      readonly kind: "RefundSetOff";
      readonly refundId: RefundId;
      readonly paymentId: PaymentId;
      readonly amountCents: Cents;
      readonly entry: JournalEntry;
    }
  | {
      readonly kind: "DebtWrittenOff";
      readonly paymentId: PaymentId;
      readonly merchantNumber: number;
      /** `due`: it could be debited no more. */
      readonly from: "due" | "returned";
      readonly amountCents: Cents;
      readonly note: string;
      readonly entry: JournalEntry;
    }
  | {
      readonly kind: "DisputeDecided";
      readonly paymentId: PaymentId;
      readonly merchantNumber: number;
      readonly amountCents: Cents;
      readonly outcome: DisputeOutcome;
      readonly note: string;
      readonly entry: JournalEntry;
    }
  | {
      readonly kind: "RefundGranted";
      readonly refundId: RefundId;
      readonly paymentId: PaymentId;
      readonly merchantNumber: number;
      /** Taken off a debit that was not filed. */
      readonly dueCents: Cents;
      /** Owed to the customer; `waiting` until the debit is collected. */
      readonly owedCents: Cents;
      readonly isPayable: boolean;
      readonly entry: JournalEntry;
    }
  | {
      readonly kind: "BankAccountReplaced";
      readonly token: string;
      /** Null before version 5: as it was. */
      readonly person: string | null;
      readonly mandate: AcceptedMandate | null;
    }
  | { readonly kind: "BankAccountCorrected"; readonly token: string; readonly code: string };

/** What an owner has in a file. */
export interface EntriesFiled {
  readonly kind: "entries_filed";
  readonly entries: number;
  readonly debitCents: Cents;
  readonly creditCents: Cents;
}

export type CollectionReply =
  | Refusal
  | EntriesFiled
  | { readonly kind: "entries_unfiled" }
  | {
      readonly kind: "entries_collected";
      readonly debitCents: Cents;
      readonly creditCents: Cents;
    }
  /** `unmatched`: the account knows of no such entry, and nothing happened. */
  | { readonly kind: "entry_returned"; readonly outcome: "applied" | "unmatched" }
  | { readonly kind: "payment_recorded"; readonly debtCents: Cents }
  /** Somebody else must record the same; the debt is what it was. */
  | { readonly kind: "payment_proposed"; readonly debtCents: Cents }
  | { readonly kind: "collection_changed" }
  | { readonly kind: "write_off_proposed" }
  | { readonly kind: "fee_waiver_proposed" }
  | { readonly kind: "refund_by_hand_proposed" }
  | { readonly kind: "refund_resolution_proposed" }
  | { readonly kind: "refund_granted" }
  | { readonly kind: "debit_reversed"; readonly outcome: "applied" | "unmatched" };
