/** The three sides by day: what we sent, what the bank said, what was booked. */
import { addDays, type BankDate, bankDateAt, instantOf } from "../../actors/banking-calendar.ts";
import { addCents, type Cents, ZERO_CENTS } from "../../actors/money.ts";
import type { StatedLine } from "./bank-words.ts";
import type { Moved } from "./clearing.ts";
import type { Difference } from "./difference.ts";

export interface DayRow {
  readonly date: BankDate;
  /** Files that were built on the day. */
  files: number;
  entries: number;
  sentDebitCents: Cents;
  sentCreditCents: Cents;
  /** By the bank's statement of the day. */
  statedDebitCents: Cents;
  statedCreditCents: Cents;
  /** Entries that came back on the day. */
  returns: number;
  returnedDebitCents: Cents;
  returnedCreditCents: Cents;
  /** What was booked on the day in cash:bank because of files and returns, debit positive. */
  cashCents: Cents;
  /** Balance of cust:*:in_flight when the day was over; before the first booking, nothing. */
  inFlightCents: Cents;
  differences: number;
}

export class Days {
  readonly #rows = new Map<BankDate, DayRow>();
  readonly #inFlight = new Map<BankDate, Cents>();
  /** The day of the newest event, and when it begins and ends. */
  #today: { readonly date: BankDate; readonly fromMs: number; readonly toMs: number } | undefined;

  /** The day in New York. Events come in their order: most are of the day of the one before. */
  dateOf(atMs: number): BankDate {
    const today = this.#today;
    if (today !== undefined && atMs >= today.fromMs && atMs < today.toMs) return today.date;
    const date = bankDateAt(atMs);
    const [fromMs, toMs] = [instantOf(date, 0), instantOf(addDays(date, 1), 0)];
    this.#today = { date, fromMs, toMs };
    return date;
  }

  row(date: BankDate): DayRow {
    const known = this.#rows.get(date);
    if (known !== undefined) return known;
    const row = newRow(date);
    this.#rows.set(date, row);
    return row;
  }

  book(date: BankDate, moved: Moved, inFlightCents: Cents): void {
    const row = this.row(date);
    row.cashCents = addCents(row.cashCents, moved.cash);
    this.#inFlight.set(date, inFlightCents);
  }

  /**
   * By date, with what the bank stated and what differs; a day on which nothing was booked ends as
   * the one before it.
   */
  told(stated: Iterable<StatedLine>, differences: readonly Difference[]): readonly DayRow[] {
    const rows = new Map([...this.#rows].map(([date, row]) => [date, { ...row }]));
    const rowOf = (date: BankDate): DayRow => {
      const row = rows.get(date) ?? newRow(date);
      rows.set(date, row);
      return row;
    };
    for (const { date, debitCents, creditCents } of stated) {
      const row = rowOf(date);
      row.statedDebitCents = addCents(row.statedDebitCents, debitCents);
      row.statedCreditCents = addCents(row.statedCreditCents, creditCents);
    }
    for (const { date } of differences) if (date !== null) rowOf(date).differences++;
    const sorted = [...rows.values()].sort((one, other) => (one.date < other.date ? -1 : 1));
    let inFlightCents = ZERO_CENTS;
    for (const row of sorted) {
      inFlightCents = this.#inFlight.get(row.date) ?? inFlightCents;
      row.inFlightCents = inFlightCents;
    }
    return sorted;
  }
}

function newRow(date: BankDate): DayRow {
  return {
    ...{ date, files: 0, entries: 0, returns: 0, differences: 0 },
    ...{ sentDebitCents: ZERO_CENTS, sentCreditCents: ZERO_CENTS },
    ...{ statedDebitCents: ZERO_CENTS, statedCreditCents: ZERO_CENTS },
    ...{ returnedDebitCents: ZERO_CENTS, returnedCreditCents: ZERO_CENTS },
    ...{ cashCents: ZERO_CENTS, inFlightCents: ZERO_CENTS },
  };
}
