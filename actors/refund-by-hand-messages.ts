/** What is said of a refund that is paid by hand, because no file can take it. */
import type { PaymentId, RefundId } from "./ids.ts";
import type { JournalEntry } from "./ledger.ts";
import type { Cents } from "./money.ts";

/** The first operator proposes, another one agrees. */
export interface PayRefund {
  readonly kind: "PayRefund";
  readonly refundId: RefundId;
  /** Number of a check or a transfer. */
  readonly evidence: string;
}

export type RefundByHandEvent =
  | {
      readonly kind: "RefundByHandProposed";
      readonly refundId: RefundId;
      readonly by: string;
      readonly evidence: string;
    }
  | {
      readonly kind: "RefundPaidByHand";
      readonly refundId: RefundId;
      /** Null for what was paid by hand beyond the debt. */
      readonly paymentId: PaymentId | null;
      readonly merchantNumber: number;
      readonly amountCents: Cents;
      /** Nobody had claimed it, and its account no longer waited for it. */
      readonly isUnclaimed?: true;
      readonly evidence: string;
      readonly entry: JournalEntry;
    };
