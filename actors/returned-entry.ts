/**
 * What comes back from the bank. The actor of the entry has seen to it that each return is told
 * once; here it is decided what it means for the customer (FAQ: blocked, a second attempt, paid by
 * hand with a fee; docs/money.md).
 */
import type { AccountEvent, AccountReply } from "./account-messages.ts";
import { type BlockedAccount, blocksOf, type OpenAccount } from "./account-state.ts";
import { answerOnly, type Decision, decided, type Meta } from "./actor.ts";
import { assert } from "./assert.ts";
import { addBankingDays, type BankDate, bankDateAt, daysBetween } from "./banking-calendar.ts";
import type { BlockReason } from "./block.ts";
import type { CollectionCommand, CollectionEvent, EntrySubject } from "./collection-messages.ts";
import {
  type Collection,
  findPurchase,
  type PurchaseIn,
  withPurchase,
} from "./collection-state.ts";
import { addCents } from "./money.ts";
import type { Policy } from "./policy.ts";
import { debitReopened, debitReturned, refundReturned, returnFee } from "./postings.ts";
import { meaningOf, type ReturnCode } from "./return-codes.ts";

type AccountDecision = Decision<AccountEvent, AccountReply>;
type ReturnEntry = Extract<CollectionCommand, { kind: "ReturnEntry" }>;
type EventOf<Kind extends CollectionEvent["kind"]> = Extract<CollectionEvent, { kind: Kind }>;
type Account = OpenAccount | BlockedAccount;

/** Nacha: a returned debit is presented again within 180 days of its original settlement. */
const RETRY_DAYS_MAX = 180;

export function returnEntry(
  state: Account,
  command: ReturnEntry,
  meta: Meta,
  policy: Policy,
): AccountDecision {
  switch (command.subject.kind) {
    case "prenote":
      return returnPrenote(state, command, meta);
    case "debit":
      return returnDebit(state, command, command.subject.paymentId, meta, policy);
    case "refund":
      return returnRefund(state, command, command.subject);
  }
}

const APPLIED = { kind: "entry_returned", outcome: "applied" } as const;
const UNMATCHED = { kind: "entry_returned", outcome: "unmatched" } as const;

/** The bank does not know the account: nothing can be debited, and nothing has been. */
function returnPrenote(state: Account, command: ReturnEntry, meta: Meta): AccountDecision {
  const { bankAccount } = state.customer.collection;
  const { fileId, trace, code } = command;
  const isOurs = bankAccount.kind === "checking" && bankAccount.fileId === fileId;
  if (!isOurs || bankAccount.trace !== trace) return answerOnly(UNMATCHED);
  const event: CollectionEvent = { kind: "PrenoteReturned", code, trace };
  return decided([event, ...blockedBy(state, "collection_failed", code, meta)], APPLIED);
}

function returnDebit(
  state: Account,
  command: ReturnEntry,
  paymentId: PurchaseIn<"due">["paymentId"],
  meta: Meta,
  policy: Policy,
): AccountDecision {
  const { customer } = state;
  const purchase = findPurchase(customer.collection, paymentId);
  const isSent = purchase?.stage === "in_flight" && purchase.sent.trace === command.trace;
  if (isSent && purchase.sent.fileId === command.fileId) {
    return returnInFlight(state, command, purchase, meta, policy);
  }
  // Under way again, or owed again: another attempt of it has come back before.
  if (purchase !== undefined) return answerOnly(UNMATCHED);
  return reopen(state, command, paymentId, meta);
}

function returnInFlight(
  state: Account,
  command: ReturnEntry,
  purchase: PurchaseIn<"in_flight">,
  meta: Meta,
  policy: Policy,
): AccountDecision {
  const { code, fileId, trace, amountCents, isSettled } = command;
  const { paymentId, sent } = purchase;
  if (purchase.amountCents !== amountCents) return answerOnly(UNMATCHED);
  assert(amountCents > 0, "a debit that comes back has an amount");
  const { action } = meaningOf(code);
  const to = action === "revoke" || action === "dispute" ? "disputed" : "returned";
  const retryFrom = action === "retry" ? nextAttempt(sent, meta, policy) : null;
  const entry = debitReturned(state.customer.personId, to, amountCents, isSettled);
  const returned: CollectionEvent = {
    ...{ kind: "DebitReturned", paymentId, fileId, trace, code, to, retryFrom },
    entry,
  };
  const events: AccountEvent[] = [returned, ...consequences(state, code, meta)];
  // The last attempt failed: contact, payment by hand, and the fee (FAQ).
  if (action === "retry" && retryFrom === null && policy.returnFeeCents > 0) {
    const feeCents = policy.returnFeeCents;
    const fee = returnFee(state.customer.personId, feeCents);
    events.push({ kind: "ReturnFeeCharged", paymentId, feeCents, entry: fee });
  }
  return decided(events, APPLIED);
}

/** A return after collection: the money is gone, and the debt is open again above the limit. */
function reopen(
  state: Account,
  command: ReturnEntry,
  paymentId: PurchaseIn<"due">["paymentId"],
  meta: Meta,
): AccountDecision {
  const { code, trace, amountCents, merchantNumber, isSettled } = command;
  if (!isSettled || !meaningOf(code).isLate) return answerOnly(UNMATCHED);
  const event: CollectionEvent = {
    ...{ kind: "DebitReopened", paymentId, merchantNumber, amountCents, trace, code },
    entry: debitReopened(state.customer.personId, "disputed", amountCents),
  };
  return decided([event, ...consequences(state, code, meta)], APPLIED);
}

/** When it may be presented again: not for ever, not too often, and not at once. */
function nextAttempt(
  { attempt, firstOn }: PurchaseIn<"in_flight">["sent"],
  meta: Meta,
  policy: Policy,
): BankDate | null {
  if (attempt > policy.retriesMax) return null;
  const from = addBankingDays(bankDateAt(meta.nowMs), policy.retryDays);
  return daysBetween(firstOn, from) <= RETRY_DAYS_MAX ? from : null;
}

/** What a code means beside the debit itself. */
function consequences(state: Account, code: ReturnCode, meta: Meta): readonly AccountEvent[] {
  const { isMandateEnded } = state.customer.collection;
  switch (meaningOf(code).action) {
    case "retry":
    case "wait_for_consent":
      return blockedBy(state, "collection_failed", code, meta);
    case "replace_bank_account":
      return [
        { kind: "BankAccountRejected", code },
        ...blockedBy(state, "collection_failed", code, meta),
      ];
    case "revoke":
      return [
        ...(isMandateEnded ? [] : [{ kind: "MandateEnded", code } as const]),
        ...blockedBy(state, "disputed", code, meta),
      ];
    case "dispute":
      return blockedBy(state, "disputed", code, meta);
    case "freeze":
      return blockedBy(state, "compliance", code, meta);
    case "our_defect":
      return [];
  }
}

function blockedBy(
  state: Account,
  reason: BlockReason,
  code: ReturnCode,
  meta: Meta,
): readonly AccountEvent[] {
  if (blocksOf(state).some((block) => block.reason === reason)) return [];
  const note = `${code}: ${meaningOf(code).meaning}`;
  return [{ kind: "AccountBlocked", reason, note, atMs: meta.nowMs }];
}

/** The credit did not arrive: it is owed again, once the customer has corrected the account. */
function returnRefund(
  { customer }: Account,
  command: ReturnEntry,
  { refundId, paymentId }: Extract<EntrySubject, { kind: "refund" }>,
): AccountDecision {
  const { code, trace, amountCents, merchantNumber, isSettled } = command;
  const refund = customer.collection.refunds.find((other) => other.refundId === refundId);
  // One that was paid is no longer known here; it is owed again all the same.
  if (refund !== undefined && refund.sent?.trace !== trace) return answerOnly(UNMATCHED);
  const event: CollectionEvent = {
    ...{ kind: "RefundReturned", refundId, paymentId, merchantNumber, amountCents, trace, code },
    entry: refundReturned(customer.personId, amountCents, isSettled),
  };
  return decided([event, { kind: "BankAccountRejected", code }], APPLIED);
}

type ReturnEvent = EventOf<
  | "PrenoteReturned"
  | "DebitReturned"
  | "DebitReopened"
  | "RefundReturned"
  | "MandateEnded"
  | "BankAccountRejected"
  | "ReturnFeeCharged"
>;

export function applyReturn(collection: Collection, event: ReturnEvent): Collection {
  switch (event.kind) {
    case "PrenoteReturned":
    case "BankAccountRejected":
      return { ...collection, bankAccount: { kind: "invalid", code: event.code } };
    case "MandateEnded":
      return { ...collection, isMandateEnded: true };
    case "ReturnFeeCharged":
      return { ...collection, feesCents: addCents(collection.feesCents, event.feeCents) };
    case "DebitReturned":
      return returned(collection, event);
    case "DebitReopened": {
      const isOpen = findPurchase(collection, event.paymentId) !== undefined;
      assert(!isOpen, "only what was collected is reopened");
      const { paymentId, merchantNumber, amountCents, code } = event;
      const terms = { paymentId, merchantNumber, amountCents };
      return withPurchase(collection, { ...terms, stage: "disputed", code });
    }
    case "RefundReturned": {
      const { refundId, paymentId, merchantNumber, amountCents } = event;
      const terms = { refundId, paymentId, merchantNumber, amountCents };
      const owed = { ...terms, stage: "payable", sent: null } as const;
      const others = collection.refunds.filter((refund) => refund.refundId !== refundId);
      return { ...collection, refunds: [...others, owed] };
    }
  }
}

function returned(collection: Collection, event: EventOf<"DebitReturned">): Collection {
  const { paymentId, code, to, retryFrom } = event;
  const purchase = findPurchase(collection, paymentId);
  assert(purchase?.stage === "in_flight", "what is under way comes back");
  const { merchantNumber, amountCents, sent } = purchase;
  const terms = { paymentId, merchantNumber, amountCents };
  if (to === "disputed") return withPurchase(collection, { ...terms, stage: "disputed", code });
  const { attempt: attempts, firstOn } = sent;
  const back = { code, attempts, firstOn, retryFrom };
  return withPurchase(collection, { ...terms, stage: "returned", returned: back });
}
