/**
 * Acknowledgements and statements as small JSON documents (docs/ach.md). They are read strictly:
 * what is written in any other way than documented might mean something else to who wrote it.
 */
import { type BankDate, parseBankDate } from "../../../actors/banking-calendar.ts";
import { type Cents, isCents } from "../../../actors/money.ts";
import type { StatementLine } from "../../collection/bank-gateway.ts";

export type BankDocument =
  | {
      readonly kind: "acknowledgement";
      readonly fileName: string;
      readonly outcome: "accepted" | "rejected";
    }
  | {
      readonly kind: "statement";
      readonly date: BankDate;
      readonly lines: readonly StatementLine[];
    };

/** Files of ours that one statement may speak of. */
const LINES_MAX = 1_000;
/** Of a file name: printable ASCII without a blank, and not the ending alone. */
const NAME = /^(?!\.ach$)[!-~]{1,100}$/;
/** Our files end so in the folder. */
export const ACH = ".ach";

/** The document, or why it is none: never with a value of it. */
export function readDocument(
  text: string,
): BankDocument | { readonly kind: "refused"; why: string } {
  const value = strictJson(text);
  if (value === undefined) return refused("not_json");
  if (!isObject(value)) return refused("not_as_documented");
  switch (value["kind"]) {
    case "acknowledgement":
      return readAcknowledgement(value);
    case "statement":
      return readStatement(value);
    default:
      return refused("not_as_documented: kind");
  }
}

function readAcknowledgement(value: Fields): ReturnType<typeof readDocument> {
  const { file, outcome } = value;
  if (!hasOnly(value, ["kind", "file", "outcome"])) return refused("not_as_documented: fields");
  const fileName = nameOf(file);
  if (fileName === undefined) return refused("not_as_documented: file");
  if (outcome !== "accepted" && outcome !== "rejected") {
    return refused("not_as_documented: outcome");
  }
  return { kind: "acknowledgement", fileName, outcome };
}

function readStatement(value: Fields): ReturnType<typeof readDocument> {
  if (!hasOnly(value, ["kind", "date", "lines"])) return refused("not_as_documented: fields");
  const date = typeof value["date"] === "string" ? parseBankDate(value["date"]) : undefined;
  if (date === undefined) return refused("not_as_documented: date");
  const { lines: given } = value;
  if (!Array.isArray(given) || given.length > LINES_MAX) return refused("not_as_documented: lines");
  const lines: StatementLine[] = [];
  for (const [at, one] of (given as readonly unknown[]).entries()) {
    const line = readLine(one);
    if (line === undefined) return refused(`not_as_documented: lines[${at}]`);
    lines.push(line);
  }
  return { kind: "statement", date, lines };
}

function readLine(value: unknown): StatementLine | undefined {
  if (!isObject(value) || !hasOnly(value, ["file", "debit_cents", "credit_cents"])) {
    return undefined;
  }
  const { file, debit_cents: debitCents, credit_cents: creditCents } = value;
  const fileName = nameOf(file);
  if (fileName === undefined || !isAmount(debitCents) || !isAmount(creditCents)) return undefined;
  return { fileName, debitCents, creditCents };
}

/** As it stood in the outbound folder; what is of no form of ours is kept as it is. */
function nameOf(file: unknown): string | undefined {
  if (typeof file !== "string" || !NAME.test(file)) return undefined;
  return file.endsWith(ACH) ? file.slice(0, -ACH.length) : file;
}

function isAmount(value: unknown): value is Cents {
  return isCents(value) && value >= 0;
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasOnly(value: Fields, fields: readonly string[]): boolean {
  return Object.keys(value).sort().join() === [...fields].sort().join();
}

function refused(why: string): { readonly kind: "refused"; readonly why: string } {
  return { kind: "refused", why };
}

/**
 * JSON that says one thing only: without blanks it is what we would write. That refuses a name that
 * stands twice, numbers in another form, and letters in disguise.
 */
function strictJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === withoutBlanks(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Blanks inside texts stay (RFC 8259 section 2). */
function withoutBlanks(text: string): string {
  return text.replace(/("(?:[^"\\]|\\.)*")|[ \t\r\n]+/g, (_, quoted: string | undefined) => {
    return quoted ?? "";
  });
}
