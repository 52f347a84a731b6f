/**
 * What a journal entry moves in the accounts that a reconciliation looks at: our money at the bank,
 * and the clearing accounts, in which nothing may stay (docs/money.md, I10).
 */
import { type JournalEntry, type LedgerAccount, signedCents } from "../../actors/ledger.ts";
import { addCents, type Cents, ZERO_CENTS } from "../../actors/money.ts";

/** Those of customers, `in_flight` to `due`, are of all customers together. */
export type BooksPart =
  | "cash"
  | "provisional"
  | "out"
  | "suspense"
  | "in_flight"
  | "fees_in_flight"
  | "due";

/** Cents by part, debit positive. */
export type Moved = Readonly<Record<BooksPart, Cents>>;

export const CLEARING_PARTS = [
  "in_flight",
  "fees_in_flight",
  "provisional",
  "out",
  "suspense",
] as const;

/** What the ledger accounts of a part are called (docs/money.md). */
export const ACCOUNT_OF: Readonly<Record<BooksPart, string>> = {
  cash: "cash:bank",
  provisional: "ach:provisional",
  out: "ach:out",
  suspense: "ach:suspense",
  in_flight: "cust:*:in_flight",
  fees_in_flight: "cust:*:fees_in_flight",
  due: "cust:*:due",
};

export const NOTHING_MOVED: Moved = {
  ...{ cash: ZERO_CENTS, provisional: ZERO_CENTS, out: ZERO_CENTS },
  ...{ suspense: ZERO_CENTS, in_flight: ZERO_CENTS, fees_in_flight: ZERO_CENTS },
  due: ZERO_CENTS,
};

const PART_OF_HOUSE: ReadonlyMap<string, BooksPart> = new Map([
  ["cash:bank", "cash"],
  ["ach:provisional", "provisional"],
  ["ach:out", "out"],
  ["ach:suspense", "suspense"],
]);

function partOf(account: LedgerAccount): BooksPart | undefined {
  if (!account.startsWith("cust:")) return PART_OF_HOUSE.get(account);
  if (account.endsWith(":in_flight")) return "in_flight";
  if (account.endsWith(":fees_in_flight")) return "fees_in_flight";
  return account.endsWith(":due") ? "due" : undefined;
}

export function movedBy(entry: JournalEntry): Moved {
  const moved = { ...NOTHING_MOVED };
  for (const posting of entry.postings) {
    const part = partOf(posting.account);
    if (part !== undefined) moved[part] = addCents(moved[part], signedCents(posting));
  }
  return moved;
}

export function addMoved(one: Moved, other: Moved): Moved {
  return {
    cash: addCents(one.cash, other.cash),
    provisional: addCents(one.provisional, other.provisional),
    out: addCents(one.out, other.out),
    suspense: addCents(one.suspense, other.suspense),
    in_flight: addCents(one.in_flight, other.in_flight),
    fees_in_flight: addCents(one.fees_in_flight, other.fees_in_flight),
    due: addCents(one.due, other.due),
  };
}

/** Debits that are under way, of purchases and of fees. */
export function debitsUnderWay({ in_flight, fees_in_flight }: Moved): Cents {
  return addCents(in_flight, fees_in_flight);
}
