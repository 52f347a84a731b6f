/**
 * What a file takes of what is owed to a customer: reversals, which have their days, and refunds
 * whose debit is collected (docs/money.md, I8).
 */
import type { BankDate } from "./banking-calendar.ts";
import type { RefundFiled, TraceBlock } from "./collection-messages.ts";
import {
  type Collection,
  debtCents,
  findLoss,
  findPurchase,
  isDebitOver,
  isPresentedAgain,
  purchasesIn,
  type RefundOwed,
} from "./collection-state.ts";
import { type FileScope, takes } from "./file-scope.ts";
import type { PaymentId } from "./ids.ts";

/** Reversals first: they have their days. At most so many as there are traces. */
export function creditsFor(
  collection: Collection,
  { effectiveOn, scope }: { readonly effectiveOn: BankDate; readonly scope?: FileScope | null },
  traces: TraceBlock,
): readonly RefundFiled[] {
  const reversals = reversalsFor(collection, effectiveOn).filter(({ amountCents }) => {
    return takes(scope, "reversal", amountCents);
  });
  const payable = mayCredit(collection, effectiveOn) ? payableRefunds(collection) : [];
  const owed = payable.filter(({ amountCents }) => takes(scope, "refund", amountCents));
  return [...reversals, ...owed].slice(0, traces.count).map((refund, at): RefundFiled => {
    const { refundId, paymentId, merchantNumber, amountCents, reverses } = refund;
    const trace = traces.first + at;
    const filed = { refundId, paymentId, merchantNumber, trace, amountCents };
    return reverses === undefined ? filed : { ...filed, reverses };
  });
}

/** Whether a later file may take more, now that this one has taken so many. */
export function areCreditsLeft(collection: Collection, taken: number): boolean {
  const reversals = collection.refunds.filter(({ stage, reverses }) => {
    return stage === "payable" && reverses !== undefined;
  });
  return reversals.length + payableRefunds(collection).length > taken;
}

/** They go where the debit came from, whatever bank account the customer has by now. */
function reversalsFor({ refunds }: Collection, effectiveOn: BankDate): readonly RefundOwed[] {
  return refunds.filter(({ stage, reverses }) => {
    return stage === "payable" && reverses !== undefined && effectiveOn <= reverses.lastOn;
  });
}

/** Debited anew before its reversal is final, a purchase might be paid twice. */
export function isBeingReversed({ refunds }: Collection, paymentId: PaymentId): boolean {
  return refunds.some((refund) => {
    const isUnderWay = refund.stage === "payable" || refund.stage === "filed";
    return refund.reverses !== undefined && refund.paymentId === paymentId && isUnderWay;
  });
}

/** Once somebody asked about it, credits wait too; without a mandate nobody may ask. */
function mayCredit({ bankAccount, isMandateEnded }: Collection, effectiveOn: BankDate): boolean {
  if (bankAccount.kind === "unchecked") return isMandateEnded;
  return bankAccount.kind === "checking" && effectiveOn >= bankAccount.usableFrom;
}

/** What was paid is paid back when it is sure that the debit is collected, and stays so (I8). */
export function payableRefunds(collection: Collection): readonly RefundOwed[] {
  const isStuck = isDebitOver(collection) && purchasesIn(collection, "due").length > 0;
  const isFree = debtCents(collection) === 0 && !isPresentedAgain(collection) && !isStuck;
  return collection.refunds.filter(({ stage, paymentId, reverses }) => {
    if (stage !== "payable" || reverses !== undefined) return false;
    // Too much paid by hand: no debt of the customer may need it.
    if (paymentId === null) return isFree;
    const isOpen = findPurchase(collection, paymentId) !== undefined;
    return !isOpen && findLoss(collection, paymentId) === undefined;
  });
}
