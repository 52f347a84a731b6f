/**
 * Return codes and what each does. Nacha Operating Rules, Appendix Four; the treatment is the
 * switch's own table. Closed: a code that stands nowhere here is kept as data and given to people.
 */
import { returnKind } from "./addenda-799.ts";
import type { Direction } from "./transaction-codes.ts";

export type ReturnClass =
  /** No money there: block, and present again. */
  | "insufficient"
  /** No such bank account: block, no second attempt, another bank account is needed. */
  | "bank_account"
  | "stop_payment"
  /** The payer says no: the mandate ends, and a dispute is opened. */
  | "unauthorised"
  | "not_per_terms"
  /** Frozen or deceased: for compliance. */
  | "compliance"
  | "corporate"
  /** The file was wrong: an alarm for the operator, no block. */
  | "our_defect"
  /** A credit came back: owed to its owner again. */
  | "credit"
  | "dishonoured"
  | "contested"
  | "other";

/** `calendarDays`: by the opening of the banking day after them. */
export type ReturnWindow =
  | { readonly kind: "banking_days"; readonly days: 2 }
  | { readonly kind: "calendar_days"; readonly days: 60 }
  | { readonly kind: "none" };

export interface ReturnRule {
  readonly class: ReturnClass;
  readonly window: ReturnWindow;
  /** `corrected`: a corrected entry may go within 60 days of the return, without new consent. */
  readonly retry: "may" | "with_new_consent" | "corrected" | "never";
  /** The rate that it counts in beside the overall one. `none`: it is no return of a debit. */
  readonly rate: "unauthorised" | "administrative" | "overall" | "none";
}

const TWO_DAYS: ReturnWindow = { kind: "banking_days", days: 2 };
const SIXTY_DAYS: ReturnWindow = { kind: "calendar_days", days: 60 };
const NO_WINDOW: ReturnWindow = { kind: "none" };

const rule = (
  name: ReturnClass,
  window: ReturnWindow,
  retry: ReturnRule["retry"],
  rate: ReturnRule["rate"],
): ReturnRule => ({ class: name, window, retry, rate });

const OTHER = rule("other", TWO_DAYS, "never", "overall");
const CREDIT = rule("credit", TWO_DAYS, "never", "none");
const OUR_DEFECT = rule("our_defect", TWO_DAYS, "never", "overall");

/** Returns of debits. */
const DEBIT_RULES: ReadonlyMap<string, ReturnRule> = new Map([
  ["R01", rule("insufficient", TWO_DAYS, "may", "overall")],
  ["R02", rule("bank_account", TWO_DAYS, "never", "administrative")],
  ["R03", rule("bank_account", TWO_DAYS, "never", "administrative")],
  ["R04", rule("bank_account", TWO_DAYS, "never", "administrative")],
  ["R05", rule("unauthorised", SIXTY_DAYS, "never", "unauthorised")],
  ["R07", rule("unauthorised", SIXTY_DAYS, "never", "unauthorised")],
  ["R08", rule("stop_payment", TWO_DAYS, "with_new_consent", "overall")],
  ["R09", rule("insufficient", TWO_DAYS, "may", "overall")],
  ["R10", rule("unauthorised", SIXTY_DAYS, "never", "unauthorised")],
  ["R11", rule("not_per_terms", SIXTY_DAYS, "corrected", "unauthorised")],
  ["R13", rule("bank_account", TWO_DAYS, "never", "overall")],
  ["R15", rule("compliance", TWO_DAYS, "never", "overall")],
  ["R16", rule("compliance", TWO_DAYS, "never", "overall")],
  ["R17", OUR_DEFECT],
  ["R18", OUR_DEFECT],
  ["R19", OUR_DEFECT],
  ["R20", rule("bank_account", TWO_DAYS, "never", "overall")],
  ["R24", OUR_DEFECT],
  ["R25", OUR_DEFECT],
  ["R26", OUR_DEFECT],
  ["R27", OUR_DEFECT],
  ["R28", OUR_DEFECT],
  ["R29", rule("corporate", TWO_DAYS, "never", "unauthorised")],
  ["R51", rule("other", SIXTY_DAYS, "never", "unauthorised")],
]);

const CREDIT_CODES: ReadonlySet<string> = new Set(["R02", "R03", "R04", "R20", "R23"]);

/** Codes that exist and have no row of their own: people decide. */
const OTHER_CODES: ReadonlySet<string> = new Set([
  ...["R06", "R12", "R14", "R21", "R22", "R23"],
  ...["R30", "R31", "R32", "R33", "R34", "R35", "R36", "R37", "R38", "R39"],
  ...["R40", "R41", "R42", "R43", "R44", "R45", "R46", "R47", "R50", "R52", "R53"],
  ...["R80", "R81", "R82", "R83", "R84", "R85"],
]);

/** False for a code that no table knows. */
export function isReturnCode(code: string): boolean {
  return DEBIT_RULES.has(code) || OTHER_CODES.has(code) || returnKind(code) !== "return";
}

/** What a return of an entry of that direction does. Unknown codes: people decide. */
export function returnRule(code: string, direction: Direction): ReturnRule {
  const kind = returnKind(code);
  // Parsed for the operator: no posting by itself, and it is counted in no rate.
  if (kind === "dishonoured_return") return rule("dishonoured", NO_WINDOW, "never", "none");
  if (kind === "contested_return") return rule("contested", NO_WINDOW, "never", "none");
  if (direction === "debit") return DEBIT_RULES.get(code) ?? OTHER;
  return CREDIT_CODES.has(code) ? CREDIT : { ...OTHER, rate: "none" };
}
