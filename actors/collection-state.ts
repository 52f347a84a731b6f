/**
 * What an account knows of its money on the way: purchases by where their collection stands, the
 * bank account it is collected from, refunds that are owed to it, and its debts.
 */
import { assert } from "./assert.ts";
import type { BankDate } from "./banking-calendar.ts";
import type { AchFileId, PaymentId, RefundId } from "./ids.ts";
import type { Exposure } from "./limit.ts";
import { addCents, amountOf, type Cents, subtractCents, sumCents, ZERO_CENTS } from "./money.ts";
import type { ReturnCode } from "./return-codes.ts";
import type { Reverses } from "./reversal-messages.ts";
import type { ProposedResolution } from "./stopped-refund-messages.ts";

interface PurchaseTerms {
  readonly paymentId: PaymentId;
  readonly merchantNumber: number;
  /** What is or will be debited: the amount, less what was refunded before it was filed. */
  readonly amountCents: Cents;
}

/** A captured payment that is not collected: a part of the exposure. */
export type Purchase =
  | (PurchaseTerms & { readonly stage: "due" })
  | (PurchaseTerms & { readonly stage: "in_flight"; readonly sent: SentDebit })
  | (PurchaseTerms & { readonly stage: "returned"; readonly returned: ReturnedDebit })
  | (PurchaseTerms & { readonly stage: "disputed"; readonly code: ReturnCode });

export type Stage = Purchase["stage"];
export type PurchaseIn<S extends Stage> = Extract<Purchase, { readonly stage: S }>;

/** The entry under way; its trace is the sequence number, 1 to 9,999,999. */
export interface SentDebit {
  readonly fileId: AchFileId;
  readonly trace: number;
  /** From 1. */
  readonly attempt: number;
  /** Effective date of the first attempt: a re-presentment comes within 180 days of it. */
  readonly firstOn: BankDate;
  /** What it was before a retry: where it goes back to when the file is not sent. */
  readonly before: ReturnedDebit | null;
  /** Token of the bank account that it was sent to. */
  readonly bankAccount: string;
}

export interface ReturnedDebit {
  readonly code: ReturnCode;
  readonly attempts: number;
  readonly firstOn: BankDate;
  /** The earliest effective date of the next attempt; null when there is none. */
  readonly retryFrom: BankDate | null;
  /** A part of it was paid, or it had been collected: it is never presented again. */
  readonly isFinal: boolean;
  /** A return fee was charged for it. */
  readonly hadFee: boolean;
  /** Token of the bank account that it came back from; null once that is no longer known. */
  readonly bankAccount: string | null;
}

/** A return fee that is owed, whole or what is left of it. */
export interface ReturnFee {
  /** The debit that came back. */
  readonly paymentId: PaymentId;
  readonly merchantNumber: number;
  readonly amountCents: Cents;
  /** The last effective date of a debit for it; null where it is paid by hand only. */
  readonly debitBy: BankDate | null;
  /** The entry under way; null where there is none. */
  readonly sent: SentEntryOf | null;
  /** Who said that it is given up; somebody else must say so, too. */
  readonly waiverProposedBy?: string;
}

/** File, trace and token of the bank account of an entry that is under way. */
interface SentEntryOf {
  readonly fileId: AchFileId;
  readonly trace: number;
  readonly bankAccount: string;
}

/** Whether debits may be sent to the bank account. */
export type BankAccountState =
  | { readonly kind: "unchecked" }
  /** A prenote is under way: the first debit is dated no earlier than `usableFrom`. */
  | {
      readonly kind: "checking";
      readonly fileId: AchFileId;
      readonly trace: number;
      readonly usableFrom: BankDate;
    }
  /** Closed, unknown or of the wrong kind: the customer must register another one. */
  | { readonly kind: "invalid"; readonly code: ReturnCode };

/** Money owed to the customer. `waiting`: until the debit it came from is collected. */
export interface RefundOwed {
  readonly refundId: RefundId;
  /** Null for what was paid by hand beyond the debt. */
  readonly paymentId: PaymentId | null;
  /** 0 where it is of no purchase. */
  readonly merchantNumber: number;
  readonly amountCents: Cents;
  /** `stopped`: came back for a reason that another bank account or a person mends. */
  readonly stage: "waiting" | "payable" | "filed" | "stopped";
  /** Of a filed one. */
  readonly sent: SentEntryOf | null;
  /** Of a debit that was wrong: it goes back as a reversal. */
  readonly reverses?: Reverses;
  /** Who said that it is paid by hand; somebody else must say so, too. */
  readonly byHandProposedBy?: string;
  /** What else somebody proposed to do about one that no file takes. */
  readonly proposal?: ProposedResolution;
}

/** A refund whose owner nobody finds: it is kept in the books, and no account waits for it. */
export interface UnclaimedRefund {
  readonly refundId: RefundId;
  readonly paymentId: PaymentId | null;
  readonly merchantNumber: number;
  readonly amountCents: Cents;
  /** Taken from a wrong receiver. */
  readonly isStrangers: boolean;
  readonly byHandProposedBy?: string;
}

/** A purchase that was never collected, and who bears it: a refund of it is not for the payer. */
export interface LostPurchase {
  readonly paymentId: PaymentId;
  readonly merchantNumber: number;
  readonly amountCents: Cents;
  readonly borneBy: "bad_debt" | "unauthorised" | "merchant";
}

/** A payment by hand above the debt: somebody recorded it, somebody else must do the same. */
export interface PaymentProposal {
  readonly amountCents: Cents;
  readonly evidence: string;
  readonly proposedBy: string;
}

/** Somebody proposed to write this off; somebody else must agree. */
export interface WriteOffProposal {
  readonly paymentId: PaymentId;
  readonly proposedBy: string;
}

export interface Collection {
  readonly purchases: readonly Purchase[];
  readonly bankAccount: BankAccountState;
  /** Of the bank accounts that the account has had: 1 is that of the registration. */
  readonly bankAccountNumber: number;
  /** Ended by the customer or by a return that says so: no more debits. */
  readonly isMandateEnded: boolean;
  readonly refunds: readonly RefundOwed[];
  /** None where it is left out. */
  readonly unclaimed?: readonly UnclaimedRefund[];
  /** Oldest first; no exposure, but they keep a block open. */
  readonly fees: readonly ReturnFee[];
  /** Written off and not recovered, or disputed and not won. */
  readonly losses: readonly LostPurchase[];
  readonly writeOffs: readonly WriteOffProposal[];
  /** The newest one: another takes its place. */
  readonly paymentProposal: PaymentProposal | null;
  /** What the newest file got: asked again, the account says the same. */
  readonly newestFile: {
    readonly fileId: AchFileId;
    readonly entries: number;
    readonly debitCents: Cents;
    readonly creditCents: Cents;
  } | null;
}

export const NO_COLLECTION: Collection = {
  purchases: [],
  bankAccount: { kind: "unchecked" },
  bankAccountNumber: 1,
  isMandateEnded: false,
  refunds: [],
  fees: [],
  losses: [],
  writeOffs: [],
  paymentProposal: null,
  newestFile: null,
};

export function findPurchase(
  { purchases }: Collection,
  paymentId: PaymentId,
): Purchase | undefined {
  return purchases.find((purchase) => purchase.paymentId === paymentId);
}

export function purchasesIn<S extends Stage>(
  { purchases }: Collection,
  stage: S,
): readonly PurchaseIn<S>[] {
  return purchases.filter((purchase): purchase is PurchaseIn<S> => purchase.stage === stage);
}

/** A debit that came back is under way once more. */
export function isPresentedAgain(collection: Collection): boolean {
  return purchasesIn(collection, "in_flight").some(({ sent }) => sent.attempt > 1);
}

/** The four parts, each the sum of its open purchases (docs/money.md, I3). */
export function exposureOf({ purchases }: Collection): Exposure {
  const parts = {
    due: ZERO_CENTS,
    in_flight: ZERO_CENTS,
    returned: ZERO_CENTS,
    disputed: ZERO_CENTS,
  } satisfies Record<Stage, Cents>;
  // One pass: every approval asks for it, several times.
  for (const { stage, amountCents } of purchases) {
    parts[stage] = addCents(parts[stage], amountCents);
  }
  return {
    dueCents: parts.due,
    inFlightCents: parts.in_flight,
    returnedCents: parts.returned,
    disputedCents: parts.disputed,
  };
}

/** What is due can only be paid by hand: no debit can be sent for it. */
export function isDebitOver({ isMandateEnded, bankAccount }: Collection): boolean {
  return isMandateEnded || bankAccount.kind === "invalid";
}

export function findLoss({ losses }: Collection, paymentId: PaymentId): LostPurchase | undefined {
  return losses.find((loss) => loss.paymentId === paymentId);
}

export function writtenOffCents({ losses }: Collection): Cents {
  const writtenOff = losses.filter(({ borneBy }) => borneBy === "bad_debt");
  return sumCents(writtenOff.map(({ amountCents }) => amountCents));
}

/** Return fees that are owed, those under way among them. */
export function feesCents({ fees }: Collection): Cents {
  return amountOf(fees);
}

/** Those that no entry is under way for: they may be paid by hand. */
export function openFeesCents({ fees }: Collection): Cents {
  return amountOf(fees.filter(({ sent }) => sent === null));
}

/** What must be paid before a block for a failed collection is lifted (FAQ): principal and fees. */
export function debtCents(collection: Collection): Cents {
  const { returnedCents } = exposureOf(collection);
  return sumCents([returnedCents, feesCents(collection), writtenOffCents(collection)]);
}

/** The purchase as it is now, in its place; a new one at the end. */
export function withPurchase(collection: Collection, purchase: Purchase): Collection {
  const { purchases } = collection;
  const at = purchases.findIndex(({ paymentId }) => paymentId === purchase.paymentId);
  if (at === -1) return { ...collection, purchases: [...purchases, purchase] };
  return { ...collection, purchases: purchases.with(at, purchase) };
}

/** With them go the proposals to write them off. */
export function withoutPurchases(collection: Collection, gone: ReadonlySet<PaymentId>): Collection {
  const purchases = collection.purchases.filter(({ paymentId }) => !gone.has(paymentId));
  const writeOffs = collection.writeOffs.filter(({ paymentId }) => !gone.has(paymentId));
  return { ...collection, purchases, writeOffs };
}

/**
 * A debit is presented again at the bank account that it came back from, and at no other, whoever
 * allows it (Nacha: a reinitiation is of the same entry); nor is its fee debited elsewhere.
 */
export function withoutRetries(collection: Collection): Collection {
  const purchases = collection.purchases.map((purchase): Purchase => {
    if (purchase.stage === "returned") {
      return { ...purchase, returned: { ...purchase.returned, retryFrom: null } };
    }
    if (purchase.stage !== "in_flight" || purchase.sent.before === null) return purchase;
    const before = { ...purchase.sent.before, retryFrom: null };
    return { ...purchase, sent: { ...purchase.sent, before } };
  });
  const fees = collection.fees.map((fee) => ({ ...fee, debitBy: null }));
  return { ...collection, purchases, fees };
}

/** The bank account is the same, and its token is another. */
export function withToken(collection: Collection, old: string, token: string): Collection {
  const back = (returned: ReturnedDebit): ReturnedDebit => {
    return returned.bankAccount === old ? { ...returned, bankAccount: token } : returned;
  };
  const purchases = collection.purchases.map((purchase): Purchase => {
    if (purchase.stage === "returned") return { ...purchase, returned: back(purchase.returned) };
    if (purchase.stage !== "in_flight" || purchase.sent.bankAccount !== old) return purchase;
    const before = purchase.sent.before === null ? null : back(purchase.sent.before);
    return { ...purchase, sent: { ...purchase.sent, before, bankAccount: token } };
  });
  const moved = <Sent extends { readonly sent: SentEntryOf | null }>(one: Sent): Sent => {
    return one.sent?.bankAccount === old
      ? { ...one, sent: { ...one.sent, bankAccount: token } }
      : one;
  };
  const refunds = collection.refunds.map(moved);
  return { ...collection, purchases, refunds, fees: collection.fees.map(moved) };
}

/** A debt that is paid in part is not presented again: an attempt is always of the whole. */
export function lowered(collection: Collection, paymentId: PaymentId, byCents: Cents): Collection {
  const purchase = findPurchase(collection, paymentId);
  assert(purchase !== undefined, "what is paid is owed");
  const amountCents = subtractCents(purchase.amountCents, byCents);
  assert(amountCents >= 0, "no more is paid than is owed");
  if (amountCents === 0) return closed(collection, paymentId);
  if (purchase.stage !== "returned") return withPurchase(collection, { ...purchase, amountCents });
  const returned = { ...purchase.returned, retryFrom: null, isFinal: true };
  return withPurchase(collection, { ...purchase, amountCents, returned });
}

/** Paid, or given up: what waited for it is owed now. */
export function closed(collection: Collection, paymentId: PaymentId): Collection {
  const refunds = collection.refunds.map((refund): RefundOwed => {
    const isReady = refund.stage === "waiting" && refund.paymentId === paymentId;
    return isReady ? { ...refund, stage: "payable" } : refund;
  });
  return { ...withoutPurchases(collection, new Set([paymentId])), refunds };
}

/** What is left of it: nothing where it is made good. */
export function smallerLoss(loss: LostPurchase, byCents: Cents): LostPurchase[] {
  const amountCents = subtractCents(loss.amountCents, byCents);
  assert(amountCents >= 0, "a loss is not made good twice");
  return amountCents === 0 ? [] : [{ ...loss, amountCents }];
}
