/**
 * Return reason codes of ACH entries and what each means for the customer (Nacha Operating Rules,
 * Appendix Four; docs/money.md). Codes that are not here are never acted on: people look at them.
 */

export type ReturnCode = keyof typeof RETURN_CODES;

export interface ReturnMeaning {
  readonly meaning: string;
  /** What happens to the debit and its account. */
  readonly action: /** Block, and present again. */
    | "retry"
    /** Block; again only with a new consent. */
    | "wait_for_consent"
    /** Block; the customer must pay by hand and register another bank account. */
    | "replace_bank_account"
    /** End the mandate, block, open a dispute; never again. */
    | "revoke"
    /** Block, open a dispute. */
    | "dispute"
    /** Block for compliance. */
    | "freeze"
    /** Our own mistake: an alarm, and no block. */
    | "our_defect";
  /** Whether it may come up to 60 days after settlement instead of two banking days. */
  readonly isLate: boolean;
  /** Which rate it counts towards, besides the overall one. */
  readonly rate: "unauthorised" | "administrative" | "overall";
}

const twoDays = (
  meaning: string,
  action: ReturnMeaning["action"],
  rate: ReturnMeaning["rate"] = "overall",
): ReturnMeaning => ({ meaning, action, isLate: false, rate });

const sixtyDays = (meaning: string, action: ReturnMeaning["action"]): ReturnMeaning => ({
  meaning,
  action,
  isLate: true,
  rate: "unauthorised",
});

export const RETURN_CODES = {
  R01: twoDays("insufficient funds", "retry"),
  R02: twoDays("account closed", "replace_bank_account", "administrative"),
  R03: twoDays("no account", "replace_bank_account", "administrative"),
  R04: twoDays("invalid account number", "replace_bank_account", "administrative"),
  R05: sixtyDays("corporate entry to a consumer account", "revoke"),
  R07: sixtyDays("authorisation revoked", "revoke"),
  R08: twoDays("payment stopped", "wait_for_consent"),
  R09: twoDays("uncollected funds", "retry"),
  R10: sixtyDays("not authorised", "revoke"),
  R11: sixtyDays("not as authorised", "dispute"),
  R13: twoDays("routing number not valid", "replace_bank_account"),
  R15: twoDays("account holder deceased", "freeze"),
  R16: twoDays("account frozen", "freeze"),
  R17: twoDays("file record edit criteria", "our_defect"),
  R18: twoDays("improper effective date", "our_defect"),
  R19: twoDays("amount field error", "our_defect"),
  R20: twoDays("not an account for debits", "replace_bank_account"),
  // Of a credit, see CREDITS; a debit has no reason to come back so.
  R23: twoDays("credit refused by its receiver", "our_defect"),
  R24: twoDays("duplicate entry", "our_defect"),
  R25: twoDays("addenda error", "our_defect"),
  R26: twoDays("mandatory field error", "our_defect"),
  R27: twoDays("trace number error", "our_defect"),
  R28: twoDays("check digit error", "our_defect"),
  // A business has two banking days, not sixty.
  R29: twoDays("corporate customer did not authorise", "dispute", "unauthorised"),
} as const satisfies Record<string, ReturnMeaning>;

export function isReturnCode(code: string): code is ReturnCode {
  return Object.hasOwn(RETURN_CODES, code);
}

export function meaningOf(code: ReturnCode): ReturnMeaning {
  return RETURN_CODES[code];
}

/** What becomes of a credit of ours that comes back: it is owed to its owner again, and */
export type CreditAction =
  /** the bank account is no good, for debits neither: another one must be registered; */
  | "replace_bank_account"
  /** its receiver does not want it: it waits until another bank account is named; */
  | "name_another"
  /** waits until somebody has looked. */
  | "look";

const CREDITS: Readonly<Partial<Record<ReturnCode, CreditAction>>> = {
  R02: "replace_bank_account",
  R03: "replace_bank_account",
  R04: "replace_bank_account",
  R13: "replace_bank_account",
  R20: "replace_bank_account",
  R23: "name_another",
};

export function creditActionOf(code: ReturnCode): CreditAction {
  return CREDITS[code] ?? "look";
}

/** The entry came back because of what we had written into it, or sent twice. */
export function isOurMistake(code: string, direction: "debit" | "credit"): boolean {
  if (!isReturnCode(code) || meaningOf(code).action !== "our_defect") return false;
  return direction === "debit" || creditActionOf(code) === "look";
}

/** R51, of a check that became an entry, is no code of ours, and counts all the same. */
export function rateOf(code: string): ReturnMeaning["rate"] {
  if (code === "R51") return "unauthorised";
  return isReturnCode(code) ? meaningOf(code).rate : "overall";
}
