/**
 * De-registration (FAQ: it is how a customer revokes the mandate, changes the bank account, gets
 * another phone, or a new PIN). Nothing new can be paid from then on; the account is closed once
 * nothing is owed either way and nothing is under way, so it never escapes a debt. Closed, it gives
 * the phone number free, ends the mandate and forgets what nobody needs any more. What comes back
 * from the bank later still finds it.
 */
import type { AccountEvent, AccountReply, CloseAccount, ClosingWait } from "./account-messages.ts";
import type { BlockedAccount, Customer, HeldAccount, OpenAccount } from "./account-state.ts";
import { blocksOf, exposureTotalOf } from "./account-state.ts";
import { answerOnly, type Decision, decided, type Effect, type Meta, send } from "./actor.ts";
import { assert } from "./assert.ts";
import type { BlockReason } from "./block.ts";
import { debtCents } from "./collection-state.ts";
import type { FreePhone } from "./directory.ts";
import { documentTokens } from "./identity.ts";
import type { AccountId } from "./ids.ts";

type AccountDecision = Decision<AccountEvent, AccountReply>;

/** To the vault: destroys what is sealed under the token. */
export interface DestroySealed {
  readonly kind: "DestroySealed";
}

/**
 * Blocks that are about the person, not the phone: a new registration would escape them. That of a
 * failed collection is none: what is owed keeps the account open by itself, and a bank account that
 * no longer does may be left behind (FAQ: de-registration is one way to another bank account).
 */
const FOLLOWS_PERSON: ReadonlySet<BlockReason> = new Set(["disputed", "compliance", "operator"]);

/** The first time begins it; asked again, the account says how far it is. */
export function closeAccount(
  state: OpenAccount | BlockedAccount,
  { by, note, signature }: CloseAccount,
  meta: Meta,
): AccountDecision {
  const waitsFor = closingWaits(state);
  const reply: AccountReply = { kind: "closing", isClosed: false, waitsFor };
  if (state.customer.closing !== null) return answerOnly(reply);
  assert((by === "customer") === (signature !== null), "a customer signs, an operator does not");
  const begun: AccountEvent = { kind: "ClosingBegun", by, note, signature, atMs: meta.nowMs };
  if (waitsFor.length > 0) return decided([begun], reply);
  const closed: AccountEvent = { kind: "AccountClosed", atMs: meta.nowMs };
  const done: AccountReply = { kind: "closing", isClosed: true, waitsFor };
  return decided([begun, closed], done, endEffects(state.customer, meta));
}

/**
 * The decision of any command to an account that is closing: when it leaves nothing to wait for,
 * the account closes with it.
 */
export function endClosing(
  decision: AccountDecision,
  after: HeldAccount,
  meta: Meta,
): AccountDecision {
  if (decision.events.length === 0 || closingWaits(after).length > 0) return decision;
  const closed: AccountEvent = { kind: "AccountClosed", atMs: meta.nowMs };
  return {
    ...decision,
    events: [...decision.events, closed],
    effects: [...decision.effects, ...endEffects(after.customer, meta)],
  };
}

/** What the account waits for before it can be closed; empty when it can. */
export function closingWaits(state: HeldAccount): readonly ClosingWait[] {
  const { customer } = state;
  const { collection } = customer;
  const waits: readonly (readonly [ClosingWait, boolean])[] = [
    ["payments", customer.holds.length > 0],
    ["collection", exposureTotalOf(customer) > 0],
    ["debts", debtCents(collection) > 0],
    ["refunds", collection.refunds.length > 0],
    ["blocks", blocksOf(state).some(({ reason }) => FOLLOWS_PERSON.has(reason))],
  ];
  return waits.filter(([, isOpen]) => isOpen).map(([wait]) => wait);
}

/** The phone number is free, and what only an active account needs is destroyed. */
function endEffects(customer: Customer, meta: Meta): readonly Effect[] {
  const free: FreePhone = { kind: "FreePhone", accountId: meta.actor.id as AccountId };
  const destroy: DestroySealed = { kind: "DestroySealed" };
  return [
    send({ kind: "directory", id: customer.phoneTag }, free),
    send({ kind: "vault", id: customer.vault.pinKey }, destroy),
    ...documentTokens(customer.identity).map((id) => send({ kind: "documents", id }, destroy)),
  ];
}
