import { describe, expect, test } from "bun:test";
import type { AccountCommand } from "../../actors/account-messages.ts";
import { feesCents, writtenOffCents } from "../../actors/collection-state.ts";
import { cents } from "../../actors/money.ts";
import { RETURN_CODES, type ReturnCode } from "../../actors/return-codes.ts";
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
import { approve, capture, paymentId, verifiedAccount } from "./samples.ts";
import { type Account, customer, UNMATCHED } from "./told-account.ts";

const DESCRIBE: AccountCommand = { kind: "DescribeAccount" };

function tell(account: Account, commands: readonly AccountCommand[]): Account {
  for (const command of commands) account.tell(command);
  return account;
}

/** An account with payment 1 of $25 in file 1, trace 100. */
function inFlight(policy = {}): Account {
  const account = tell(checkedAccount(policy), bought(1, 2_500));
  return account.table([[file(1, "2026-06-09"), { entries: 1, debitCents: 2_500 }]]);
}

const stages = (account: Account) =>
  customer(account).collection.purchases.map(({ stage }) => stage);
const reasons = (account: Account) =>
  account.state.kind === "blocked" ? account.state.blocks.map(({ reason }) => reason) : [];

describe("a file", () => {
  test("holds a prenote first, and debits three banking days after it", () => {
    const account = tell(verifiedAccount(), bought(1, 2_500));
    account.table([
      [file(1, "2026-06-02"), { entries: 1, debitCents: 0 }],
      [file(2, "2026-06-04"), { entries: 0 }],
      // The third banking day after Tuesday is Friday.
      [file(3, "2026-06-05"), { entries: 1, debitCents: 2_500 }],
    ]);
    expect(account.eventKinds.slice(-2)).toEqual(["PrenoteFiled", "DebitsFiled"]);
  });

  test("gets each debit once, however often it asks", () => {
    const account = inFlight();
    tell(account, bought(2, 100));
    account.table([
      [file(1, "2026-06-09"), { entries: 1, debitCents: 2_500 }],
      [file(2, "2026-06-10"), { entries: 1, debitCents: 100 }],
      [file(3, "2026-06-11"), { entries: 0, debitCents: 0 }],
    ]);
  });

  test("gets no more than it has traces for", () => {
    const account = tell(
      checkedAccount(),
      [1, 2, 3].flatMap((at) => bought(at, 100 * at)),
    );
    account.table([
      [file(1, "2026-06-09", 2), { entries: 2, debitCents: 300 }],
      [file(2, "2026-06-09", 0), { entries: 0 }],
      [file(3, "2026-06-09", 2), { entries: 1, debitCents: 300 }],
    ]);
  });

  test("that was not sent leaves everything as it was", () => {
    const account = inFlight();
    account.table([
      [returnDebit(1, 2_500, "R01", { file: 1, trace: 100 }), { outcome: "applied" }],
    ]);
    const owed = customer(account).collection;
    account.table([
      [file(2, "2026-06-15"), { entries: 1 }],
      [unfile(2), "entries_unfiled"],
    ]);
    const { newestFile } = customer(account).collection;
    expect(customer(account).collection).toEqual({ ...owed, newestFile });
    account.table([[unfile(2), "entries_unfiled"]]);
    expect(account.eventKinds.filter((kind) => kind === "DebitsUnfiled")).toHaveLength(1);
  });
});

describe("the limit", () => {
  test("grows back when the debit is collected, and not before (FAQ)", () => {
    const limit = (availableCents: number) => ({ limit: { availableCents } });
    inFlight().table([
      [DESCRIBE, limit(7_500)],
      [collect(1), { debitCents: 2_500 }],
      [DESCRIBE, limit(10_000)],
      [collect(1), { debitCents: 0 }],
      [DESCRIBE, limit(10_000)],
    ]);
  });

  test("is passed only by a return that reopens what was collected", () => {
    const account = tell(checkedAccount(), bought(1, 2_350));
    account.table([
      [file(1, "2026-06-09"), { entries: 1 }],
      [collect(1), { debitCents: 2_350 }],
    ]);
    tell(account, [...bought(2, 1_810), ...bought(3, 5_841)]);
    account.table([
      [returnDebit(1, 2_350, "R10", { file: 1, trace: 100 }), { outcome: "applied" }],
      [DESCRIBE, { limit: { exposureCents: 10_001, availableCents: 0 } }],
      [approve(4, 1), "account_blocked"],
    ]);
  });
});

describe("a return", () => {
  test.each(Object.keys(RETURN_CODES) as ReturnCode[])("%s does what the table says", (code) => {
    const account = inFlight();
    account.table([[returnDebit(1, 2_500, code, { file: 1, trace: 100 }), { outcome: "applied" }]]);
    const { action } = RETURN_CODES[code];
    const { collection } = customer(account);
    const [purchase] = collection.purchases;
    const isDisputed = action === "revoke" || action === "dispute";
    expect(purchase?.stage).toBe(isDisputed ? "disputed" : "returned");
    const retryFrom = purchase?.stage === "returned" ? purchase.returned.retryFrom : null;
    expect(retryFrom !== null).toBe(action === "retry");
    expect(collection.isMandateEnded).toBe(action === "revoke");
    expect(collection.bankAccount.kind === "invalid").toBe(action === "replace_bank_account");
    const reason = { freeze: "compliance", revoke: "disputed", dispute: "disputed" } as const;
    const blocked = action in reason ? reason[action as keyof typeof reason] : "collection_failed";
    expect(reasons(account)).toEqual(action === "our_defect" ? [] : [blocked]);
    account.table([[DESCRIBE, { limit: { availableCents: 7_500 } }]]);
  });

  test("of another amount, trace, file or payment is not matched and changes nothing", () => {
    const account = inFlight();
    const before = JSON.stringify(account.state);
    account.table([
      [returnDebit(1, 2_499, "R01", { file: 1, trace: 100 }), { outcome: "unmatched" }],
      [returnDebit(1, 2_500, "R01", { file: 1, trace: 101 }), { outcome: "unmatched" }],
      [returnDebit(1, 2_500, "R01", { file: 2, trace: 100 }), { outcome: "unmatched" }],
      // Of a payment that is not open, in a file that was never settled.
      [returnDebit(2, 2_500, "R01", { file: 1, trace: 100, isSettled: false }), UNMATCHED],
    ]);
    expect(JSON.stringify(account.state)).toBe(before);
  });

  test("of the prenote blocks, and a new bank account is asked about anew", () => {
    const account = checkedAccount();
    const subject = { kind: "prenote" } as const;
    const back = { kind: "ReturnEntry", subject, fileId: fileId(0), trace: 0 } as const;
    const rest = {
      code: "R03",
      merchantNumber: 0,
      amountCents: cents(0),
      isSettled: true,
    } as const;
    tell(account, bought(1, 500));
    account.table([
      [{ ...back, ...rest, trace: 7 }, { outcome: "unmatched" }],
      [{ ...back, ...rest }, { outcome: "applied" }],
      [approve(2, 1), "account_blocked"],
      [file(1, "2026-06-20"), { entries: 0 }],
      [replaceBankAccount(), "collection_changed"],
      [file(2, "2026-06-22"), { entries: 1, debitCents: 0 }],
    ]);
    expect(customer(account).vault.bankAccount).toBe("vault-bank-2");
  });
});

describe("a second attempt", () => {
  test("comes after the days between, of the same amount, and lifts the block (FAQ)", () => {
    const account = inFlight();
    // Returned on Monday, 1 June: three banking days later is Thursday.
    account.table([
      [returnDebit(1, 2_500, "R01", { file: 1, trace: 100 }), { outcome: "applied" }],
      [file(2, "2026-06-03"), { entries: 0 }],
      [file(3, "2026-06-08"), { entries: 1, debitCents: 2_500 }],
    ]);
    expect(reasons(account)).toEqual(["collection_failed"]);
    account.table([[collect(3), { debitCents: 2_500 }]]);
    expect([reasons(account), stages(account)]).toEqual([[], []]);
  });

  test("that fails too ends in a fee and payment by hand, principal first", () => {
    const account = inFlight();
    account.table([
      [returnDebit(1, 2_500, "R01", { file: 1, trace: 100 }), { outcome: "applied" }],
      [file(3, "2026-06-08"), { entries: 1 }],
      [returnDebit(1, 2_500, "R09", { file: 3, trace: 300 }), { outcome: "applied" }],
      [file(4, "2026-06-22"), { entries: 0 }],
    ]);
    expect(Number(feesCents(customer(account).collection))).toBe(2_500);
    account.table([
      [payByHand(2_400), { debtCents: 2_600 }],
      [payByHand(2_599), { debtCents: 1 }],
    ]);
    expect(reasons(account)).toEqual(["collection_failed"]);
    expect(payTooMuch(account, 11)).toMatchObject({ debtCents: 0 });
    expect(reasons(account)).toEqual([]);
    // Ten cents too much are owed back, and go into the next file.
    account.table([[file(5, "2026-06-23"), { entries: 1, creditCents: 10, debitCents: 0 }]]);
  });

  test("is not made when a part was paid by hand", () => {
    const account = inFlight();
    account.table([
      [returnDebit(1, 2_500, "R01", { file: 1, trace: 100 }), { outcome: "applied" }],
      [payByHand(1), { debtCents: 2_499 }],
      [file(3, "2026-06-08"), { entries: 0 }],
    ]);
  });

  test("after a stopped payment needs a new consent, and is counted", () => {
    const allow = { kind: "AllowRetry", paymentId: paymentId(1), note: "by letter" } as const;
    const account = inFlight();
    account.table([
      [allow, "debit_not_returned"],
      [returnDebit(1, 2_500, "R08", { file: 1, trace: 100 }), { outcome: "applied" }],
      [file(2, "2026-06-15"), { entries: 0 }],
      [allow, "collection_changed"],
      [file(3, "2026-06-16"), { entries: 1 }],
      [returnDebit(1, 2_500, "R08", { file: 3, trace: 300 }), { outcome: "applied" }],
      [allow, "no_retry_left"],
    ]);
  });
});

describe("a refund", () => {
  test("before the debit is filed shrinks it, to nothing if need be", () => {
    const account = tell(checkedAccount(), bought(1, 2_500));
    account.table([
      [refund(1, 1, 1_000, 15), "refund_granted"],
      [DESCRIBE, { limit: { availableCents: 8_500 } }],
      [refund(2, 1, 1_500), "refund_granted"],
      [DESCRIBE, { limit: { availableCents: 10_000 } }],
      [file(1, "2026-06-09"), { entries: 0 }],
    ]);
  });

  test("while it is under way is paid once the debit is collected", () => {
    const account = inFlight();
    account.table([
      [refund(1, 1, 1_000), "refund_granted"],
      [file(2, "2026-06-10"), { entries: 0 }],
      [collect(1), { debitCents: 2_500 }],
      [file(3, "2026-06-12"), { entries: 1, creditCents: 1_000 }],
      [collect(3), { debitCents: 0, creditCents: 1_000 }],
    ]);
    expect(customer(account).collection.refunds).toEqual([]);
  });

  test("after collection is paid with the next file, and owed again when it comes back", () => {
    const account = inFlight();
    const subject = { kind: "refund", refundId: refundId(1), paymentId: paymentId(1) } as const;
    const back = { kind: "ReturnEntry", subject, fileId: fileId(2), code: "R03" } as const;
    const rest = { merchantNumber: 3, amountCents: cents(900), isSettled: true } as const;
    account.table([
      [collect(1), { debitCents: 2_500 }],
      [refund(1, 1, 900), "refund_granted"],
      [file(2, "2026-06-12"), { creditCents: 900 }],
      [{ ...back, ...rest, trace: 201 }, { outcome: "unmatched" }],
      [{ ...back, ...rest, trace: 200 }, { outcome: "applied" }],
      [file(3, "2026-06-15"), { entries: 0 }],
    ]);
    const [owed] = customer(account).collection.refunds;
    expect(owed).toMatchObject({ amountCents: 900, stage: "payable", sent: null });
  });

  test("of a debit that came back does not shrink the second attempt", () => {
    inFlight().table([
      [returnDebit(1, 2_500, "R01", { file: 1, trace: 100 }), { outcome: "applied" }],
      [refund(1, 1, 1_000), "refund_granted"],
      [file(3, "2026-06-08"), { debitCents: 2_500 }],
    ]);
  });
});

describe("what is due and can be debited no more", () => {
  /** Payment 2 of $7 was not sent when the debit of payment 1 came back for good. */
  const stuck = (code: ReturnCode) =>
    tell(inFlight(), [
      approve(2, 700, { counter: 2 }),
      capture(2, 700),
      returnDebit(1, 2_500, code, { file: 1, trace: 100 }),
    ]).table([[file(2, "2026-06-15"), { entries: 0 }]]);

  test("is paid by hand with what came back", () => {
    const account = stuck("R02").table([
      [payByHand(3_200), { debtCents: 0 }],
      [DESCRIBE, { collection: { purchases: [], refunds: [] } }],
    ]);
    expect(account.eventKinds.slice(-2)).toEqual(["DuePaidByHand", "PaidByHand"]);
  });

  test("is paid whole; what is too little is kept, and not sent back meanwhile", () => {
    const account = stuck("R07");
    expect(payTooMuch(account, 500)).toMatchObject({ debtCents: 0 });
    account.table([
      [DESCRIBE, { collection: { refunds: [{ amountCents: 500 }] } }],
      [file(3, "2026-06-16"), { entries: 0 }],
      [payByHand(700, 901), "payment_recorded"],
      [file(4, "2026-06-17"), { entries: 1, creditCents: 500 }],
    ]);
  });

  test("is written off by two people: nothing else would end it", () => {
    const off = { kind: "WriteOff", paymentId: paymentId(2), note: "gone away" } as const;
    const account = stuck("R07");
    account.principal = "desk:alice";
    account.table([
      [off, "write_off_proposed"],
      [off, "second_person_needed"],
    ]);
    account.principal = "desk:bob";
    account.table([
      [off, "collection_changed"],
      [DESCRIBE, { collection: { purchases: [{ stage: "disputed" }] } }],
      [payByHand(700), { debtCents: 0 }],
    ]);
    expect(account.eventKinds.slice(-2)).toEqual(["DebtWrittenOff", "DebtRecovered"]);
  });

  test("is not written off while it can be debited", () => {
    const off = { kind: "WriteOff", paymentId: paymentId(1), note: "gone away" } as const;
    tell(checkedAccount(), bought(1, 700)).table([[off, "debit_not_returned"]]);
  });

  test("is not paid so while it can be debited", () => {
    const account = tell(checkedAccount(), bought(1, 700));
    payTooMuch(account, 700);
    account.table([
      [DESCRIBE, { collection: { purchases: [{ stage: "due" }] } }],
      [file(1, "2026-06-09"), { debitCents: 700 }],
    ]);
  });
});

describe("a payment by hand above the debt", () => {
  const returned = () =>
    inFlight().table([
      [returnDebit(1, 2_500, "R08", { file: 1, trace: 100 }), { outcome: "applied" }],
    ]);
  const by = (account: ReturnType<typeof returned>, operator: string) => {
    account.principal = `desk:${operator}`;
    return account;
  };

  test("changes nothing before a second person has recorded the same", () => {
    const account = returned();
    by(account, "alice").table([
      [payByHand(100_000_000), { kind: "payment_proposed", debtCents: 2_500 }],
      [payByHand(100_000_000, 901), "second_person_needed"],
      [file(2, "2026-06-12"), { entries: 0 }],
      [DESCRIBE, { collection: { refunds: [], purchases: [{ amountCents: 2_500 }] } }],
    ]);
    expect(reasons(account)).toEqual(["collection_failed"]);
    by(account, "bob").table([
      [payByHand(100_000_000, 902), { kind: "payment_recorded", debtCents: 0 }],
      [DESCRIBE, { collection: { refunds: [{ amountCents: 99_997_500 }], paymentProposal: null } }],
    ]);
    expect(reasons(account)).toEqual([]);
  });

  test("is another payment under another amount or evidence", () => {
    const account = by(returned(), "alice").table([[payByHand(3_000), "payment_proposed"]]);
    by(account, "bob").table([
      [payByHand(3_001), "payment_proposed"],
      [{ ...payByHand(3_001), evidence: "check 18" } as AccountCommand, "payment_proposed"],
    ]);
    // The newest one waits, and no other.
    by(account, "alice").table([[payByHand(3_000), "payment_proposed"]]);
  });

  test("needs nobody else once it is not above the debt", () => {
    const account = by(returned(), "alice").table([
      [payByHand(2_501), "payment_proposed"],
      [payByHand(2_500), "payment_recorded"],
      [DESCRIBE, { collection: { paymentProposal: null } }],
      [payByHand(2_501), "payment_proposed"],
    ]);
    expect(reasons(account)).toEqual([]);
  });
});

describe("what is not collected", () => {
  const off = { kind: "WriteOff", paymentId: paymentId(1), note: "gone away" } as const;

  test("is written off by two people, and recovered later", () => {
    const account = inFlight();
    account.table([
      [off, "debit_not_returned"],
      [returnDebit(1, 2_500, "R02", { file: 1, trace: 100 }), { outcome: "applied" }],
    ]);
    account.principal = "desk:alice";
    account.table([
      [off, "write_off_proposed"],
      [off, "second_person_needed"],
    ]);
    account.principal = "desk:bob";
    account.table([
      [off, "collection_changed"],
      [off, "debit_not_returned"],
      [payByHand(2_500), { debtCents: 0 }],
    ]);
    expect(account.eventKinds.slice(-2)).toEqual(["DebtWrittenOff", "DebtRecovered"]);
    // The bank account is closed: the block stays until there is another.
    expect(reasons(account)).toEqual(["collection_failed"]);
    account.tell(replaceBankAccount());
    expect(reasons(account)).toEqual([]);
  });

  test("is set off against a refund that waited for it", () => {
    const account = inFlight();
    account.table([
      [refund(1, 1, 1_000), "refund_granted"],
      [returnDebit(1, 2_500, "R02", { file: 1, trace: 100 }), { outcome: "applied" }],
    ]);
    account.principal = "desk:alice";
    account.tell(off);
    account.principal = "desk:bob";
    account.tell(off);
    expect(account.eventKinds.slice(-2)).toEqual(["RefundSetOff", "DebtWrittenOff"]);
    const { collection } = customer(account);
    expect([collection.refunds, Number(writtenOffCents(collection))]).toEqual([[], 1_500]);
  });

  test.each(["lost", "won", "merchant_pays"] as const)("and disputed may be %s", (kind) => {
    const paid = { paymentId: paymentId(1), outcome: kind, note: "x" };
    const decide = { kind: "DecideDispute", ...paid } as const;
    const account = inFlight();
    account.table([
      [decide, "debit_not_disputed"],
      [returnDebit(1, 2_500, "R10", { file: 1, trace: 100 }), { outcome: "applied" }],
      [decide, "collection_changed"],
    ]);
    const debt = { kind: "NoteDebt", paymentId: paymentId(1), amountCents: cents(2_500) };
    expect(account.sent).toEqual(kind === "merchant_pays" ? [{ ...debt, to: "merchant:3" }] : []);
    account.table([[DESCRIBE, { limit: { availableCents: 10_000 } }]]);
    expect(reasons(account)).toEqual(["disputed"]);
  });
});
