/**
 * What comes back from the bank. The actor of the entry has seen to it that each return is told
 * once; here it is decided what it means for the customer (FAQ: blocked, a second attempt, paid by
 * hand with a fee; docs/money.md).
 */
import type { AccountEvent, AccountReply } from "./account-messages.ts";
import { blocksOf, type HeldAccount } from "./account-state.ts";
import { noteReturn } from "./ach-file.ts";
import { type Decision, decided, type Meta } from "./actor.ts";
import { assert } from "./assert.ts";
import { addBankingDays, type BankDate, bankDateAt } from "./banking-calendar.ts";
import type { BlockReason } from "./block.ts";
import { isInTime } from "./collection.ts";
import type { CollectionCommand, CollectionEvent, EntrySubject } from "./collection-messages.ts";
import {
  type Collection,
  findLoss,
  findPurchase,
  type PurchaseIn,
  type RefundOwed,
  withPurchase,
} from "./collection-state.ts";
import { applyDebt } from "./debt.ts";
import type { PaymentId } from "./ids.ts";
import { amountOf, type Cents, ZERO_CENTS } from "./money.ts";
import type { Policy } from "./policy.ts";
import { debitReopened, debitReturned, refundReturned } from "./postings.ts";
import { creditActionOf, meaningOf, type ReturnCode } from "./return-codes.ts";
import { chargeFee, setOffFee } from "./return-fee.ts";
import { feeReopened, feeReturned } from "./return-fee-postings.ts";
import { isStrangers } from "./reversal-messages.ts";
import { setOffExcess, setOffReversed } from "./set-off.ts";

type AccountDecision = Decision<AccountEvent, AccountReply>;
type ReturnEntry = Extract<CollectionCommand, { kind: "ReturnEntry" }>;
type EventOf<Kind extends CollectionEvent["kind"]> = Extract<CollectionEvent, { kind: Kind }>;

/** Whatever becomes of it, the file hears that its owner knows. */
export function returnEntry(
  state: HeldAccount,
  command: ReturnEntry,
  meta: Meta,
  policy: Policy,
): AccountDecision {
  const { fileId, subject } = command;
  const isCredit = subject.kind === "refund" || subject.kind === "reversal";
  const direction = isCredit ? "credit" : "debit";
  const { events, takenBackCents } = eventsOf(state, command, meta, policy);
  const outcome = events.length > 0 ? "applied" : "unmatched";
  return decided(events, { kind: "entry_returned", outcome }, [
    noteReturn(fileId, direction, takenBackCents),
  ]);
}

interface Outcome {
  readonly events: readonly AccountEvent[];
  /** What the account will not collect any more. */
  readonly takenBackCents: Cents;
}

const UNMATCHED: Outcome = { events: [], takenBackCents: ZERO_CENTS };

function eventsOf(state: HeldAccount, command: ReturnEntry, meta: Meta, policy: Policy): Outcome {
  switch (command.subject.kind) {
    case "prenote":
      return returnPrenote(state, command, meta);
    case "debit":
      return returnDebit(state, command, command.subject.paymentId, meta, policy);
    case "fee":
      return returnFee(state, command, command.subject.paymentId, meta);
    case "refund":
    case "reversal":
      return returnRefund(state, command, command.subject, meta);
  }
}

/** The bank does not know the account: nothing can be debited, and nothing has been. */
function returnPrenote(state: HeldAccount, command: ReturnEntry, meta: Meta): Outcome {
  const { bankAccount } = state.customer.collection;
  const { fileId, trace, code } = command;
  const isOurs = bankAccount.kind === "checking" && bankAccount.fileId === fileId;
  if (!isOurs || bankAccount.trace !== trace) return UNMATCHED;
  const event: CollectionEvent = { kind: "PrenoteReturned", code, trace };
  const events = [event, ...consequences(state, code, meta)];
  return { events, takenBackCents: ZERO_CENTS };
}

function returnDebit(
  state: HeldAccount,
  command: ReturnEntry,
  paymentId: PaymentId,
  meta: Meta,
  policy: Policy,
): Outcome {
  const { customer } = state;
  const purchase = findPurchase(customer.collection, paymentId);
  const isSent = purchase?.stage === "in_flight" && purchase.sent.trace === command.trace;
  if (isSent && purchase.sent.fileId === command.fileId) {
    return returnInFlight(state, command, purchase, meta, policy);
  }
  // Under way again, or owed again: another attempt of it has come back before.
  if (purchase !== undefined) return UNMATCHED;
  return { events: reopen(state, command, paymentId, meta), takenBackCents: ZERO_CENTS };
}

function returnInFlight(
  state: HeldAccount,
  command: ReturnEntry,
  purchase: PurchaseIn<"in_flight">,
  meta: Meta,
  policy: Policy,
): Outcome {
  const { code, fileId, trace, amountCents, isSettled } = command;
  const { paymentId, sent } = purchase;
  const { collection, personId, vault } = state.customer;
  if (purchase.amountCents !== amountCents) return UNMATCHED;
  assert(amountCents > 0, "a debit that comes back has an amount");
  const { action } = meaningOf(code);
  const to = disputes(code) ? "disputed" : "returned";
  const isToday = sent.bankAccount === vault.bankAccount;
  const retryFrom = action === "retry" && isToday ? nextAttempt(sent, meta, policy) : null;
  const returned: EventOf<"DebitReturned"> = {
    ...{ kind: "DebitReturned", paymentId, fileId, trace, code, to, retryFrom },
    entry: debitReturned(personId, to, amountCents, isSettled),
  };
  const setOff = to === "returned" ? setOffExcess(state.customer, purchase) : [];
  const left = setOff.reduce(applyDebt, applyReturn(collection, returned));
  const isPaid = findPurchase(left, paymentId) === undefined;
  const events: AccountEvent[] = [returned, ...setOff];
  if (isPaid && isMoneyOnly(code, isToday)) return { events, takenBackCents: amountCents };
  events.push(...consequences(state, code, meta, isToday));
  // The last attempt failed: contact, payment by hand, and the fee (FAQ).
  if (action === "retry" && retryFrom === null) {
    const bookedOn = command.bookedOn ?? bankDateAt(meta.nowMs);
    events.push(...chargeFee(state.customer, purchase, bookedOn, policy));
  }
  return { events, takenBackCents: amountCents };
}

function disputes(code: ReturnCode): boolean {
  const { action } = meaningOf(code);
  return action === "revoke" || action === "dispute";
}

/**
 * A return after collection: the money is gone, and the debt is open again above the limit. An
 * ordinary one comes so when the collection of its file overtook it.
 */
function reopen(
  state: HeldAccount,
  command: ReturnEntry,
  paymentId: PaymentId,
  meta: Meta,
): readonly AccountEvent[] {
  const { code, trace, amountCents, merchantNumber, isSettled } = command;
  if (!isSettled || findLoss(state.customer.collection, paymentId) !== undefined) return [];
  const to = disputes(code) ? "disputed" : "returned";
  const event: CollectionEvent = {
    ...{ kind: "DebitReopened", paymentId, to, merchantNumber, amountCents, trace, code },
    returnedOn: bankDateAt(meta.nowMs),
    entry: debitReopened(state.customer.personId, to, amountCents),
  };
  return [event, ...consequences(state, code, meta, false)];
}

/**
 * The fee is owed again, by hand: it is never presented again, and no fee is charged for a fee. One
 * that is known no more was collected.
 */
function returnFee(
  state: HeldAccount,
  command: ReturnEntry,
  paymentId: PaymentId,
  meta: Meta,
): Outcome {
  const { collection, personId, vault } = state.customer;
  const { fileId, trace, code, amountCents, merchantNumber, isSettled } = command;
  assert(amountCents > 0, "a fee that comes back has an amount");
  const known = collection.fees.filter((fee) => fee.paymentId === paymentId);
  const sent = known.find((fee) => fee.sent?.trace === trace && fee.sent.fileId === fileId);
  if (sent === undefined ? known.length > 0 || !isSettled : sent.amountCents !== amountCents) {
    return UNMATCHED;
  }
  const terms = { paymentId, trace, code, amountCents };
  const back: CollectionEvent =
    sent === undefined
      ? {
          ...{ kind: "FeeReopened", ...terms, merchantNumber },
          entry: feeReopened(personId, amountCents),
        }
      : {
          ...{ kind: "FeeReturned", ...terms, fileId },
          entry: feeReturned(personId, amountCents, isSettled),
        };
  const setOff = setOffFee(state.customer, { paymentId, amountCents });
  const isPaid = amountOf(setOff) === amountCents;
  const isToday = sent?.sent?.bankAccount === vault.bankAccount;
  const after =
    isPaid && isMoneyOnly(code, isToday) ? [] : consequences(state, code, meta, isToday);
  const takenBackCents = sent === undefined ? ZERO_CENTS : amountCents;
  return { events: [back, ...setOff, ...after], takenBackCents };
}

/** Once the money is there nothing is left of what the code says. */
function isMoneyOnly(code: ReturnCode, isToday: boolean): boolean {
  const { action } = meaningOf(code);
  const isMended = action === "replace_bank_account" && !isToday;
  return action === "retry" || action === "wait_for_consent" || isMended;
}

/** When it may be presented again: not for ever, not too often, and not at once. */
function nextAttempt(
  { attempt, firstOn }: PurchaseIn<"in_flight">["sent"],
  meta: Meta,
  policy: Policy,
): BankDate | null {
  if (attempt > policy.retriesMax) return null;
  const from = addBankingDays(bankDateAt(meta.nowMs), policy.retryDays);
  return isInTime(firstOn, from) ? from : null;
}

/** What a code means beside the entry itself; `isToday`: of the present bank account. */
export function consequences(
  state: HeldAccount,
  code: ReturnCode,
  meta: Meta,
  isToday = true,
): readonly AccountEvent[] {
  const { isMandateEnded } = state.customer.collection;
  switch (meaningOf(code).action) {
    case "retry":
    case "wait_for_consent":
      return blockedBy(state, "collection_failed", code, meta);
    case "replace_bank_account":
      return [
        ...(isToday ? [{ kind: "BankAccountRejected", code } as const] : []),
        ...blockedBy(state, "collection_failed", code, meta),
      ];
    case "revoke":
      return [
        ...(isMandateEnded ? [] : [{ kind: "MandateEnded", code, atMs: meta.nowMs } as const]),
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
  state: HeldAccount,
  reason: BlockReason,
  code: ReturnCode,
  meta: Meta,
): readonly AccountEvent[] {
  if (blocksOf(state).some((block) => block.reason === reason)) return [];
  const note = `${code}: ${meaningOf(code).meaning}`;
  return [{ kind: "AccountBlocked", reason, note, atMs: meta.nowMs }];
}

/**
 * The credit did not arrive: it is owed again, once the customer has corrected the bank account; or
 * once a person has looked, where the reason is another.
 */
function returnRefund(
  state: HeldAccount,
  command: ReturnEntry,
  subject: Extract<EntrySubject, { kind: "refund" | "reversal" }>,
  meta: Meta,
): Outcome {
  const { customer } = state;
  const { refundId, paymentId } = subject;
  const { code, trace, amountCents, merchantNumber, isSettled } = command;
  const refund = customer.collection.refunds.find((other) => other.refundId === refundId);
  // One that was paid is no longer known here; it is owed again all the same.
  if (refund === undefined ? !isSettled : refund.sent?.trace !== trace) return UNMATCHED;
  const isBankAccount = creditActionOf(code) === "replace_bank_account";
  // Who had to be given back what was taken is not the customer: a person finds the way.
  const strangers = subject.kind === "reversal" && isStrangers(subject.reverses);
  const isMended = refund !== undefined && isBankAccount && !strangers;
  const event: CollectionEvent = {
    ...{ kind: "RefundReturned", refundId, paymentId, merchantNumber, amountCents, trace, code },
    isStopped: !isMended,
    ...(strangers ? { reverses: subject.reverses } : {}),
    entry: refundReturned(customer.personId, amountCents, isSettled),
  };
  const isToday = refund?.sent?.bankAccount === customer.vault.bankAccount;
  // It went to one that the customer has replaced since: nothing is to be mended.
  const after = isMended && isToday ? consequences(state, code, meta) : [];
  const takenBackCents = refund === undefined ? ZERO_CENTS : amountCents;
  // What was not given back was taken rightly: it pays what is due for it again.
  const owed = { refundId, paymentId, merchantNumber, amountCents, sent: null };
  const setOff =
    subject.kind === "reversal" && !strangers
      ? setOffReversed(customer, { ...owed, stage: "payable" })
      : [];
  return { events: [event, ...setOff, ...after], takenBackCents };
}

type ReturnEvent = EventOf<
  | "PrenoteReturned"
  | "DebitReturned"
  | "DebitReopened"
  | "RefundReturned"
  | "MandateEnded"
  | "BankAccountRejected"
>;

export function applyReturn(collection: Collection, event: ReturnEvent): Collection {
  switch (event.kind) {
    case "PrenoteReturned":
    case "BankAccountRejected":
      return { ...collection, bankAccount: { kind: "invalid", code: event.code } };
    case "MandateEnded":
      return { ...collection, isMandateEnded: true };
    case "DebitReturned":
      return returned(collection, event);
    case "DebitReopened": {
      const isOpen = findPurchase(collection, event.paymentId) !== undefined;
      assert(!isOpen, "only what was collected is reopened");
      return reopened(collection, event);
    }
    case "RefundReturned": {
      const { refundId, paymentId, merchantNumber, amountCents } = event;
      const terms = { refundId, paymentId, merchantNumber, amountCents };
      const stage = event.isStopped ? "stopped" : "payable";
      const kept = event.reverses === undefined ? {} : { reverses: event.reverses };
      const owed: RefundOwed = { ...terms, stage, sent: null, ...kept };
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
  const { attempt: attempts, firstOn, bankAccount } = sent;
  const hadFee = sent.before?.hadFee === true;
  const back = { code, attempts, firstOn, retryFrom, isFinal: false, hadFee, bankAccount };
  return withPurchase(collection, { ...terms, stage: "returned", returned: back });
}

/** How often it was presented is no longer known: it is not presented again. */
function reopened(collection: Collection, event: EventOf<"DebitReopened">): Collection {
  const { paymentId, merchantNumber, amountCents, code, to, returnedOn } = event;
  const terms = { paymentId, merchantNumber, amountCents };
  if (to === "disputed") return withPurchase(collection, { ...terms, stage: "disputed", code });
  const attempts = 1;
  const back = {
    code,
    attempts,
    firstOn: returnedOn,
    retryFrom: null,
    isFinal: true,
    hadFee: false,
    bankAccount: null,
  };
  return withPurchase(collection, { ...terms, stage: "returned", returned: back });
}
