/** The postings of docs/money.md, written out a second time by hand. */
import { describe, expect, test } from "bun:test";
import {
  HOUSE_ACCOUNTS,
  type JournalEntry,
  type LedgerAccount,
  normalSide,
} from "../../actors/ledger.ts";
import { cents } from "../../actors/money.ts";
import * as postings from "../../actors/postings.ts";
import * as fees from "../../actors/return-fee-postings.ts";
import { debitReversed } from "../../actors/reversal-postings.ts";
import * as stopped from "../../actors/stopped-refund-postings.ts";
import * as suspense from "../../actors/suspense-postings.ts";
import { personId } from "./samples.ts";

const P = personId(1);
const share = { merchantNumber: 3, payableCents: cents(70), receivableCents: cents(28) };

function lines({ postings: list }: JournalEntry): string[] {
  return list.map(({ side, account, amountCents }) => {
    return `${side === "debit" ? "Dr" : "Cr"} ${account.replace(P, "P")} ${amountCents}`;
  });
}

const due = { from: "due", amountCents: cents(100) } as const;
const retry = { from: "returned", amountCents: cents(40) } as const;
const [hundred, none] = [cents(100), cents(0)];

const TABLE: readonly (readonly [JournalEntry, string, readonly string[]])[] = [
  [
    postings.purchaseCaptured(P, 3, hundred, cents(2)),
    "purchase_captured",
    ["Dr cust:P:due 100", "Cr merch:3:payable 98", "Cr income:merchant_fee 2"],
  ],
  [
    postings.debitsFiled(P, [due, retry]),
    "debits_filed",
    [
      ...["Dr cust:P:in_flight 100", "Cr cust:P:due 100"],
      ...["Dr cust:P:in_flight 40", "Cr cust:P:returned 40"],
    ],
  ],
  [
    postings.debitsUnfiled(P, [due, retry]),
    "debits_unfiled",
    [
      ...["Dr cust:P:due 100", "Cr cust:P:in_flight 100"],
      ...["Dr cust:P:returned 40", "Cr cust:P:in_flight 40"],
    ],
  ],
  [
    postings.fileSettled({ debitCents: hundred, creditCents: cents(30) }, none),
    "file_settled",
    ["Dr cash:bank 100", "Cr ach:provisional 100", "Dr ach:out 30", "Cr cash:bank 30"],
  ],
  [
    postings.fileSettled({ debitCents: hundred, creditCents: none }, cents(7)),
    "file_settled",
    [...["Dr cash:bank 100", "Cr ach:provisional 100"], ...["Dr cash:bank 7", "Cr ach:suspense 7"]],
  ],
  [
    postings.statementCorrected(cents(-7)),
    "statement_corrected",
    ["Dr ach:suspense 7", "Cr cash:bank 7"],
  ],
  [
    postings.debitsCollected(P, [hundred]),
    "debits_collected",
    ["Dr ach:provisional 100", "Cr cust:P:in_flight 100"],
  ],
  [
    postings.debitReturned(P, "returned", hundred, false),
    "debit_returned",
    ["Dr cust:P:returned 100", "Cr cust:P:in_flight 100"],
  ],
  [
    postings.debitReturned(P, "disputed", hundred, true),
    "debit_disputed",
    [
      ...["Dr cust:P:disputed 100", "Cr cust:P:in_flight 100"],
      ...["Dr ach:provisional 100", "Cr cash:bank 100"],
    ],
  ],
  [
    postings.debitReopened(P, "disputed", hundred),
    "debit_reopened",
    ["Dr cust:P:disputed 100", "Cr cash:bank 100"],
  ],
  [
    postings.returnFee(P, cents(25)),
    "return_fee",
    ["Dr cust:P:fees 25", "Cr income:return_fee 25"],
  ],
  [
    fees.feesFiled(P, [cents(25), cents(15)]),
    "fees_filed",
    [
      ...["Dr cust:P:fees_in_flight 25", "Cr cust:P:fees 25"],
      ...["Dr cust:P:fees_in_flight 15", "Cr cust:P:fees 15"],
    ],
  ],
  [
    fees.feesUnfiled(P, [cents(25)]),
    "fees_unfiled",
    ["Dr cust:P:fees 25", "Cr cust:P:fees_in_flight 25"],
  ],
  [
    fees.feesCollected(P, [cents(25)]),
    "fees_collected",
    ["Dr ach:provisional 25", "Cr cust:P:fees_in_flight 25"],
  ],
  [
    fees.feeReturned(P, cents(25), true),
    "fee_returned",
    [
      ...["Dr cust:P:fees 25", "Cr cust:P:fees_in_flight 25"],
      ...["Dr ach:provisional 25", "Cr cash:bank 25"],
    ],
  ],
  [
    fees.feeReturned(P, cents(25), false),
    "fee_returned",
    ["Dr cust:P:fees 25", "Cr cust:P:fees_in_flight 25"],
  ],
  [
    stopped.refundUnclaimed(P, cents(9)),
    "refund_unclaimed",
    ["Dr cust:P:refund_payable 9", "Cr owed:unclaimed 9"],
  ],
  [fees.feeWaived(P, cents(25)), "fee_waived", ["Dr income:return_fee 25", "Cr cust:P:fees 25"]],
  [fees.feeReopened(P, cents(25)), "fee_reopened", ["Dr cust:P:fees 25", "Cr cash:bank 25"]],
  [
    postings.manualPayment(P, {
      principalCents: hundred,
      feesCents: cents(25),
      excessCents: cents(5),
    }),
    "manual_payment",
    [
      ...["Dr cash:bank 130", "Cr cust:P:returned 100", "Cr cust:P:fees 25"],
      "Cr cust:P:refund_payable 5",
    ],
  ],
  [
    postings.disputeToMerchant(P, 3, hundred),
    "dispute_to_merchant",
    ["Dr merch:3:receivable 100", "Cr cust:P:disputed 100"],
  ],
  [
    postings.disputeLost(P, hundred),
    "dispute_lost",
    ["Dr expense:unauthorised 100", "Cr cust:P:disputed 100"],
  ],
  [postings.disputeWon(P, hundred), "dispute_won", ["Dr cash:bank 100", "Cr cust:P:disputed 100"]],
  [
    postings.refundSetOff(P, `cust:${P}:disputed`, hundred),
    "refund_set_off",
    ["Dr cust:P:refund_payable 100", "Cr cust:P:disputed 100"],
  ],
  [
    postings.writtenOff(P, "returned", hundred),
    "written_off",
    ["Dr expense:bad_debt 100", "Cr cust:P:returned 100"],
  ],
  [
    postings.writtenOff(P, "due", hundred),
    "written_off",
    ["Dr expense:bad_debt 100", "Cr cust:P:due 100"],
  ],
  [postings.recovered(hundred), "recovered", ["Dr cash:bank 100", "Cr expense:bad_debt 100"]],
  [
    postings.refunded(P, share, cents(2), { dueCents: cents(60), payableCents: cents(40) }),
    "refunded",
    [
      ...["Dr merch:3:payable 70", "Dr merch:3:receivable 28", "Dr income:merchant_fee 2"],
      ...["Cr cust:P:due 60", "Cr cust:P:refund_payable 40"],
    ],
  ],
  [
    postings.refundPaidByHand(P, hundred, false),
    "refund_paid_by_hand",
    ["Dr cust:P:refund_payable 100", "Cr cash:bank 100"],
  ],
  [
    postings.refundPaidByHand(P, hundred, true),
    "refund_paid_by_hand",
    ["Dr owed:unclaimed 100", "Cr cash:bank 100"],
  ],
  [
    postings.refundsFiled(P, [hundred]),
    "refunds_filed",
    ["Dr cust:P:refund_payable 100", "Cr ach:out 100"],
  ],
  [
    postings.refundsUnfiled(P, [hundred]),
    "refunds_unfiled",
    ["Dr ach:out 100", "Cr cust:P:refund_payable 100"],
  ],
  [
    postings.refundReturned(P, hundred, true),
    "refund_returned",
    ["Dr cash:bank 100", "Cr cust:P:refund_payable 100"],
  ],
  [
    postings.refundReturned(P, hundred, false),
    "refund_returned",
    ["Dr ach:out 100", "Cr cust:P:refund_payable 100"],
  ],
  [
    postings.payoutNetted(3, hundred),
    "payout_netted",
    ["Dr merch:3:payable 100", "Cr merch:3:receivable 100"],
  ],
  [postings.payoutFiled(3, hundred), "payout_filed", ["Dr merch:3:payable 100", "Cr ach:out 100"]],
  [
    postings.payoutUnfiled(3, hundred),
    "payout_unfiled",
    ["Dr ach:out 100", "Cr merch:3:payable 100"],
  ],
  [
    postings.payoutReturned(3, hundred, true),
    "payout_returned",
    ["Dr cash:bank 100", "Cr merch:3:payable 100"],
  ],
  [
    suspense.unmatched("return", "debit", hundred),
    "unmatched_return",
    ["Dr ach:suspense 100", "Cr cash:bank 100"],
  ],
  [
    suspense.suspenseCleared("return", "debit", hundred),
    "suspense_cleared",
    ["Dr cash:bank 100", "Cr ach:suspense 100"],
  ],
  [
    suspense.unmatched("return", "credit", hundred),
    "unmatched_return",
    ["Dr cash:bank 100", "Cr ach:suspense 100"],
  ],
  [
    suspense.suspenseCleared("return", "credit", hundred),
    "suspense_cleared",
    ["Dr ach:suspense 100", "Cr cash:bank 100"],
  ],
  [
    suspense.unmatched("settlement", "debit", hundred),
    "unmatched_settlement",
    ["Dr cash:bank 100", "Cr ach:suspense 100"],
  ],
  [
    suspense.suspenseCleared("settlement", "debit", hundred),
    "suspense_cleared",
    ["Dr ach:suspense 100", "Cr cash:bank 100"],
  ],
  [
    suspense.unmatched("settlement", "credit", hundred),
    "unmatched_settlement",
    ["Dr ach:suspense 100", "Cr cash:bank 100"],
  ],
  [
    suspense.suspenseCleared("settlement", "credit", hundred),
    "suspense_cleared",
    ["Dr cash:bank 100", "Cr ach:suspense 100"],
  ],
  [
    suspense.suspenseWrittenOff("return", "debit", hundred),
    "suspense_written_off",
    ["Dr expense:unmatched 100", "Cr ach:suspense 100"],
  ],
  [
    suspense.suspenseWrittenOff("return", "credit", hundred),
    "suspense_written_off",
    ["Dr ach:suspense 100", "Cr income:unmatched 100"],
  ],
  [
    debitReversed(P, "collected", true, hundred),
    "debit_reversed",
    ["Dr cust:P:due 100", "Cr cust:P:refund_payable 100"],
  ],
  [
    debitReversed(P, "in_flight", false, hundred),
    "debit_reversed",
    [
      ...["Dr ach:provisional 100", "Cr cust:P:in_flight 100"],
      ...["Dr expense:unmatched 100", "Cr cust:P:refund_payable 100"],
    ],
  ],
];

describe("postings", () => {
  test.each(TABLE)("%# %p", (entry, name, expected) => {
    expect([entry.name, ...lines(entry)]).toEqual([name, ...expected]);
  });

  test("every name of the list is made by something, and nothing makes another", () => {
    expect(new Set(TABLE.map(([, name]) => name))).toEqual(new Set(postings.POSTINGS));
  });

  test("amounts of nothing leave no line", () => {
    const empty = { principalCents: none, feesCents: cents(5), excessCents: none };
    expect(lines(postings.manualPayment(P, empty))).toEqual(["Dr cash:bank 5", "Cr cust:P:fees 5"]);
    const nothing = { debitCents: none, creditCents: none };
    expect(lines(postings.fileSettled(nothing, none))).toEqual([]);
  });
});

test("each account grows on the side that the chart says", () => {
  const debit: LedgerAccount[] = [
    "cash:bank",
    `cust:${P}:due`,
    `cust:${P}:in_flight`,
    `cust:${P}:returned`,
    `cust:${P}:disputed`,
    `cust:${P}:fees`,
    `cust:${P}:fees_in_flight`,
    "merch:3:receivable",
    "partner:a:receivable",
    "expense:cashback",
    "expense:offers",
    "expense:bad_debt",
    "expense:unauthorised",
    "expense:bank_fees",
    "expense:unmatched",
  ];
  const credit: LedgerAccount[] = [
    "ach:provisional",
    "ach:out",
    `cust:${P}:refund_payable`,
    `cust:${P}:cashback`,
    `cust:${P}:offer_cashback`,
    "merch:3:payable",
    "merch:3:undelivered",
    "p2p:t:payable",
    "owed:unclaimed",
    "income:merchant_fee",
    "income:return_fee",
    "income:unmatched",
  ];
  for (const account of debit) expect([account, normalSide(account)]).toEqual([account, "debit"]);
  for (const account of credit) expect([account, normalSide(account)]).toEqual([account, "credit"]);
  const open = HOUSE_ACCOUNTS.filter((account) => normalSide(account) === undefined);
  expect(open).toEqual(["ach:suspense"]);
});
