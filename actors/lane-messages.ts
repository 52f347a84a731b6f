/** Everything that can be said to a lane, everything it answers, and everything it records. */
import type { AccountId, LaneId, PaymentId, PaymentRequestId } from "./ids.ts";
import type { Cents } from "./money.ts";
import type { Payee } from "./receipt.ts";
import type { Refusal } from "./refusals.ts";

export type LaneKind = "till" | "web";

/** What the payer's account is charged under: the terms that the lane got from its merchant. */
export interface LaneTerms {
  readonly laneKind: LaneKind;
  readonly payee: Payee;
  readonly feeBasisPoints: number;
  /** Six characters, never reused: the terminal code of the ACH addenda. */
  readonly terminalCode: string;
  /** Keyed hash of the lane key. */
  readonly keyTag: string;
}

export interface PaymentRequestFields {
  readonly amountCents: Cents;
  readonly title: string;
  /** The till's own number, or empty. */
  readonly clientInvoiceId: string;
  readonly cashierId: string;
}

/** From the account: the money is held, the payer has approved. */
export interface SettlePaymentRequest {
  readonly kind: "SettlePaymentRequest";
  readonly paymentId: PaymentId;
  readonly accountId: AccountId;
  readonly requestId: PaymentRequestId;
  readonly version: number;
  readonly amountCents: Cents;
}

/** From the account: what became of this payment? "Not paid" is then for good. */
export interface ResolvePayment {
  readonly kind: "ResolvePayment";
  readonly paymentId: PaymentId;
  readonly accountId: AccountId;
  readonly requestId: PaymentRequestId;
}

export type LaneCommand =
  | { readonly kind: "SetUpLane"; readonly terms: LaneTerms }
  | { readonly kind: "DescribeLane" }
  | ({
      readonly kind: "OpenPaymentRequest";
      readonly requestId: PaymentRequestId;
    } & PaymentRequestFields)
  | ({
      readonly kind: "UpdatePaymentRequest";
      readonly requestId: PaymentRequestId;
      /** If-Match: the revision that the caller has seen; undefined changes any. */
      readonly revision: number | undefined;
    } & PaymentRequestFields)
  | {
      readonly kind: "CancelPaymentRequest";
      readonly requestId: PaymentRequestId;
      /** If-Match, as above. */
      readonly revision?: number | undefined;
    }
  | { readonly kind: "DescribePaymentRequest"; readonly requestId: PaymentRequestId }
  /** A payer's phone looks at it; undefined asks for what is open at the lane (a sticker). */
  | { readonly kind: "ScanPaymentRequest"; readonly requestNumber: number | undefined }
  | SettlePaymentRequest
  | ResolvePayment
  /** Timer. */
  | { readonly kind: "ExpirePaymentRequest"; readonly requestId: PaymentRequestId };

interface RequestChange {
  readonly requestId: PaymentRequestId;
}

export type LaneEvent =
  | { readonly kind: "LaneSetUp"; readonly terms: LaneTerms; readonly atMs: number }
  | ({
      readonly kind: "PaymentRequestOpened";
      readonly requestNumber: number;
      readonly merchantNumber: number;
      readonly expiresAtMs: number;
      readonly atMs: number;
    } & RequestChange &
      PaymentRequestFields)
  | ({
      readonly kind: "PaymentRequestUpdated";
      readonly version: number;
      readonly atMs: number;
    } & RequestChange &
      PaymentRequestFields)
  | ({
      readonly kind: "PaymentRequestScanned";
      readonly expiresAtMs: number;
      readonly atMs: number;
    } & RequestChange)
  | ({
      readonly kind: "PaymentRequestPaid";
      readonly paymentId: PaymentId;
      readonly amountCents: Cents;
      readonly atMs: number;
    } & RequestChange)
  | ({ readonly kind: "PaymentRequestCancelled"; readonly atMs: number } & RequestChange)
  | ({ readonly kind: "PaymentRequestSuperseded"; readonly atMs: number } & RequestChange)
  | ({ readonly kind: "PaymentRequestExpired"; readonly atMs: number } & RequestChange)
  /** This payment's hold ended before the lane was told: it can never pay this request. */
  | ({ readonly kind: "PaymentBarred"; readonly paymentId: PaymentId } & RequestChange);

export const LANE_EVENT_KINDS: readonly LaneEvent["kind"][] = [
  "LaneSetUp",
  "PaymentRequestOpened",
  "PaymentRequestUpdated",
  "PaymentRequestScanned",
  "PaymentRequestPaid",
  "PaymentRequestCancelled",
  "PaymentRequestSuperseded",
  "PaymentRequestExpired",
  "PaymentBarred",
];

export type ClosedStatus = "paid" | "cancelled" | "superseded" | "expired";
export type PaymentRequestStatus = "open" | ClosedStatus;

/** A payment request as its lane knows it; `revision` rises with every change a till may see. */
export interface PaymentRequest extends PaymentRequestFields {
  readonly requestId: PaymentRequestId;
  readonly requestNumber: number;
  readonly status: PaymentRequestStatus;
  /** What an approval is bound to; rises with every update. */
  readonly version: number;
  readonly revision: number;
  readonly scanned: boolean;
  readonly paymentId: PaymentId | undefined;
  readonly openedAtMs: number;
  readonly expiresAtMs: number;
  readonly closedAtMs: number | undefined;
}

export interface PaymentRequestView {
  readonly kind: "payment_request";
  readonly laneId: LaneId;
  readonly payee: Payee;
  readonly request: PaymentRequest;
}

export type LaneReply =
  | Refusal
  | PaymentRequestView
  | { readonly kind: "lane_set_up"; readonly laneId: LaneId }
  | {
      readonly kind: "lane";
      readonly laneId: LaneId;
      readonly terms: LaneTerms;
      /** Open payment requests, oldest first: at most one at a till. */
      readonly open: readonly PaymentRequest[];
      /** Closed ones that the lane still knows, newest first. */
      readonly closed: readonly PaymentRequest[];
    }
  | { readonly kind: "noted" };
