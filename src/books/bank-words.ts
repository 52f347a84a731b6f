/** What the bank's statements say of each file, day by day: the last word of a day counts. */

import type { StatementReceived } from "../../actors/bank-statement.ts";
import type { BankDate } from "../../actors/banking-calendar.ts";
import { addCents, type Cents, subtractCents, ZERO_CENTS } from "../../actors/money.ts";
import type { StoredEvent } from "../runtime/event-log.ts";
import type { Step } from "./file-record.ts";
import type { Sides } from "./sides.ts";

export interface StatedLine extends Step {
  readonly date: BankDate;
  readonly debitCents: Cents;
  readonly creditCents: Cents;
  /** What each piece of that day said more than the one before it, or less. */
  readonly changes: readonly Sides[];
}

/** All that is said of one file. */
export interface StatedMoney {
  readonly debitCents: Cents;
  readonly creditCents: Cents;
  /** By rising date. */
  readonly lines: readonly StatedLine[];
}

export class BankWords {
  readonly #files = new Map<string, Map<BankDate, StatedLine>>();

  hear({ ref, position, atMs }: StoredEvent, { lines }: StatementReceived): void {
    const date = ref.id as BankDate;
    for (const { fileName, debitCents, creditCents } of lines) {
      const days = this.#files.get(fileName) ?? new Map<BankDate, StatedLine>();
      const before = days.get(date);
      const changed = {
        debitCents: subtractCents(debitCents, before?.debitCents ?? ZERO_CENTS),
        creditCents: subtractCents(creditCents, before?.creditCents ?? ZERO_CENTS),
      };
      const changes = [...(before?.changes ?? []), changed];
      days.set(date, { date, debitCents, creditCents, changes, position, atMs });
      this.#files.set(fileName, days);
    }
  }

  of(fileName: string): StatedMoney | undefined {
    const days = this.#files.get(fileName);
    if (days === undefined) return undefined;
    const lines = [...days.values()].sort((one, other) => (one.date < other.date ? -1 : 1));
    let [debitCents, creditCents] = [ZERO_CENTS, ZERO_CENTS];
    for (const line of lines) {
      debitCents = addCents(debitCents, line.debitCents);
      creditCents = addCents(creditCents, line.creditCents);
    }
    return { debitCents, creditCents, lines };
  }

  /** The last word on every file and day. */
  *lines(): Generator<StatedLine> {
    for (const days of this.#files.values()) yield* days.values();
  }

  /** Every file name that the bank has spoken of. */
  names(): Iterable<string> {
    return this.#files.keys();
  }
}
