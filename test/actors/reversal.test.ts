/** What a reversal means for a customer: money back, and the purchase owed again, once. */
import { describe, expect, test } from "bun:test";
import type { AccountCommand } from "../../actors/account-messages.ts";
import { exposureOf } from "../../actors/collection-state.ts";
import { cents } from "../../actors/money.ts";
import type { ReturnCode } from "../../actors/return-codes.ts";
import type { ReversalReason, ReverseDebit, Reverses } from "../../actors/reversal-messages.ts";
import {
  bought,
  checkedAccount,
  collect,
  date,
  file,
  fileId,
  refund,
  refundId,
  replaceBankAccount,
  returnDebit,
  unfile,
} from "./collecting.ts";
import { paymentId } from "./samples.ts";
import { type Account, collection, customer, lastPostings, NOTHING } from "./told-account.ts";

const BANK_ACCOUNT = "vault-bank";
const APPLIED = { kind: "debit_reversed", outcome: "applied" };
const UNMATCHED = { kind: "debit_reversed", outcome: "unmatched" };
const BACK = { entries: 1, debitCents: 0, creditCents: 2_500 };
const AGAIN = { entries: 1, debitCents: 2_500, creditCents: 0 };

const exposure = (account: Account): number =>
  Object.values(exposureOf(collection(account))).reduce((all, part) => all + part, 0);

const reverses = (account: Account, reason: ReversalReason): Reverses => ({
  ...{ fileId: fileId(1), trace: 100, bankAccount: customer(account).vault.bankAccount },
  ...{ lastOn: date("2026-06-15"), reason },
});
function reverse(account: Account, reason: ReversalReason = "wrong_date"): AccountCommand {
  return {
    ...{ kind: "ReverseDebit", refundId: refundId(9), paymentId: paymentId(1) },
    ...{ merchantNumber: 3, amountCents: cents(2_500), note: "a week too early" },
    reverses: reverses(account, reason),
  };
}
/** The reversal comes back, from file `number`. */
function returned(
  account: Account,
  number: number,
  code: ReturnCode = "R16",
  reason: ReversalReason = "wrong_date",
): AccountCommand {
  return {
    kind: "ReturnEntry",
    subject: {
      ...{ kind: "reversal", refundId: refundId(9), paymentId: paymentId(1) },
      reverses: reverses(account, reason),
    },
    ...{ fileId: fileId(number), trace: number * 100, code, merchantNumber: 3 },
    ...{ amountCents: cents(2_500), isSettled: true },
  };
}

/** Payment 1 of $25 in file 1, trace 100. */
function inFlight(): Account {
  const account = checkedAccount();
  for (const command of bought(1, 2_500)) account.tell(command);
  return account.table([[file(1, "2026-06-08"), { entries: 1, debitCents: 2_500 }]]);
}
const collected = (): Account => inFlight().table([[collect(1), { debitCents: 2_500 }]]);
function reversed(reason: ReversalReason = "wrong_date"): Account {
  const account = inFlight();
  return account.table([[reverse(account, reason), APPLIED]]);
}

describe("a debit that was wrong", () => {
  test("in its window counts as collected, and is owed again, once", () => {
    const account = reversed();
    expect(lastPostings(account, "DebitReversed")).toEqual([
      "debit ach:provisional 2500",
      "credit cust:P:in_flight 2500",
      "debit cust:P:due 2500",
      "credit cust:P:refund_payable 2500",
    ]);
    // The limit is what it was: nothing is counted twice.
    expect([exposure(account), collection(account).purchases.length]).toEqual([2_500, 1]);
    // Its file has nothing of it to collect.
    account.table([[collect(1), { debitCents: 0, creditCents: 0 }]]);
  });

  test("that was collected is owed again", () => {
    const account = collected();
    expect(exposure(account)).toBe(0);
    account.table([[reverse(account), APPLIED]]);
    expect(lastPostings(account, "DebitReversed")).toEqual([
      "debit cust:P:due 2500",
      "credit cust:P:refund_payable 2500",
    ]);
    expect(exposure(account)).toBe(2_500);
  });

  test("twice is given back once, at our expense", () => {
    for (const account of [inFlight(), collected()]) {
      account.table([[reverse(account, "duplicate"), APPLIED]]);
      expect(lastPostings(account, "DebitReversed").slice(-2)).toEqual([
        "debit expense:unmatched 2500",
        "credit cust:P:refund_payable 2500",
      ]);
      expect(exposure(account)).toBe(0);
      account.table([
        [file(2, "2026-06-10"), BACK],
        [collect(2), { creditCents: 2_500 }],
        [file(3, "2026-06-16"), NOTHING],
      ]);
    }
  });
});

describe("the money of a debit that was wrong", () => {
  test("goes back first; the debit comes anew when that is final", () => {
    const account = reversed().table([
      [file(2, "2026-06-10"), BACK],
      [file(3, "2026-06-11"), NOTHING],
      [collect(2), { creditCents: 2_500 }],
      [file(4, "2026-06-15"), AGAIN],
      [collect(4), { debitCents: 2_500 }],
    ]);
    const filed = account.events.find(({ kind }) => kind === "RefundsFiled");
    expect(filed).toMatchObject({ refunds: [{ trace: 200, reverses: { trace: 100 } }] });
    expect([exposure(account), collection(account).refunds]).toEqual([0, []]);
  });

  test("of a wrong amount comes anew less what is refunded meanwhile", () => {
    reversed("wrong_amount").table([
      [refund(1, 1, 1_250), "refund_granted"],
      [file(2, "2026-06-10"), BACK],
      [collect(2), { creditCents: 2_500 }],
      [file(3, "2026-06-15"), { entries: 1, debitCents: 1_250 }],
    ]);
  });

  test("of a wrong receiver waits for another bank account, and goes back to the old one", () => {
    const account = reversed("wrong_receiver");
    const old = customer(account).vault.bankAccount;
    expect(old).toContain(BANK_ACCOUNT);
    expect(collection(account).bankAccount).toEqual({ kind: "invalid", code: "R03" });
    expect(account.state).toMatchObject({ blocks: [{ reason: "collection_failed" }] });
    account.table([
      [replaceBankAccount(), "collection_changed"],
      // The prenote of the new one, and the reversal to the old one.
      [file(2, "2026-06-10"), { entries: 2, debitCents: 0, creditCents: 2_500 }],
    ]);
    const filed = account.events.findLast(({ kind }) => kind === "RefundsFiled");
    expect(filed).toMatchObject({ refunds: [{ trace: 201, reverses: { bankAccount: old } }] });
    expect(collection(account).refunds[0]?.sent?.bankAccount).toBe(old);
    account.table([
      [file(2, "2026-06-10"), { entries: 2, debitCents: 0, creditCents: 2_500 }],
      [collect(2), { creditCents: 2_500 }],
      [file(3, "2026-06-16"), AGAIN],
    ]);
  });

  test("of a wrong receiver leaves that bank account alone, however it is written by now", () => {
    const account = inFlight();
    const wrong = reverse(account, "wrong_receiver");
    const of = customer(account).vault.bankAccount;
    account.table([
      [{ kind: "CorrectBankAccount", of, token: "corrected", code: "C01" }, "collection_changed"],
      [wrong, APPLIED],
      [file(2, "2026-06-10"), BACK],
      [collect(2), { creditCents: 2_500 }],
      [file(3, "2026-06-15"), NOTHING],
    ]);
    expect(collection(account).bankAccount).toEqual({ kind: "invalid", code: "R03" });
  });
});

describe("a debit", () => {
  test.each<[string, (account: Account) => void]>([
    ["was taken back", (account) => account.tell(unfile(1))],
    [
      "is under way under another trace",
      (account) => {
        account.tell(unfile(1));
        account.tell(file(2, "2026-06-10"));
      },
    ],
  ])("that %s is left as it is", (_, change) => {
    const account = inFlight();
    change(account);
    account.table([[reverse(account), UNMATCHED]]);
    expect(account.events.map(({ kind }) => kind)).not.toContain("DebitReversed");
  });
});

describe("a reversal", () => {
  test("whose file was not sent waits for the next one", () => {
    reversed().table([
      [file(2, "2026-06-10"), BACK],
      [unfile(2), "entries_unfiled"],
      [file(3, "2026-06-11"), BACK],
    ]);
  });

  test("that no file took in time was never needed: the debit pays what is due", () => {
    const account = reversed().table([[file(2, "2026-06-16"), NOTHING]]);
    expect(account.events.slice(-2).map(({ kind }) => kind)).toEqual([
      "ReversalLapsed",
      "RefundSetOff",
    ]);
    expect([exposure(account), collection(account).refunds]).toEqual([0, []]);
  });

  test("on its last day goes", () => {
    reversed().table([[file(2, "2026-06-15"), BACK]]);
  });

  test("is not too late for a file of debits that the bank settles after the credits", () => {
    const scope = { kinds: ["prenote", "debit", "retry", "fee"], centsMax: null, settlesAt: null };
    const ofDebits = { ...file(2, "2026-06-16"), scope } as AccountCommand;
    reversed().table([
      [ofDebits, NOTHING],
      [file(3, "2026-06-15"), BACK],
    ]);
  });

  test("of a double debit that no file took in time is a refund", () => {
    const account = inFlight();
    account.table([
      [reverse(account, "duplicate"), APPLIED],
      [file(2, "2026-06-16"), BACK],
    ]);
    const filed = account.events.findLast((event) => event.kind === "RefundsFiled");
    expect(filed?.kind === "RefundsFiled" && filed.refunds[0]?.reverses).toBeUndefined();
  });

  test("that comes back leaves the debit as it was: what is due is paid by it", () => {
    const account = reversed().table([[file(2, "2026-06-10"), BACK]]);
    account.table([[returned(account, 2), { outcome: "applied" }]]);
    expect(account.sent).toMatchObject([{ kind: "NoteReturn", direction: "credit" }]);
    expect([exposure(account), collection(account).refunds]).toEqual([0, []]);
    account.table([[file(3, "2026-06-16"), NOTHING]]);
  });

  test("that comes back where a part was refunded leaves that part owed", () => {
    const account = reversed("wrong_amount").table([
      [refund(1, 1, 1_000), "refund_granted"],
      [file(2, "2026-06-10"), BACK],
    ]);
    account.table([[returned(account, 2, "R23", "wrong_amount"), { outcome: "applied" }]]);
    expect(exposure(account)).toBe(0);
    expect(collection(account).refunds).toMatchObject([{ amountCents: 1_000 }]);
  });

  test("to a wrong receiver that comes back, or is too late, is for a person", () => {
    const back = reversed("wrong_receiver").table([[file(2, "2026-06-10"), BACK]]);
    back.table([[returned(back, 2, "R03", "wrong_receiver"), { outcome: "applied" }]]);
    const late = reversed("wrong_receiver").table([[file(2, "2026-06-16"), NOTHING]]);
    for (const account of [back, late]) {
      account.table([[replaceBankAccount(), "collection_changed"]]);
      // Neither set off against what the customer owes, nor paid to the customer.
      expect(collection(account).refunds).toMatchObject([{ stage: "stopped" }]);
      expect(exposure(account)).toBe(2_500);
    }
  });

  test("that comes back after it was paid is owed again", () => {
    const account = reversed("duplicate").table([
      [file(2, "2026-06-10"), BACK],
      [collect(2), { creditCents: 2_500 }],
    ]);
    account.table([[returned(account, 2, "R16", "duplicate"), { outcome: "applied" }]]);
    expect(collection(account).refunds).toMatchObject([{ stage: "stopped", amountCents: 2_500 }]);
  });
});

test("a debit that comes anew has no second fee while the first is to be paid", () => {
  const strict = checkedAccount({ returnFeeCents: cents(700), retriesMax: 0 });
  const allow = { kind: "AllowRetry", paymentId: paymentId(1), note: "by letter" } as const;
  for (const command of [...bought(1, 2_500), file(1, "2026-06-08")]) strict.tell(command);
  strict.tell(returnDebit(1, 2_500, "R01", { file: 1, trace: 100 }));
  expect(collection(strict).fees).toHaveLength(1);
  // The policy has become another one since.
  const account = checkedAccount({ returnFeeCents: cents(700) });
  account.state = strict.state;
  account.table([
    [allow, "collection_changed"],
    [file(3, "2026-06-16"), AGAIN],
    [collect(3), { debitCents: 2_500 }],
  ]);
  const wrong = { ...reverses(account, "wrong_date"), fileId: fileId(3), trace: 300 };
  const late = { ...wrong, lastOn: date("2026-06-23") };
  account.table([
    [{ ...(reverse(account) as ReverseDebit), reverses: late }, APPLIED],
    [file(4, "2026-06-17"), BACK],
    [collect(4), { creditCents: 2_500 }],
    [file(5, "2026-06-22"), AGAIN],
    [returnDebit(1, 2_500, "R01", { file: 5, trace: 500 }), { outcome: "applied" }],
    [file(6, "2026-06-29"), AGAIN],
    [returnDebit(1, 2_500, "R01", { file: 6, trace: 600 }), { outcome: "applied" }],
  ]);
  expect(account.eventKinds).not.toContain("ReturnFeeCharged");
  expect(collection(account).fees).toHaveLength(1);
});

test("a log that reverses what is not there is not believed", () => {
  const account = reversed();
  const event = account.events.findLast(({ kind }) => kind === "DebitReversed");
  if (event === undefined) throw new Error("it was reversed");
  account.table([
    [file(2, "2026-06-10"), BACK],
    [collect(2), "entries_collected"],
    [file(3, "2026-06-15"), AGAIN],
    [collect(3), "entries_collected"],
  ]);
  expect(() => account.actor.apply(account.state, event)).toThrow(
    "what is reversed is under way, or was collected",
  );
});
