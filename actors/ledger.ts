/**
 * The books: double entry, one balanced journal entry per business event, carried inside the event
 * that caused it, so that limits and books cannot drift apart. The ledger is a fold over the
 * events. Accounts and postings: docs/money.md; each function below is one line of that table.
 */
import { assert } from "./assert.ts";
import type { PersonId } from "./ids.ts";
import { addCents, type Cents, cents, subtractCents, ZERO_CENTS } from "./money.ts";

export type LedgerAccount = `${"cust" | "merch" | "income"}:${string}`;

export interface Posting {
  readonly account: LedgerAccount;
  readonly side: "debit" | "credit";
  /** Always positive; the side tells the direction. */
  readonly amountCents: Cents;
}

export type JournalEntryName = "purchase_captured";

export interface JournalEntry {
  readonly name: JournalEntryName;
  readonly postings: readonly Posting[];
}

export function customerDue(person: PersonId): LedgerAccount {
  return `cust:${person}:due`;
}

export function merchantPayable(merchantNumber: number): LedgerAccount {
  return `merch:${merchantNumber}:payable`;
}

export const MERCHANT_FEE_INCOME: LedgerAccount = "income:merchant_fee";

/**
 * Dr cust:due a; Cr merch:payable a-f, income:merchant_fee f. A hold and its release are pending
 * only and post nothing.
 */
export function purchaseCaptured(
  person: PersonId,
  merchantNumber: number,
  amountCents: Cents,
  feeCents: Cents,
): JournalEntry {
  assert(amountCents > 0, "a purchase has an amount");
  assert(feeCents >= 0 && feeCents <= amountCents, "the fee is a part of the amount");
  return entry("purchase_captured", [
    debit(customerDue(person), amountCents),
    credit(merchantPayable(merchantNumber), subtractCents(amountCents, feeCents)),
    credit(MERCHANT_FEE_INCOME, feeCents),
  ]);
}

function debit(account: LedgerAccount, amountCents: Cents): Posting {
  return { account, side: "debit", amountCents };
}

function credit(account: LedgerAccount, amountCents: Cents): Posting {
  return { account, side: "credit", amountCents };
}

/** Leaves out postings of nothing, and is the only way to make an entry. */
function entry(name: JournalEntryName, postings: readonly Posting[]): JournalEntry {
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
  return (event as { readonly entry?: JournalEntry }).entry;
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
