/** What a reconciliation finds: each with its file, its amount, and the events that it rests on. */
import type { BankDate } from "../../actors/banking-calendar.ts";
import type { Cents } from "../../actors/money.ts";

/** In the order of the way of the money; what each means is in docs/operations.md. */
export const DIFFERENCE_KINDS = [
  "entry_differs",
  "cause_unknown",
  "filed_differs",
  "sealed_unreadable",
  "sealed_hash_differs",
  "sealed_totals_differ",
  "file_unknown",
  "acknowledgement_differs",
  "statement_missing",
  "statement_not_booked",
  "statement_differs",
  "settled_differs",
  "returns_not_counted",
  "returns_not_booked",
  "doubts_differ",
  "suspense_differs",
  "cash_differs",
  "not_cleared",
  "file_too_old",
  "suspense_too_old",
  "inbound_too_old",
] as const;

export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

export interface Difference {
  readonly kind: DifferenceKind;
  /** Null where no file of ours is concerned. */
  readonly file: string | null;
  /** The banking day that it belongs to. */
  readonly date: BankDate | null;
  /** By how much; 0 where it is not about money. */
  readonly amountCents: Cents;
  /** Positions in the log. */
  readonly events: readonly number[];
  /** The sides that differ, with their figures. */
  readonly says: string;
}
