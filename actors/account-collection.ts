/**
 * The account's part in the collection of money: which file knows what, by command and by event.
 */
import type { AccountEvent, AccountReply } from "./account-messages.ts";
import type { BlockedAccount, Customer, OpenAccount } from "./account-state.ts";
import { type Decision, decided, type Meta } from "./actor.ts";
import { applyFiling, collectEntries, fileEntries, liftedBy, unfileEntries } from "./collection.ts";
import {
  COLLECTION_EVENT_KINDS,
  type CollectionCommand,
  type CollectionEvent,
} from "./collection-messages.ts";
import type { Collection } from "./collection-state.ts";
import { allowRetry, applyDebt, decideDispute, recordPayment, writeOff } from "./debt.ts";
import type { Policy } from "./policy.ts";
import { applyRefund, applyRefundGranted } from "./refund.ts";
import { applyReturn, returnEntry } from "./returned-entry.ts";

export function decideCollection(
  state: OpenAccount | BlockedAccount,
  command: CollectionCommand,
  meta: Meta,
  policy: Policy,
): Decision<AccountEvent, AccountReply> {
  switch (command.kind) {
    case "FileEntries":
      return fileEntries(state, command);
    case "UnfileEntries":
      return unfileEntries(state, command);
    case "CollectEntries":
      return collectEntries(state, command);
    case "ReturnEntry":
      return returnEntry(state, command, meta, policy);
    case "RecordPayment":
      return recordPayment(state, command);
    case "AllowRetry":
      return allowRetry(state, command, meta, policy);
    case "WriteOff":
      return writeOff(state, command, meta);
    case "DecideDispute":
      return decideDispute(state, command);
    case "ApplyRefund":
      return applyRefund(state, command);
    case "ReplaceBankAccount": {
      const replaced = { kind: "BankAccountReplaced", token: command.token } as const;
      const { collection } = applyCollection(state.customer, replaced);
      const lifted = liftedBy(state, collection, "another bank account");
      return decided([replaced, ...lifted], { kind: "collection_changed" });
    }
    case "CorrectBankAccount": {
      const { token, code } = command;
      const event = { kind: "BankAccountCorrected", token, code } as const;
      return decided([event], { kind: "collection_changed" });
    }
  }
}

const KINDS: ReadonlySet<string> = new Set(COLLECTION_EVENT_KINDS);

export function isCollectionEvent(event: AccountEvent): event is CollectionEvent {
  return KINDS.has(event.kind);
}

export function applyCollection(customer: Customer, event: CollectionEvent): Customer {
  const { collection, vault } = customer;
  switch (event.kind) {
    case "BankAccountReplaced": {
      // Another account is asked about before it is debited.
      const fresh: Collection = { ...collection, bankAccount: { kind: "unchecked" } };
      return { ...customer, collection: fresh, vault: { ...vault, bankAccount: event.token } };
    }
    case "BankAccountCorrected":
      return { ...customer, vault: { ...vault, bankAccount: event.token } };
    default:
      return { ...customer, collection: afterEvent(collection, event) };
  }
}

type MoneyEvent = Exclude<
  CollectionEvent,
  { kind: "BankAccountReplaced" | "BankAccountCorrected" }
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
    case "MandateEnded":
    case "BankAccountRejected":
    case "ReturnFeeCharged":
      return applyReturn(collection, event);
    case "PaidByHand":
    case "DebtRecovered":
    case "RetryAllowed":
    case "WriteOffProposed":
    case "RefundSetOff":
    case "DebtWrittenOff":
    case "DisputeDecided":
      return applyDebt(collection, event);
    case "RefundGranted":
      return applyRefundGranted(collection, event);
  }
}
