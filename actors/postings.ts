/**
 * What is posted when: each function is one line of the table in docs/money.md, and makes one
 * balanced journal entry. Holds are pending only and post nothing.
 */
import { assert } from "./assert.ts";
import type { PersonId } from "./ids.ts";
import {
  credit,
  customerAccount,
  debit,
  entry,
  type JournalEntry,
  type LedgerAccount,
  merchantAccount,
  type Posting,
} from "./ledger.ts";
import { addCents, type Cents, cents, subtractCents, ZERO_CENTS } from "./money.ts";
import { waiting } from "./suspense-postings.ts";

/** The names of all journal entries; a statement reads them. */
export const POSTINGS = [
  "purchase_captured",
  "debits_filed",
  "debits_unfiled",
  "file_settled",
  "statement_corrected",
  "debits_collected",
  "debit_returned",
  "debit_disputed",
  "debit_reopened",
  "return_fee",
  "fees_filed",
  "fees_unfiled",
  "fees_collected",
  "fee_returned",
  "fee_reopened",
  "fee_waived",
  "manual_payment",
  "dispute_to_merchant",
  "dispute_lost",
  "dispute_won",
  "refund_set_off",
  "written_off",
  "recovered",
  "refunded",
  "refunds_filed",
  "refunds_unfiled",
  "refund_returned",
  "refund_paid_by_hand",
  "refund_unclaimed",
  "payout_netted",
  "payout_filed",
  "payout_unfiled",
  "payout_returned",
  "unmatched_return",
  "unmatched_settlement",
  "suspense_cleared",
  "suspense_written_off",
  "debit_reversed",
] as const;

export type PostingName = (typeof POSTINGS)[number];

/** Dr cust:due a; Cr merch:payable a-f, income:merchant_fee f. */
export function purchaseCaptured(
  person: PersonId,
  merchantNumber: number,
  amountCents: Cents,
  feeCents: Cents,
): JournalEntry {
  assert(amountCents > 0, "a purchase has an amount");
  assert(feeCents >= 0 && feeCents <= amountCents, "the fee is a part of the amount");
  return named("purchase_captured", [
    debit(customerAccount(person, "due"), amountCents),
    credit(merchantAccount(merchantNumber, "payable"), subtractCents(amountCents, feeCents)),
    credit("income:merchant_fee", feeCents),
  ]);
}

/** A debit that goes into a file: for the first time from `due`, as a retry from `returned`. */
export interface FiledDebit {
  readonly from: "due" | "returned";
  readonly amountCents: Cents;
}

/** Dr cust:in_flight; Cr cust:due, or cust:returned for a retry. One pair for each ACH entry. */
export function debitsFiled(person: PersonId, debits: readonly FiledDebit[]): JournalEntry {
  return named(
    "debits_filed",
    debits.flatMap(({ from, amountCents }) => [
      debit(customerAccount(person, "in_flight"), amountCents),
      credit(customerAccount(person, from), amountCents),
    ]),
  );
}

/** The bank took the file back whole: the same the other way round. */
export function debitsUnfiled(person: PersonId, debits: readonly FiledDebit[]): JournalEntry {
  return named(
    "debits_unfiled",
    debits.flatMap(({ from, amountCents }) => [
      debit(customerAccount(person, from), amountCents),
      credit(customerAccount(person, "in_flight"), amountCents),
    ]),
  );
}

/**
 * Dr cash:bank, Cr ach:provisional for debits; Dr ach:out, Cr cash:bank for credits. What the bank
 * moved beyond that, or less (negative), and nothing explains: cash:bank against ach:suspense.
 */
export function fileSettled(
  { debitCents, creditCents }: { readonly debitCents: Cents; readonly creditCents: Cents },
  unexplainedCents: Cents,
): JournalEntry {
  return named("file_settled", [
    debit("cash:bank", debitCents),
    credit("ach:provisional", debitCents),
    debit("ach:out", creditCents),
    credit("cash:bank", creditCents),
    ...unexplained(unexplainedCents),
  ]);
}

/** The bank said another thing of a file: Dr cash:bank, Cr ach:suspense; negative the other way. */
export function statementCorrected(moreCents: Cents): JournalEntry {
  return named("statement_corrected", unexplained(moreCents));
}

function unexplained(moreCents: Cents): readonly Posting[] {
  return waiting(moreCents < 0, cents(Math.abs(moreCents)));
}

/** Dr ach:provisional; Cr cust:in_flight. Here the limit grows back (FAQ). */
export function debitsCollected(person: PersonId, amounts: readonly Cents[]): JournalEntry {
  return named(
    "debits_collected",
    amounts.flatMap((amountCents) => [
      debit("ach:provisional", amountCents),
      credit(customerAccount(person, "in_flight"), amountCents),
    ]),
  );
}

/** Dr cust:returned or cust:disputed; Cr cust:in_flight. The cash pair only once it was settled. */
export function debitReturned(
  person: PersonId,
  to: "returned" | "disputed",
  amountCents: Cents,
  isSettled: boolean,
): JournalEntry {
  const cashCents = isSettled ? amountCents : ZERO_CENTS;
  return named(to === "returned" ? "debit_returned" : "debit_disputed", [
    debit(customerAccount(person, to), amountCents),
    credit(customerAccount(person, "in_flight"), amountCents),
    debit("ach:provisional", cashCents),
    credit("cash:bank", cashCents),
  ]);
}

/** A return after collection, or a warranty claim: Dr cust:disputed; Cr cash:bank. */
export function debitReopened(
  person: PersonId,
  to: "returned" | "disputed",
  amountCents: Cents,
): JournalEntry {
  return named("debit_reopened", [
    debit(customerAccount(person, to), amountCents),
    credit("cash:bank", amountCents),
  ]);
}

/** Dr cust:fees; Cr income:return_fee. Fees are no exposure, but they keep a block open. */
export function returnFee(person: PersonId, feeCents: Cents): JournalEntry {
  return named("return_fee", [
    debit(customerAccount(person, "fees"), feeCents),
    credit("income:return_fee", feeCents),
  ]);
}

/** Dr cash:bank; Cr cust:returned, then cust:fees, and what is too much cust:refund_payable. */
export function manualPayment(
  person: PersonId,
  parts: {
    readonly principalCents: Cents;
    readonly feesCents: Cents;
    readonly excessCents: Cents;
  },
): JournalEntry {
  const { principalCents, feesCents, excessCents } = parts;
  return named("manual_payment", [
    debit("cash:bank", addCents(addCents(principalCents, feesCents), excessCents)),
    credit(customerAccount(person, "returned"), principalCents),
    credit(customerAccount(person, "fees"), feesCents),
    credit(customerAccount(person, "refund_payable"), excessCents),
  ]);
}

/** Of what is due and can be debited no more: Dr cash:bank; Cr cust:due. */
export function duePaidByHand(person: PersonId, amountCents: Cents): JournalEntry {
  assert(amountCents > 0, "what is paid has an amount");
  const due = customerAccount(person, "due");
  return named("manual_payment", [debit("cash:bank", amountCents), credit(due, amountCents)]);
}

/** What a merchant gives: from what it is owed, and where that is too little as a debt. */
export interface MerchantShare {
  readonly merchantNumber: number;
  readonly payableCents: Cents;
  readonly receivableCents: Cents;
}

function fromMerchant(share: MerchantShare): readonly Posting[] {
  const { merchantNumber, payableCents, receivableCents } = share;
  return [
    debit(merchantAccount(merchantNumber, "payable"), payableCents),
    debit(merchantAccount(merchantNumber, "receivable"), receivableCents),
  ];
}

/** Dr merch:receivable; Cr cust:disputed. The next settlement nets it. */
export function disputeToMerchant(
  person: PersonId,
  merchantNumber: number,
  amountCents: Cents,
): JournalEntry {
  return named("dispute_to_merchant", [
    debit(merchantAccount(merchantNumber, "receivable"), amountCents),
    credit(customerAccount(person, "disputed"), amountCents),
  ]);
}

/** Dr expense:unauthorised; Cr cust:disputed. */
export function disputeLost(person: PersonId, amountCents: Cents): JournalEntry {
  return named("dispute_lost", [
    debit("expense:unauthorised", amountCents),
    credit(customerAccount(person, "disputed"), amountCents),
  ]);
}

/** Dr cash:bank; Cr cust:disputed. */
export function disputeWon(person: PersonId, amountCents: Cents): JournalEntry {
  return named("dispute_won", [
    debit("cash:bank", amountCents),
    credit(customerAccount(person, "disputed"), amountCents),
  ]);
}

/**
 * Dr cust:refund_payable; Cr cust:returned, disputed or fees: what is owed lowers what is owed
 * back. Once somebody bears the debt: Cr expense:bad_debt, expense:unauthorised or merch:payable.
 */
export function refundSetOff(
  person: PersonId,
  against: LedgerAccount,
  amountCents: Cents,
): JournalEntry {
  return named("refund_set_off", [
    debit(customerAccount(person, "refund_payable"), amountCents),
    credit(against, amountCents),
  ]);
}

/** Dr expense:bad_debt; Cr cust:returned, or cust:due where it could be debited no more. */
export function writtenOff(
  person: PersonId,
  from: "due" | "returned",
  amountCents: Cents,
): JournalEntry {
  return named("written_off", [
    debit("expense:bad_debt", amountCents),
    credit(customerAccount(person, from), amountCents),
  ]);
}

/** Money that comes after a write-off: Dr cash:bank; Cr expense:bad_debt. */
export function recovered(amountCents: Cents): JournalEntry {
  return named("recovered", [
    debit("cash:bank", amountCents),
    credit("expense:bad_debt", amountCents),
  ]);
}

/**
 * Dr merch:payable or receivable r-f', income:merchant_fee f'. Cr cust:due for what has not been
 * filed yet (the debit shrinks), cust:refund_payable for the rest.
 */
export function refunded(
  person: PersonId,
  share: MerchantShare,
  feeCents: Cents,
  parts: { readonly dueCents: Cents; readonly payableCents: Cents },
): JournalEntry {
  return named("refunded", [
    ...fromMerchant(share),
    debit("income:merchant_fee", feeCents),
    credit(customerAccount(person, "due"), parts.dueCents),
    credit(customerAccount(person, "refund_payable"), parts.payableCents),
  ]);
}

/** Dr cust:refund_payable; Cr ach:out: the credit goes into a file. */
export function refundsFiled(person: PersonId, amounts: readonly Cents[]): JournalEntry {
  return named(
    "refunds_filed",
    amounts.flatMap((amountCents) =>
      filedCredit(customerAccount(person, "refund_payable"), amountCents),
    ),
  );
}

/** Their file was not sent: the same the other way round. */
export function refundsUnfiled(person: PersonId, amounts: readonly Cents[]): JournalEntry {
  return named(
    "refunds_unfiled",
    amounts.flatMap((amountCents) => [
      debit("ach:out", amountCents),
      credit(customerAccount(person, "refund_payable"), amountCents),
    ]),
  );
}

/** The credit came back: it is owed again. */
export function refundReturned(
  person: PersonId,
  amountCents: Cents,
  isSettled: boolean,
): JournalEntry {
  return named(
    "refund_returned",
    returnedCredit(customerAccount(person, "refund_payable"), amountCents, isSettled),
  );
}

/**
 * No file can take it, and two people paid it: Dr cust:refund_payable, or owed:unclaimed where
 * nobody had claimed it; Cr cash:bank.
 */
export function refundPaidByHand(
  person: PersonId,
  amountCents: Cents,
  isUnclaimed: boolean,
): JournalEntry {
  const owed = isUnclaimed ? "owed:unclaimed" : customerAccount(person, "refund_payable");
  return named("refund_paid_by_hand", [debit(owed, amountCents), credit("cash:bank", amountCents)]);
}

/** Dr merch:payable; Cr merch:receivable: a debt of the merchant is taken from what it is owed. */
export function payoutNetted(merchantNumber: number, amountCents: Cents): JournalEntry {
  return named("payout_netted", [
    debit(merchantAccount(merchantNumber, "payable"), amountCents),
    credit(merchantAccount(merchantNumber, "receivable"), amountCents),
  ]);
}

/** Dr merch:payable; Cr ach:out. */
export function payoutFiled(merchantNumber: number, amountCents: Cents): JournalEntry {
  const account = merchantAccount(merchantNumber, "payable");
  return named("payout_filed", filedCredit(account, amountCents));
}

/** Its file was not sent: the same the other way round. */
export function payoutUnfiled(merchantNumber: number, amountCents: Cents): JournalEntry {
  return named("payout_unfiled", [
    debit("ach:out", amountCents),
    credit(merchantAccount(merchantNumber, "payable"), amountCents),
  ]);
}

/** The credit came back: it is owed again. */
export function payoutReturned(
  merchantNumber: number,
  amountCents: Cents,
  isSettled: boolean,
): JournalEntry {
  const account = merchantAccount(merchantNumber, "payable");
  return named("payout_returned", returnedCredit(account, amountCents, isSettled));
}

function filedCredit(owed: LedgerAccount, amountCents: Cents): readonly Posting[] {
  return [debit(owed, amountCents), credit("ach:out", amountCents)];
}

/** The bank gives the money back where it had taken it; else it never left. */
function returnedCredit(
  owed: LedgerAccount,
  amountCents: Cents,
  isSettled: boolean,
): readonly Posting[] {
  return [debit(isSettled ? "cash:bank" : "ach:out", amountCents), credit(owed, amountCents)];
}

function named(name: PostingName, postings: readonly Posting[]): JournalEntry {
  return entry(name, postings);
}
