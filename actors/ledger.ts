/**
 * The books: double entry, one balanced journal entry per business event, carried inside the event
 * that caused it, so that limits and books cannot drift apart. The ledger is a fold over the
 * events. The chart is in docs/money.md; what is posted when is in postings.ts.
 */
import { assert } from "./assert.ts";
import type { PersonId } from "./ids.ts";
import { addCents, type Cents, cents, ZERO_CENTS } from "./money.ts";

/** Sections of the chart; what stands behind them is the person, merchant, transfer or partner. */
export type LedgerAccount =
  | `cust:${PersonId}:${CustomerPart}`
  | `merch:${number}:${MerchantPart}`
  | `p2p:${string}:payable`
  | `partner:${string}:receivable`
  | (typeof HOUSE_ACCOUNTS)[number];

/** The first four are the parts of exposure. Debts follow the person through a new registration. */
type CustomerPart =
  | "due"
  | "in_flight"
  | "returned"
  | "disputed"
  | "fees"
  | "fees_in_flight"
  | "refund_payable"
  | "cashback"
  | "offer_cashback";

type MerchantPart = "payable" | "undelivered" | "receivable";

export const HOUSE_ACCOUNTS = [
  /** Mirror of the switch's own bank account. */
  "cash:bank",
  /** Debits that the bank has settled and may still return. */
  "ach:provisional",
  /** Credits that were sent and that the bank has not settled. */
  "ach:out",
  /** What came in and matches nothing. */
  "ach:suspense",
  /** Owed to people whom nobody finds: theirs, and in the end the state's for them. */
  "owed:unclaimed",
  "income:merchant_fee",
  "income:return_fee",
  /** What the bank gave, or took, and nobody ever understood. */
  "income:unmatched",
  "expense:cashback",
  "expense:offers",
  "expense:bad_debt",
  "expense:unauthorised",
  "expense:bank_fees",
  "expense:unmatched",
] as const;

export interface Posting {
  readonly account: LedgerAccount;
  readonly side: "debit" | "credit";
  /** Always positive; the side tells the direction. */
  readonly amountCents: Cents;
}

export interface JournalEntry {
  /** One of `POSTINGS` in postings.ts. */
  readonly name: string;
  readonly postings: readonly Posting[];
}

export function customerAccount(person: PersonId, part: CustomerPart): LedgerAccount {
  return `cust:${person}:${part}`;
}

export function merchantAccount(merchantNumber: number, part: MerchantPart): LedgerAccount {
  return `merch:${merchantNumber}:${part}`;
}

/**
 * The side on which an account grows (docs/money.md). Suspense has none: what is in it is not
 * understood yet.
 */
export function normalSide(account: LedgerAccount): "debit" | "credit" | undefined {
  if (account === "ach:suspense") return undefined;
  const [section, , part] = account.split(":");
  switch (section) {
    case "cash":
    case "expense":
    case "partner":
      return "debit";
    case "ach":
    case "income":
    case "owed":
    case "p2p":
      return "credit";
    case "merch":
      return part === "receivable" ? "debit" : "credit";
    default:
      return part !== undefined && OWED_TO_CUSTOMER.includes(part) ? "credit" : "debit";
  }
}

const OWED_TO_CUSTOMER = ["refund_payable", "cashback", "offer_cashback"];

export function debit(account: LedgerAccount, amountCents: Cents): Posting {
  return { account, side: "debit", amountCents };
}

export function credit(account: LedgerAccount, amountCents: Cents): Posting {
  return { account, side: "credit", amountCents };
}

/** Leaves out postings of nothing, and is the only way to make an entry. */
export function entry(name: string, postings: readonly Posting[]): JournalEntry {
  const made = { name, postings: postings.filter(({ amountCents }) => amountCents !== 0) };
  assert(imbalanceCents(made) === 0, "a journal entry balances");
  return made;
}

/** Debits minus credits: zero for every entry (docs/money.md, I1). */
export function imbalanceCents(entry: JournalEntry): Cents {
  let sum = ZERO_CENTS;
  for (const posting of entry.postings) sum = addCents(sum, signedCents(posting));
  return sum;
}

/** Debit positive, credit negative. */
export function signedCents({ side, amountCents }: Posting): Cents {
  return side === "debit" ? amountCents : cents(-amountCents);
}

/** The entry inside an event, when it carries one. */
export function entryOf(event: object): JournalEntry | undefined {
  return (event as { readonly entry?: JournalEntry | null }).entry ?? undefined;
}

/** Balances by ledger account, debit positive. */
export type Balances = Map<LedgerAccount, Cents>;

export function post(balances: Balances, entry: JournalEntry): void {
  assert(imbalanceCents(entry) === 0, "a journal entry balances");
  for (const posting of entry.postings) {
    const balance = balances.get(posting.account) ?? ZERO_CENTS;
    balances.set(posting.account, addCents(balance, signedCents(posting)));
  }
}
