/** Bugs planted in what is done about refunds that cannot be sent, one at a time. */
import { type MoneyPlanted, sees } from "./money-planted.ts";

export const STOPPED_PLANTED: readonly MoneyPlanted[] = [
  {
    bug: "one person resolves a refund",
    as: /^two people resolve a refund/,
    town: sees("ResolveRefund", ({ refunds, ...collection }) => ({
      ...collection,
      refunds: refunds.map(({ proposal, ...refund }) => {
        return proposal === undefined ? refund : { ...refund, proposal: { ...proposal, by: "x" } };
      }),
    })),
  },
  {
    bug: "what a wrong receiver is owed is sent to the customer",
    as: /^whose money it is/,
    town: sees("ResolveRefund", ({ refunds, ...collection }) => ({
      ...collection,
      refunds: refunds.map(({ reverses: _, ...refund }) => refund),
    })),
  },
  {
    bug: "a refund whose debit is open again is paid by hand",
    as: /^I8/,
    town: sees("PayRefund", ({ refunds, ...collection }) => ({
      ...collection,
      refunds: refunds.map((refund) => ({ ...refund, paymentId: null })),
    })),
  },
];
