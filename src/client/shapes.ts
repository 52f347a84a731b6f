/** What the switch answers, as the clients read it. */

export interface Money {
  readonly amount: number;
  readonly currency: string;
}

export interface Payee {
  readonly merchant: string;
  readonly merchant_name: string;
  readonly lane: string;
  readonly lane_name: string;
  readonly street: string;
  readonly city: string;
  readonly state: string;
  readonly line: string;
}

export interface Scan {
  readonly payment_request: string;
  readonly reference: string;
  readonly version: number;
  readonly amount: Money;
  readonly title: string;
  readonly payee: Payee;
  readonly expires_at: string;
  readonly nonce: string;
  readonly next_counter: number;
  readonly pin_version: number;
  readonly limit_before: Money;
  readonly limit_after: Money | null;
}

export interface Refund {
  readonly id: string;
  readonly payment: string;
  readonly amount: Money;
  readonly reason: string;
  readonly status: string;
  readonly created_at: string;
}

/** A debit that was our mistake and goes back. */
export interface Reversal {
  readonly amount: Money;
  readonly reason: string;
  readonly note: string;
  readonly status: string;
  readonly created_at: string;
}

export interface Receipt {
  readonly payment: string;
  readonly payment_request: string;
  readonly reference: string;
  readonly amount: Money;
  readonly title: string;
  readonly payee: Payee;
  readonly paid_at: string;
  readonly refunds: readonly Refund[];
  readonly reversals: readonly Reversal[];
  readonly outcome_text: string;
}

export interface Payment {
  readonly id: string;
  readonly status: "captured";
  readonly receipt: Receipt;
  readonly limit_before: Money;
  readonly limit_after: Money;
  readonly next_counter: number;
}

export interface Account {
  readonly id: string;
  readonly status: "open" | "blocked";
  readonly block_reasons: readonly string[];
  readonly identity: "none" | "pending" | "verified" | "rejected";
  readonly limit: {
    readonly cap: Money;
    readonly available: Money;
    readonly exposure: Money;
    readonly holds: Money;
  } | null;
  readonly device: {
    readonly id: string;
    readonly next_counter: number;
    readonly pin_version: number;
  };
  readonly bank_account: {
    /** Of those that the account has had, from 1. */
    readonly number: number;
    readonly status: "not_asked_about" | "prenote_sent" | "rejected";
  };
}

export interface PaymentRequest {
  readonly id: string;
  readonly lane: string;
  readonly reference: string;
  readonly status: "open" | "paid" | "cancelled" | "superseded" | "expired";
  readonly version: number;
  readonly revision: number;
  readonly amount: Money;
  readonly title: string;
  readonly scanned: boolean;
  readonly qr_text: string;
  readonly payment: string | null;
  readonly expires_at: string;
}

export interface Lane {
  readonly id: string;
  readonly payee: Payee;
  readonly sticker_text: string;
  readonly sticker_short_text: string;
  readonly lane_key?: string;
}

export interface List<Item> {
  readonly data: readonly Item[];
  readonly has_more: boolean;
}

/** The mandate that a customer accepted. */
export interface MandateCopy {
  readonly account: string;
  readonly version: string;
  readonly hash: string;
  readonly text: string | null;
  readonly name: string | null;
  readonly bank_account_ending: string | null;
  readonly device: string;
  readonly signature: string | null;
  readonly accepted_at: string;
  readonly ended: { readonly by: string; readonly at: string | null } | null;
}

export interface Deregistration {
  readonly account: string;
  readonly status: "closing" | "closed";
  readonly waits_for: readonly string[];
}
