/**
 * What people say of a refund that no file takes, beside that it is paid by hand: it goes out after
 * all, or nobody claims it (docs/money.md).
 */
import type { PaymentId, RefundId } from "./ids.ts";
import type { JournalEntry } from "./ledger.ts";
import type { Cents } from "./money.ts";

export const REFUND_RESOLUTIONS = [
  /** In the next file, to the customer's bank account of today. */
  "send_again",
  /** Nobody finds whom it belongs to: it is kept for them, and no account waits for it. */
  "unclaimed",
] as const;

export type RefundResolution = (typeof REFUND_RESOLUTIONS)[number];

/** Somebody said so; somebody else must say the same. */
export interface ProposedResolution {
  readonly resolution: RefundResolution;
  readonly by: string;
}

/** From the desk. */
export interface ResolveRefund {
  readonly kind: "ResolveRefund";
  readonly refundId: RefundId;
  readonly resolution: RefundResolution;
  readonly note: string;
}

export type StoppedRefundEvent =
  /** The newest proposal is the one that another person agrees to. */
  | {
      readonly kind: "RefundResolutionProposed";
      readonly refundId: RefundId;
      readonly resolution: RefundResolution;
      readonly by: string;
      readonly note: string;
    }
  | { readonly kind: "RefundSentAgain"; readonly refundId: RefundId; readonly note: string }
  | {
      readonly kind: "RefundUnclaimed";
      readonly refundId: RefundId;
      readonly paymentId: PaymentId | null;
      readonly amountCents: Cents;
      readonly note: string;
      readonly entry: JournalEntry;
    };

export const STOPPED_REFUND_EVENT_KINDS: readonly StoppedRefundEvent["kind"][] = [
  "RefundResolutionProposed",
  "RefundSentAgain",
  "RefundUnclaimed",
];
