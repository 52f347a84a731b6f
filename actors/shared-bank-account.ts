/**
 * Two accounts with one bank account. A couple may have it, so nobody is refused: the account that
 * came second records the fact and waits in a queue of the desk until somebody has looked. It pays
 * meanwhile, as every account does whose identity is verified.
 */
import type { AccountEvent, AccountReply, ReviewSharedBankAccount } from "./account-messages.ts";
import type { BlockedAccount, Customer, OpenAccount } from "./account-state.ts";
import { answerOnly, type Decision, decided, type Meta } from "./actor.ts";
import { assert } from "./assert.ts";
import { parseId } from "./ids.ts";

/** Others that are named; more of them would not be looked at one by one. */
export const SHARERS_MAX = 20;

/**
 * What is recorded of a bank account that other customers have too; nothing of one that nobody has.
 * A merchant may have it: shopkeepers are customers.
 */
export function sharedEvents(
  owners: readonly string[],
  { actor, nowMs }: Meta,
): readonly AccountEvent[] {
  assert(!owners.includes(actor.id), "an account shares with others");
  const others = owners.flatMap((owner) => parseId("account", owner) ?? []);
  if (others.length === 0) return [];
  return [{ kind: "BankAccountShared", others: others.slice(0, SHARERS_MAX), atMs: nowMs }];
}

/** Somebody has looked, and says what it is. */
export function reviewShared(
  { customer }: OpenAccount | BlockedAccount,
  { note }: ReviewSharedBankAccount,
): Decision<AccountEvent, AccountReply> {
  if (customer.sharedWith.length === 0) return answerOnly({ kind: "bank_account_not_shared" });
  return decided([{ kind: "SharedBankAccountReviewed", note }], { kind: "noted" });
}

type SharedEvent = Extract<
  AccountEvent,
  { kind: "BankAccountShared" | "SharedBankAccountReviewed" }
>;

export function applyShared(customer: Customer, event: SharedEvent): Customer {
  const sharedWith = event.kind === "BankAccountShared" ? event.others : [];
  return { ...customer, sharedWith };
}
