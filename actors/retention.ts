/**
 * How long what is personal is kept, and why: every period in one table (docs/privacy.md shows the
 * same; a test compares). What a law wants kept cannot be deleted before, whoever asks (GDPR
 * 17(3)(b)); when the longest of its classes has ended, a person's data key is destroyed.
 */
import { assert } from "./assert.ts";

interface Row {
  readonly what: string;
  /** What the period begins with. */
  readonly from: string;
  readonly keep:
    | { readonly years: number }
    | { readonly days: number }
    | { readonly hours: number };
  readonly why: string;
}

export const RETENTION = {
  mandate: {
    what: "the mandate: person, bank account, device, network address",
    from: "its end",
    keep: { years: 2 },
    why: "Nacha: two years from termination or revocation",
  },
  approval: {
    what: "who approved a debit or was paid a refund, and the bank account that it went to",
    from: "the settlement of the newest one",
    keep: { years: 2 },
    why: "Nacha: evidence of each approval, two years from its settlement",
  },
  reg_e: {
    what: "whose receipts, returns, disputes and refunds they are",
    from: "the newest of them",
    keep: { years: 2 },
    why: "12 CFR 1005.13(b): two years from the disclosure or the action",
  },
  transmission: {
    what: "to whom $3,000 or more was paid out at once",
    from: "the newest such payout",
    keep: { years: 5 },
    why: "31 CFR 1010.410(e), 1010.430(d): five years",
  },
  paid_failure: {
    what: "who paid a debit that had come back",
    from: "the payment",
    keep: { years: 3 },
    why: "risk rules look at it no longer",
  },
  ach_file: {
    what: "files for the bank, and what could not be read of its own; their hash stays",
    from:
      "settlement, rejection, or when it is given up; for a piece that could not be read, a " +
      "person's word on it",
    keep: { days: 75 },
    why: "the return window of sixty days, and slack",
  },
  identity_picture: {
    what: "pictures of documents that nobody has decided on",
    from: "the newest of them",
    keep: { days: 10 },
    why: "after a decision they are destroyed at once",
  },
  orphan: {
    what: "what was sealed for something that then did not happen",
    from: "the sweep that first saw it",
    keep: { hours: 24 },
    why: "a crash left it: nothing in the log names it",
  },
} as const satisfies Readonly<Record<string, Row>>;

export type RetentionClass = keyof typeof RETENTION;

/** The moment at which the period of a class ends that begins at `fromMs`. */
export function endOfKeeping(name: RetentionClass, fromMs: number): number {
  assert(Number.isSafeInteger(fromMs), "a period begins at whole milliseconds");
  const { keep } = RETENTION[name] as Row;
  const from = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO("UTC");
  return from.add(keep).epochMilliseconds;
}

/** When what the periods begin with happened last; without those that never did. */
export type RetentionFacts = Readonly<Partial<Record<RetentionClass, number>>>;

/** A class that has not ended. */
export interface Keeping {
  readonly name: RetentionClass;
  readonly untilMs: number;
}

/** The classes that still keep it at this moment, the longest last. */
export function keptBy(facts: RetentionFacts, nowMs: number): readonly Keeping[] {
  return (Object.entries(facts) as [RetentionClass, number][])
    .map(([name, fromMs]) => ({ name, untilMs: endOfKeeping(name, fromMs) }))
    .filter(({ untilMs }) => nowMs < untilMs)
    .sort((a, b) => a.untilMs - b.untilMs);
}
