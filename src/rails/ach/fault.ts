/** What a reader says about a file: a named reason with its place, never the value found there. */

/** First and last column, counted from 1, both included. */
export type Columns = readonly [first: number, last: number];

export type FieldReason =
  | "not_printable_ascii"
  | "not_digits"
  | "not_the_constant"
  | "not_a_date"
  | "check_digit"
  | "unknown_transaction_code"
  | "unknown_service_class"
  | "layout_not_supported";

export type AchReason =
  | FieldReason
  | "line_length"
  | "blank_line"
  | "unknown_record_type"
  | "unknown_addenda_type"
  | "file_header_missing"
  | "file_control_missing"
  | "second_file"
  | "after_file_control"
  | "batch_header_missing"
  | "batch_not_closed"
  | "batch_control_missing"
  | "entry_missing"
  | "trace_not_of_odfi"
  | "addenda_flag"
  | "addenda_trace"
  | "addenda_sequence"
  | "total_differs"
  | "header_differs"
  | "file_too_large"
  | "too_many_entries"
  | "too_many_addenda"
  | "original_trace_unreadable"
  | "no_return_addenda"
  | "unknown_return_code"
  | "unknown_change_code"
  | "corrected_data_unreadable";

/** A fault inside one record. */
export interface FieldFault {
  readonly columns: Columns;
  readonly field: string;
  readonly reason: FieldReason;
  /** What would be right, where it can be computed and is nobody's secret. */
  readonly expected?: string;
}

/**
 * A fault with its place in the file. `line` counts from 1. In a file without line breaks all is
 * line 1, and the columns go on beyond 94.
 */
export interface AchFault {
  readonly line: number;
  readonly columns: Columns;
  readonly field: string;
  readonly reason: AchReason;
  readonly expected?: string;
}
