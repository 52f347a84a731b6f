/** The table of problems: a row for every refusal and fault, whole sentences, stable numbers. */
import { describe, expect, test } from "bun:test";
import { cents } from "../../actors/money.ts";
import { REFUSAL_KINDS, type Refusal } from "../../actors/refusals.ts";
import { describeProblem, problemBody, refusalDetails } from "../../src/http/problem.ts";
import { isProblemCode, PROBLEM_CODES, type ProblemCode } from "../../src/http/problem-table.ts";
import type { FaultKind } from "../../src/runtime/fault.ts";

const FAULTS = Object.keys({
  busy: 0,
  draining: 0,
  storage_full: 0,
  storage_failed: 0,
  conflict: 0,
  timeout: 0,
  bug: 0,
} satisfies Record<FaultKind, 0>);

const bodyOf = (code: ProblemCode) => problemBody(code, "request-1", {});

test("every refusal of an actor and every fault of the host has its row", () => {
  for (const kind of REFUSAL_KINDS) expect([kind, isProblemCode(kind)]).toEqual([kind, true]);
  for (const kind of FAULTS) {
    expect([kind, isProblemCode(`fault_${kind}`)]).toEqual([kind, true]);
  }
  for (const text of ["", "toString", "__proto__", "constructor", "PIN_WRONG", "fault_"]) {
    expect([text, isProblemCode(text)]).toEqual([text, false]);
  }
});

describe("every row", () => {
  for (const code of PROBLEM_CODES) {
    test(`${code} says what happened, whether money was taken, in whole sentences`, () => {
      const { status, title, say } = describeProblem(code);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThanOrEqual(503);
      expect(title).toMatch(/^[A-Z]/);
      expect(say).toMatch(/^[A-Z0-9].*\.$/);
      const body = bodyOf(code);
      expect(body.money_taken).toBe(/no money/i.test(say) ? "no" : "unknown");
      expect(body).toMatchObject({ code, status, title, type: `/problems/${code}` });
      // Money that may have moved is asked for again with the same key, so it must be repeatable.
      if (body.money_taken === "unknown") expect(body.retryable).toBe(true);
      expect(status >= 500).toBe(code.startsWith("fault_") || code === "internal_error");
    });
  }
});

test("callers know what to ask again, and what an earlier call may have paid", () => {
  const faults = PROBLEM_CODES.filter((code) => describeProblem(code).status >= 500);
  // A bug stops the actor before it writes, and would do so again (house-style rule 15).
  const passing = faults.filter((code) => code !== "fault_bug");
  const unknown = PROBLEM_CODES.filter((code) => bodyOf(code).money_taken === "unknown");
  expect(unknown.toSorted()).toEqual(passing.toSorted());
  const retryable = PROBLEM_CODES.filter((code) => bodyOf(code).retryable);
  const soon: readonly ProblemCode[] = [
    "verdict_stale",
    "too_many_holds",
    "nothing_to_pay",
    "too_many_listeners",
  ];
  expect(retryable.toSorted()).toEqual([...passing, ...soon].toSorted());
});

test("numbers of the SEQR-compatible interface are those of its table", () => {
  const numbers = Object.fromEntries(
    PROBLEM_CODES.map((code) => [code, bodyOf(code).seqr_code]).filter(([, n]) => n !== undefined),
  );
  // merchant-api A5: 50 paid, 54 unknown request, 95 cancelled, 58 expired, 11 amount, 12 payment.
  expect(numbers).toMatchObject({
    request_paid: 50,
    request_not_found: 54,
    request_cancelled: 95,
    request_superseded: 95,
    request_expired: 58,
    limit_exceeded: 11,
    pin_wrong: 12,
    account_blocked: 12,
    unauthenticated: 20,
    forbidden: 21,
    lane_not_found: 37,
    internal_error: 90,
    fault_busy: 93,
    fault_draining: 94,
  });
});

test("a refusal tells its figures and nothing else", () => {
  const told: readonly (readonly [Refusal, Readonly<Record<string, unknown>>])[] = [
    [
      { kind: "account_blocked", reasons: ["disputed", "operator"] },
      { block_reasons: ["disputed", "operator"] },
    ],
    [{ kind: "counter_out_of_step", expected: 7 }, { expected_counter: 7 }],
    [{ kind: "pin_wrong", attemptsLeft: 2 }, { attempts_left: 2 }],
    [
      { kind: "limit_exceeded", missingCents: cents(1), availableCents: cents(99) },
      {
        missing: { amount: 1, currency: "USD" },
        available: { amount: 99, currency: "USD" },
      },
    ],
    [{ kind: "version_mismatch", revision: 3 }, { revision: 3 }],
    [{ kind: "code_wrong", triesLeft: 4 }, { tries_left: 4 }],
    [{ kind: "request_paid" }, {}],
  ];
  for (const [refusal, details] of told) expect(refusalDetails(refusal)).toEqual(details);
});

test("an answer to a repeat names the request that was answered first", () => {
  expect(problemBody("pin_wrong", "now", { requestId: "then" }).request_id).toBe("then");
  expect(problemBody("pin_wrong", "now", {}).request_id).toBe("now");
  const errors = [{ pointer: "/a", code: "b" }];
  expect(problemBody("invalid_request", "now", { errors, more: { extra: 1 } })).toMatchObject({
    errors,
    extra: 1,
  });
});
