/** What a notification of change says is right: columns 36-64 of the 798 addenda, typed. */
import { assert, present } from "../../../actors/assert.ts";
import { isRoutingNumber } from "../../../actors/routing-number.ts";
import { Secret } from "../../vault/secret.ts";
import { CHANGE_CODES, type CorrectedPart } from "./change-codes.ts";
import { transactionCode } from "./transaction-codes.ts";

const FIRST = 36;
const WIDTH = 29;

/** Exactly the parts that its change code is about. */
export interface CorrectedParts {
  readonly account?: Secret<string>;
  readonly routing?: string;
  readonly code?: string;
  readonly name?: Secret<string>;
  readonly individualId?: string;
}

export type Corrected =
  | { readonly kind: "known"; readonly parts: CorrectedParts }
  /** The code is known, but its columns do not hold what it is about. */
  | { readonly kind: "unreadable"; readonly part: CorrectedPart }
  /** No table knows the code: the text is all there is. */
  | { readonly kind: "unknown" };

/** Reads the 29 columns (blanks at their end may be missing) by the table of the change code. */
export function correctedOf(changeCode: string, data: string): Corrected {
  const known = CHANGE_CODES.get(changeCode);
  if (known === undefined) return { kind: "unknown" };
  const parts: Record<string, string | Secret<string>> = {};
  for (const [name, [first, last]] of Object.entries(known.parts)) {
    const part = name as CorrectedPart;
    const value = data.slice(first - FIRST, last - FIRST + 1).trim();
    if (!isPart(part, value)) return { kind: "unreadable", part };
    parts[part] = part === "account" || part === "name" ? new Secret(value) : value;
  }
  return { kind: "known", parts };
}

/** The 29 columns for the parts of a change code, as a bank writes them. */
export function correctedData(changeCode: string, parts: CorrectedParts): Secret<string> {
  const known = present(CHANGE_CODES.get(changeCode), "a change code that is written is known");
  let data = "";
  for (const [name, [first, last]] of Object.entries(known.parts)) {
    const part = name as CorrectedPart;
    const given = present(parts[part], "the part that the change code is about");
    const value = typeof given === "string" ? given : given.expose();
    assert(isPart(part, value), "a corrected part is well formed");
    assert(value.length <= last - first + 1, "a corrected part fits its columns");
    data = data.padEnd(first - FIRST) + value;
  }
  assert(data.length <= WIDTH, "corrected data have 29 columns");
  return new Secret(data);
}

function isPart(part: CorrectedPart, value: string): boolean {
  if (part === "routing") return isRoutingNumber(value);
  if (part === "code") return transactionCode(value) !== undefined;
  // Another text, lower case among them, could never be written: it is for a person.
  if (part === "account") return /^[A-Z0-9-]{1,17}$/.test(value);
  return value !== "";
}
