/**
 * How a no is said over HTTP: RFC 9457 problem+json, after the table (problem-table.ts). Input is
 * never echoed: it might hold a PIN.
 */
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Refusal } from "../../actors/refusals.ts";
import { type Keeping, RETENTION } from "../../actors/retention.ts";
import { Fault, type FaultKind } from "../runtime/fault.ts";
import { toMoney } from "./money.ts";
import { PROBLEMS, type ProblemCode } from "./problem-table.ts";

export interface FieldError {
  /** RFC 6901 pointer into the body, or `query/name`. */
  readonly pointer: string;
  readonly code: string;
}

export interface ProblemDetails {
  /** What the caller may need: amounts, counters, the current object. Never input. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly FieldError[];
  /** The request that is answered, where it is an earlier one. */
  readonly requestId?: string;
}

/** Thrown at the edge; `app.onError` answers with it. */
export class Problem extends Error {
  override readonly name = "Problem";
  constructor(
    readonly code: ProblemCode,
    readonly details: ProblemDetails = {},
  ) {
    super(code);
  }
}

/** Faults after which this very call is known to have done nothing. */
const UNDONE: ReadonlySet<FaultKind> = new Set([
  "busy",
  "draining",
  "storage_full",
  "conflict",
  "bug",
]);

/**
 * Whether this call did nothing, whatever an earlier one under its key did. What was stored for a
 * command is destroyed only then: where the outcome is not known, the command may stand and need
 * it.
 */
export function isKnownNo(error: unknown): boolean {
  if (error instanceof Problem) return PROBLEMS[error.code].unknown !== true;
  return error instanceof Fault && UNDONE.has(error.kind);
}

const RETRY_AFTER_SECONDS = "1";

export function statusOf(code: ProblemCode): number {
  return PROBLEMS[code].status;
}

/** The row of the table as documentation shows it. */
export function describeProblem(code: ProblemCode): { status: number; title: string; say: string } {
  const { status, title, say } = PROBLEMS[code];
  return { status, title, say };
}

export function problemBody(code: ProblemCode, requestId: string, details: ProblemDetails) {
  const { status, title, say, seqrCode, retryable, unknown } = PROBLEMS[code];
  return {
    type: `/problems/${code}`,
    title,
    status,
    code,
    detail: say,
    user_message: say,
    ...(seqrCode === undefined ? {} : { seqr_code: seqrCode }),
    retryable: retryable === true,
    money_taken: unknown === true ? "unknown" : "no",
    request_id: details.requestId ?? requestId,
    ...(details.errors === undefined ? {} : { errors: details.errors }),
    ...details.more,
  };
}

export function problemResponse(
  c: Context,
  code: ProblemCode,
  details: ProblemDetails = {},
): Response {
  const { status, retryable } = PROBLEMS[code];
  const requestId = String(c.get("requestId") ?? "");
  c.header("content-type", "application/problem+json");
  if (retryable === true && status !== 409) c.header("retry-after", RETRY_AFTER_SECONDS);
  if (status === 401) c.header("www-authenticate", "Bearer");
  c.set("problem", code);
  const body = problemBody(code, requestId, details);
  return c.body(JSON.stringify(body), status as ContentfulStatusCode);
}

/** What is kept, why, and until when. */
export function toKept({ name, untilMs }: Keeping) {
  const { what, why } = RETENTION[name];
  return { class: name, what, why, until: new Date(untilMs).toISOString() };
}

/** What a refusal tells beyond its name. */
export function refusalDetails(refusal: Refusal): Readonly<Record<string, unknown>> {
  switch (refusal.kind) {
    case "account_blocked":
      return { block_reasons: refusal.reasons };
    case "bank_account_out_of_step":
      return { expected_number: refusal.expected };
    case "counter_out_of_step":
      return { expected_counter: refusal.expected };
    case "pin_wrong":
      return { attempts_left: refusal.attemptsLeft };
    case "limit_exceeded":
      return {
        missing: toMoney(refusal.missingCents),
        available: toMoney(refusal.availableCents),
      };
    case "refund_too_high":
      return { left: toMoney(refusal.leftCents) };
    case "reversal_too_late":
      return { last_on: refusal.lastOn };
    case "version_mismatch":
      return { revision: refusal.revision };
    case "code_wrong":
      return { tries_left: refusal.triesLeft };
    case "data_kept":
      return { is_open: refusal.isOpen, kept: refusal.keepings.map(toKept) };
    default:
      return {};
  }
}
