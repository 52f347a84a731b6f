/** What is said to a merchant about its money, what it answers and records, and what it knows. */
import type { BankDate } from "./banking-calendar.ts";
import type { EntriesFiled, TraceBlock } from "./collection-messages.ts";
import type { FileScope } from "./file-scope.ts";
import type { AccountId, AchFileId, PaymentId, RefundId } from "./ids.ts";
import type { JournalEntry } from "./ledger.ts";
import { type Cents, ZERO_CENTS } from "./money.ts";
import type { MerchantShare } from "./postings.ts";
import type { Refusal } from "./refusals.ts";
import type { ReturnCode } from "./return-codes.ts";

export interface Payout {
  readonly payoutId: string;
  readonly amountCents: Cents;
  /** The last event of the feed whose payments it covers. */
  readonly uptoPosition: number;
  /** Null until it is put into a file, and again when it came back. */
  readonly sent: {
    readonly fileId: AchFileId;
    readonly trace: number;
    readonly bankAccount: string;
  } | null;
}

export interface Settlement {
  /** Taken from what was credited: paid out, refunded, netted. */
  readonly takenCents: Cents;
  readonly receivableCents: Cents;
  /** Payouts that have not arrived yet. */
  readonly payouts: readonly Payout[];
  readonly payoutsCount: number;
  readonly settledPosition: number;
  /** Token of the sealed bank account; null: none, or one that payouts came back from. */
  readonly bankAccount: string | null;
  /** Token of what of it is shown. */
  readonly ending: string | null;
  /** Why the last payout came back, until another bank account is named. */
  readonly rejectedBy: ReturnCode | null;
  /** The bank account was changed: nothing is sent to it before that day. */
  readonly payableFrom: BankDate | null;
  /** What one operator has named; another one must name the same. */
  readonly proposal: BankAccountProposal | null;
}

export interface BankAccountProposal {
  readonly token: string;
  readonly ending: string;
  readonly note: string | null;
  readonly by: string;
}

export const NO_SETTLEMENT: Settlement = {
  takenCents: ZERO_CENTS,
  receivableCents: ZERO_CENTS,
  payouts: [],
  payoutsCount: 0,
  settledPosition: 0,
  bankAccount: null,
  ending: null,
  rejectedBy: null,
  payableFrom: null,
  proposal: null,
};

/** The merchant gives its part of a refund; the payer's account gets the word. */
export interface GiveShare {
  readonly kind: "GiveShare";
  readonly refundId: RefundId;
  readonly accountId: AccountId;
  readonly paymentId: PaymentId;
  readonly amountCents: Cents;
  readonly feeCents: Cents;
  readonly creditedCents: Cents;
}

export type SettlementCommand =
  | GiveShare
  /** From a payer's account, whose dispute the merchant pays for: it has booked the debt. */
  | NoteDebt
  /** `note`: the desk's reason; null where the merchant itself names its bank account. */
  | {
      readonly kind: "SetBankAccount";
      readonly token: string;
      readonly ending: string;
      readonly note: string | null;
      /** `two`: the first to name it proposes, and another one who names the same agrees. */
      readonly persons: "one" | "two";
      /** Tokens that stand for the same bank account, of those the state names: the vault says. */
      readonly sameAs: readonly string[];
    }
  /** A notification of change: the same bank account, written otherwise. */
  | {
      readonly kind: "CorrectBankAccount";
      /** Token of the bank account that the bank speaks of: it may have been replaced. */
      readonly of: string;
      readonly token: string;
      readonly ending: string;
      readonly code: string;
    }
  /** At the end of a day; what is below the least that is paid out waits. */
  | {
      readonly kind: "SettleMerchant";
      readonly creditedCents: Cents;
      readonly uptoPosition: number;
      readonly leastCents: Cents;
    }
  | {
      readonly kind: "FileEntries";
      readonly fileId: AchFileId;
      readonly effectiveOn: BankDate;
      readonly traces: TraceBlock;
      readonly scope?: FileScope | null;
    }
  | { readonly kind: "UnfileEntries"; readonly fileId: AchFileId }
  | { readonly kind: "CollectEntries"; readonly fileId: AchFileId }
  | {
      readonly kind: "ReturnEntry";
      readonly subject: { readonly kind: "payout"; readonly payoutId: string };
      readonly fileId: AchFileId;
      readonly trace: number;
      readonly code: string;
      readonly amountCents: Cents;
      readonly isSettled: boolean;
    };

export interface NoteDebt {
  readonly kind: "NoteDebt";
  readonly paymentId: PaymentId;
  readonly amountCents: Cents;
}

export type SettlementEvent =
  | {
      readonly kind: "DebtNoted";
      readonly paymentId: PaymentId;
      readonly amountCents: Cents;
    }
  | {
      readonly kind: "ShareGiven";
      readonly refundId: RefundId;
      readonly paymentId: PaymentId;
      readonly amountCents: Cents;
      readonly share: MerchantShare;
    }
  | {
      readonly kind: "BankAccountSet";
      readonly token: string;
      readonly ending: string;
      readonly note: string | null;
      /** Null for the first one, and before version 4. */
      readonly payableFrom: BankDate | null;
      /** Who named it first, and why; null where one may name it alone, and before version 4. */
      readonly proposed: Pick<BankAccountProposal, "by" | "note"> | null;
    }
  | ({ readonly kind: "BankAccountProposed" } & BankAccountProposal)
  | {
      readonly kind: "BankAccountCorrected";
      readonly token: string;
      readonly ending: string;
      readonly code: string;
    }
  | {
      readonly kind: "ReceivableNetted";
      readonly amountCents: Cents;
      readonly entry: JournalEntry;
    }
  | {
      readonly kind: "PayoutMade";
      readonly payoutId: string;
      readonly amountCents: Cents;
      readonly uptoPosition: number;
    }
  | {
      readonly kind: "PayoutFiled";
      readonly payoutId: string;
      readonly fileId: AchFileId;
      readonly effectiveOn: BankDate;
      readonly trace: number;
      readonly amountCents: Cents;
      /** Token of the vault. */
      readonly bankAccount: string;
      readonly entry: JournalEntry;
    }
  | {
      readonly kind: "PayoutUnfiled";
      readonly payoutId: string;
      readonly entry: JournalEntry;
    }
  | { readonly kind: "PayoutArrived"; readonly payoutId: string }
  | {
      readonly kind: "PayoutReturned";
      readonly payoutId: string;
      readonly amountCents: Cents;
      readonly trace: number;
      readonly code: ReturnCode;
      readonly entry: JournalEntry;
    };

export const SETTLEMENT_EVENT_KINDS: readonly SettlementEvent["kind"][] = [
  "DebtNoted",
  "ShareGiven",
  "BankAccountSet",
  "BankAccountProposed",
  "BankAccountCorrected",
  "ReceivableNetted",
  "PayoutMade",
  "PayoutFiled",
  "PayoutUnfiled",
  "PayoutArrived",
  "PayoutReturned",
];

export type SettlementReply =
  | Refusal
  | EntriesFiled
  | { readonly kind: "noted" }
  | { readonly kind: "bank_account_proposed" }
  | { readonly kind: "merchant_settled"; readonly payoutCents: Cents }
  | { readonly kind: "entries_unfiled" }
  | {
      readonly kind: "entries_collected";
      readonly debitCents: Cents;
      readonly creditCents: Cents;
    }
  | { readonly kind: "entry_returned"; readonly outcome: "applied" | "unmatched" };
