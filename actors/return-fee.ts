/**
 * Return fees (docs/money.md): charged once for a debit whose last attempt failed for lack of money
 * (R01, R09), and paid by hand; by ACH where the policy says so and the mandate that the customer
 * accepted had the notice, in that amount. Nacha Operating Rules, Return Fee Entries: one for each
 * returned item, settled within 45 days of its return, and never one for a fee. A fee that comes
 * back is not presented again, and what is under way is not taken by hand besides.
 */
import type { Customer } from "./account-state.ts";
import { assert } from "./assert.ts";
import { addDays, type BankDate } from "./banking-calendar.ts";
import {
  type Collection,
  type PurchaseIn,
  type RefundOwed,
  type ReturnFee,
  withPurchase,
} from "./collection-state.ts";
import { type FileScope, takes } from "./file-scope.ts";
import type { AchFileId } from "./ids.ts";
import { customerAccount } from "./ledger.ts";
import { noticedFeeCents } from "./mandate.ts";
import { amountOf, amountsOf, type Cents, cents, subtractCents, ZERO_CENTS } from "./money.ts";
import { inNewestFile } from "./newest-file.ts";
import type { Policy } from "./policy.ts";
import { refundSetOff, returnFee } from "./postings.ts";
import type { FeeEvent, FeeFiled } from "./return-fee-messages.ts";
import { feesCollected, feesUnfiled } from "./return-fee-postings.ts";

type EventOf<Kind extends FeeEvent["kind"]> = Extract<FeeEvent, { kind: Kind }>;

/** Nacha: a return fee is settled within 45 days of the settlement of the return. */
const DEBIT_DAYS_MAX = 45;

/** None where the policy has none, and none for a debit that had one: it is one item. */
export function chargeFee(
  { collection, mandate, personId, vault }: Customer,
  { paymentId, merchantNumber, sent }: PurchaseIn<"in_flight">,
  bookedOn: BankDate,
  { returnFeeCents: feeCents, returnFeesByAch }: Policy,
): readonly EventOf<"ReturnFeeCharged">[] {
  if (feeCents === 0 || sent.before?.hadFee === true) return [];
  // One of a debit before, which was reversed since, is still to be paid.
  if (collection.fees.some((fee) => fee.paymentId === paymentId)) return [];
  const isToday = sent.bankAccount === vault.bankAccount && !collection.isMandateEnded;
  const isNoticed = noticedFeeCents(mandate.textVersion) === feeCents;
  const debitBy =
    returnFeesByAch && isToday && isNoticed ? addDays(bookedOn, DEBIT_DAYS_MAX) : null;
  const entry = returnFee(personId, feeCents);
  return [{ kind: "ReturnFeeCharged", paymentId, merchantNumber, feeCents, debitBy, entry }];
}

/** What may be debited of fees, if anything may be; whoever is leaving has revoked the mandate. */
export function readyFees(
  { collection, mandate }: Customer,
  effectiveOn: BankDate,
  { returnFeesByAch }: Policy,
): readonly ReturnFee[] {
  if (!returnFeesByAch || mandate.ended !== null) return [];
  return collection.fees.filter(({ sent, debitBy }) => {
    return sent === null && debitBy !== null && effectiveOn <= debitBy;
  });
}

/** As many as there are traces. */
export function takenFees(
  ready: readonly ReturnFee[],
  scope: FileScope | null | undefined,
  traces: { readonly first: number; readonly count: number },
): readonly FeeFiled[] {
  const taken = ready.filter(({ amountCents }) => takes(scope, "fee", amountCents));
  return taken.slice(0, traces.count).map(({ paymentId, merchantNumber, amountCents }, at) => {
    assert(amountCents > 0, "a fee has an amount");
    return { paymentId, merchantNumber, trace: traces.first + at, amountCents };
  });
}

export function unfileFees(
  { collection, personId }: Customer,
  fileId: AchFileId,
): readonly EventOf<"FeesUnfiled">[] {
  const amounts = amountsOf(feesIn(collection, fileId));
  if (amounts.length === 0) return [];
  return [{ kind: "FeesUnfiled", fileId, entry: feesUnfiled(personId, amounts) }];
}

/** The return window of their file is over. */
export function collectFees(
  { collection, personId }: Customer,
  fileId: AchFileId,
): readonly EventOf<"FeesCollected">[] {
  const fees = feesIn(collection, fileId);
  if (fees.length === 0) return [];
  const amounts = amountsOf(fees);
  const paymentIds = fees.map(({ paymentId }) => paymentId);
  const hasMore = collection.refunds.some(({ stage }) => stage !== "filed");
  const terms = { fileId, paymentIds, amountCents: amountOf(fees), hasMore };
  return [{ kind: "FeesCollected", ...terms, entry: feesCollected(personId, amounts) }];
}

/** What was paid by hand while the fee was under way: it is paid, not owed. */
export function setOffFee(
  { collection, personId }: Customer,
  { paymentId, amountCents: feeCents }: Pick<ReturnFee, "paymentId" | "amountCents">,
): readonly EventOf<"FeeSetOff">[] {
  let leftCents = feeCents;
  return collection.refunds.flatMap((refund) => {
    if (refund.paymentId !== null || refund.stage === "filed" || leftCents === 0) return [];
    const amountCents = cents(Math.min(refund.amountCents, leftCents));
    leftCents = subtractCents(leftCents, amountCents);
    const entry = refundSetOff(personId, customerAccount(personId, "fees"), amountCents);
    const { refundId } = refund;
    return [{ kind: "FeeSetOff" as const, refundId, paymentId, amountCents, entry }];
  });
}

function feesIn({ fees }: Collection, fileId: AchFileId): readonly ReturnFee[] {
  return fees.filter(({ sent }) => sent?.fileId === fileId);
}

export function applyFee(collection: Collection, event: FeeEvent): Collection {
  const { fees } = collection;
  switch (event.kind) {
    case "ReturnFeeCharged":
      return charged(collection, event);
    case "FeesFiled":
      return inNewestFile(
        { ...collection, fees: fees.map((fee) => inFlight(fee, event)) },
        event.fileId,
        event.fees,
        "debitCents",
      );
    case "FeesUnfiled": {
      const back = fees.map((fee) => (fee.sent?.fileId === event.fileId ? unsent(fee) : fee));
      return { ...collection, fees: back };
    }
    case "FeesCollected": {
      const gone = feesIn(collection, event.fileId);
      assert(gone.length === event.paymentIds.length, "what is collected was under way");
      return { ...collection, fees: fees.filter((fee) => !gone.includes(fee)) };
    }
    case "FeeReturned": {
      const back = fees.map((fee) => {
        return fee.sent?.trace === event.trace && fee.sent.fileId === event.fileId
          ? { ...unsent(fee), debitBy: null }
          : fee;
      });
      return { ...collection, fees: back };
    }
    case "FeeReopened": {
      const { paymentId, merchantNumber, amountCents } = event;
      const fee = { paymentId, merchantNumber, amountCents, debitBy: null, sent: null };
      return { ...collection, fees: [...fees, fee] };
    }
    case "FeeSetOff":
      return setOff(collection, event);
  }
}

/** The debit remembers it: when it comes back once more, that is no other item. */
function charged(collection: Collection, event: EventOf<"ReturnFeeCharged">): Collection {
  const { paymentId, merchantNumber, feeCents: amountCents, debitBy } = event;
  const fee = { paymentId, merchantNumber, amountCents, debitBy, sent: null };
  const after = { ...collection, fees: [...collection.fees, fee] };
  const purchase = collection.purchases.find((one) => one.paymentId === paymentId);
  if (purchase?.stage !== "returned") return after;
  return withPurchase(after, { ...purchase, returned: { ...purchase.returned, hadFee: true } });
}

function inFlight(fee: ReturnFee, { fileId, fees, vault }: EventOf<"FeesFiled">): ReturnFee {
  const filed = fees.find(({ paymentId }) => paymentId === fee.paymentId);
  // Of old logs one may stand beside it that is paid by hand only.
  if (filed === undefined || fee.debitBy === null) return fee;
  assert(fee.sent === null && fee.amountCents === filed.amountCents, "what is owed is filed");
  return { ...fee, sent: { fileId, trace: filed.trace, bankAccount: vault.bankAccount } };
}

function unsent(fee: ReturnFee): ReturnFee {
  return { ...fee, sent: null };
}

function setOff(collection: Collection, event: EventOf<"FeeSetOff">): Collection {
  const { refundId, paymentId, amountCents } = event;
  const refunds = collection.refunds.flatMap((refund): RefundOwed[] => {
    if (refund.refundId !== refundId) return [refund];
    const leftCents = subtractCents(refund.amountCents, amountCents);
    return leftCents === 0 ? [] : [{ ...refund, amountCents: leftCents }];
  });
  const isMeant = (fee: ReturnFee): boolean => fee.paymentId === paymentId;
  return lessFees({ ...collection, refunds }, amountCents, isMeant);
}

/** The oldest first; one that is under way is left alone, and what is left is by hand only. */
export function lessFees(
  collection: Collection,
  paidCents: Cents,
  isMeant: (fee: ReturnFee) => boolean = () => true,
): Collection {
  let leftCents = paidCents;
  const fees = collection.fees.flatMap((fee): ReturnFee[] => {
    if (fee.sent !== null || leftCents === 0 || !isMeant(fee)) return [fee];
    const taken = cents(Math.min(fee.amountCents, leftCents));
    leftCents = subtractCents(leftCents, taken);
    const amountCents = subtractCents(fee.amountCents, taken);
    return amountCents === 0 ? [] : [{ ...fee, amountCents, debitBy: null }];
  });
  assert(leftCents === ZERO_CENTS, "no more fees are paid than are owed");
  return { ...collection, fees };
}
