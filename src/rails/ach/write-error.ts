/**
 * What the writer throws. A file that cannot be written exactly is a bug of its builder, or data
 * that was never checked: nothing is cut, replaced or left out to make it fit. The message names
 * the place and the reason, never the value: values are bank accounts and names.
 */

export type WriteReason =
  | "not_printable_ascii"
  | "too_long"
  | "blank"
  | "blank_at_an_end"
  | "does_not_fit"
  | "not_digits"
  /** What it is written from was not found. */
  | "not_in_vault"
  | "not_allowed"
  | "check_digit"
  | "not_a_date"
  | "not_a_time"
  | "not_a_banking_day"
  | "in_the_past"
  | "another_bank"
  | "trace_not_of_odfi"
  | "trace_not_ascending"
  | "against_class"
  | "zero_amount"
  | "prenote_with_amount"
  | "same_day_maximum"
  | "addenda_missing"
  | "addenda_not_allowed"
  | "addenda_trace"
  | "empty_batch"
  | "empty_file"
  | "too_many";

export class AchWriteError extends Error {
  override readonly name = "AchWriteError";

  constructor(
    readonly record: string,
    readonly field: string,
    readonly reason: WriteReason,
    /** Where in the file, in words: `entry 3 of batch 2`. Empty for the file as a whole. */
    readonly place = "",
  ) {
    super(`${place === "" ? "" : `${place}: `}${record}, ${field}: ${reason}`);
  }

  /** The same fault with its place in the file. */
  within(place: string): AchWriteError {
    return new AchWriteError(this.record, this.field, this.reason, place);
  }
}

/** Throws AchWriteError of this kind of record unless the fact holds. */
export function demander(record: string) {
  return (fact: boolean, field: string, reason: WriteReason): void => {
    if (!fact) throw new AchWriteError(record, field, reason);
  };
}
