/** Orders of events that nobody planned: returns that are late, crossed, or of old accounts. */
import { describe, expect, test } from "bun:test";
import type { AccountCommand } from "../../actors/account-messages.ts";
import { feesCents } from "../../actors/collection-state.ts";
import { cents } from "../../actors/money.ts";
import type { ReturnCode } from "../../actors/return-codes.ts";
import {
  bought,
  checkedAccount,
  collect,
  file,
  fileId,
  payByHand,
  payTooMuch,
  refund,
  refundId,
  replaceBankAccount,
  returnDebit,
  unfile,
} from "./collecting.ts";
import { approve, HOUR_MS, paymentId, verifiedAccount } from "./samples.ts";
import {
  type Account,
  APPLIED,
  at,
  collection,
  customer,
  lastPostings,
  reasons,
  UNMATCHED,
} from "./told-account.ts";

const DESCRIBE: AccountCommand = { kind: "DescribeAccount" };
const DAY_MS = 24 * HOUR_MS;
const replace = replaceBankAccount;
const allow: AccountCommand = { kind: "AllowRetry", paymentId: paymentId(1), note: "by letter" };
const off: AccountCommand = { kind: "WriteOff", paymentId: paymentId(1), note: "gone away" };
const decide = (outcome: "lost" | "won" | "merchant_pays"): AccountCommand => ({
  ...{ kind: "DecideDispute", paymentId: paymentId(1), outcome, note: "x" },
});
const noted = (number: number, amountCents: number, direction = "debit") => ({
  ...{ to: `ach-file:${fileId(number)}`, kind: "NoteReturn", direction, amountCents },
});
const returnRefund = (number: number, amount: number, code: ReturnCode, isSettled = true) =>
  ({
    kind: "ReturnEntry",
    subject: { kind: "refund", refundId: refundId(1), paymentId: paymentId(1) },
    ...{ fileId: fileId(number), trace: number * 100, code, merchantNumber: 3 },
    ...{ amountCents: cents(amount), isSettled },
  }) satisfies AccountCommand;
const returnPrenote = (code: ReturnCode): AccountCommand => ({
  kind: "ReturnEntry",
  subject: { kind: "prenote" },
  ...{ fileId: fileId(0), trace: 0, code, merchantNumber: 0 },
  ...{ amountCents: cents(0), isSettled: true },
});

/** Payment 1 of $25 in file 1, trace 100. */
function inFlight(policy = {}): Account {
  const account = checkedAccount(policy);
  for (const command of bought(1, 2_500)) account.tell(command);
  return account.table([[file(1, "2026-06-09"), { entries: 1 }]]);
}
function writtenOff(account: Account): Account {
  for (const principal of ["desk:alice", "desk:bob"]) {
    account.principal = principal;
    account.tell(off);
  }
  return account;
}

describe("a file that asks again", () => {
  test("gets what it got, whatever has changed since", () => {
    const account = verifiedAccount().table([
      [file(1, "2026-06-02"), { entries: 1 }],
      [replace(2), "collection_changed"],
      [file(1, "2026-06-02"), { entries: 1 }],
    ]);
    expect(account.eventKinds.filter((kind) => kind === "PrenoteFiled")).toHaveLength(1);
    inFlight().table([
      [returnDebit(1, 2_500, "R01", at(1)), APPLIED],
      [file(1, "2026-06-09"), { entries: 1, debitCents: 2_500 }],
    ]);
  });
});

describe("a return that its collection overtook", () => {
  test("opens the debt again, and is not presented again", () => {
    const account = inFlight().table([
      [collect(1), { debitCents: 2_500 }],
      [returnDebit(1, 2_500, "R01", at(1)), APPLIED],
    ]);
    expect(lastPostings(account)).toEqual(["debit cust:P:returned 2500", "credit cash:bank 2500"]);
    // The file was collected whole: nothing of it is taken back.
    expect(account.sent).toEqual([noted(1, 0)]);
    account.table([
      [file(2, "2026-06-30"), { entries: 0 }],
      [allow, "no_retry_left"],
      [payByHand(2_500), { debtCents: 0 }],
    ]);
    expect(reasons(account)).toEqual([]);
  });

  test("tells its file what is taken back of it, also when it is nothing", () => {
    const account = inFlight().table([[returnDebit(1, 2_500, "R01", at(1)), APPLIED]]);
    expect(account.sent).toEqual([noted(1, 2_500)]);
    account.table([[returnDebit(1, 2_500, "R01", at(1)), UNMATCHED]]);
    expect(account.sent).toEqual([noted(1, 0)]);
    account.table([[returnPrenote("R03"), APPLIED]]);
    expect(account.sent).toEqual([noted(0, 0)]);
  });
});

describe("a file that the bank refused", () => {
  test("gives nothing back: another file has the debit", () => {
    const account = inFlight().table([
      [unfile(1), "entries_unfiled"],
      [file(2, "2026-06-10"), { debitCents: 2_500 }],
    ]);
    const lie = returnDebit(1, 2_500, "R10", { ...at(1), isSettled: false });
    account.table([
      [lie, UNMATCHED],
      [collect(2), { debitCents: 2_500 }],
      [lie, UNMATCHED],
    ]);
  });

  test("gives no refund back either", () => {
    inFlight().table([
      [collect(1), { debitCents: 2_500 }],
      [refund(1, 1, 900), "refund_granted"],
      [file(2, "2026-06-12"), { creditCents: 900 }],
      [unfile(2), "entries_unfiled"],
      [file(3, "2026-06-15"), { creditCents: 900 }],
      [collect(3), { creditCents: 900 }],
      [returnRefund(2, 900, "R03", false), UNMATCHED],
    ]);
  });
});

describe("another bank account", () => {
  test("is not condemned by what comes back from the old one", () => {
    const account = inFlight().table([
      [replace(2), "collection_changed"],
      [returnDebit(1, 2_500, "R02", at(1)), APPLIED],
    ]);
    expect(collection(account).bankAccount.kind).toBe("unchecked");
    account.table([
      [file(2, "2026-06-12"), { entries: 1, debitCents: 0 }],
      [payByHand(2_500), { debtCents: 0 }],
    ]);
    expect(reasons(account)).toEqual([]);
  });

  test("gets no debit that came back from the old one, and the fee comes at once", () => {
    const after = inFlight().table([
      [replace(2), "collection_changed"],
      [returnDebit(1, 2_500, "R01", at(1)), APPLIED],
    ]);
    const before = inFlight().table([
      [returnDebit(1, 2_500, "R01", at(1)), APPLIED],
      [replace(2), "collection_changed"],
    ]);
    const unsent = inFlight().table([
      [returnDebit(1, 2_500, "R01", at(1)), APPLIED],
      [file(2, "2026-06-10"), { debitCents: 2_500 }],
      [replace(2), "collection_changed"],
      [unfile(2), "entries_unfiled"],
    ]);
    for (const account of [after, before, unsent]) {
      account.table([
        [file(3, "2026-06-12"), { entries: 1, debitCents: 0 }],
        [file(4, "2026-06-30"), { entries: 0 }],
      ]);
    }
    expect([after, before, unsent].map((one) => Number(feesCents(collection(one))))).toEqual([
      2_500, 0, 0,
    ]);
  });

  test("never gets the debit, consent or not: it is paid by hand", () => {
    const before = inFlight().table([
      [returnDebit(1, 2_500, "R02", at(1)), APPLIED],
      [replace(2), "collection_changed"],
    ]);
    const after = inFlight().table([
      [replace(2), "collection_changed"],
      [returnDebit(1, 2_500, "R08", at(1)), APPLIED],
    ]);
    const unsent = inFlight().table([
      [returnDebit(1, 2_500, "R01", at(1)), APPLIED],
      [file(2, "2026-06-10"), { debitCents: 2_500 }],
      [replace(2), "collection_changed"],
      [unfile(2), "entries_unfiled"],
    ]);
    for (const account of [before, after, unsent]) {
      account.table([
        [file(3, "2026-06-12"), { entries: 1, debitCents: 0 }],
        [allow, "bank_account_replaced"],
        [file(4, "2026-06-30"), { entries: 0 }],
        [payByHand(2_500), { debtCents: 0 }],
      ]);
    }
  });
});

describe("a bank account", () => {
  test("is the same one when only its number was corrected", () => {
    const correct = (of: string, token: string): AccountCommand => ({
      ...{ kind: "CorrectBankAccount", of, token, code: "C01" },
    });
    const account = inFlight().table([
      [correct("vault-bank", "vault-bank-b"), "collection_changed"],
      // A second notification of the same entry, and one of an account that is no longer.
      [correct("vault-bank", "vault-bank-c"), "noted"],
      [returnDebit(1, 2_500, "R01", at(1)), APPLIED],
      [file(2, "2026-06-09"), { debitCents: 2_500 }],
    ]);
    expect(customer(account).vault.bankAccount).toBe("vault-bank-b");
    inFlight().table([
      [returnDebit(1, 2_500, "R08", at(1)), APPLIED],
      [correct("vault-bank", "vault-bank-b"), "collection_changed"],
      [allow, "collection_changed"],
      [file(2, "2026-06-12"), { debitCents: 2_500 }],
      // Taken back, and corrected once more while it was under way.
      [correct("vault-bank-b", "vault-bank-c"), "collection_changed"],
      [unfile(2), "entries_unfiled"],
      [allow, "collection_changed"],
    ]);
  });

  test("of a customer without a mandate gets refunds, and is never asked about or debited", () => {
    const account = inFlight().table([
      ...bought(2, 300).map((command) => [command, {}] as const),
      [collect(1), { debitCents: 2_500 }],
      [refund(1, 1, 900), "refund_granted"],
      [file(2, "2026-06-12"), { creditCents: 900, debitCents: 300 }],
      [replace(2), "collection_changed"],
      [returnDebit(2, 300, "R07", { file: 2, trace: 200 }), APPLIED],
      [unfile(2), "entries_unfiled"],
      [file(3, "2026-06-15"), { entries: 1, debitCents: 0, creditCents: 900 }],
    ]);
    expect(account.events.at(-1)).toMatchObject({ vault: { bankAccount: "vault-bank-2" } });
  });

  test("that was asked about waits for the answer, for credits too", () => {
    inFlight().table([
      [collect(1), { debitCents: 2_500 }],
      [refund(1, 1, 900), "refund_granted"],
      [replace(2), "collection_changed"],
      [file(2, "2026-06-15"), { entries: 1, creditCents: 0 }],
      [file(3, "2026-06-17"), { entries: 0 }],
      [file(4, "2026-06-18"), { creditCents: 900 }],
    ]);
  });
});

describe("a prenote that comes back", () => {
  test.each<[ReturnCode, string[], string, boolean]>([
    ["R03", ["collection_failed"], "invalid", false],
    ["R10", ["disputed"], "invalid", true],
    ["R16", ["compliance"], "invalid", false],
    ["R17", [], "invalid", false],
  ])("with %s blocks by its code", (code, blocks, bankAccount, isMandateEnded) => {
    const account = checkedAccount().table([[returnPrenote(code), APPLIED]]);
    expect(reasons(account)).toEqual(blocks);
    expect(collection(account)).toMatchObject({ bankAccount: { kind: bankAccount } });
    expect(collection(account).isMandateEnded).toBe(isMandateEnded);
  });
});

describe("a retry", () => {
  test("is never later than 180 days after the first attempt", () => {
    const account = inFlight();
    account.table([[returnDebit(1, 2_500, "R01", at(1)), APPLIED]]);
    const days = (effectiveOn: string) => file(2, effectiveOn);
    account.table([
      [days("2026-12-07"), { entries: 0 }],
      [days("2026-12-06"), { debitCents: 2_500 }],
    ]);
    const late = inFlight().table([
      [returnDebit(1, 2_500, "R08", at(1)), APPLIED],
      200 * DAY_MS,
      [allow, "no_retry_left"],
    ]);
    expect(reasons(late)).toEqual(["collection_failed"]);
  });

  test("is never of a part, consent or not", () => {
    inFlight().table([
      [returnDebit(1, 2_500, "R08", at(1)), APPLIED],
      [payByHand(1), { debtCents: 2_499 }],
      [allow, "no_retry_left"],
    ]);
  });

  test("that comes back disputed leaves no block for a debt that is no more", () => {
    const account = inFlight().table([
      [returnDebit(1, 2_500, "R01", at(1)), APPLIED],
      [file(2, "2026-06-10"), { debitCents: 2_500 }],
      [returnDebit(1, 2_500, "R10", at(2)), APPLIED],
    ]);
    expect(reasons(account)).toEqual(["disputed"]);
  });
});

describe("money paid by hand while a retry is under way", () => {
  const paid = () => {
    const account = inFlight().table([
      [returnDebit(1, 2_500, "R01", at(1)), APPLIED],
      [file(2, "2026-06-10"), { debitCents: 2_500 }],
    ]);
    payTooMuch(account, 2_500);
    return account.table([[file(3, "2026-06-11"), { entries: 0 }]]);
  };

  test("goes back when the retry is collected, and not before", () => {
    const account = paid().table([
      [collect(2), { debitCents: 2_500 }],
      [file(4, "2026-06-15"), { creditCents: 2_500 }],
    ]);
    expect(reasons(account)).toEqual([]);
  });

  test("pays the debt when the retry comes back: no fee, no block", () => {
    const account = paid().table([[returnDebit(1, 2_500, "R01", at(2)), APPLIED]]);
    expect(reasons(account)).toEqual([]);
    expect([Number(feesCents(collection(account))), collection(account).purchases]).toEqual([
      0,
      [],
    ]);
    account.table([[file(4, "2026-06-15"), { entries: 0 }]]);
  });
});

describe("a refund", () => {
  test("of what was collected is not paid when it is disputed before its file", () => {
    const account = inFlight().table([
      [collect(1), { debitCents: 2_500 }],
      [refund(1, 1, 1_000), "refund_granted"],
      [returnDebit(1, 2_500, "R10", at(1)), APPLIED],
      [file(2, "2026-06-15"), { entries: 0 }],
      [decide("lost"), "collection_changed"],
    ]);
    // The payer has the money from the bank: the refund makes our loss smaller.
    expect(account.eventKinds.slice(-2)).toEqual(["RefundSetOff", "DisputeDecided"]);
    expect(lastPostings(account)).toEqual([
      "debit expense:unauthorised 1500",
      "credit cust:P:disputed 1500",
    ]);
    account.table([[file(3, "2026-06-16"), { entries: 0 }]]);
  });

  test.each([
    ["lost", "expense:unauthorised"],
    ["merchant_pays", "merch:3:payable"],
  ] as const)("after a dispute that was %s goes to %s", (outcome, credited) => {
    const account = inFlight().table([
      [returnDebit(1, 2_500, "R10", at(1)), APPLIED],
      [decide(outcome), "collection_changed"],
      [refund(1, 1, 1_000), "refund_granted"],
    ]);
    expect(lastPostings(account)).toEqual([
      "debit cust:P:refund_payable 1000",
      `credit ${credited} 1000`,
    ]);
    account.table([[file(2, "2026-06-16"), { entries: 0 }]]);
    expect(collection(account).refunds).toEqual([]);
  });

  test("after a dispute that was won is paid: the debit was collected after all", () => {
    inFlight().table([
      [returnDebit(1, 2_500, "R11", at(1)), APPLIED],
      [decide("won"), "collection_changed"],
      [refund(1, 1, 1_000), "refund_granted"],
      [file(2, "2026-06-16"), { creditCents: 1_000 }],
    ]);
  });

  test("of a debt that was written off lowers it, and ends the block with the last cent", () => {
    const account = inFlight().table([[returnDebit(1, 2_500, "R08", at(1)), APPLIED]]);
    writtenOff(account).table([[refund(1, 1, 2_000), "refund_granted"]]);
    expect(reasons(account)).toEqual(["collection_failed"]);
    account.table([[refund(2, 1, 500), "refund_granted"]]);
    expect([reasons(account), collection(account).losses]).toEqual([[], []]);
    account.table([[file(2, "2026-06-16"), { entries: 0 }]]);
  });

  test("of all of a debt ends its block when it is written off", () => {
    const account = inFlight().table([
      [refund(1, 1, 2_500), "refund_granted"],
      [returnDebit(1, 2_500, "R08", at(1)), APPLIED],
    ]);
    expect(reasons(writtenOff(account))).toEqual([]);
  });
});

describe("a refund that was sent", () => {
  const sent = () =>
    inFlight().table([
      [collect(1), { debitCents: 2_500 }],
      [refund(1, 1, 900), "refund_granted"],
      [file(2, "2026-06-12"), { creditCents: 900 }],
    ]);

  test("that comes back from a dead bank account blocks until there is another", () => {
    const account = sent().table([
      [returnRefund(2, 900, "R02"), APPLIED],
      [approve(2, 1), "account_blocked"],
      [replace(2), "collection_changed"],
      [file(3, "2026-06-15"), { entries: 1 }],
      [file(4, "2026-06-18"), { creditCents: 900 }],
    ]);
    expect(reasons(account)).toEqual([]);
  });

  test.each<[ReturnCode, boolean]>([
    ["R23", false],
    ["R17", false],
    // Paid, and given back days later: nobody knows any more which bank account it was.
    ["R02", true],
  ])("that comes back with %s, paid %p, is not sent again by itself", (code, isPaid) => {
    const account = sent();
    if (isPaid) account.tell(collect(2));
    account.table([
      [returnRefund(2, 900, code), APPLIED],
      [file(3, "2026-06-18"), { entries: 0 }],
    ]);
    expect([reasons(account), collection(account).bankAccount.kind]).toEqual([[], "checking"]);
    expect(account.state.kind).toBe("open");
    account.table([
      [replace(2), "collection_changed"],
      [file(4, "2026-06-19"), { entries: 1, creditCents: 0 }],
      [file(5, "2026-06-24"), { creditCents: 900 }],
    ]);
  });
});

test("nothing moves to or from a customer whom the law freezes", () => {
  inFlight().table([
    [collect(1), { debitCents: 2_500 }],
    [refund(1, 1, 900), "refund_granted"],
    [{ kind: "BlockAccount", reason: "compliance", note: "list" }, "blocks_changed"],
    [file(2, "2026-06-12"), { entries: 0 }],
    [{ kind: "LiftBlock", reason: "compliance", note: "another person" }, "blocks_changed"],
    [file(2, "2026-06-12"), { creditCents: 900 }],
  ]);
});

test("a proposal to write off ends with the debit that it is about", () => {
  const account = inFlight();
  account.principal = "desk:alice";
  account.table([
    [returnDebit(1, 2_500, "R01", at(1)), APPLIED],
    [off, "write_off_proposed"],
    [file(2, "2026-06-10"), { debitCents: 2_500 }],
    [collect(2), { debitCents: 2_500 }],
    [returnDebit(1, 2_500, "R01", at(2)), APPLIED],
  ]);
  account.principal = "desk:bob";
  account.table([
    [off, "write_off_proposed"],
    [DESCRIBE, { limit: { exposureCents: 2_500 } }],
  ]);
});

test("what is recovered names its evidence", () => {
  const account = inFlight().table([[returnDebit(1, 2_500, "R02", at(1)), APPLIED]]);
  writtenOff(account).table([[payByHand(2_000), { debtCents: 500 }]]);
  expect(account.events.at(-1)).toMatchObject({ kind: "DebtRecovered", evidence: "check 17" });
});
