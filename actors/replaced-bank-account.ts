/**
 * The customer has another bank account: because the old one is closed or was never there (R02 to
 * R04), because the bank was changed, or to give a mandate anew after one has ended. It comes with
 * a mandate of its own, and is asked about before it is debited, like the first one. The block of a
 * failed collection goes with it once nothing is owed; whoever is blocked for another reason calls
 * customer service first, for the phone may be somebody else's by then.
 */
import type { AccountEvent, AccountReply } from "./account-messages.ts";
import { blocksOf, type Customer, type HeldAccount } from "./account-state.ts";
import { answerOnly, type Decision, decided, type Meta } from "./actor.ts";
import type { CollectionCommand, CollectionEvent } from "./collection-messages.ts";
import { type Collection, withoutRetries } from "./collection-state.ts";
import { AMOUNT_RULE } from "./mandate.ts";
import { isStrangers } from "./reversal-messages.ts";
import { sharedEvents } from "./shared-bank-account.ts";

type ReplaceBankAccount = Extract<CollectionCommand, { kind: "ReplaceBankAccount" }>;
type BankAccountReplaced = Extract<CollectionEvent, { kind: "BankAccountReplaced" }>;

export function replaceBankAccount(
  state: HeldAccount,
  { token, person, number, mandate, others }: ReplaceBankAccount,
  meta: Meta,
): Decision<AccountEvent, AccountReply> {
  if (state.kind === "closed") return answerOnly({ kind: "account_not_open" });
  const { customer } = state;
  if (customer.closing !== null) return answerOnly({ kind: "account_closing" });
  const blocks = blocksOf(state).filter(({ reason }) => reason !== "collection_failed");
  if (blocks.length > 0) {
    return answerOnly({ kind: "account_blocked", reasons: blocks.map(({ reason }) => reason) });
  }
  // Said again later, an old message would bring an old bank account back.
  const expected = customer.collection.bankAccountNumber + 1;
  if (number !== expected) return answerOnly({ kind: "bank_account_out_of_step", expected });
  const accepted = { ...mandate, acceptedAtMs: meta.nowMs, amountRule: AMOUNT_RULE };
  const replaced: AccountEvent = { kind: "BankAccountReplaced", token, person, mandate: accepted };
  return decided([replaced, ...sharedEvents(others, meta)], { kind: "collection_changed" });
}

export function applyReplaced(customer: Customer, event: BankAccountReplaced): Customer {
  const { collection, device } = customer;
  const { token: bankAccount, person, mandate } = event;
  // Another account is asked about before it is debited.
  const fresh: Collection = {
    ...withoutRetries(collection),
    bankAccount: { kind: "unchecked" },
    bankAccountNumber: collection.bankAccountNumber + 1,
    refunds: collection.refunds.map((refund) => {
      const isMended = refund.stage === "stopped" && !isStrangers(refund.reverses);
      return isMended ? { ...refund, stage: "payable" } : refund;
    }),
  };
  const vault = { ...customer.vault, person: person ?? customer.vault.person, bankAccount };
  if (mandate === null) return { ...customer, collection: fresh, vault };
  const { deviceId } = device;
  return {
    ...customer,
    mandate: { ...mandate, person: vault.person, bankAccount, deviceId, ended: null },
    collection: { ...fresh, isMandateEnded: false },
    vault,
  };
}
