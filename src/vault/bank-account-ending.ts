/**
 * What of a bank account is ever shown: its kind, and how its number ends. It is sealed in a row of
 * its own where the whole is known, so that nobody who shows it opens the whole.
 */
import type { Sealing } from "./sealed-rows.ts";

export interface BankAccountEnding {
  readonly kind: "checking" | "savings";
  /** The last four letters of the number; of a short one at most the half. */
  readonly last_four: string;
}

const LETTERS_MAX = 4;

/** To be put into the vault beside the bank account itself. */
export function endingOf(
  owner: string,
  given: { readonly account_number: string; readonly kind: "checking" | "savings" },
): Sealing {
  const { account_number: number, kind } = given;
  const ending: BankAccountEnding = { kind, last_four: lastLetters(number) };
  return { kind: "bank-account-ending", owner, bytes: Buffer.from(JSON.stringify(ending)) };
}

/** How the number ends: its last four letters, of a short one at most the half. */
export function lastLetters(number: string): string {
  const letters = Math.min(LETTERS_MAX, Math.floor(number.length / 2));
  return number.slice(number.length - letters);
}
