/** What the desk is shown of the money, as the routes answer. */
import type { Money } from "./shapes.ts";

export interface Debt {
  readonly account: string;
  readonly since: string;
  readonly returned: Money;
  readonly disputed: Money;
  readonly presented_again: Money;
  readonly fees: Money;
  readonly fees_in_flight: Money;
  readonly due: Money;
  readonly stuck_refunds: Money;
  readonly debits: number;
  readonly bank_account_rejected: { readonly code: string; readonly meaning: string } | null;
  readonly mandate_ended: { readonly code: string; readonly meaning: string } | null;
}

export interface DebitReturn {
  readonly code: string;
  readonly meaning: string;
  readonly file: string | null;
  readonly trace: number;
  readonly returned_at: string;
}

export interface Debit {
  readonly payment: string;
  readonly merchant: string;
  readonly amount: Money;
  readonly stage: "due" | "in_flight" | "returned" | "disputed";
  readonly attempt: number | null;
  readonly file: string | null;
  readonly retry_from: string | null;
  readonly returns: readonly DebitReturn[];
  readonly write_off_proposed_by: string | null;
}

export interface Fee {
  readonly payment: string;
  readonly amount: Money;
  readonly stage: "owed" | "in_flight";
  readonly file: string | null;
  readonly debit_by: string | null;
  readonly waiver_proposed_by: string | null;
}

export interface OwedRefund {
  readonly refund: string;
  readonly payment: string | null;
  readonly amount: Money;
  readonly stage: "waiting" | "payable" | "filed" | "stopped" | "unclaimed";
  readonly is_stuck: boolean;
  readonly by_hand_proposed_by: string | null;
  readonly wrong_receiver: boolean;
  readonly proposal: { readonly resolution: string; readonly proposed_by: string } | null;
}

export interface AccountDebts {
  readonly account: string;
  readonly block_reasons: readonly string[];
  readonly owed: Money;
  readonly fees: Money;
  readonly return_fees: readonly Fee[];
  readonly refunds: readonly OwedRefund[];
  readonly bank_account: "not_asked_about" | "prenote_sent" | "rejected";
  readonly mandate_ended: boolean;
  readonly debits: readonly Debit[];
  readonly payment_proposed: {
    readonly amount: Money;
    readonly evidence: string;
    readonly proposed_by: string;
  } | null;
  readonly same_phone: readonly {
    readonly account: string;
    readonly status: string;
    readonly owed: Money;
    readonly disputed: Money;
  }[];
  readonly given_up: readonly {
    readonly payment: string;
    readonly merchant: string;
    readonly amount: Money;
    readonly borne_by: "bad_debt" | "unauthorised" | "merchant";
  }[];
}

/** Of a merchant, by its last letters. */
export interface MerchantBankAccount {
  readonly merchant: string;
  readonly status: "none" | "active" | "returned";
  readonly kind: string | null;
  readonly last_four: string | null;
  readonly return_code: string | null;
  readonly payouts_from: string | null;
  readonly proposal: {
    readonly kind: string | null;
    readonly last_four: string | null;
    readonly note: string | null;
    readonly proposed_by: string;
  } | null;
}

/** A merchant's bank account that took another one's place, and is not paid to yet. */
export interface BankAccountChange {
  readonly merchant: string;
  readonly changed_at: string;
  readonly by: string;
  readonly note: string | null;
  readonly payouts_from: string;
}

export interface DeskReversal {
  readonly refund: string;
  readonly account: string;
  readonly payment: string;
  readonly amount: Money;
  readonly reason: string;
  readonly note: string;
  readonly status: "waiting" | "filed" | "paid" | "returned" | "not_sent";
  readonly decided_at: string;
}

/** What one person has proposed. */
export interface Proposal {
  readonly id: string;
  readonly act: string;
  readonly about: readonly string[];
  readonly amount: Money | null;
  readonly entries: number | null;
  readonly proposed_by: string;
  readonly proposed_at: string;
}

export interface FrozenAccount {
  readonly account: string;
  readonly since: string;
  readonly note: string;
}

export interface ReturnCounts {
  readonly originated: number;
  readonly unauthorised: number;
  readonly administrative: number;
  readonly overall: number;
}

export interface ReturnRates {
  readonly merchant: string | null;
  readonly from: string;
  readonly to: string;
  readonly originated: number;
  readonly rates: readonly {
    readonly kind: "unauthorised" | "administrative" | "overall";
    readonly returned: number;
    readonly basis_points: number | null;
    readonly threshold_basis_points: number;
    readonly level: "good" | "watch" | "above";
  }[];
  readonly days: readonly ({ readonly day: string } & ReturnCounts)[];
  readonly merchants: readonly ({ readonly merchant: string } & ReturnCounts)[];
}

export interface FileTotals {
  readonly entries: number;
  readonly debits: Money;
  readonly credits: Money;
}

export interface MovedByBank {
  readonly debits: Money;
  readonly credits: Money;
}

export interface AchFile {
  readonly id: string;
  readonly stage: string;
  readonly created_on: string;
  readonly effective_on: string;
  readonly window_on: string;
  readonly totals: FileTotals | null;
  readonly returned: FileTotals;
  readonly left_out: readonly { readonly owner: string; readonly reason: string }[];
  readonly stated: MovedByBank | null;
  readonly unexplained: Money;
  readonly differing: MovedByBank | null;
  readonly contradiction: "accepted" | "rejected" | null;
  readonly rejection_proposed_by: string | null;
  readonly settlement_proposed: (MovedByBank & { readonly proposed_by: string }) | null;
  readonly sha256: string | null;
  readonly steps: readonly {
    readonly at: string;
    readonly event: string;
    readonly principal: string;
    readonly note: string | null;
  }[];
}

export interface CollectionRun {
  readonly number: number;
  readonly run: "cut_off" | "hand_over" | "abandon" | "take_in" | "import";
  readonly note: string;
  readonly by: string;
  readonly asked_at: string;
  readonly status: "running" | "done" | "failed" | "interrupted";
  readonly ended_at: string | null;
  readonly file: string | null;
  readonly inbound: string | null;
  readonly fault: string | null;
}

/** `proposed`: another person must say the same. */
export type FileWordStatus = "on_record" | "proposed";

/** Of all debits of a file. */
export interface FileReversal {
  readonly status: FileWordStatus;
  readonly reversed: number;
  readonly proposed: number;
  readonly refused: readonly { readonly code: string; readonly entries: number }[];
}

export interface RunProgress {
  readonly run: string;
  readonly since: string;
  readonly step: string;
  readonly file: string | null;
  readonly owners_total: number;
  readonly owners_asked: number;
  readonly entries_written: number;
  readonly bytes: number;
}

export interface Collection {
  readonly mode: "by_clock" | "by_hand";
  readonly next_run_at: string | null;
  readonly progress: RunProgress | null;
  readonly runs: readonly CollectionRun[];
}

export interface InboundFile {
  readonly id: string;
  readonly received_at: string;
  readonly bytes: number;
  readonly status: "reading" | "finished";
  readonly applied: number;
  readonly known: number;
  readonly exceptions: number;
}

/** Another person must import the same bytes. */
export interface ProposedImport {
  readonly id: string;
  readonly status: "proposed";
}

export interface Exception {
  readonly id: string;
  readonly kind: "inbound" | "statement_differs" | "file_contradicted" | "unexplained" | "left_out";
  readonly since: string;
  readonly reason: string;
  readonly file: string | null;
  readonly owner: string | null;
  readonly inbound: string | null;
  readonly line: number | null;
  readonly received: {
    readonly original_trace: string;
    readonly code: string | null;
    readonly meaning: string | null;
    readonly booked_on: string;
  } | null;
  readonly taken_by_bank: Money;
  readonly given_by_bank: Money;
  readonly give_up_proposed_by: string | null;
  readonly resolve_at: string;
}

export interface ShownRecord {
  readonly kind: "entry" | "return" | "correction" | "unreadable";
  readonly transaction_code: string | null;
  readonly code: string | null;
  readonly amount: Money | null;
  readonly account_last_four: string | null;
  readonly trace_last_four: string | null;
  readonly bytes: number;
}

export interface Resolved {
  readonly exception: string;
  readonly status: "resolved" | "proposed" | "open";
  readonly left: Money;
}

/** How an exception is cleared up. */
export interface HowResolved {
  readonly resolution: string;
  readonly note: string;
  readonly entry?: { readonly file: string; readonly trace: number };
  readonly code?: string;
}

export interface Recorded {
  /** When it was recorded. */
  readonly owed: Money;
  /** The same was said before, by the same person. */
  readonly isRepeat: boolean;
  /** `proposed`: more than is owed; another person must record the same. */
  readonly status: "recorded" | "proposed";
}
