import { expect, test } from "bun:test";
import fc from "fast-check";
import { AssertionFailed } from "../../actors/assert.ts";
import {
  type Balances,
  customerAccount,
  entryOf,
  imbalanceCents,
  type JournalEntry,
  merchantAccount,
  post,
  signedCents,
} from "../../actors/ledger.ts";
import { cents } from "../../actors/money.ts";
import { purchaseCaptured } from "../../actors/postings.ts";
import { personId } from "./samples.ts";

const purchase = (amount: number, fee: number): JournalEntry =>
  purchaseCaptured(personId(1), 3, cents(amount), cents(fee));

test("a captured purchase is due from the person and payable to the merchant, less the fee", () => {
  expect(purchase(1_299, 19)).toEqual({
    name: "purchase_captured",
    postings: [
      { account: customerAccount(personId(1), "due"), side: "debit", amountCents: cents(1_299) },
      { account: merchantAccount(3, "payable"), side: "credit", amountCents: cents(1_280) },
      { account: "income:merchant_fee", side: "credit", amountCents: cents(19) },
    ],
  });
});

test("ledger accounts are named after person and merchant", () => {
  const named: readonly string[] = [
    customerAccount(personId(1), "due"),
    merchantAccount(3, "payable"),
  ];
  expect(named).toEqual([`cust:${personId(1)}:due`, "merch:3:payable"]);
});

test("postings of nothing are left out", () => {
  expect(purchase(100, 0).postings.map(({ account }) => account)).not.toContain(
    "income:merchant_fee",
  );
  expect(purchase(100, 100).postings.map(({ account }) => account)).not.toContain(
    merchantAccount(3, "payable"),
  );
});

test("every purchase balances, and so do the books of any number of them", () => {
  const sale = fc
    .record({ amount: fc.integer({ min: 1, max: 10 ** 12 }), share: fc.nat(10_000) })
    .map(({ amount, share }) => ({ amount, fee: Math.floor((amount * share) / 10_000) }));
  fc.assert(
    fc.property(fc.array(sale, { maxLength: 50 }), (sales) => {
      const books: Balances = new Map();
      let due = 0;
      for (const { amount, fee } of sales) {
        const entry = purchase(amount, fee);
        expect(imbalanceCents(entry)).toBe(cents(0));
        post(books, entry);
        due += amount;
        let sum = 0;
        for (const balance of books.values()) sum += balance;
        expect(sum).toBe(0);
      }
      expect(books.get(customerAccount(personId(1), "due")) ?? 0).toBe(due);
    }),
  );
});

test("an entry that does not balance is not posted", () => {
  const [debit] = purchase(100, 0).postings;
  if (debit === undefined) throw new Error("a purchase has a debit");
  const entry: JournalEntry = { name: "purchase_captured", postings: [debit] };
  expect(imbalanceCents(entry)).toBe(cents(100));
  const books: Balances = new Map();
  expect(() => post(books, entry)).toThrow("a journal entry balances");
  expect(books.size).toBe(0);
});

test("amounts and fees that cannot be are refused", () => {
  for (const [amount, fee] of [
    [0, 0],
    [-1, 0],
    [100, -1],
    [100, 101],
  ] as const) {
    expect(() => purchase(amount, fee)).toThrow(AssertionFailed);
  }
});

test("a debit counts up and a credit down", () => {
  const posting = { account: customerAccount(personId(1), "due"), amountCents: cents(5) };
  expect(signedCents({ ...posting, side: "debit" })).toBe(cents(5));
  expect(signedCents({ ...posting, side: "credit" })).toBe(cents(-5));
});

test("the entry travels inside the event that caused it", () => {
  const entry = purchase(1, 0);
  expect(entryOf({ kind: "PaymentCaptured", entry })).toBe(entry);
  expect(entryOf({ kind: "PaymentReleased" })).toBeUndefined();
});
