/** What an account records of its return fees (docs/money.md, "Return fees"). */
import type { VaultTokens } from "./account-state.ts";
import type { BankDate } from "./banking-calendar.ts";
import type { AchFileId, PaymentId, RefundId } from "./ids.ts";
import type { JournalEntry } from "./ledger.ts";
import type { Cents } from "./money.ts";
import type { ReturnCode } from "./return-codes.ts";

export interface FeeFiled {
  /** Of the debit that came back. */
  readonly paymentId: PaymentId;
  readonly merchantNumber: number;
  readonly trace: number;
  readonly amountCents: Cents;
}

export type FeeEvent =
  | {
      readonly kind: "ReturnFeeCharged";
      readonly paymentId: PaymentId;
      /** 0 before version 6. */
      readonly merchantNumber: number;
      readonly feeCents: Cents;
      /** The last effective date of a debit for it; null where it is paid by hand only. */
      readonly debitBy: BankDate | null;
      readonly entry: JournalEntry;
    }
  | {
      readonly kind: "FeesFiled";
      readonly fileId: AchFileId;
      readonly effectiveOn: BankDate;
      readonly fees: readonly FeeFiled[];
      readonly vault: Pick<VaultTokens, "person" | "bankAccount">;
      /** Something is left that a later file may take. */
      readonly hasMore: boolean;
      readonly entry: JournalEntry;
    }
  | { readonly kind: "FeesUnfiled"; readonly fileId: AchFileId; readonly entry: JournalEntry }
  | {
      readonly kind: "FeesCollected";
      readonly fileId: AchFileId;
      readonly paymentIds: readonly PaymentId[];
      readonly amountCents: Cents;
      /** What was paid too much waited for it, and may be paid back now. */
      readonly hasMore: boolean;
      readonly entry: JournalEntry;
    }
  | {
      readonly kind: "FeeReturned";
      readonly paymentId: PaymentId;
      readonly fileId: AchFileId;
      readonly trace: number;
      readonly code: ReturnCode;
      readonly amountCents: Cents;
      readonly entry: JournalEntry;
    }
  /** Came back after it was collected. */
  | {
      readonly kind: "FeeReopened";
      readonly paymentId: PaymentId;
      readonly merchantNumber: number;
      readonly trace: number;
      readonly code: ReturnCode;
      readonly amountCents: Cents;
      readonly entry: JournalEntry;
    }
  /** Paid by hand beyond the debt while the fee was under way: it lowers the fee. */
  | {
      readonly kind: "FeeSetOff";
      readonly refundId: RefundId;
      readonly paymentId: PaymentId;
      readonly amountCents: Cents;
      readonly entry: JournalEntry;
    };

/** Given up at the desk. */
export type WaiverEvent =
  /** By one operator: nothing has happened before another one says the same. */
  | {
      readonly kind: "FeeWaiverProposed";
      readonly paymentId: PaymentId;
      readonly by: string;
      readonly note: string;
    }
  | {
      readonly kind: "FeeWaived";
      readonly paymentId: PaymentId;
      /** 0 where the fee was charged before version 6. */
      readonly merchantNumber: number;
      readonly amountCents: Cents;
      readonly note: string;
      readonly entry: JournalEntry;
    };

export const FEE_EVENT_KINDS: readonly (FeeEvent | WaiverEvent)["kind"][] = [
  "ReturnFeeCharged",
  "FeesFiled",
  "FeesUnfiled",
  "FeesCollected",
  "FeeReturned",
  "FeeReopened",
  "FeeSetOff",
  "FeeWaiverProposed",
  "FeeWaived",
];
