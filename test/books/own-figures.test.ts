/** Every event that says what it moves, beside one whose entry says a cent more. */
import { describe, expect, test } from "bun:test";
import type { PersonId } from "../../actors/ids.ts";
import type { JournalEntry } from "../../actors/ledger.ts";
import { type Cents, cents } from "../../actors/money.ts";
import {
  debitReopened,
  debitsCollected,
  debitsFiled,
  disputeLost,
  disputeWon,
  duePaidByHand,
  manualPayment,
  payoutFiled,
  payoutReturned,
  purchaseCaptured,
  recovered,
  refunded,
  refundPaidByHand,
  refundReturned,
  refundsFiled,
  writtenOff,
} from "../../actors/postings.ts";
import {
  feeReopened,
  feeReturned,
  feesCollected,
  feesFiled,
} from "../../actors/return-fee-postings.ts";
import { debitReversed } from "../../actors/reversal-postings.ts";
import { unmatched } from "../../actors/suspense-postings.ts";
import { Story } from "./story.ts";

const PERSON = "per_1" as PersonId;
const FIVE = cents(5);
const NONE = cents(0);
const twice = [
  { amountCents: FIVE, attempt: 1 },
  { amountCents: FIVE, attempt: 2 },
];
const byHand = {
  principal: [{ paymentId: "p", cents: cents(2) }],
  feesCents: cents(2),
  excess: { refundId: "r", cents: cents(1) },
};

type EntryOf = (one: Cents) => JournalEntry;
type Row = readonly [kind: string, figures: object, entry: EntryOf];

const refundOfDue: EntryOf = (one) => {
  const share = { merchantNumber: 1, payableCents: one, receivableCents: NONE };
  return refunded(PERSON, share, NONE, { dueCents: one, payableCents: NONE });
};
const payment: EntryOf = (one) =>
  manualPayment(PERSON, { principalCents: one, feesCents: NONE, excessCents: NONE });
const attempts: EntryOf = (one) => {
  const again = { from: "returned", amountCents: FIVE } as const;
  return debitsFiled(PERSON, [{ from: "due", amountCents: one }, again]);
};

/** `one` is five cents in the right entry. */
const ACCOUNT: readonly Row[] = [
  [
    "PaymentCaptured",
    { receipt: { amountCents: 5 } },
    (one) => purchaseCaptured(PERSON, 1, one, NONE),
  ],
  ["RefundGranted", { dueCents: 5 }, refundOfDue],
  ["DebitsFiled", { debits: twice }, attempts],
  ["RefundsFiled", { refunds: twice }, (one) => refundsFiled(PERSON, [one, FIVE])],
  ["DebitsCollected", { amountCents: 10 }, (one) => debitsCollected(PERSON, [one, FIVE])],
  ["FeesFiled", { fees: twice }, (one) => feesFiled(PERSON, [one, FIVE])],
  ["FeesCollected", { amountCents: 10 }, (one) => feesCollected(PERSON, [one, FIVE])],
  ["FeeReturned", { amountCents: 5 }, (one) => feeReturned(PERSON, one, true)],
  ["FeeReturned", { amountCents: 5 }, (one) => feeReturned(PERSON, one, false)],
  ["FeeReopened", { amountCents: 5 }, (one) => feeReopened(PERSON, one)],
  ["DebitReopened", { amountCents: 5 }, (one) => debitReopened(PERSON, "disputed", one)],
  [
    "DebitReversed",
    { amountCents: 5, from: "in_flight", isDueAgain: true },
    (one) => debitReversed(PERSON, "in_flight", true, one),
  ],
  [
    "DebitReversed",
    { amountCents: 5, from: "collected", isDueAgain: true },
    (one) => debitReversed(PERSON, "collected", true, one),
  ],
  ["RefundReturned", { amountCents: 5 }, (one) => refundReturned(PERSON, one, true)],
  ["RefundReturned", { amountCents: 5 }, (one) => refundReturned(PERSON, one, false)],
  ["PaidByHand", byHand, payment],
  ["DuePaidByHand", { paid: [{ cents: 2 }, { cents: 3 }] }, (one) => duePaidByHand(PERSON, one)],
  ["DebtRecovered", { amountCents: 5 }, recovered],
  [
    "RefundPaidByHand",
    { amountCents: 5, isUnclaimed: true },
    (one) => refundPaidByHand(PERSON, one, true),
  ],
  ["DebtWrittenOff", { amountCents: 5, from: "due" }, (one) => writtenOff(PERSON, "due", one)],
  ["DisputeDecided", { amountCents: 5, outcome: "won" }, (one) => disputeWon(PERSON, one)],
];
const MERCHANT: readonly Row[] = [
  ["PayoutFiled", { amountCents: 5 }, (one) => payoutFiled(1, one)],
  ["PayoutReturned", { amountCents: 5 }, (one) => payoutReturned(1, one, true)],
  ["PayoutReturned", { amountCents: 5 }, (one) => payoutReturned(1, one, false)],
];
const money = (of: string, direction: string) => {
  return { exception: { money: { of, direction, amountCents: 5 } } };
};
const INBOUND: readonly Row[] = (["return", "settlement"] as const).flatMap((of) =>
  (["debit", "credit"] as const).map(
    (side): Row => ["ExceptionKept", money(of, side), (one) => unmatched(of, side, one)],
  ),
);

/** By how much the entry differs from its event. */
function differences(ref: string, kind: string, figures: object, entry: JournalEntry) {
  const story = new Story().tell(ref, { kind, ...{ ...figures, entry } });
  const found = story.report().differences.filter((one) => one.kind === "entry_differs");
  return found.map(({ amountCents }) => Math.abs(amountCents));
}

describe.each([
  ["account/acc_1", ACCOUNT],
  ["merchant/1", MERCHANT],
  [`ach-inbound/${"ab".repeat(32)}`, INBOUND],
] as const)("of %s", (ref, rows) => {
  for (const [at, [kind, figures, entry]] of rows.entries()) {
    test(`${kind} (${at}) says what its entry moves, to the cent`, () => {
      expect(differences(ref, kind, figures, entry(FIVE))).toEqual([]);
      expect(new Set(differences(ref, kind, figures, entry(cents(6))))).toEqual(new Set([1]));
    });
  }
});

test("a dispute that is lost moves no money of ours", () => {
  const lost = { amountCents: 5, outcome: "lost" };
  const decided = (entry: JournalEntry) =>
    differences("account/acc_1", "DisputeDecided", lost, entry);
  expect(decided(disputeLost(PERSON, FIVE))).toEqual([]);
  expect(decided(disputeWon(PERSON, FIVE))).toEqual([5]);
});
