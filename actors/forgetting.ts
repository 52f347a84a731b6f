/**
 * Forgetting a customer: once the account is closed, nothing is open, and no law wants anything
 * kept, the person's data key is destroyed and with it everything that is sealed under it. The
 * ledger keeps the person's pseudonymous id. The facts come with the command, from the account's
 * own events (src/retention/facts.ts).
 */
import type { AccountEvent, AccountReply, ForgetPerson } from "./account-messages.ts";
import type { ClosedAccount } from "./account-state.ts";
import { answerOnly, type Decision, decided, type Effect, type Meta, send } from "./actor.ts";
import { closingWaits } from "./closing.ts";
import { keptBy } from "./retention.ts";

type AccountDecision = Decision<AccountEvent, AccountReply>;

export function forgetPerson(
  state: ClosedAccount,
  { facts, note }: ForgetPerson,
  meta: Meta,
): AccountDecision {
  if (state.forgottenAtMs !== null) return answerOnly({ kind: "noted" });
  const keepings = keptBy(facts, meta.nowMs);
  // Something came back after the account was closed: somebody has to be found.
  if (closingWaits(state).length > 0)
    return answerOnly({ kind: "data_kept", isOpen: true, keepings });
  if (keepings.length > 0) return answerOnly({ kind: "data_kept", isOpen: false, keepings });
  const { personId, vault, mandate } = state.customer;
  const destroy = { kind: "DestroySealed" } as const;
  // Rows of the vault's first version were moved under the key of their owner, the account; those
  // that were not are under no key of their own, and go one by one.
  const keys = [personId, meta.actor.id];
  const tokens = [vault.person, vault.bankAccount, mandate.person, mandate.bankAccount];
  const named = new Set([...tokens, ...(mandate.address === null ? [] : [mandate.address])]);
  return decided([{ kind: "PersonForgotten", note, atMs: meta.nowMs }], { kind: "noted" }, [
    ...keys.map((id): Effect => send({ kind: "data-key", id }, destroy)),
    ...[...named].map((id): Effect => send({ kind: "vault", id }, destroy)),
  ]);
}

/** Of an account that is not closed everything is kept: there is a contract. */
export function refuseToForget({ facts }: ForgetPerson, meta: Meta): AccountDecision {
  return answerOnly({ kind: "data_kept", isOpen: true, keepings: keptBy(facts, meta.nowMs) });
}
