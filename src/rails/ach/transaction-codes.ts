/**
 * Transaction codes, positions 2-3 of an entry. Nacha Operating Rules, Appendix Three: the first
 * digit names the kind of bank account, the second the direction and what the entry is for.
 * Ledger and loan accounts are not ours to debit; they occur in files of others.
 */
export type Direction = "credit" | "debit";
export type BankAccountKind = "checking" | "savings";
/** `return` is also what a notification of change carries; `remittance` is a zero CCD or CTX. */
export type EntryUse = "live" | "prenote" | "return" | "remittance";

export interface TransactionCode {
  readonly account: BankAccountKind | "ledger" | "loan";
  readonly direction: Direction;
  readonly use: EntryUse;
}

const code = (
  account: TransactionCode["account"],
  direction: Direction,
  use: EntryUse,
): TransactionCode => ({ account, direction, use });

const TRANSACTION_CODES: ReadonlyMap<string, TransactionCode> = new Map([
  ["21", code("checking", "credit", "return")],
  ["22", code("checking", "credit", "live")],
  ["23", code("checking", "credit", "prenote")],
  ["24", code("checking", "credit", "remittance")],
  ["26", code("checking", "debit", "return")],
  ["27", code("checking", "debit", "live")],
  ["28", code("checking", "debit", "prenote")],
  ["29", code("checking", "debit", "remittance")],
  ["31", code("savings", "credit", "return")],
  ["32", code("savings", "credit", "live")],
  ["33", code("savings", "credit", "prenote")],
  ["34", code("savings", "credit", "remittance")],
  ["36", code("savings", "debit", "return")],
  ["37", code("savings", "debit", "live")],
  ["38", code("savings", "debit", "prenote")],
  ["39", code("savings", "debit", "remittance")],
  ["41", code("ledger", "credit", "return")],
  ["42", code("ledger", "credit", "live")],
  ["43", code("ledger", "credit", "prenote")],
  ["44", code("ledger", "credit", "remittance")],
  ["46", code("ledger", "debit", "return")],
  ["47", code("ledger", "debit", "live")],
  ["48", code("ledger", "debit", "prenote")],
  ["49", code("ledger", "debit", "remittance")],
  ["51", code("loan", "credit", "return")],
  ["52", code("loan", "credit", "live")],
  ["53", code("loan", "credit", "prenote")],
  ["54", code("loan", "credit", "remittance")],
  ["55", code("loan", "debit", "live")],
  ["56", code("loan", "debit", "return")],
]);

/** Undefined for a code that no table knows. */
export function transactionCode(text: string): TransactionCode | undefined {
  return TRANSACTION_CODES.get(text);
}

/** The code of an entry to a checking or savings account. */
export function codeFor(account: BankAccountKind, direction: Direction, use: EntryUse): string {
  const tens = account === "checking" ? 20 : 30;
  const half = direction === "credit" ? 0 : 5;
  const ones = { return: 1, live: 2, prenote: 3, remittance: 4 }[use];
  return String(tens + half + ones);
}

/**
 * Which total an entry counts in, known code or not: the second digit is 0 to 4 for credits, 5 to 9
 * for debits.
 */
export function directionOf(text: string): Direction {
  return Number(text.charAt(1)) < 5 ? "credit" : "debit";
}
