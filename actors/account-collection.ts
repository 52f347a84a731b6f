/**
 * The account's part in the collection of money: which file knows what, by command and by event.
 */
import type { AccountEvent, AccountReply } from "./account-messages.ts";
import { blocksOf, type Customer, type HeldAccount, withCustomer } from "./account-state.ts";
import { answerOnly, type Decision, decided, type Meta } from "./actor.ts";
import { applyFiling, collectEntries, fileEntries, unfileEntries } from "./collection.ts";
import { COLLECTION_EVENT_KINDS } from "./collection-event-kinds.ts";
import type { CollectionCommand, CollectionEvent } from "./collection-messages.ts";
import { type Collection, debtCents, isPresentedAgain, withToken } from "./collection-state.ts";
import { allowRetry, applyDebt, decideDispute, writeOff } from "./debt.ts";
import { applyWaiver, waiveFee } from "./fee-waiver.ts";
import { applyManualPayment, recordPayment } from "./manual-payment.ts";
import type { Policy } from "./policy.ts";
import { applyRefund, applyRefundGranted } from "./refund.ts";
import { applyRefundByHand, payRefund } from "./refund-by-hand.ts";
import { applyReplaced, replaceBankAccount } from "./replaced-bank-account.ts";
import { applyFee } from "./return-fee.ts";
import { applyReturn, returnEntry } from "./returned-entry.ts";
import { applyReversal, lapses, reverseDebit } from "./reversal.ts";
import { sharedEvents } from "./shared-bank-account.ts";
import { applyStoppedRefund, resolveRefund } from "./stopped-refund.ts";

type AccountDecision = Decision<AccountEvent, AccountReply>;

export function decideCollection(
  state: HeldAccount,
  command: CollectionCommand,
  meta: Meta,
  policy: Policy,
): AccountDecision {
  const decision = decide(state, command, meta, policy);
  if (!isBlockedForDebt(state) || !mayLift(state.customer, decision.events)) return decision;
  const lifted: AccountEvent = {
    ...{ kind: "BlockLifted", reason: "collection_failed", note: LIFTED_BY[command.kind] },
  };
  return { ...decision, events: [...decision.events, lifted] };
}

const LIFTED_BY: Readonly<Record<CollectionCommand["kind"], string>> = {
  FileEntries: "nothing is owed",
  UnfileEntries: "nothing is owed",
  CollectEntries: "the debit was collected",
  ReturnEntry: "what came back is no longer owed",
  RecordPayment: "the debt was paid",
  AllowRetry: "nothing is owed",
  WriteOff: "a refund paid the debt",
  WaiveFee: "the fee was waived",
  DecideDispute: "nothing is owed",
  ApplyRefund: "a refund paid the debt",
  PayRefund: "nothing is owed",
  ReverseDebit: "the debit was reversed",
  ResolveRefund: "nothing is owed",
  ReplaceBankAccount: "another bank account",
  CorrectBankAccount: "nothing is owed",
};

function isBlockedForDebt(state: HeldAccount): boolean {
  return blocksOf(state).some(({ reason }) => reason === "collection_failed");
}

/** FAQ: the block of a failed collection ends with the debt, principal and fee. */
function mayLift(customer: Customer, events: readonly AccountEvent[]): boolean {
  const { collection } = events.filter(isCollectionEvent).reduce(applyCollection, customer);
  const owes = debtCents(collection) > 0 || collection.bankAccount.kind === "invalid";
  // A debit that is presented again is not paid before it is collected.
  return events.length > 0 && !owes && !isPresentedAgain(collection);
}

function decide(
  state: HeldAccount,
  command: CollectionCommand,
  meta: Meta,
  policy: Policy,
): AccountDecision {
  switch (command.kind) {
    case "FileEntries":
      return fileAfterLapses(state, command, policy);
    case "UnfileEntries":
      return unfileEntries(state, command);
    case "CollectEntries":
      return collectEntries(state, command);
    case "ReturnEntry":
      return returnEntry(state, command, meta, policy);
    case "RecordPayment":
      return recordPayment(state, command, meta);
    case "AllowRetry":
      return allowRetry(state, command, meta, policy);
    case "WriteOff":
      return writeOff(state, command, meta);
    case "WaiveFee":
      return waiveFee(state, command, meta);
    case "DecideDispute":
      return decideDispute(state, command);
    case "ApplyRefund":
      return applyRefund(state, command);
    case "PayRefund":
      return payRefund(state, command, meta);
    case "ReverseDebit":
      return reverseDebit(state, command, meta);
    case "ResolveRefund":
      return resolveRefund(state, command, meta);
    case "ReplaceBankAccount":
      return replaceBankAccount(state, command, meta);
    case "CorrectBankAccount": {
      const { of, token, code, others = [] } = command;
      // The bank speaks of one that the customer has replaced.
      if (of !== state.customer.vault.bankAccount) return answerOnly({ kind: "noted" });
      const event = { kind: "BankAccountCorrected", token, code } as const;
      const shared = sharedEvents(others, meta);
      return decided([event, ...shared], { kind: "collection_changed" });
    }
  }
}

/** A reversal that no file took in its days is none any more. */
function fileAfterLapses(
  state: HeldAccount,
  command: Extract<CollectionCommand, { kind: "FileEntries" }>,
  policy: Policy,
): AccountDecision {
  const lapsed = lapses(state.customer, command);
  const customer = lapsed.reduce(applyCollection, state.customer);
  const decision = fileEntries(withCustomer(state, customer), command, policy);
  return { ...decision, events: [...lapsed, ...decision.events] };
}

/** Exhaustive by type: the same words say which commands are collection's. */
export function isCollectionCommand(command: {
  readonly kind: string;
}): command is CollectionCommand {
  return Object.hasOwn(LIFTED_BY, command.kind);
}

const KINDS: ReadonlySet<string> = new Set(COLLECTION_EVENT_KINDS);

export function isCollectionEvent(event: AccountEvent): event is CollectionEvent {
  return KINDS.has(event.kind);
}

export function applyCollection(customer: Customer, event: CollectionEvent): Customer {
  const { collection, vault, mandate } = customer;
  switch (event.kind) {
    case "MandateEnded": {
      const ended = mandate.ended ?? { by: "bank", code: event.code, atMs: event.atMs };
      const after = applyReturn(collection, event);
      return { ...customer, mandate: { ...mandate, ended }, collection: after };
    }
    case "BankAccountReplaced":
      return applyReplaced(customer, event);
    case "BankAccountCorrected":
      return {
        ...customer,
        collection: withToken(collection, vault.bankAccount, event.token),
        vault: { ...vault, bankAccount: event.token },
      };
    default:
      return { ...customer, collection: afterEvent(collection, event) };
  }
}

type MoneyEvent = Exclude<
  CollectionEvent,
  { kind: "BankAccountReplaced" | "BankAccountCorrected" | "MandateEnded" }
>;

function afterEvent(collection: Collection, event: MoneyEvent): Collection {
  switch (event.kind) {
    case "PrenoteFiled":
    case "DebitsFiled":
    case "RefundsFiled":
    case "PrenoteUnfiled":
    case "DebitsUnfiled":
    case "RefundsUnfiled":
    case "DebitsCollected":
    case "RefundsPaid":
      return applyFiling(collection, event);
    case "PrenoteReturned":
    case "DebitReturned":
    case "DebitReopened":
    case "RefundReturned":
    case "BankAccountRejected":
      return applyReturn(collection, event);
    case "ReturnFeeCharged":
    case "FeesFiled":
    case "FeesUnfiled":
    case "FeesCollected":
    case "FeeReturned":
    case "FeeReopened":
    case "FeeSetOff":
      return applyFee(collection, event);
    case "FeeWaiverProposed":
    case "FeeWaived":
      return applyWaiver(collection, event);
    case "PaymentProposed":
    case "PaidByHand":
    case "DuePaidByHand":
    case "DebtRecovered":
      return applyManualPayment(collection, event);
    case "RetryAllowed":
    case "WriteOffProposed":
    case "RefundSetOff":
    case "DebtWrittenOff":
    case "DisputeDecided":
      return applyDebt(collection, event);
    case "RefundGranted":
      return applyRefundGranted(collection, event);
    case "RefundByHandProposed":
    case "RefundPaidByHand":
      return applyRefundByHand(collection, event);
    case "DebitReversed":
    case "ReversalLapsed":
      return applyReversal(collection, event);
    case "RefundResolutionProposed":
    case "RefundSentAgain":
    case "RefundUnclaimed":
      return applyStoppedRefund(collection, event);
  }
}
