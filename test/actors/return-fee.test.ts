/** Return fees: charged once, debited where the mandate gave notice, or paid by hand (FAQ). */
import { describe, expect, test } from "bun:test";
import type { AccountCommand } from "../../actors/account-messages.ts";
import { noticedFeeCents, withFeeNotice } from "../../actors/mandate.ts";
import { cents } from "../../actors/money.ts";
import { charged, NOTICED, noticed, open, owed, returnFee } from "./charging.ts";
import {
  bought,
  collect,
  date,
  file,
  payByHand,
  payTooMuch,
  replaceBankAccount,
  returnDebit,
  unfile,
} from "./collecting.ts";
import { paymentId } from "./samples.ts";
import {
  type Account,
  APPLIED,
  at,
  collection,
  lastPostings,
  NOTHING,
  reasons,
  UNMATCHED,
} from "./told-account.ts";

const FEE_ONLY = { entries: 1, debitCents: 2_500, creditCents: 0 };

describe("the version of a mandate", () => {
  test("names the fee that its text gives notice of", () => {
    expect(withFeeNotice("2026-11", cents(2_500))).toBe(NOTICED);
    expect(noticedFeeCents(NOTICED)).toBe(cents(2_500));
    for (const other of ["2026-11", "2026-11+fee", "2026-11+fee0", "2026-11+fee2500x", "+fee1e3"]) {
      expect(noticedFeeCents(other)).toBeUndefined();
    }
  });
});

describe("a fee", () => {
  test("goes into the next file, beside what is due, and is collected after its window", () => {
    const account = charged();
    expect(collection(account).fees).toEqual([
      {
        ...{ paymentId: paymentId(1), merchantNumber: 3, amountCents: cents(2_500) },
        ...{ debitBy: date("2026-07-25"), sent: null },
      },
    ]);
    account.table([
      [file(2, "2026-06-11"), FEE_ONLY],
      [file(2, "2026-06-11"), FEE_ONLY],
    ]);
    expect(lastPostings(account)).toEqual([
      "debit cust:P:fees_in_flight 2500",
      "credit cust:P:fees 2500",
    ]);
    expect([owed(account), open(account)]).toEqual([2_500, 0]);
    account.table([
      [file(3, "2026-06-12"), NOTHING],
      [payByHand(2_500), { debtCents: 2_500 }],
    ]);
    // Principal is paid, the fee is under way: not paid yet.
    expect(reasons(account)).toEqual(["collection_failed"]);
    account.table([[collect(2), { debitCents: 2_500, creditCents: 0 }]]);
    expect(lastPostings(account)).toEqual([
      "debit ach:provisional 2500",
      "credit cust:P:fees_in_flight 2500",
    ]);
    expect([owed(account), reasons(account)]).toEqual([0, []]);
    account.table([[collect(2), { debitCents: 0 }]]);
  });

  // In the order in which they are asked.
  test.each<[string, () => Account]>([
    ["the policy says so", () => charged(noticed(NOTICED, { returnFeesByAch: false }))],
    ["the mandate gave notice", () => charged(noticed("2026-11"))],
    ["the notice was of that amount", () => charged(noticed("2026-11+fee1500"))],
    [
      "the bank account is the one that it came back from",
      () => charged().table([[replaceBankAccount(2), "collection_changed"]]),
    ],
    [
      "the customer stays",
      () => {
        const leave = { kind: "CloseAccount", by: "customer", note: "", signature: "s" } as const;
        return charged().table([[leave, "closing"]]);
      },
    ],
    ["it is not paid in part", () => charged().table([[payByHand(2_501), { debtCents: 2_499 }]])],
    ["it is not paid by hand", () => charged().table([[payByHand(5_000), { debtCents: 0 }]])],
    [
      "nobody froze the account",
      () => {
        const frozen = { kind: "BlockAccount", reason: "compliance", note: "list" } as const;
        return charged().table([[frozen, "blocks_changed"]]);
      },
    ],
  ])("is debited only where %s", (_, made) => {
    const account = made();
    account.tell(file(2, "2026-06-15"));
    account.tell(file(3, "2026-06-30"));
    expect(account.events.filter(({ kind }) => kind === "FeesFiled")).toEqual([]);
  });
});

describe("a fee that may be debited", () => {
  test("is so within 45 days of the return, and is paid by hand after that", () => {
    charged().table([[file(2, "2026-07-25"), FEE_ONLY]]);
    const late = charged().table([[file(2, "2026-07-27"), NOTHING]]);
    late.table([[payByHand(5_000), { debtCents: 0 }]]);
  });

  test("is nothing that a file of other kinds takes", () => {
    const scope = { kinds: ["debit", "retry"], centsMax: null, settlesAt: "1300" } as const;
    const account = charged().table([
      [{ ...file(2, "2026-06-11"), scope } as AccountCommand, NOTHING],
      [
        { ...file(3, "2026-06-11"), scope: { ...scope, kinds: ["fee"] } } as AccountCommand,
        FEE_ONLY,
      ],
    ]);
    expect(open(account)).toBe(0);
  });

  test("waits where the traces are too few, and is asked for again", () => {
    const account = noticed();
    for (const command of bought(1, 2_500)) account.tell(command);
    account.tell(file(1, "2026-06-09"));
    for (const command of bought(2, 1_000)) account.tell(command);
    account.table([
      [returnDebit(1, 2_500, "R01", at(1)), APPLIED],
      [file(2, "2026-06-11", 1), { entries: 1, debitCents: 1_000 }],
      [file(3, "2026-06-12", 1), FEE_ONLY],
    ]);
    const hasMore = account.events.flatMap((one) => ("hasMore" in one ? [one.hasMore] : []));
    expect(hasMore.slice(-2)).toEqual([true, false]);
  });
});

describe("a fee of a debit", () => {
  test("of a file that is not sent is owed as before", () => {
    const account = charged().table([
      [file(2, "2026-06-11"), FEE_ONLY],
      [unfile(2), "entries_unfiled"],
    ]);
    expect(lastPostings(account)).toEqual([
      "debit cust:P:fees 2500",
      "credit cust:P:fees_in_flight 2500",
    ]);
    account.table([
      [unfile(2), "entries_unfiled"],
      [file(3, "2026-06-12"), FEE_ONLY],
    ]);
  });

  test("is charged once for a debit, however often it comes back", () => {
    const allow = { kind: "AllowRetry", paymentId: paymentId(1), note: "by letter" } as const;
    const strict = noticed(NOTICED, { retriesMax: 0, returnFeesByAch: false });
    for (const command of bought(1, 2_500)) strict.tell(command);
    strict.table([
      [file(1, "2026-06-09"), { entries: 1 }],
      [returnDebit(1, 2_500, "R01", at(1)), APPLIED],
      [allow, "no_retry_left"],
    ]);
    expect(owed(strict)).toBe(2_500);
    // The policy has become another one since.
    const account = noticed(NOTICED, { retriesMax: 1, returnFeesByAch: false });
    account.state = strict.state;
    account.table([
      [allow, "collection_changed"],
      [file(3, "2026-06-22"), { entries: 1, debitCents: 2_500 }],
      [returnDebit(1, 2_500, "R01", at(3)), APPLIED],
    ]);
    expect(owed(account)).toBe(2_500);
    expect(account.eventKinds).not.toContain("ReturnFeeCharged");
  });
});

describe("a fee that comes back", () => {
  test("is owed by hand: never again presented, and no fee is charged for it", () => {
    const account = charged().table([
      [file(2, "2026-06-11"), FEE_ONLY],
      [returnFee(1, "R01", 2), APPLIED],
    ]);
    expect(account.sent).toMatchObject([{ kind: "NoteReturn", direction: "debit" }]);
    expect(lastPostings(account)).toEqual([
      ...["debit cust:P:fees 2500", "credit cust:P:fees_in_flight 2500"],
      ...["debit ach:provisional 2500", "credit cash:bank 2500"],
    ]);
    expect([owed(account), open(account), reasons(account)]).toEqual([
      ...[2_500, 2_500],
      ["collection_failed"],
    ]);
    account.table([
      [returnFee(1, "R01", 2), UNMATCHED],
      [file(3, "2026-06-15"), NOTHING],
      [payByHand(5_000), { debtCents: 0 }],
    ]);
    expect(reasons(account)).toEqual([]);
  });

  test("before the bank had settled moves no cash", () => {
    const account = charged().table([
      [file(2, "2026-06-11"), FEE_ONLY],
      [returnFee(1, "R01", 2, 2_500, false), APPLIED],
    ]);
    expect(lastPostings(account)).toHaveLength(2);
  });

  test("of another amount or another file is not that fee", () => {
    charged().table([
      [returnFee(1, "R01", 2), UNMATCHED],
      [file(2, "2026-06-11"), FEE_ONLY],
      [returnFee(1, "R01", 2, 2_499), UNMATCHED],
      [returnFee(1, "R01", 3), UNMATCHED],
    ]);
  });

  test("after it was collected is owed again, and blocks", () => {
    const account = charged().table([
      [file(2, "2026-06-11"), FEE_ONLY],
      [payByHand(2_500), { debtCents: 2_500 }],
      [collect(2), { debitCents: 2_500 }],
      [returnFee(1, "R09", 2), APPLIED],
    ]);
    expect(lastPostings(account)).toEqual(["debit cust:P:fees 2500", "credit cash:bank 2500"]);
    expect([owed(account), reasons(account)]).toEqual([2_500, ["collection_failed"]]);
    account.table([[file(3, "2026-06-20"), NOTHING]]);
  });

  test("as not authorised ends the mandate and is a dispute", () => {
    const account = charged().table([
      [file(2, "2026-06-11"), FEE_ONLY],
      [returnFee(1, "R10", 2), APPLIED],
    ]);
    expect(collection(account).isMandateEnded).toBe(true);
    expect(reasons(account)).toEqual(["collection_failed", "disputed"]);
  });
});

describe("a fee that is under way while more is paid by hand", () => {
  test("is paid by that when it comes back", () => {
    const account = charged().table([[file(2, "2026-06-11"), FEE_ONLY]]);
    // Principal, and as much again: the fee is under way, and is left alone.
    expect(payTooMuch(account, 5_000)).toMatchObject({ debtCents: 2_500 });
    expect([owed(account), open(account)]).toEqual([2_500, 0]);
    // Nothing goes back before it is sure that the fee was paid.
    account.table([[file(3, "2026-06-12"), NOTHING]]);
    account.table([[returnFee(1, "R01", 2), APPLIED]]);
    expect(lastPostings(account)).toEqual([
      "debit cust:P:refund_payable 2500",
      "credit cust:P:fees 2500",
    ]);
    expect([owed(account), collection(account).refunds, reasons(account)]).toEqual([0, [], []]);
  });

  test("and does not come back: what was paid too much is paid back", () => {
    const account = charged().table([[file(2, "2026-06-11"), FEE_ONLY]]);
    payTooMuch(account, 5_000);
    account.table([
      [collect(2), { debitCents: 2_500 }],
      [file(3, "2026-06-16"), { entries: 1, creditCents: 2_500 }],
    ]);
    expect(reasons(account)).toEqual([]);
  });
});

test("of two fees the oldest is paid first, and the other one is debited", () => {
  const account = noticed();
  for (const number of [1, 2]) for (const command of bought(number, 2_500)) account.tell(command);
  account.table([
    [file(1, "2026-06-09"), { entries: 2 }],
    [returnDebit(1, 2_500, "R01", { file: 1, trace: 100 }), APPLIED],
    [returnDebit(2, 2_500, "R09", { file: 1, trace: 101 }), APPLIED],
    [payByHand(7_500), { debtCents: 2_500 }],
    [file(2, "2026-06-11"), FEE_ONLY],
  ]);
  expect(collection(account).fees).toMatchObject([{ paymentId: paymentId(2) }]);
});
