/**
 * How an account's money is collected: due -> in flight in a file -> collected once the return
 * window of that file is over, and only then does the limit grow back (FAQ). An account alone says
 * what of it is in which file; asked again for the same file it adds nothing.
 */

import type { AccountEvent, AccountReply } from "./account-messages.ts";
import { blocksOf, type Customer, type HeldAccount } from "./account-state.ts";
import { answerOnly, type Decision, decided } from "./actor.ts";
import { assert } from "./assert.ts";
import { addBankingDays, type BankDate, daysBetween } from "./banking-calendar.ts";
import type {
  CollectionCommand,
  CollectionEvent,
  DebitFiled,
  EntriesFiled,
  RefundFiled,
  TraceBlock,
} from "./collection-messages.ts";
import {
  type Collection,
  type Purchase,
  type PurchaseIn,
  purchasesIn,
  type RefundOwed,
  withoutPurchases,
} from "./collection-state.ts";
import { takes } from "./file-scope.ts";
import { areCreditsLeft, creditsFor, isBeingReversed } from "./filed-credits.ts";
import type { AchFileId } from "./ids.ts";
import { addCents, amountOf, amountsOf, ZERO_CENTS } from "./money.ts";
import { inNewestFile, NOTHING_FILED } from "./newest-file.ts";
import type { Policy } from "./policy.ts";
import {
  debitsCollected,
  debitsFiled,
  debitsUnfiled,
  refundsFiled,
  refundsUnfiled,
} from "./postings.ts";
import { collectFees, readyFees, takenFees, unfileFees } from "./return-fee.ts";
import type { FeeFiled } from "./return-fee-messages.ts";
import { feesFiled } from "./return-fee-postings.ts";

type AccountDecision = Decision<AccountEvent, AccountReply>;
type Of<Kind extends CollectionCommand["kind"]> = Extract<CollectionCommand, { kind: Kind }>;
type EventOf<Kind extends CollectionEvent["kind"]> = Extract<CollectionEvent, { kind: Kind }>;

/** docs/money.md: live entries from the third banking day after the prenote's settlement. */
const PRENOTE_DAYS = 3;
/** Nacha: a returned debit is presented again within 180 days of its original settlement. */
const RETRY_DAYS_MAX = 180;

/**
 * What may go into the file: a prenote before anything else, then debits that may be presented
 * again, debits that are due, return fees, reversals, and refunds whose debit is collected.
 */
export function fileEntries(
  state: HeldAccount,
  { fileId, effectiveOn, traces, scope = null }: Of<"FileEntries">,
  policy: Policy,
): AccountDecision {
  const { customer } = state;
  const { collection } = customer;
  assert(traces.first >= 0 && traces.count >= 0, "a file sets traces aside");
  const { newestFile } = collection;
  if (newestFile?.fileId === fileId) return answerOnly(entriesFiled(newestFile));
  // Law or a sanctions list: neither to nor from this customer.
  const isFrozen = blocksOf(state).some(({ reason }) => reason === "compliance");
  // Where to is not known any more: what is owed waits in the books.
  if (state.kind === "closed" && state.forgottenAtMs !== null) {
    return answerOnly(entriesFiled(NOTHING_FILED));
  }
  if (isFrozen || traces.count === 0) return answerOnly(entriesFiled(NOTHING_FILED));
  const after = (taken: number): TraceBlock => {
    return { first: traces.first + taken, count: traces.count - taken };
  };
  const isPrenoted = mustAsk(collection) && takes(scope, "prenote", ZERO_CENTS);
  const isOpen = mayDebit(collection, effectiveOn);
  const ready = isOpen ? readyDebits(collection, effectiveOn) : [];
  const taken = ready.filter(({ stage, amountCents }) => {
    return takes(scope, stage === "due" ? "debit" : "retry", amountCents);
  });
  const debits = taken.slice(0, traces.count).map((purchase, at) => {
    return debitOf(purchase, traces.first + at);
  });
  const readyOfFees = isOpen ? readyFees(customer, effectiveOn, policy) : [];
  const fees = takenFees(readyOfFees, scope, after(debits.length));
  const prenote = isPrenoted ? traces.first : undefined;
  const filed = Number(isPrenoted) + debits.length + fees.length;
  const refunds = creditsFor(collection, { effectiveOn, scope }, after(filed));
  return decided(
    filedEvents(customer, { fileId, effectiveOn }, { prenote, debits, fees, refunds }),
    entriesFiled({
      entries: filed + refunds.length,
      debitCents: amountOf([...debits, ...fees]),
      creditCents: amountOf(refunds),
    }),
  );
}

/** Before a bank account is debited the bank is asked about it (Nacha 2.6). */
function mustAsk({ bankAccount, isMandateEnded }: Collection): boolean {
  return bankAccount.kind === "unchecked" && !isMandateEnded;
}

interface Filed {
  /** Its trace, where there is one. */
  readonly prenote: number | undefined;
  readonly debits: readonly DebitFiled[];
  readonly fees: readonly FeeFiled[];
  readonly refunds: readonly RefundFiled[];
}

/** One event for each kind; their postings are one pair for each entry (docs/money.md, I11). */
function filedEvents(
  { collection, personId, vault: tokens }: Customer,
  file: Pick<EventOf<"DebitsFiled">, "fileId" | "effectiveOn">,
  { prenote, debits, fees, refunds }: Filed,
): readonly CollectionEvent[] {
  const vault = { person: tokens.person, bankAccount: tokens.bankAccount };
  const hasMore = isLeft(collection, debits.length, refunds.length, fees.length);
  const terms = { ...file, vault, hasMore };
  const events: CollectionEvent[] = [];
  if (prenote !== undefined) {
    const usableFrom = addBankingDays(file.effectiveOn, PRENOTE_DAYS);
    events.push({ kind: "PrenoteFiled", ...terms, trace: prenote, usableFrom });
  }
  if (debits.length > 0) {
    const amounts = debits.map(({ attempt, amountCents }) => {
      return { from: attempt === 1 ? "due" : "returned", amountCents } as const;
    });
    events.push({ kind: "DebitsFiled", ...terms, debits, entry: debitsFiled(personId, amounts) });
  }
  if (fees.length > 0) {
    const entry = feesFiled(personId, amountsOf(fees));
    events.push({ kind: "FeesFiled", ...terms, fees, entry });
  }
  if (refunds.length > 0) {
    const entry = refundsFiled(personId, amountsOf(refunds));
    events.push({ kind: "RefundsFiled", ...terms, refunds, entry });
  }
  return events;
}

function entriesFiled({
  entries,
  debitCents,
  creditCents,
}: Omit<EntriesFiled, "kind">): EntriesFiled {
  return { kind: "entries_filed", entries, debitCents, creditCents };
}

function mayDebit({ bankAccount, isMandateEnded }: Collection, effectiveOn: BankDate): boolean {
  if (isMandateEnded || bankAccount.kind !== "checking") return false;
  return effectiveOn >= bankAccount.usableFrom;
}

type ReadyDebit = PurchaseIn<"due"> | PurchaseIn<"returned">;

function readyDebits(collection: Collection, effectiveOn: BankDate): readonly ReadyDebit[] {
  const again = purchasesIn(collection, "returned").filter(({ returned }) => {
    const { retryFrom, firstOn } = returned;
    return retryFrom !== null && effectiveOn >= retryFrom && isInTime(firstOn, effectiveOn);
  });
  const due = purchasesIn(collection, "due").filter(({ paymentId }) => {
    return !isBeingReversed(collection, paymentId);
  });
  return [...again, ...due];
}

function debitOf(purchase: ReadyDebit, trace: number): DebitFiled {
  const { paymentId, merchantNumber, amountCents } = purchase;
  assert(amountCents > 0, "a debit has an amount");
  const attempt = purchase.stage === "due" ? 1 : purchase.returned.attempts + 1;
  return { paymentId, trace, amountCents, attempt, merchantNumber };
}

/** Whether a later file may take something, now that this one has taken so much. */
function isLeft(collection: Collection, debits: number, refunds: number, fees: number): boolean {
  const due = purchasesIn(collection, "due").length;
  const again = purchasesIn(collection, "returned").filter(({ returned }) => {
    return returned.retryFrom !== null;
  });
  const debitable = collection.fees.filter(
    ({ sent, debitBy }) => sent === null && debitBy !== null,
  );
  const isDebitLeft = due + again.length > debits || debitable.length > fees;
  return isDebitLeft || areCreditsLeft(collection, refunds);
}

/** Whether a re-presentment is in time. */
export function isInTime(firstOn: BankDate, effectiveOn: BankDate): boolean {
  return daysBetween(firstOn, effectiveOn) <= RETRY_DAYS_MAX;
}

function debitsIn(collection: Collection, fileId: AchFileId): readonly PurchaseIn<"in_flight">[] {
  return purchasesIn(collection, "in_flight").filter(({ sent }) => sent.fileId === fileId);
}

function refundsIn({ refunds }: Collection, fileId: AchFileId): readonly RefundOwed[] {
  return refunds.filter(({ stage, sent }) => stage === "filed" && sent?.fileId === fileId);
}

function isPrenoteIn({ bankAccount }: Collection, fileId: AchFileId): boolean {
  return bankAccount.kind === "checking" && bankAccount.fileId === fileId;
}

/** The file was not sent: everything is as before, for the next one. */
export function unfileEntries(
  { customer }: HeldAccount,
  { fileId }: Of<"UnfileEntries">,
): AccountDecision {
  const { collection, personId } = customer;
  const debits = debitsIn(collection, fileId);
  const refunds = refundsIn(collection, fileId);
  const events: CollectionEvent[] = [];
  if (isPrenoteIn(collection, fileId)) events.push({ kind: "PrenoteUnfiled", fileId });
  if (debits.length > 0) {
    const amounts = debits.map(({ amountCents, sent }) => {
      return { from: sent.attempt === 1 ? "due" : "returned", amountCents } as const;
    });
    events.push({ kind: "DebitsUnfiled", fileId, entry: debitsUnfiled(personId, amounts) });
  }
  events.push(...unfileFees(customer, fileId));
  if (refunds.length > 0) {
    const entry = refundsUnfiled(personId, amountsOf(refunds));
    events.push({ kind: "RefundsUnfiled", fileId, entry });
  }
  return decided(events, { kind: "entries_unfiled" });
}

/** FAQ: the limit grows by what was collected; a block for the debt goes with the debt. */
export function collectEntries(
  state: HeldAccount,
  { fileId }: Of<"CollectEntries">,
): AccountDecision {
  const { collection, personId } = state.customer;
  const debits = debitsIn(collection, fileId);
  const refunds = refundsIn(collection, fileId);
  const fees = collectFees(state.customer, fileId);
  const debitCents = amountOf(debits);
  const events: AccountEvent[] = [];
  if (debits.length > 0) {
    events.push({
      kind: "DebitsCollected",
      fileId,
      paymentIds: debits.map(({ paymentId }) => paymentId),
      amountCents: debitCents,
      hasMore: collection.refunds.some(({ stage }) => stage !== "filed"),
      entry: debitsCollected(personId, amountsOf(debits)),
    });
  }
  events.push(...fees);
  if (refunds.length > 0) {
    const refundIds = refunds.map(({ refundId }) => refundId);
    events.push({ kind: "RefundsPaid", fileId, refundIds });
  }
  return decided(events, {
    kind: "entries_collected",
    debitCents: addCents(debitCents, amountOf(fees)),
    creditCents: amountOf(refunds),
  });
}

type FilingEvent = EventOf<
  | "PrenoteFiled"
  | "DebitsFiled"
  | "RefundsFiled"
  | "PrenoteUnfiled"
  | "DebitsUnfiled"
  | "RefundsUnfiled"
  | "DebitsCollected"
  | "RefundsPaid"
>;

export function applyFiling(collection: Collection, event: FilingEvent): Collection {
  switch (event.kind) {
    case "PrenoteFiled": {
      assert(collection.bankAccount.kind === "unchecked", "an account is asked about once");
      const { fileId, trace, usableFrom } = event;
      const bankAccount = { kind: "checking", fileId, trace, usableFrom } as const;
      return { ...collection, bankAccount, newestFile: { ...NOTHING_FILED, fileId, entries: 1 } };
    }
    case "PrenoteUnfiled":
      return { ...collection, bankAccount: { kind: "unchecked" } };
    case "DebitsFiled": {
      const filed = event.debits.reduce((all, debit) => inFlight(all, debit, event), collection);
      return inNewestFile(filed, event.fileId, event.debits, "debitCents");
    }
    case "DebitsUnfiled": {
      const purchases = collection.purchases.map((purchase) => unfiled(purchase, event.fileId));
      return { ...collection, purchases };
    }
    case "DebitsCollected":
      return collected(collection, event);
    case "RefundsFiled": {
      const sent = new Map(event.refunds.map(({ refundId, trace }) => [refundId, trace]));
      const refunds = collection.refunds.map((refund): RefundOwed => {
        const trace = sent.get(refund.refundId);
        if (trace === undefined) return refund;
        const of = refund.reverses?.bankAccount ?? event.vault.bankAccount;
        return {
          ...refund,
          stage: "filed",
          sent: { fileId: event.fileId, trace, bankAccount: of },
        };
      });
      return inNewestFile({ ...collection, refunds }, event.fileId, event.refunds, "creditCents");
    }
    case "RefundsUnfiled": {
      const refunds = collection.refunds.map((refund): RefundOwed => {
        if (refund.sent?.fileId !== event.fileId) return refund;
        return { ...refund, stage: "payable", sent: null };
      });
      return { ...collection, refunds };
    }
    case "RefundsPaid": {
      const paid = new Set(event.refundIds);
      const refunds = collection.refunds.filter(({ refundId }) => !paid.has(refundId));
      return { ...collection, refunds };
    }
  }
}

function inFlight(
  collection: Collection,
  { paymentId, trace, attempt }: DebitFiled,
  { fileId, effectiveOn, vault }: EventOf<"DebitsFiled">,
): Collection {
  const purchases = collection.purchases.map((purchase): Purchase => {
    if (purchase.paymentId !== paymentId) return purchase;
    assert(purchase.stage === "due" || purchase.stage === "returned", "only what is owed is filed");
    const { merchantNumber, amountCents } = purchase;
    const firstOn = purchase.stage === "due" ? effectiveOn : purchase.returned.firstOn;
    const before = purchase.stage === "due" ? null : purchase.returned;
    const { bankAccount } = vault;
    const sent = { fileId, trace, attempt, firstOn, before, bankAccount };
    return { paymentId, merchantNumber, amountCents, stage: "in_flight", sent };
  });
  return { ...collection, purchases };
}

function unfiled(purchase: Purchase, fileId: AchFileId): Purchase {
  if (purchase.stage !== "in_flight" || purchase.sent.fileId !== fileId) return purchase;
  const { paymentId, merchantNumber, amountCents, sent } = purchase;
  const terms = { paymentId, merchantNumber, amountCents };
  if (sent.before === null) return { ...terms, stage: "due" };
  return { ...terms, stage: "returned", returned: sent.before };
}

/** What was waiting for the debit is owed now. */
function collected(collection: Collection, { paymentIds }: EventOf<"DebitsCollected">): Collection {
  const gone = new Set(paymentIds);
  const flying = purchasesIn(collection, "in_flight").filter((one) => gone.has(one.paymentId));
  assert(flying.length === gone.size, "what is collected was under way");
  const refunds = collection.refunds.map((refund): RefundOwed => {
    const { stage, paymentId } = refund;
    const isReady = stage === "waiting" && paymentId !== null && gone.has(paymentId);
    return isReady ? { ...refund, stage: "payable" } : refund;
  });
  return { ...withoutPurchases(collection, gone), refunds };
}
