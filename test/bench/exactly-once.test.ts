/** The check must catch what it is there for: each fault is planted in a good log. */
import { describe, expect, test } from "bun:test";
import { checkExactlyOnce, FAULTS_MAX, type Told } from "../../bench/exactly-once.ts";
import type { StoredEvent } from "../../src/runtime/event-log.ts";

const AMOUNT = 250;
const FEE = 3;

interface Row {
  readonly kind: string;
  readonly [field: string]: unknown;
}

/** Payment `n` of request `n`, as its account writes it. */
function captured(n: number, amountCents = AMOUNT, paymentId = `pay_${n}`): Row {
  const postings = [
    { account: `cust:per_${n}:due`, side: "debit", amountCents },
    { account: "merch:1:payable", side: "credit", amountCents: amountCents - FEE },
    { account: "income:merchant_fee", side: "credit", amountCents: FEE },
  ];
  return {
    kind: "PaymentCaptured",
    receipt: { paymentId, requestId: `pr_${n}`, amountCents },
    feeCents: FEE,
    entry: { name: "purchase_captured", postings },
  };
}

/** The same payment, as its lane writes it. */
function paid(n: number, amountCents = AMOUNT, paymentId = `pay_${n}`): Row {
  return { kind: "PaymentRequestPaid", requestId: `pr_${n}`, paymentId, amountCents, atMs: 1 };
}

function stored(rows: readonly Row[]): StoredEvent[] {
  return rows.map((row, at) => ({
    kind: row.kind,
    version: 1,
    data: JSON.stringify(row),
    position: at + 1,
    ref: { kind: "any", id: "1" },
    seq: at + 1,
    previous: at,
    atMs: 1,
    principal: "switch",
    commandId: `c${at}`,
  }));
}

function acknowledged(n: number, more: Record<string, unknown> = {}): Told {
  const outcome = {
    kind: "acknowledged" as const,
    paymentId: `pay_${n}`,
    requestId: `pr_${n}`,
    amountCents: AMOUNT,
    ...more,
  };
  return { requestId: `pr_${n}`, amountCents: AMOUNT, outcome };
}

function refused(n: number): Told {
  const outcome = { kind: "refused", code: "nonce_expired" } as const;
  return { requestId: `pr_${n}`, amountCents: AMOUNT, outcome };
}

const GOOD = [1, 2, 3].flatMap((n) => [{ kind: "PaymentAuthorised" }, paid(n), captured(n)]);
const TOLD = [acknowledged(1), acknowledged(2), acknowledged(3)];

function faultsOf(rows: readonly Row[], told: readonly Told[] = TOLD): readonly string[] {
  return checkExactlyOnce(told, stored(rows)).faults;
}

describe("a log that holds what was told", () => {
  test("has no fault, and its payments are counted", () => {
    expect(checkExactlyOnce([...TOLD, refused(4)], stored(GOOD))).toEqual({
      acknowledged: 3,
      refused: 1,
      captured: 3,
      ledgerSum: 0,
      faults: [],
    });
  });

  test("may be empty when nothing was paid", () => {
    expect(faultsOf([], [])).toEqual([]);
  });
});

describe("planted faults", () => {
  const without = (kind: string, n: number): Row[] =>
    GOOD.filter((row) => !(row.kind === kind && JSON.stringify(row).includes(`"pay_${n}"`)));

  test("a lost payment is caught", () => {
    const lost = GOOD.slice(3);
    expect(faultsOf(lost)).toEqual(["pay_1: acknowledged and not in the log"]);
  });

  test("a payment that only its lane knows is caught", () => {
    expect(faultsOf(without("PaymentCaptured", 2))).toEqual(["pay_2: captured 0, paid 1"]);
  });

  test("a payment that its lane does not know is caught", () => {
    expect(faultsOf(without("PaymentRequestPaid", 2))).toEqual(["pay_2: captured 1, paid 0"]);
  });

  test("a payment captured twice is caught", () => {
    expect(faultsOf([...GOOD, captured(3)])).toEqual(["pay_3: captured 2, paid 1"]);
  });

  test("a request paid twice by one payment is caught", () => {
    expect(faultsOf([...GOOD, paid(3)])).toEqual(["pay_3: captured 1, paid 2"]);
  });

  test("a request paid by a second payment is caught", () => {
    const second = [paid(3, AMOUNT, "pay_9"), captured(3, AMOUNT, "pay_9")];
    expect(faultsOf([...GOOD, ...second])).toEqual([
      "pay_9: captured 1, paid 1, and nobody was told",
    ]);
  });

  test("a payment that was refused and made all the same is caught", () => {
    expect(faultsOf(GOOD, [acknowledged(1), acknowledged(2), refused(3)])).toEqual([
      "pay_3: captured 1, paid 1, and nobody was told",
    ]);
  });

  test("an approval without an answer is caught", () => {
    const silent: Told = {
      requestId: "pr_4",
      amountCents: AMOUNT,
      outcome: { kind: "unanswered" },
    };
    expect(faultsOf(GOOD, [...TOLD, silent])).toEqual(["pr_4: no answer came"]);
  });

  test("two approvals that were told of one payment are caught", () => {
    expect(faultsOf(GOOD, [...TOLD, acknowledged(1)])).toEqual([
      "pay_1: acknowledged to two approvals",
    ]);
  });

  test("another amount in the log is caught", () => {
    const rows = [...without("PaymentCaptured", 1), captured(1, AMOUNT + 1)];
    expect(faultsOf(rows)).toEqual([
      "pay_1: captured 0, paid 1",
      "pay_1 for pr_1, 251: captured 1, paid 0, and nobody was told",
    ]);
  });

  test("a receipt of another request or amount is caught", () => {
    const fault = "pay_1: its receipt is not of what was approved (pr_1)";
    const others = TOLD.slice(1);
    expect(faultsOf(GOOD, [acknowledged(1, { amountCents: 1 }), ...others])).toEqual([fault]);
    expect(faultsOf(GOOD, [acknowledged(1, { requestId: "pr_2" }), ...others])).toEqual([fault]);
  });

  test("an entry that does not balance is caught", () => {
    const entry = {
      name: "purchase_captured",
      postings: [{ account: "cust:per_1:due", side: "debit", amountCents: AMOUNT }],
    };
    const rows = [paid(1), { ...captured(1), entry }];
    const verdict = checkExactlyOnce([acknowledged(1)], stored(rows));
    expect(verdict.ledgerSum).toBe(AMOUNT);
    expect(verdict.faults).toEqual(["all ledger accounts together are 250 cents, not 0"]);
  });

  test("a thousand faults are told in a few lines", () => {
    const told = Array.from({ length: 1_000 }, (_, n) => acknowledged(n));
    expect(faultsOf([], told)).toHaveLength(FAULTS_MAX);
  });
});
