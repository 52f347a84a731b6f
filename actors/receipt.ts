/**
 * The receipt: an immutable snapshot of what was paid to whom, as the payer's receipts tab shows it
 * (FAQ). It holds no personal data: the shop may see every field.
 */
import type { LaneId, PaymentId, PaymentRequestId } from "./ids.ts";
import type { Cents } from "./money.ts";

/** The payee as the payer saw it before the PIN; the approval signs `payeeLine` of it. */
export interface Payee {
  readonly merchantNumber: number;
  readonly merchantName: string;
  readonly laneId: LaneId;
  readonly laneName: string;
  readonly street: string;
  readonly city: string;
  /** Two letters. */
  readonly state: string;
}

export interface Receipt {
  readonly paymentId: PaymentId;
  readonly requestId: PaymentRequestId;
  /** Number of the payment request at its lane, from 1: the reference is made of both. */
  readonly requestNumber: number;
  /** The version of the request that was paid. */
  readonly version: number;
  readonly amountCents: Cents;
  readonly title: string;
  readonly payee: Payee;
  readonly paidAtMs: number;
}

/**
 * The one line that the payer reads and the approval signs (docs/protocol.md section 5, payee tag):
 * merchant, lane and place, NFC, in this order and spelling.
 */
export function payeeLine({ merchantName, laneName, street, city, state }: Payee): string {
  return [merchantName, laneName, street, city, state].join(" · ").normalize("NFC");
}
