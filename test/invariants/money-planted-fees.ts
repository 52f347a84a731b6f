/** Bugs planted in the way of return fees, one at a time (docs/money.md, "Return fees"). */
import type { AccountEvent } from "../../actors/account-messages.ts";
import type { BankDate } from "../../actors/banking-calendar.ts";
import type { ReturnFee } from "../../actors/collection-state.ts";
import { cents } from "../../actors/money.ts";
import { returnFee } from "../../actors/postings.ts";
import { but, type MoneyPlanted, sees, writes } from "./money-planted.ts";
import { FEE_CENTS, NOTICED } from "./money-town.ts";

/** Of a fee that came back, the day until which it may be debited is not forgotten. */
const presentsAgain = but("account", (real) => ({
  ...real,
  apply: (state, event) => {
    const after = real.apply(state, event);
    if (event.kind !== "FeeReturned" || state.kind === "vacant" || after.kind === "vacant") {
      return after;
    }
    const before = new Map(state.customer.collection.fees.map((fee) => [fee.paymentId, fee]));
    const { collection } = after.customer;
    const fees = collection.fees.map((fee): ReturnFee => {
      return { ...fee, debitBy: before.get(fee.paymentId)?.debitBy ?? null };
    });
    return { ...after, customer: { ...after.customer, collection: { ...collection, fees } } };
  },
}));

/** Later than any day of a run. */
const LATEST = "2100-01-01" as BankDate;

const feeForAFee = writes((event: AccountEvent, { personId }) => {
  if (event.kind !== "FeeReturned") return [event];
  const { paymentId } = event;
  const feeCents = cents(FEE_CENTS);
  const terms = { paymentId, merchantNumber: 1, feeCents, debitBy: null };
  return [event, { kind: "ReturnFeeCharged", ...terms, entry: returnFee(personId, feeCents) }];
});

export const FEES_PLANTED: readonly MoneyPlanted[] = [
  {
    bug: "a fee that came back is presented again",
    as: /^a fee is presented once/,
    town: presentsAgain,
  },
  {
    bug: "a fee is debited without notice",
    as: /^how a fee is paid/,
    town: but("account", (real) => ({
      ...real,
      decide: (state, command, meta) => {
        if (state.kind === "vacant" || command.kind !== "ReturnEntry") {
          return real.decide(state, command, meta);
        }
        const mandate = { ...state.customer.mandate, textVersion: NOTICED };
        return real.decide({ ...state, customer: { ...state.customer, mandate } }, command, meta);
      },
    })),
  },
  { bug: "a fee for a fee", as: /^a fee is for a return/, town: feeForAFee },
  {
    bug: "a fee that is under way is paid by hand, too",
    as: /^no more fees are paid than are (owed|open)|^then fees/,
    town: sees("RecordPayment", (collection) => ({
      ...collection,
      fees: collection.fees.map((fee) => ({ ...fee, sent: null })),
    })),
  },
  {
    bug: "a rejected file keeps its fees",
    as: /^(I10|I3|a block ends with the debt)/,
    town: sees("UnfileEntries", (collection) => ({ ...collection, fees: [] })),
  },
  {
    bug: "a fee that is collected stays under way",
    as: /^(every file|I10|a block ends with the debt)/,
    town: sees("CollectEntries", (collection) => ({ ...collection, fees: [] })),
  },
  {
    bug: "one person waives a fee",
    as: /^two people waive a fee/,
    town: sees("WaiveFee", (collection) => ({
      ...collection,
      fees: collection.fees.map((fee) => ({ ...fee, waiverProposedBy: "nobody" })),
    })),
  },
  {
    bug: "a fee that a file holds is waived",
    as: /^two people waive a fee|^a fee that is known/,
    town: sees("WaiveFee", (collection) => ({
      ...collection,
      fees: collection.fees.map((fee) => ({ ...fee, sent: null })),
    })),
  },
  {
    bug: "any number of days after the return",
    as: /^how a fee is paid/,
    town: writes((event) =>
      event.kind === "ReturnFeeCharged" && event.debitBy !== null
        ? [{ ...event, debitBy: LATEST }]
        : [event],
    ),
  },
];
